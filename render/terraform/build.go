package terraform

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"go.yaml.in/yaml/v3"

	"github.com/rendergate/rendergate/render/manifest"
)

// builder writes one object: fields with the lines of the file that declares
// it, and for each line what decided it.
type builder struct {
	file    string
	line    int // of the attribute that is being written
	deep    int
	written map[int][]manifest.Site
	starts  bool // what is written is what a machine does when it starts
	exact   bool // what is written are values of a chart: texts stay texts, with holes for what is unknown
}

// leftOut are attributes and blocks of Terraform itself, in a resource, a data
// source or a module: below them a provider may use the same names.
var leftOut = []string{"count", "for_each", "provider", "providers", "depends_on", "lifecycle", "provisioner", "connection"}

// body is what a block holds.
func (b *builder) body(s *scope, blk *block) *yaml.Node {
	root := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: blk.line}
	if blk.file != b.file {
		root.Line = b.line
	}
	b.note(s, root.Line, blk.file, blk.line, nil)
	own := len(blk.labels) > 0
	for _, a := range blk.attrs {
		if own && slices.Contains(leftOut, a.name) {
			continue
		}
		b.line = a.line
		if a.file != b.file {
			b.line = root.Line
		}
		b.note(s, b.line, a.file, a.line, a.expr)
		if value := b.attribute(s, a); value != nil && !isNull(value) {
			put(root, a.name, b.line, value)
		}
	}
	for _, inner := range blk.blocks {
		if kind := kindOf(inner); !own || !slices.Contains(leftOut, kind) {
			b.nested(s, root, kind, inner)
		}
	}
	return root
}

// nested adds a block to the list of its type.
func (b *builder) nested(s *scope, root *yaml.Node, kind string, inner *block) {
	line := inner.line
	if inner.file != b.file {
		line = root.Line
	}
	list := field(root, kind)
	if list == nil || list.Kind != yaml.SequenceNode {
		list = &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Line: line}
		put(root, kind, line, list)
	}
	if inner.typ != "dynamic" {
		b.line = line
		list.Content = append(list.Content, b.body(s, inner))
		return
	}
	b.line = line
	b.note(s, line, inner.file, inner.line, inner.attr("for_each"))
	i := slices.IndexFunc(inner.blocks, func(c *block) bool { return c.typ == "content" })
	v := s.eval(inner.attr("for_each"))
	if i < 0 || !v.IsKnown() || v.IsNull() || !v.CanIterateElements() || v.LengthInt() > mostInstances {
		list.Content = append(list.Content, manifest.NewUnknown(line))
		return
	}
	iterator := kind
	if name := hcl.ExprAsKeyword(inner.attr("iterator")); inner.attr("iterator") != nil && name != "" {
		iterator = name
	}
	for it := v.ElementIterator(); it.Next(); {
		key, value := it.Element()
		each := cty.ObjectVal(map[string]cty.Value{"key": key, "value": value})
		b.line = line
		list.Content = append(list.Content, b.body(s.with(iterator, each), inner.blocks[i]))
	}
	if len(list.Content) == 0 {
		remove(root, kind)
	}
}

func put(root *yaml.Node, name string, line int, value *yaml.Node) {
	root.Content = append(root.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: name, Line: line}, value)
}

func field(root *yaml.Node, name string) *yaml.Node {
	if root == nil || root.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(root.Content); i += 2 {
		if root.Content[i].Value == name {
			return root.Content[i+1]
		}
	}
	return nil
}

func remove(root *yaml.Node, name string) {
	for i := 0; i+1 < len(root.Content); i += 2 {
		if root.Content[i].Value == name {
			root.Content = slices.Delete(root.Content, i, i+2)
			return
		}
	}
}

func isNull(y *yaml.Node) bool { return y.Kind == yaml.ScalarNode && y.Tag == "!!null" }

// lineOf is where an expression stands in the object's file, else the line of
// the attribute that leads there.
func (b *builder) lineOf(expr hcl.Expression) int {
	if at := expr.Range(); at.Filename == b.file && at.Start.Line > 0 {
		return at.Start.Line
	}
	return b.line
}

// expr is the value of an expression, as much of it as is known. Literals are
// followed through what they are called, so that each part keeps its line.
func (b *builder) expr(s *scope, expr hcl.Expression) *yaml.Node {
	s.m.e.step()
	if b.deep++; b.deep > mostDeep {
		b.deep--
		return b.unknown(b.line)
	}
	defer func() { b.deep-- }()
	line := b.lineOf(expr)
	switch e := expr.(type) {
	case *hclsyntax.ParenthesesExpr:
		return b.expr(s, e.Expression)
	case *hclsyntax.TemplateWrapExpr:
		return b.expr(s, e.Wrapped)
	case *hclsyntax.ObjectConsExpr:
		return b.object(s, e, line)
	case *hclsyntax.TupleConsExpr:
		list := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Line: line}
		for _, item := range e.Exprs {
			b.note(s, b.lineOf(item), item.Range().Filename, item.Range().Start.Line, item)
			list.Content = append(list.Content, b.expr(s, item))
		}
		return list
	case *hclsyntax.FunctionCallExpr:
		encodes := e.Name == "jsonencode" || e.Name == "yamlencode" || e.Name == "tolist" || e.Name == "toset"
		if (encodes && !b.exact || b.starts && packs[e.Name]) && len(e.Args) == 1 && !e.ExpandFinal {
			return b.expr(s, e.Args[0])
		}
		if n := b.filled(s, e, line); n != nil {
			return n
		}
	case *hclsyntax.ConditionalExpr:
		if v := s.eval(e.Condition); v.IsKnown() && !v.IsNull() && v.Type() == cty.Bool {
			if v.True() {
				return b.expr(s, e.TrueResult)
			}
			return b.expr(s, e.FalseResult)
		}
	case *hclsyntax.ScopeTraversalExpr:
		if n := b.reference(s, e.Traversal); n != nil {
			return n
		}
	case *hclsyntax.TemplateExpr:
		return b.template(s, e, line)
	}
	if v := s.eval(expr); v.IsKnown() {
		return b.value(v, line)
	}
	return b.named(s, expr, b.unknownOf(s, expr, line))
}

func (b *builder) object(s *scope, e *hclsyntax.ObjectConsExpr, line int) *yaml.Node {
	root := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: line}
	for _, item := range e.Items {
		key, known := b.key(s, item.KeyExpr)
		if !known {
			return b.unknown(line)
		}
		at := b.lineOf(item.KeyExpr)
		b.note(s, at, item.KeyExpr.Range().Filename, item.KeyExpr.Range().Start.Line, item.ValueExpr)
		put(root, key, at, b.expr(s, item.ValueExpr))
	}
	return root
}

// reference follows a name to the expression that it stands for; nil where
// only evaluating tells.
func (b *builder) reference(s *scope, t hcl.Traversal) *yaml.Node {
	if _, own := s.vars[t.RootName()]; own {
		return nil
	}
	switch name := step(t, 1); t.RootName() {
	case "local":
		if a, has := s.m.locals[name]; has {
			return b.part(&scope{m: s.m}, a.expr, t[2:])
		}
	case "var":
		declared := s.m.variables[name]
		if g, has := s.m.source(name); has && declared != nil && (declared.attr("type") == nil || simple(declared.attr("type"))) {
			return b.part(g.scope(s.m), g.expr, t[2:])
		}
	case "module":
		call := s.m.calls[name]
		if call == nil {
			return nil
		}
		one, at, ok := s.m.chosen(call, t, 2)
		if child := s.m.childOf(call, one, ok); child != nil && child.outputs[step(t, at)] != nil {
			return b.part(&scope{m: child}, child.outputs[step(t, at)].attr("value"), t[at+1:])
		}
	case "data":
		if name == "aws_iam_policy_document" && attributeAt(t, 3) == "json" {
			return b.document(s.m, t)
		}
		if name == "template_file" && step(t, 3) == "rendered" {
			return b.rendered(s.m, step(t, 2), b.line)
		}
		return b.declared(s.m, s.m.data[name+"."+step(t, 2)], t, 3)
	default:
		return b.declared(s.m, s.m.managed[t.RootName()+"."+name], t, 2)
	}
	return nil
}

// simple says that a type changes nothing of what a value holds: no optional
// attributes, whose defaults only a conversion adds.
func simple(typ hcl.Expression) bool {
	node, native := typ.(hclsyntax.Node)
	if !native {
		return false
	}
	f := &finder{name: "object"}
	// The walker only looks, and has no diagnostics.
	_ = hclsyntax.Walk(node, f)
	return !f.found
}

type finder struct {
	name  string
	found bool
}

func (f *finder) Enter(n hclsyntax.Node) hcl.Diagnostics {
	if call, is := n.(*hclsyntax.FunctionCallExpr); is && call.Name == f.name {
		f.found = true
	}
	return nil
}

func (f *finder) Exit(hclsyntax.Node) hcl.Diagnostics { return nil }

// declared is an attribute of a resource as it is written there.
func (b *builder) declared(m *module, blk *block, t hcl.Traversal, at int) *yaml.Node {
	if blk == nil {
		return nil
	}
	one, at, ok := m.chosen(blk, t, at)
	expr := blk.attr(step(t, at))
	if !ok || expr == nil {
		return nil
	}
	return b.part(&scope{m: m, vars: one.vars}, expr, t[at+1:])
}

// part goes on to what a traversal's remaining steps name in a literal.
func (b *builder) part(s *scope, expr hcl.Expression, rest hcl.Traversal) *yaml.Node {
	for len(rest) > 0 {
		object, literal := expr.(*hclsyntax.ObjectConsExpr)
		name, isAttr := rest[0].(hcl.TraverseAttr)
		if !literal || !isAttr {
			return nil
		}
		i := slices.IndexFunc(object.Items, func(item hclsyntax.ObjectConsItem) bool {
			key := s.eval(item.KeyExpr)
			return key.Type() == cty.String && key.IsKnown() && !key.IsNull() && key.AsString() == name.Name
		})
		if i < 0 {
			return nil
		}
		expr, rest = object.Items[i].ValueExpr, rest[1:]
	}
	at := expr.Range()
	b.add(b.lineOf(expr), manifest.Site{Path: at.Filename, Line: at.Start.Line, Kind: manifest.SiteValues})
	return b.expr(s, expr)
}

// template is a text. Where parts of it are unknown it may still be JSON of
// which only those parts are.
func (b *builder) template(s *scope, e *hclsyntax.TemplateExpr, line int) *yaml.Node {
	first := line
	if len(e.Parts) > 0 && e.Parts[0].Range().Filename == b.file {
		first = e.Parts[0].Range().Start.Line
	}
	if b.exact {
		return b.lined(e, exactText(s.partly(e, 0), line))
	}
	v := s.eval(e)
	if v.IsKnown() && !v.IsNull() && v.Type() == cty.String {
		return b.lined(e, textNode(v.AsString(), false, first, b.file == e.Range().Filename))
	}
	text := s.partly(e, 0)
	for _, filled := range []string{text, holes.ReplaceAllString(text, `"$0"`)} {
		if n := textNode(filled, true, first, b.file == e.Range().Filename); n.Kind != yaml.ScalarNode {
			return n
		}
	}
	shown := toShow.Replace(text)
	if b.starts {
		shown = holes.ReplaceAllLiteralString(text, unfilled)
	}
	known := b.lined(e, scalar("!!str", shown, line))
	partial := manifest.NewPartly(known.Line, known.Value)
	partial.Style = known.Style
	return partial
}

// textNode is a text, or the structure that it holds as JSON; where it may have
// holes, what has one in it is unknown.
func textNode(text string, holed bool, line int, lines bool) *yaml.Node {
	trimmed := strings.TrimSpace(text)
	if len(trimmed) > 1 && (trimmed[0] == '{' || trimmed[0] == '[') && len(trimmed) < mostText && json.Valid([]byte(trimmed)) {
		var doc yaml.Node
		if err := yaml.Unmarshal([]byte(strings.ReplaceAll(text, "\t", " ")), &doc); err == nil && len(doc.Content) == 1 {
			settle(doc.Content[0], holed, line, lines)
			return doc.Content[0]
		}
	}
	return scalar("!!str", text, line)
}

// settle gives the nodes of an encoded text the lines of the file around it.
func settle(y *yaml.Node, holed bool, line int, lines bool) {
	if lines {
		y.Line += line - 1
	} else {
		y.Line = line
	}
	if holed && y.Kind == yaml.ScalarNode && hasHole(y.Value) {
		*y = *manifest.NewPartly(y.Line, toShow.Replace(y.Value))
		return
	}
	for i, c := range y.Content {
		if holed && y.Kind == yaml.MappingNode && i%2 == 0 && hasHole(c.Value) {
			key, known := shownKey(c.Value)
			if !known {
				*y = *manifest.NewUnknown(y.Line)
				return
			}
			c.Value = key
		}
		settle(c, holed, line, lines)
	}
}

func scalar(tag, value string, line int) *yaml.Node {
	y := &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: value, Line: line}
	if tag == "!!str" {
		if value == "true" || value == "false" { // Terraform converts it where a boolean is wanted
			y.Tag = "!!bool"
			return y
		}
		y.Style = yaml.DoubleQuotedStyle
	}
	return y
}

// value is a value of the expression engine as the builder writes it.
func (b *builder) value(v cty.Value, line int) *yaml.Node {
	if b.exact {
		return exactNode(v, line)
	}
	return nodeOf(v, line)
}

// nodeOf is a value of the expression engine.
func nodeOf(v cty.Value, line int) *yaml.Node {
	v, _ = v.Unmark()
	switch {
	case !v.IsKnown():
		return manifest.NewUnknown(line)
	case v.IsNull():
		return scalar("!!null", "", line)
	}
	switch typ := v.Type(); {
	case typ == cty.String:
		return textNode(v.AsString(), false, line, false)
	case typ == cty.Bool:
		if v.True() {
			return scalar("!!bool", "true", line)
		}
		return scalar("!!bool", "false", line)
	case typ == cty.Number:
		number := v.AsBigFloat()
		if number.IsInt() {
			return scalar("!!int", number.Text('f', 0), line)
		}
		return scalar("!!float", number.Text('g', -1), line)
	case typ.IsObjectType() || typ.IsMapType():
		root := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: line}
		for it := v.ElementIterator(); it.Next(); {
			key, value := it.Element()
			put(root, key.AsString(), line, nodeOf(value, line))
		}
		return root
	case v.CanIterateElements():
		list := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Line: line}
		for it := v.ElementIterator(); it.Next(); {
			_, value := it.Element()
			list.Content = append(list.Content, nodeOf(value, line))
		}
		return list
	}
	return manifest.NewUnknown(line)
}
