package terraform

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"go.yaml.in/yaml/v3"

	"github.com/rendergate/rendergate/render/manifest"
)

// ReleaseType is the resource by which Terraform deploys a chart.
const ReleaseType = "helm_release"

// Release is a chart that a module deploys with Helm's provider. Texts have
// holes where only a plan knows what stands there (see Hole).
// Source: the documentation of the provider, helm_release, versions 2 and 3.
type Release struct {
	Object                                      manifest.Ref
	Name, Namespace, Chart, Repository, Version string
	Layers                                      []Layer   // values, the last one wins
	Settings                                    []Setting // over them, in order
	Unknown                                     []string  // attributes of which nobody knows which values they set
	Program                                     string    // that changes what the chart renders to, with its arguments
	Digest                                      string    // of all of it
}

// Layer is one of the texts of a release's values.
type Layer struct {
	Text  string     // YAML
	Root  *yaml.Node // the same, parsed
	Sites func(line int) []manifest.Site
}

// Setting is one value that a release sets by its name.
type Setting struct {
	Name, Value, Type string
	List              []string // of set_list
	Listed            bool
	Sites             []manifest.Site
}

// settingKinds are the attributes, or blocks, of single values.
var settingKinds = []string{"set", "set_list", "set_sensitive", "set_wo"}

// IsValues says that an attribute of a release gives its chart values.
func IsValues(attribute string) bool {
	return attribute == "values" || slices.Contains(settingKinds, attribute)
}

// ReplaceHoles puts something else in the place of what only a plan knows; it
// gets what the hole refers to, empty where nothing has a name.
func ReplaceHoles(text string, with func(reference string) string) string {
	if !hasHole(text) {
		return text
	}
	return holes.ReplaceAllStringFunc(text, func(found string) string {
		return with(strings.TrimSuffix(strings.TrimPrefix(found, opens), closes))
	})
}

// HasHole says that only a plan knows all of a text.
func HasHole(text string) bool { return hasHole(text) }

// IsHole says that only a plan knows any of a text.
func IsHole(text string) bool { return hasHole(text) && holes.ReplaceAllLiteralString(text, "") == "" }

// Shown is a text for people, with ${…} for what only a plan knows.
func Shown(text string) string { return toShow.Replace(text) }

// release is what a helm_release deploys, in one instance.
func (m *module) release(blk *block, at instance, o *manifest.Object) Release {
	s := &scope{m: m, vars: at.vars}
	without := *blk
	without.attrs = slices.DeleteFunc(slices.Clone(blk.attrs), func(a attr) bool { return a.name == "values" })
	b := &builder{file: blk.file, line: blk.line, written: map[int][]manifest.Site{}, exact: true}
	root := b.body(s, &without)
	r := Release{
		Object: o.Ref, Name: fieldText(root, "name"), Namespace: fieldText(root, "namespace"), Chart: fieldText(root, "chart"),
		Repository: fieldText(root, "repository"), Version: fieldText(root, "version"), Program: program(field(root, "postrender")),
	}
	if expr := blk.attr("values"); expr != nil {
		r.layers(s, expr, 0)
	}
	for _, kind := range settingKinds {
		r.settings(b, kind, field(root, kind))
	}
	sum := sha256.New()
	print := func(y *yaml.Node) { fingerprint(sum, y) }
	print(root)
	for _, l := range r.Layers {
		fmt.Fprintf(sum, "%q", l.Text)
	}
	fmt.Fprintf(sum, "%q", r.Unknown)
	r.Digest = hex.EncodeToString(sum.Sum(nil))
	return r
}

// program is the program of a postrender, and what it is told.
func program(y *yaml.Node) string {
	switch {
	case y == nil || isNull(y):
		return ""
	case y.Kind == yaml.SequenceNode && len(y.Content) > 0:
		return program(y.Content[0])
	case y.Kind != yaml.MappingNode:
		return "what nobody knows"
	}
	words := []string{fieldText(y, "binary_path")}
	if args := field(y, "args"); args != nil {
		for _, arg := range args.Content {
			words = append(words, arg.Value)
		}
	}
	return Shown(strings.Join(words, " "))
}

// fingerprint writes all of a value but its lines.
func fingerprint(w io.Writer, y *yaml.Node) {
	fmt.Fprintf(w, "%d %s %q [", y.Kind, y.Tag, y.Value)
	for _, c := range y.Content {
		fingerprint(w, c)
	}
	fmt.Fprint(w, "]")
}

func fieldText(root *yaml.Node, name string) string {
	if y := field(root, name); y != nil && y.Kind == yaml.ScalarNode && !isNull(y) {
		return y.Value
	}
	return ""
}

// settings reads the blocks of one kind, or the attribute that newer versions
// of the provider have in their place.
func (r *Release) settings(b *builder, kind string, list *yaml.Node) {
	if list == nil {
		return
	}
	if list.Kind != yaml.SequenceNode {
		r.Unknown = append(r.Unknown, kind)
		return
	}
	for _, y := range list.Content {
		one := Setting{Name: fieldText(y, "name"), Value: fieldText(y, "value"), Type: fieldText(y, "type"), Listed: kind == "set_list"}
		if y.Kind != yaml.MappingNode || one.Name == "" || HasHole(one.Name) || HasHole(one.Type) {
			if !slices.Contains(r.Unknown, kind) {
				r.Unknown = append(r.Unknown, kind)
			}
			continue
		}
		line := y.Line
		if value := field(y, "value"); value != nil {
			line = value.Line
			if value.Style&yaml.LiteralStyle != 0 {
				line++
			}
			for _, item := range value.Content {
				one.List = append(one.List, item.Value)
			}
			if one.Listed && value.Kind == yaml.ScalarNode {
				one.List = []string{value.Value} // a list that only a plan knows
			}
		}
		one.Sites = b.written[line]
		r.Settings = append(r.Settings, one)
	}
}

// layers reads the list of values, or whatever leads to one.
func (r *Release) layers(s *scope, expr hcl.Expression, deep int) {
	s, expr = s.source(expr)
	if items, diags := hcl.ExprList(expr); !diags.HasErrors() {
		for _, item := range items {
			r.layer(s, item)
		}
		return
	}
	if call, is := expr.(*hclsyntax.FunctionCallExpr); is && deep < mostFollowed && !call.ExpandFinal && slices.Contains([]string{"concat", "compact", "flatten", "tolist"}, call.Name) {
		for _, arg := range call.Args {
			r.layers(s, arg, deep+1)
		}
		return
	}
	v := s.eval(expr)
	if v.IsKnown() && v.IsNull() {
		return
	}
	if !v.IsKnown() || !v.CanIterateElements() {
		r.unknown(s, expr)
		return
	}
	for it := v.ElementIterator(); it.Next(); {
		_, element := it.Element()
		r.text(s, expr, element)
	}
}

func (r *Release) unknown(s *scope, expr hcl.Expression) {
	what := "values"
	if text := Shown(s.partly(expr, 0)); len(text) > 3 && len(text) < 100 && !strings.Contains(text, "\n") {
		what += " " + text
	}
	r.Unknown = append(r.Unknown, what)
}

// layer reads one text of values.
func (r *Release) layer(s *scope, expr hcl.Expression) {
	s, expr = s.source(expr)
	switch e := expr.(type) {
	case *hclsyntax.FunctionCallExpr:
		if (e.Name == "yamlencode" || e.Name == "jsonencode") && len(e.Args) == 1 && !e.ExpandFinal {
			r.encoded(s, e.Args[0])
			return
		}
		if r.fromFile(s, e) {
			return
		}
	case *hclsyntax.TemplateExpr:
		text, known := s.template(e)
		if !known {
			break
		}
		at := e.Range()
		r.add(text, func(int) []manifest.Site { return sitesAt(at.Filename, at.Start.Line) }, func(b *builder) {
			y := b.lined(e, &yaml.Node{Kind: yaml.ScalarNode, Value: text, Line: at.Start.Line})
			if y.Style&yaml.LiteralStyle != 0 {
				first := y.Line
				r.Layers[len(r.Layers)-1].Sites = func(line int) []manifest.Site { return sitesAt(at.Filename, first+line) }
			}
		}, at.Filename, s)
		return
	}
	r.text(s, expr, s.eval(expr))
}

func sitesAt(file string, line int) []manifest.Site {
	return []manifest.Site{{Path: file, Line: line}}
}

// text is a text that an expression evaluates to.
func (r *Release) text(s *scope, expr hcl.Expression, v cty.Value) {
	if v.IsKnown() && v.IsNull() {
		return
	}
	text, known := textOf(v)
	if !known {
		r.unknown(s, expr)
		return
	}
	at := expr.Range()
	r.add(text, func(int) []manifest.Site { return sitesAt(at.Filename, at.Start.Line) }, nil, at.Filename, s)
}

// add adds a text of values. One that is no YAML once its holes are in it has
// a shape that only a plan knows.
func (r *Release) add(text string, sites func(int) []manifest.Site, settle func(*builder), file string, s *scope) {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil && HasHole(text) || err == nil && manifest.Bounded(&doc) != nil {
		r.Unknown = append(r.Unknown, "values, whose shape is not known")
		return
	}
	l := Layer{Text: text, Sites: sites}
	if len(doc.Content) > 0 {
		l.Root = doc.Content[0]
	}
	if l.Root != nil && l.Root.Kind == yaml.ScalarNode && HasHole(l.Root.Value) {
		r.Unknown = append(r.Unknown, "values "+Shown(l.Root.Value))
		return
	}
	r.Layers = append(r.Layers, l)
	if settle != nil {
		settle(&builder{file: file, written: map[int][]manifest.Site{}})
	}
}

// encoded is what yamlencode and jsonencode write.
func (r *Release) encoded(s *scope, expr hcl.Expression) {
	inner, at := s.source(expr)
	where := at.Range()
	b := &builder{file: where.Filename, line: where.Start.Line, written: map[int][]manifest.Site{}, exact: true}
	root := b.expr(inner, at)
	if root.Kind != yaml.MappingNode {
		if root.Kind == yaml.ScalarNode && isNull(root) {
			return
		}
		r.unknown(s, expr)
		return
	}
	data, err := yaml.Marshal(root)
	if err != nil {
		r.unknown(s, expr)
		return
	}
	r.Layers = append(r.Layers, Layer{Text: string(data), Root: root, Sites: func(line int) []manifest.Site {
		if sites := b.written[line]; len(sites) > 0 {
			return sites
		}
		return sitesAt(where.Filename, line)
	}})
}

// source follows a name to the expression that it stands for, as long as that
// is one expression.
func (s *scope) source(expr hcl.Expression) (*scope, hcl.Expression) {
	for range mostFollowed {
		s.m.e.step()
		switch e := expr.(type) {
		case *hclsyntax.ParenthesesExpr:
			expr = e.Expression
			continue
		case *hclsyntax.TemplateWrapExpr:
			expr = e.Wrapped
			continue
		case *hclsyntax.ConditionalExpr:
			if v := s.eval(e.Condition); v.IsKnown() && !v.IsNull() && v.Type() == cty.Bool {
				expr = e.FalseResult
				if v.True() {
					expr = e.TrueResult
				}
				continue
			}
		case *hclsyntax.ScopeTraversalExpr:
			if at, next, found := s.named(e.Traversal); found {
				s, expr = at, next
				continue
			}
		}
		break
	}
	return s, expr
}

// named is the expression that a local value or a variable is set to.
func (s *scope) named(t hcl.Traversal) (*scope, hcl.Expression, bool) {
	if _, own := s.vars[t.RootName()]; own || len(t) < 2 {
		return nil, nil, false
	}
	at, expr := (*scope)(nil), hcl.Expression(nil)
	switch name := step(t, 1); t.RootName() {
	case "local":
		if a, has := s.m.locals[name]; has {
			at, expr = &scope{m: s.m}, a.expr
		}
	case "var":
		declared := s.m.variables[name]
		if g, has := s.m.source(name); has && declared != nil && (declared.attr("type") == nil || simple(declared.attr("type"))) {
			at, expr = g.scope(s.m), g.expr
		}
	}
	if expr == nil {
		return nil, nil, false
	}
	for _, one := range t[2:] {
		name, isAttr := one.(hcl.TraverseAttr)
		pairs, diags := hcl.ExprMap(expr)
		if !isAttr || diags.HasErrors() {
			return nil, nil, false
		}
		i := slices.IndexFunc(pairs, func(p hcl.KeyValuePair) bool {
			return hcl.ExprAsKeyword(p.Key) == name.Name || literal(p.Key) == name.Name
		})
		if i < 0 {
			return nil, nil, false
		}
		expr = pairs[i].Value
	}
	return at, expr, true
}
