package terraform

import (
	"io/fs"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"go.yaml.in/yaml/v3"

	"github.com/rendergate/rendergate/render/manifest"
)

// A chart tells "true" from true and reads an encoded text as a text, so that
// its values are written exactly.

func exactText(text string, line int) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text, Line: line, Style: yaml.DoubleQuotedStyle}
}

// unknown is what nobody knows, at a line.
func (b *builder) unknown(line int) *yaml.Node {
	if b.exact {
		return exactText(hole(""), line)
	}
	return manifest.NewUnknown(line)
}

// key is the text of a mapping's key, false where it may be anything.
func (b *builder) key(s *scope, expr hcl.Expression) (string, bool) {
	if !b.exact {
		return s.key(expr)
	}
	if v := s.eval(expr); v.IsKnown() {
		return textOf(v)
	}
	if wrapped, is := expr.(*hclsyntax.ObjectConsKeyExpr); is {
		expr = wrapped.Wrapped
	}
	text := s.partly(expr, 0)
	return text, !IsHole(text)
}

// exactNode is a value of the expression engine, texts as they are.
func exactNode(v cty.Value, line int) *yaml.Node {
	v, _ = v.Unmark()
	switch {
	case !v.IsKnown():
		return exactText(hole(""), line)
	case v.IsNull():
		return scalar("!!null", "", line)
	case v.Type() == cty.String:
		text, known := textOf(v)
		if !known {
			text = hole("")
		}
		return exactText(text, line)
	case v.Type().IsObjectType() || v.Type().IsMapType():
		root := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: line}
		for it := v.ElementIterator(); it.Next(); {
			key, value := it.Element()
			put(root, key.AsString(), line, exactNode(value, line))
		}
		return root
	case v.Type() != cty.Bool && v.Type() != cty.Number && v.CanIterateElements():
		list := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Line: line}
		for it := v.ElementIterator(); it.Next(); {
			_, value := it.Element()
			list.Content = append(list.Content, exactNode(value, line))
		}
		return list
	}
	if y := nodeOf(v, line); y.Kind == yaml.ScalarNode {
		return y
	}
	return exactText(hole(""), line)
}

// template is the text of a template, with holes; false where its shape depends
// on what nobody knows.
func (s *scope) template(e *hclsyntax.TemplateExpr) (string, bool) {
	if v := s.eval(e); v.IsKnown() {
		return textOf(v)
	}
	var all strings.Builder
	for _, part := range e.Parts {
		switch part.(type) {
		case *hclsyntax.ConditionalExpr, *hclsyntax.TemplateJoinExpr:
			// A directive: what it leaves in or out may be any number of lines.
			if text, known := textOf(s.eval(part)); known {
				all.WriteString(text)
				continue
			}
			if part.Range().Start.Line != part.Range().End.Line {
				return "", false
			}
		}
		all.WriteString(s.partly(part, 0))
	}
	return all.String(), true
}

// fromFile reads a layer that a call takes from a file of the tree; false for
// any other call, or where nobody knows which file.
func (r *Release) fromFile(s *scope, e *hclsyntax.FunctionCallExpr) bool {
	if len(e.Args) == 0 || e.Name != "file" && e.Name != "templatefile" {
		return false
	}
	path, known := textOf(s.eval(e.Args[0]))
	if !known {
		return false
	}
	name, inside := s.m.e.inTree(path)
	if !inside {
		return false
	}
	data, err := fs.ReadFile(s.m.e.tree, name)
	if err != nil || len(data) > mostFile || HasHole(string(data)) {
		return false
	}
	text := string(data)
	if e.Name == "templatefile" {
		if text, known = s.filledIn(data, name, e); !known {
			return false
		}
	}
	from := e.Range()
	lines := strings.Count(text, "\n") == strings.Count(string(data), "\n")
	r.add(text, func(line int) []manifest.Site {
		if !lines {
			line = 0
		}
		return []manifest.Site{{Path: name, Line: line}, {Path: from.Filename, Line: from.Start.Line, Kind: manifest.SiteValues}}
	}, nil, name, s)
	return true
}

// filledIn is a template file with what a call gives it.
func (s *scope) filledIn(data []byte, name string, e *hclsyntax.FunctionCallExpr) (string, bool) {
	if len(e.Args) != 2 || guard(data) != nil {
		return "", false
	}
	expr, diags := hclsyntax.ParseTemplate(data, name, hcl.InitialPos)
	if diags.HasErrors() || loops(expr) > mostLoops {
		return "", false
	}
	inner := &scope{m: s.m, vars: map[string]cty.Value{}}
	if v := s.eval(e.Args[1]); v.IsKnown() && !v.IsNull() && (v.Type().IsObjectType() || v.Type().IsMapType()) {
		for key, value := range v.AsValueMap() {
			inner.vars[key] = value
		}
	}
	for _, t := range expr.Variables() {
		if _, has := inner.vars[t.RootName()]; !has {
			inner.vars[t.RootName()] = cty.DynamicVal
		}
	}
	text, known := inner.templated(expr)
	at, vars := s.source(e.Args[1])
	parts := map[string]string{}
	if pairs, diags := hcl.ExprMap(vars); !diags.HasErrors() {
		for _, p := range pairs {
			if key, known := textOf(at.eval(p.Key)); known {
				parts[key+"."] = at.partly(p.Value, 0)
			}
		}
	}
	return ReplaceHoles(text, func(reference string) string {
		if part, has := parts[reference]; has {
			return part
		}
		return hole(reference)
	}), known && len(text) < mostText
}

// templated is what a template file makes, as template is for a template in
// place.
func (s *scope) templated(expr hcl.Expression) (string, bool) {
	if e, is := expr.(*hclsyntax.TemplateExpr); is {
		return s.template(e)
	}
	return textOf(s.eval(expr))
}
