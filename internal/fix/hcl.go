package fix

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
	"go.yaml.in/yaml/v3"

	"github.com/rendergate/rendergate/render/manifest"
	"github.com/rendergate/rendergate/render/terraform"
)

// spotHCL is a place in a Terraform file: the block that begins on a line, or,
// of a value, what the attribute or the key on that line is set to.
type spotHCL struct {
	line  int
	value bool
	given bool // to a chart: a text stays a text, and YAML in a heredoc is looked into
}

// isHCL says that a file is written in HCL's own syntax.
func isHCL(file string) bool {
	return slices.ContainsFunc([]string{".tf", ".tofu", ".tfvars"}, func(end string) bool { return strings.HasSuffix(file, end) })
}

// terraform are the places of an object of a Terraform module: the block that
// declares it, and the variables, locals and inputs that a field is made of.
func (r *reader) terraform(edits []manifest.Edit) []Way {
	var all []Way
	if isHCL(r.Object.Origin.Path) {
		all = r.inHCL(r.Object.Origin.Path, spotHCL{line: r.Object.Root.Line()}, rankExact, func(at manifest.Node) ([]manifest.Key, bool) {
			return terraform.Path(r.Object, at.Keys())
		})
	}
	for i, e := range edits {
		all = append(all, r.setInHCL(e.At, spotHCL{value: true}, rankTraced+i)...)
	}
	return all
}

// setInHCL are the values in HCL that a field was made of.
func (r *reader) setInHCL(field manifest.Node, spot spotHCL, rank int) []Way {
	var all []Way
	for _, site := range field.Sites() {
		if site.Kind != manifest.SiteValues || !isHCL(site.Path) || !r.reads(site.Path) || !field.Exists() {
			continue
		}
		spot.line = site.Line
		all = append(all, r.inHCL(site.Path, spot, rank, just(field, nil))...)
	}
	return all
}

func (r *reader) inHCL(file string, at spotHCL, rank int, field func(manifest.Node) ([]manifest.Key, bool)) []Way {
	data, err := r.Tree.ReadFile(file)
	if err != nil || len(data) > maxFile {
		return nil
	}
	return []Way{{doc: document{file: file, text: string(data), hcl: &at}, rank: rank, field: field}}
}

// edit makes changes at a place of a text, one by one.
func (s *spotHCL) edit(file, text string, changes []change) (string, error) {
	neat := string(hclwrite.Format([]byte(text))) == text
	for _, c := range inOrder(changes) {
		parsed, diags := hclsyntax.ParseConfig([]byte(text), file, hcl.InitialPos)
		if diags.HasErrors() {
			return "", errShape
		}
		p := pageHCL{text: text, given: s.given}
		body := parsed.Body.(*hclsyntax.Body)
		var err error
		if s.value {
			err = p.inValue(body, s.line, c)
		} else if own := blockAt(body, s.line); own != nil {
			err = p.inBody(own, c.keys, c)
		} else {
			err = errShape
		}
		if err != nil {
			return "", err
		}
		text = p.text
	}
	if neat {
		text = string(hclwrite.Format([]byte(text)))
	}
	if _, diags := hclsyntax.ParseConfig([]byte(text), file, hcl.InitialPos); diags.HasErrors() {
		return "", errShape
	}
	return text, nil
}

// blockAt is the block of a module that begins on a line, else the one around
// it.
func blockAt(body *hclsyntax.Body, line int) *hclsyntax.Block {
	for _, b := range body.Blocks {
		if b.TypeRange.Start.Line == line {
			return b
		}
	}
	for _, b := range body.Blocks {
		if b.TypeRange.Start.Line < line && line <= b.CloseBraceRange.Start.Line {
			return b // what the object is made of begins within it
		}
	}
	return nil
}

// pageHCL is a text that is edited by places of it.
type pageHCL struct {
	text  string
	given bool
}

func (p *pageHCL) splice(from, to int, with string) { p.text = p.text[:from] + with + p.text[to:] }

// lineStart is where the line of a byte begins.
func (p *pageHCL) lineStart(at int) int { return strings.LastIndexByte(p.text[:at], '\n') + 1 }

// lineEnd is where the next line begins.
func (p *pageHCL) lineEnd(at int) int {
	if next := strings.IndexByte(p.text[at:], '\n'); next >= 0 {
		return at + next + 1
	}
	return len(p.text)
}

func (p *pageHCL) indent(at int) string {
	line := p.text[p.lineStart(at):]
	return line[:len(line)-len(strings.TrimLeft(line, " \t"))]
}

// inBody makes a change below a block.
func (p *pageHCL) inBody(b *hclsyntax.Block, keys []manifest.Key, c change) error {
	if len(keys) == 0 || keys[0].Index >= 0 {
		return errShape
	}
	name := keys[0].Name
	if a := b.Body.Attributes[name]; a != nil {
		if len(keys) == 1 && c.op == manifest.OpRemove {
			p.splice(p.lineStart(a.SrcRange.Start.Byte), p.lineEnd(a.SrcRange.End.Byte), "")
			return nil
		}
		return p.inExpr(a.Expr, keys[1:], c)
	}
	var own []*hclsyntax.Block
	for _, inner := range b.Body.Blocks {
		switch {
		case inner.Type == name:
			own = append(own, inner)
		case inner.Type == "dynamic" && len(inner.Labels) == 1 && inner.Labels[0] == name:
			return errShape // one text, several blocks
		}
	}
	if len(own) == 0 {
		return p.addToBody(b, keys, c)
	}
	if len(keys) < 2 || keys[1].Index < 0 || keys[1].Index >= len(own) {
		return errShape
	}
	inner := own[keys[1].Index]
	if len(keys) == 2 {
		if c.op != manifest.OpRemove {
			return errShape
		}
		p.splice(p.lineStart(inner.TypeRange.Start.Byte), p.lineEnd(inner.CloseBraceRange.End.Byte), "")
		return nil
	}
	return p.inBody(inner, keys[2:], c)
}

// addToBody writes an attribute, or a block, that is not there yet.
func (p *pageHCL) addToBody(b *hclsyntax.Block, keys []manifest.Key, c change) error {
	if c.op == manifest.OpRemove {
		return errShape
	}
	outer := p.indent(b.TypeRange.Start.Byte)
	lines, isBlock, err := added(keys, c)
	if err != nil {
		return err
	}
	text := ""
	for _, line := range lines {
		text += outer + "  " + line + "\n"
	}
	if b.OpenBraceRange.Start.Line == b.CloseBraceRange.Start.Line {
		if len(b.Body.Attributes)+len(b.Body.Blocks) > 0 {
			inner := strings.TrimSpace(p.text[b.OpenBraceRange.End.Byte:b.CloseBraceRange.Start.Byte])
			text = outer + "  " + inner + "\n" + text
		}
		p.splice(b.OpenBraceRange.End.Byte, b.CloseBraceRange.Start.Byte, "\n"+text+outer)
		return nil
	}
	at := p.lineEnd(b.OpenBraceRange.End.Byte)
	for _, a := range b.Body.Attributes {
		at = max(at, p.lineEnd(a.SrcRange.End.Byte))
	}
	if isBlock {
		for _, inner := range b.Body.Blocks {
			at = max(at, p.lineEnd(inner.CloseBraceRange.End.Byte))
		}
		if len(b.Body.Attributes)+len(b.Body.Blocks) > 0 {
			text = "\n" + text
		}
	}
	p.splice(at, at, text)
	return nil
}

// added are the lines of what is new: an attribute, or blocks around one.
func added(keys []manifest.Key, c change) (lines []string, isBlock bool, err error) {
	if len(keys) > 1 && keys[1].Index >= 0 {
		if keys[1].Index > 0 || len(keys) < 3 {
			return nil, false, errShape
		}
		inner, _, err := added(keys[2:], c)
		if err != nil {
			return nil, false, err
		}
		lines = []string{keys[0].Name + " {"}
		for _, line := range inner {
			lines = append(lines, "  "+line)
		}
		return append(lines, "}"), true, nil
	}
	value, err := newValue(keys[1:], c)
	return []string{keys[0].Name + " = " + value}, false, err
}

// newValue is what stands behind a key that is not there yet.
func newValue(keys []manifest.Key, c change) (string, error) {
	if len(keys) > 0 {
		if keys[0].Index >= 0 || c.op == manifest.OpRemove {
			return "", errShape
		}
		inner, err := newValue(keys[1:], c)
		return "{ " + keys[0].Name + " = " + inner + " }", err
	}
	value, err := literalHCL(c.value)
	if c.op == manifest.OpAppend {
		value = "[" + value + "]"
	}
	return value, err
}

// literalHCL is a scalar, which edits write as YAML, in HCL.
func literalHCL(value string) (string, error) {
	y, err := scalarOf(value)
	if err != nil {
		return "", err
	}
	if y.Kind != yaml.ScalarNode {
		return "", errShape
	}
	switch y.ShortTag() {
	case "!!bool", "!!int", "!!float":
		return y.Value, nil
	}
	return string(hclwrite.TokensForValue(cty.StringVal(y.Value)).Bytes()), nil
}

// inExpr makes a change in what an attribute is set to.
func (p *pageHCL) inExpr(expr hclsyntax.Expression, keys []manifest.Key, c change) error {
	switch e := expr.(type) {
	case *hclsyntax.ParenthesesExpr:
		return p.inExpr(e.Expression, keys, c)
	case *hclsyntax.FunctionCallExpr:
		if (e.Name == "jsonencode" || e.Name == "yamlencode" || e.Name == "tolist" || e.Name == "toset") && len(e.Args) == 1 {
			return p.inExpr(e.Args[0], keys, c)
		}
		return errShape
	case *hclsyntax.ObjectConsExpr:
		return p.inObject(e, keys, c)
	case *hclsyntax.TupleConsExpr:
		return p.inTuple(e, keys, c)
	}
	if len(keys) > 0 || c.op != manifest.OpSet || len(expr.Variables()) > 0 {
		return errShape
	}
	value, err := literalHCL(c.value)
	if err != nil {
		return err
	}
	if _, text := expr.(*hclsyntax.TemplateExpr); text && p.given && !strings.HasPrefix(value, `"`) {
		value = `"` + value + `"`
	}
	at := expr.Range()
	p.splice(at.Start.Byte, at.End.Byte, value)
	return nil
}

func (p *pageHCL) inObject(e *hclsyntax.ObjectConsExpr, keys []manifest.Key, c change) error {
	if len(keys) == 0 || keys[0].Index >= 0 {
		return errShape
	}
	for i, item := range e.Items {
		name, diags := item.KeyExpr.Value(nil)
		if diags.HasErrors() || name.Type() != cty.String || name.AsString() != keys[0].Name {
			continue
		}
		if len(keys) > 1 || c.op != manifest.OpRemove {
			return p.inExpr(item.ValueExpr, keys[1:], c)
		}
		start, end := item.KeyExpr.Range().Start, item.ValueExpr.Range().End
		if i+1 < len(e.Items) && e.Items[i+1].KeyExpr.Range().Start.Line == end.Line || start.Line == e.OpenRange.Start.Line {
			return errShape // several on a line
		}
		p.splice(p.lineStart(start.Byte), p.lineEnd(end.Byte), "")
		return nil
	}
	if c.op == manifest.OpRemove {
		return errShape
	}
	value, err := newValue(keys[1:], c)
	if err != nil {
		return err
	}
	text := keys[0].Name + " = " + value
	switch close := e.SrcRange.End.Byte - 1; {
	case len(e.Items) == 0:
		p.splice(e.SrcRange.Start.Byte, e.SrcRange.End.Byte, "{ "+text+" }")
	case e.SrcRange.Start.Line == e.SrcRange.End.Line:
		p.splice(close, close, ", "+text+" ")
	default:
		first := e.Items[0].KeyExpr.Range().Start.Byte
		p.splice(first, first, text+"\n"+p.indent(first))
	}
	return nil
}

func (p *pageHCL) inTuple(e *hclsyntax.TupleConsExpr, keys []manifest.Key, c change) error {
	if len(keys) > 0 {
		index := keys[0].Index
		if index < 0 || index >= len(e.Exprs) {
			return errShape
		}
		if len(keys) == 1 && c.op == manifest.OpRemove {
			return p.dropItem(e, index)
		}
		return p.inExpr(e.Exprs[index], keys[1:], c)
	}
	if c.op != manifest.OpAppend {
		return errShape
	}
	value, err := literalHCL(c.value)
	if err != nil {
		return err
	}
	if len(e.Exprs) == 0 {
		p.splice(e.SrcRange.Start.Byte, e.SrcRange.End.Byte, "["+value+"]")
		return nil
	}
	last := e.Exprs[len(e.Exprs)-1].Range()
	next := p.lineEnd(last.End.Byte)
	behind := strings.TrimSpace(p.text[last.End.Byte:next])
	if e.SrcRange.Start.Line == last.Start.Line || strings.HasPrefix(behind, "]") {
		p.splice(last.End.Byte, last.End.Byte, ", "+value)
		return nil
	}
	// A line of its own, so that a comment stays with its item.
	indent := p.indent(last.Start.Byte)
	if strings.HasPrefix(behind, ",") {
		p.splice(next, next, indent+value+",\n")
		return nil
	}
	p.splice(next, next, indent+value+"\n")
	p.splice(last.End.Byte, last.End.Byte, ",")
	return nil
}

func (p *pageHCL) dropItem(e *hclsyntax.TupleConsExpr, index int) error {
	from, to := e.Exprs[index].Range().Start.Byte, e.Exprs[index].Range().End.Byte
	switch {
	case index+1 < len(e.Exprs):
		to = e.Exprs[index+1].Range().Start.Byte
	case index > 0:
		from = e.Exprs[index-1].Range().End.Byte
	}
	p.splice(from, to, "")
	return nil
}

// inValue makes a change in what the attribute or the key on a line is set to.
func (p *pageHCL) inValue(body *hclsyntax.Body, line int, c change) error {
	finder := &valueAt{line: line}
	// The walker only looks, and has no diagnostics.
	_ = hclsyntax.Walk(body, finder)
	if finder.found == nil && p.given && finder.text != nil {
		return p.inHeredoc(finder.text.SrcRange.Start.Line, line, c)
	}
	if finder.found == nil {
		return errShape
	}
	return p.inExpr(finder.found, c.keys, c)
}

// inHeredoc makes a change in what the YAML of a heredoc has on a line.
func (p *pageHCL) inHeredoc(start, line int, c change) error {
	lines := strings.SplitAfter(p.text, "\n")
	_, marker, begins := strings.Cut(lines[start-1], "<<")
	marker = strings.TrimSpace(strings.TrimPrefix(marker, "-"))
	end := start
	for end < len(lines) && strings.TrimSpace(lines[end]) != marker {
		end++
	}
	if !begins || marker == "" || end == len(lines) || line > end {
		return errShape
	}
	body := lines[start:end]
	indent := commonIndent(body)
	inner := ""
	for _, l := range body {
		inner += strings.TrimPrefix(l, indent)
	}
	d := document{text: inner}
	root, err := d.root(inner)
	if err != nil {
		return err
	}
	found := slices.DeleteFunc(onLine(root, line-start), func(n manifest.Node) bool { return n.IsMap() || n.IsList() })
	if len(found) != 1 || len(c.keys) > 0 {
		return errShape
	}
	c.keys = found[0].Keys()
	if inner, err = d.edit([]change{c}); err != nil {
		return err
	}
	text := ""
	for l := range strings.SplitAfterSeq(inner, "\n") {
		if strings.TrimSpace(l) != "" {
			l = indent + l
		}
		text += l
	}
	p.text = strings.Join(lines[:start], "") + text + strings.Join(lines[end:], "")
	return nil
}

// commonIndent is what all lines that say something begin with.
func commonIndent(lines []string) string {
	indent, first := "", true
	for _, l := range lines {
		if strings.TrimSpace(l) == "" {
			continue
		}
		own := l[:len(l)-len(strings.TrimLeft(l, " "))]
		if first || len(own) < len(indent) {
			indent, first = own, false
		}
	}
	return indent
}

type valueAt struct {
	line  int
	found hclsyntax.Expression
	text  *hclsyntax.TemplateExpr // around the line
}

func (v *valueAt) Enter(n hclsyntax.Node) hcl.Diagnostics {
	switch n := n.(type) {
	case *hclsyntax.Block:
		// A variable is known by its default.
		if d := n.Body.Attributes["default"]; n.Type == "variable" && d != nil && d.NameRange.Start.Line == v.line {
			v.found = d.Expr
		}
	case *hclsyntax.TemplateExpr:
		if n.SrcRange.Start.Line < v.line && v.line < n.SrcRange.End.Line {
			v.text = n
		}
	case *hclsyntax.Attribute:
		if n.NameRange.Start.Line == v.line {
			v.found = n.Expr
		}
	case *hclsyntax.ObjectConsExpr:
		for _, item := range n.Items {
			if item.KeyExpr.Range().Start.Line == v.line {
				v.found = item.ValueExpr
			}
		}
	}
	return nil
}

func (v *valueAt) Exit(hclsyntax.Node) hcl.Diagnostics { return nil }
