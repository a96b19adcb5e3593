package terraform

import (
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"go.yaml.in/yaml/v3"

	"github.com/rendergate/rendergate/render/manifest"
)

// An unknown part of a text is a hole while the text is read: what it refers to,
// between two characters that no text of a file may bring in.
const opens, closes = "\uf8fe", "\uf8ff"

var (
	holes   = regexp.MustCompile(opens + "[^" + opens + closes + "]*" + closes)
	indexes = regexp.MustCompile(`\[[^\]]*\]`)
	toShow  = strings.NewReplacer(opens, "${", closes, "}")
)

func hasHole(text string) bool { return strings.ContainsAny(text, opens+closes) }

// hole is the part that a reference stands for; an instance is left out, since
// its key may be any text.
func hole(reference string) string { return opens + indexes.ReplaceAllString(reference, "") + closes }

// shownKey is a key of which parts are unknown. Only one that cannot be the name
// of a field, since it has a colon, says more than that anything may be there:
// the claims of an identity provider, the conditions of a policy.
func shownKey(text string) (string, bool) {
	return toShow.Replace(text), strings.Contains(holes.ReplaceAllString(text, ""), ":")
}

// key is the text of a mapping's key, false where it may be anything.
func (s *scope) key(expr hcl.Expression) (string, bool) {
	v := s.eval(expr)
	if v.IsKnown() {
		if v.IsNull() || v.Type() != cty.String {
			return "", false
		}
		return v.AsString(), true
	}
	if wrapped, is := expr.(*hclsyntax.ObjectConsKeyExpr); is {
		expr = wrapped.Wrapped
	}
	return shownKey(s.partly(expr, 0))
}

// unknownOf is what nobody knows, with as much of it as is known.
func (b *builder) unknownOf(s *scope, expr hcl.Expression, line int) *yaml.Node {
	if b.exact {
		return exactText(s.partly(expr, 0), line)
	}
	return manifest.NewPartly(line, toShow.Replace(s.partly(expr, 0)))
}

// mostFollowed bounds names that stand for names.
const mostFollowed = 12

// partly is the text of an expression, with holes for what is unknown.
func (s *scope) partly(expr hcl.Expression, deep int) string {
	s.m.e.step()
	if text, known := textOf(s.eval(expr)); known {
		return text
	}
	if deep > mostFollowed {
		return hole("")
	}
	switch e := expr.(type) {
	case *hclsyntax.ParenthesesExpr:
		return s.partly(e.Expression, deep+1)
	case *hclsyntax.TemplateWrapExpr:
		return s.partly(e.Wrapped, deep+1)
	case *hclsyntax.TemplateExpr:
		var all strings.Builder
		for _, part := range e.Parts {
			all.WriteString(s.partly(part, deep+1))
		}
		return all.String()
	case *hclsyntax.ScopeTraversalExpr:
		return s.followed(e.Traversal, deep)
	case *hclsyntax.FunctionCallExpr:
		if text, done := s.edited(e, deep); done {
			return text
		}
	}
	for _, t := range expr.Variables() {
		if root := t.RootName(); root != "var" && root != "local" && root != "each" && root != "count" && root != "path" {
			return s.followed(t, mostFollowed)
		}
	}
	return hole("")
}

// textOf is a value as text where it is one.
func textOf(v cty.Value) (string, bool) {
	if !v.IsKnown() || v.IsNull() {
		return "", false
	}
	v, err := convert.Convert(v, cty.String)
	if err != nil || !v.IsKnown() || v.IsNull() || hasHole(v.AsString()) {
		return "", false
	}
	return v.AsString(), true
}

// followed is what a name stands for.
func (s *scope) followed(t hcl.Traversal, deep int) string {
	name, root := step(t, 1), t.RootName()
	if _, own := s.vars[root]; own {
		return hole(root + "." + name)
	}
	if len(t) == 2 && deep < mostFollowed {
		if a, has := s.m.locals[name]; has && root == "local" {
			return (&scope{m: s.m}).partly(a.expr, deep+1)
		}
		if g, has := s.m.source(name); has && root == "var" {
			return g.scope(s.m).partly(g.expr, deep+1)
		}
	}
	if call := s.m.calls[name]; root == "module" && call != nil && call.attr("count") == nil && call.attr("for_each") == nil && len(t) == 3 && deep < mostFollowed {
		if child := s.m.child(call, instance{}); child != nil && child.outputs[step(t, 2)] != nil {
			return (&scope{m: child}).partly(child.outputs[step(t, 2)].attr("value"), deep+1)
		}
	}
	var names []string
	for i := range t {
		if i == 0 {
			names = append(names, root)
		} else if next := step(t, i); next != "" {
			names = append(names, next)
		}
	}
	return hole(s.m.qualified(strings.Join(names, ".")))
}

// edits are the functions that keep the rest of a text when a part is unknown.
var edits = []string{"format", "replace", "trimprefix", "trimsuffix", "trimspace"}

// edited is what such a function makes of texts with holes.
func (s *scope) edited(e *hclsyntax.FunctionCallExpr, deep int) (string, bool) {
	if !slices.Contains(edits, e.Name) || e.ExpandFinal {
		return "", false
	}
	var args []cty.Value
	for _, arg := range e.Args {
		args = append(args, cty.StringVal(s.partly(arg, deep+1)))
	}
	v, err := s.m.e.functions()[e.Name].Call(args)
	if err != nil || !v.IsKnown() || v.IsNull() || v.Type() != cty.String || weight(v, mostText) < 0 {
		return "", false
	}
	return v.AsString(), true
}
