package terraform

import (
	"io/fs"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"go.yaml.in/yaml/v3"
)

// startUps are the attributes that say what a machine does when it starts. Of
// such a text the known parts count, and what is not known is a variable that
// the shell would find.
var startUps = map[string]bool{
	"user_data": true, "user_data_base64": true, "custom_data": true, "metadata": true, "metadata_startup_script": true,
	"pre_bootstrap_user_data": true, "post_bootstrap_user_data": true, "cloudinit_pre_nodeadm": true, "cloudinit_post_nodeadm": true,
	"eks_managed_node_groups": true, "self_managed_node_groups": true,
}

// unfilled stands for an unknown part of such a text: a variable of the shell,
// which infra.Unknown knows for a value that is filled in later.
const unfilled = "${unknown}"

// packs are the functions whose result a machine unpacks before it reads it.
var packs = map[string]bool{"base64encode": true, "base64gzip": true}

// attribute is what an attribute is set to.
func (b *builder) attribute(s *scope, a attr) *yaml.Node {
	before := b.starts
	defer func() { b.starts = before }()
	b.starts = b.starts || startUps[a.name]
	return b.expr(s, a.expr)
}

// lined gives a text that stands in the object's file line by line the form
// that tells of each line where it is.
func (b *builder) lined(e *hclsyntax.TemplateExpr, y *yaml.Node) *yaml.Node {
	if y.Kind != yaml.ScalarNode || e.Range().Filename != b.file || !strings.Contains(y.Value, "\n") {
		return y
	}
	lines := 0
	for _, part := range e.Parts {
		at := part.Range()
		if literal, is := part.(*hclsyntax.LiteralValueExpr); is && literal.Val.Type() == cty.String {
			lines += strings.Count(literal.Val.AsString(), "\n")
		}
		lines -= at.End.Line - at.Start.Line
	}
	if first := e.Parts[0].Range().Start; lines == 0 && first.Line > e.Range().Start.Line && strings.Count(y.Value, "\n") == e.Parts[len(e.Parts)-1].Range().End.Line-first.Line {
		y.Style, y.Line = yaml.LiteralStyle, first.Line-1
	}
	return y
}

// filled is what templatefile makes of a start-up script some of whose values
// nobody knows; nil for any other call.
func (b *builder) filled(s *scope, e *hclsyntax.FunctionCallExpr, line int) *yaml.Node {
	if !b.starts || e.Name != "templatefile" || len(e.Args) != 2 {
		return nil
	}
	name := s.eval(e.Args[0])
	if !name.IsKnown() || name.IsNull() || name.Type() != cty.String {
		return nil
	}
	at, ok := s.m.e.inTree(name.AsString())
	if !ok {
		return nil
	}
	data, err := fs.ReadFile(s.m.e.tree, at)
	if err != nil || guard(data) != nil {
		return nil
	}
	values := map[string]cty.Value{}
	if v := s.eval(e.Args[1]); v.IsKnown() && !v.IsNull() && (v.Type().IsObjectType() || v.Type().IsMapType()) {
		values = v.AsValueMap()
	}
	return b.scriptOf(data, at, values, line)
}

// rendered is what a data template_file makes of its template.
func (b *builder) rendered(m *module, name string, line int) *yaml.Node {
	blk := m.data["template_file."+name]
	if blk == nil || !b.starts || blk.attr("count") != nil || blk.attr("for_each") != nil {
		return nil
	}
	s := &scope{m: m}
	text := s.eval(blk.attr("template"))
	if !text.IsKnown() || text.IsNull() || text.Type() != cty.String || guard([]byte(text.AsString())) != nil {
		return nil
	}
	values := map[string]cty.Value{}
	if v := s.eval(blk.attr("vars")); v.IsKnown() && !v.IsNull() && (v.Type().IsObjectType() || v.Type().IsMapType()) {
		values = v.AsValueMap()
	}
	return b.scriptOf([]byte(text.AsString()), blk.file, values, line)
}

// scriptOf is a template of a start-up script, filled in as far as its values
// are known; nil where even its shape depends on one that is not.
func (b *builder) scriptOf(data []byte, name string, values map[string]cty.Value, line int) *yaml.Node {
	expr, diags := hclsyntax.ParseTemplate(data, name, hcl.InitialPos)
	if diags.HasErrors() || loops(expr) > mostLoops {
		return nil
	}
	ctx := &hcl.EvalContext{Variables: map[string]cty.Value{}, Functions: pure()}
	for _, t := range expr.Variables() {
		v, given := values[t.RootName()]
		if !given || !v.IsKnown() {
			v = cty.StringVal(unfilled)
		}
		ctx.Variables[t.RootName()] = v
	}
	v, diags := expr.Value(ctx)
	if v, _ = v.Unmark(); diags.HasErrors() || !v.IsKnown() || v.IsNull() || v.Type() != cty.String || len(v.AsString()) > mostText {
		return nil
	}
	return scalar("!!str", v.AsString(), line)
}
