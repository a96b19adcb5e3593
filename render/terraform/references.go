package terraform

import (
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"go.yaml.in/yaml/v3"

	"github.com/rendergate/rendergate/render/manifest"
)

// chosen is the instance of a block that a reference names, and where in the
// reference its attribute stands; false where the reference means them all, or
// nobody knows which.
func (m *module) chosen(blk *block, t hcl.Traversal, at int) (instance, int, bool) {
	if blk.attr("count") == nil && blk.attr("for_each") == nil {
		return instance{}, at, true
	}
	key := keyAt(t, at)
	if key == "" {
		return instance{}, at, false
	}
	for _, one := range m.instances(blk) {
		if one.key == key {
			return one, at + 1, true
		}
	}
	return instance{}, at, false
}

// keyAt is the key that a reference has at an index, as instances are called;
// empty where it has none.
func keyAt(t hcl.Traversal, at int) string {
	if at >= len(t) {
		return ""
	}
	index, is := t[at].(hcl.TraverseIndex)
	if !is || !index.Key.IsKnown() || index.Key.IsNull() {
		return ""
	}
	switch index.Key.Type() {
	case cty.String:
		return "[" + strconv.Quote(index.Key.AsString()) + "]"
	case cty.Number:
		n, _ := index.Key.AsBigFloat().Int64()
		return "[" + strconv.FormatInt(n, 10) + "]"
	}
	return ""
}

// referred are the resources that an expression refers to, by type and name:
// the attributes that it asks for, of each instance that it names. Nothing else
// of them is known, so that nothing that the provider computes is taken for
// absent.
type referred map[string]*known

type known struct {
	instances map[string]map[string]cty.Value // by key, which is empty where there is only one
	whole     bool                            // all of it is asked for, which nobody knows
}

func (r referred) add(m *module, blocks map[string]*block, id string, t hcl.Traversal, at int) {
	if r[id] == nil {
		r[id] = &known{instances: map[string]map[string]cty.Value{}}
	}
	blk := blocks[strings.TrimPrefix(id, "data.")]
	key, name := "", step(t, at)
	if k := keyAt(t, at); k != "" {
		key, name = k, step(t, at+1)
	}
	if blk == nil || name == "" {
		r[id].whole = true
		return
	}
	if r[id].instances[key] == nil {
		r[id].instances[key] = map[string]cty.Value{}
	}
	r[id].instances[key][name] = m.attribute(blk, t, at)
}

// value is what is known of a resource.
func (k *known) value() cty.Value {
	if one, single := k.instances[""]; k.whole || single && len(k.instances) > 1 {
		return cty.DynamicVal
	} else if single {
		return cty.ObjectVal(one)
	}
	named := map[string]cty.Value{}
	var listed []cty.Value
	for key, attributes := range k.instances {
		inner := strings.Trim(key, "[]")
		if name, err := strconv.Unquote(inner); err == nil {
			named[name] = cty.ObjectVal(attributes)
			continue
		}
		n, err := strconv.Atoi(inner)
		if err != nil || n < 0 || n > mostInstances {
			return cty.DynamicVal
		}
		for len(listed) <= n {
			listed = append(listed, cty.DynamicVal)
		}
		listed[n] = cty.ObjectVal(attributes)
	}
	switch {
	case len(named) > 0 && len(listed) > 0:
		return cty.DynamicVal
	case len(named) > 0:
		return cty.ObjectVal(named)
	}
	return cty.TupleVal(listed)
}

// declare puts the resources where an expression finds them.
func (r referred) declare(ctx *hcl.EvalContext) {
	types, data := map[string]map[string]cty.Value{}, map[string]map[string]cty.Value{}
	for id, k := range r {
		into := types
		if rest, is := strings.CutPrefix(id, "data."); is {
			into, id = data, rest
		}
		typ, name, _ := strings.Cut(id, ".")
		if into[typ] == nil {
			into[typ] = map[string]cty.Value{}
		}
		if name != "" {
			into[typ][name] = k.value()
		}
	}
	for typ, names := range types {
		ctx.Variables[typ] = cty.ObjectVal(names)
	}
	if len(data) > 0 {
		all := map[string]cty.Value{}
		for typ, names := range data {
			all[typ] = cty.ObjectVal(names)
		}
		ctx.Variables["data"] = cty.ObjectVal(all)
	}
}

// attribute is a resource's attribute as its text says; what the provider
// computes is unknown.
func (m *module) attribute(blk *block, t hcl.Traversal, at int) cty.Value {
	one, at, ok := m.chosen(blk, t, at)
	name := step(t, at)
	if !ok || name == "" || blk.attr(name) == nil {
		return cty.DynamicVal
	}
	return m.once(blk.typ+"."+strings.Join(blk.labels, ".")+one.key+"."+name, func() cty.Value {
		return (&scope{m: m, vars: one.vars}).eval(blk.attr(name))
	})
}

// output is what a reference asks of a module: the output, below the key of the
// instance where there are several.
func (m *module) output(call string, t hcl.Traversal) cty.Value {
	b := m.calls[call]
	if b == nil {
		return cty.DynamicVal
	}
	one, at, ok := m.chosen(b, t, 2)
	name := step(t, at)
	if !ok || name == "" {
		return cty.DynamicVal
	}
	child := m.child(b, one)
	if child == nil || child.outputs[name] == nil {
		return cty.DynamicVal
	}
	// Other outputs may be asked for in the same expression, so the object has
	// all that this module declares, as far as they were evaluated.
	values := map[string]cty.Value{}
	for other := range child.outputs {
		values[other] = cty.DynamicVal
		if v, known := child.known["output."+other]; known {
			values[other] = v
		}
	}
	values[name] = child.once("output."+name, func() cty.Value { return child.plain(child.outputs[name].attr("value")) })
	v := cty.ObjectVal(values)
	if one.key == "" {
		return v
	}
	return (&known{instances: map[string]map[string]cty.Value{one.key: values}}).value()
}

// named tells of a value that nobody knows what it refers to, where the
// expression says so.
func (b *builder) named(s *scope, expr hcl.Expression, y *yaml.Node) *yaml.Node {
	if !manifest.IsUnknown(y) || y.Value != "" {
		return y
	}
	if to, ok := s.m.referent(expr); ok {
		return manifest.Referring(y, to)
	}
	return y
}

// passing are the functions whose result is one of their arguments.
var passing = map[string]bool{"try": true, "one": true, "coalesce": true, "element": true, "tostring": true, "nonsensitive": true, "sensitive": true, "flatten": true, "compact": true}

// referent is the field of a resource that an expression stands for.
func (m *module) referent(expr hcl.Expression) (manifest.Reference, bool) {
	switch e := expr.(type) {
	case *hclsyntax.ScopeTraversalExpr:
		return m.referentOf(e.Traversal)
	case *hclsyntax.RelativeTraversalExpr:
		return m.within(e.Source, e.Traversal)
	case *hclsyntax.SplatExpr:
		if each, is := e.Each.(*hclsyntax.RelativeTraversalExpr); is {
			return m.within(e.Source, each.Traversal)
		}
	case *hclsyntax.IndexExpr:
		return m.referent(e.Collection)
	case *hclsyntax.FunctionCallExpr:
		if passing[e.Name] && len(e.Args) > 0 {
			return m.referent(e.Args[0])
		}
	}
	return manifest.Reference{}, false
}

// within is what a traversal means that begins at an expression: of which
// instance nobody knows.
func (m *module) within(source hcl.Expression, rest hcl.Traversal) (manifest.Reference, bool) {
	if index, is := source.(*hclsyntax.IndexExpr); is {
		source = index.Collection
	}
	from, is := source.(*hclsyntax.ScopeTraversalExpr)
	if !is {
		return m.referent(source)
	}
	whole := append(hcl.Traversal{}, from.Traversal...)
	return m.referentOf(append(whole, rest...))
}

func (m *module) referentOf(t hcl.Traversal) (manifest.Reference, bool) {
	typ, name, at := t.RootName(), step(t, 1), 2
	blocks := m.managed
	if typ == "data" {
		typ, name, at, blocks = name, step(t, 2), 3, m.data
	}
	blk := blocks[typ+"."+name]
	if blk == nil {
		return manifest.Reference{}, false
	}
	if key := keyAt(t, at); key != "" {
		name, at = name+key, at+1
	}
	if t.RootName() == "data" {
		typ = "data." + typ
	}
	return manifest.Reference{Kind: typ, Name: m.qualified(name), Field: step(t, at)}, true
}
