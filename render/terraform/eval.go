package terraform

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// scope is where an expression is evaluated: a module, and what the block
// around it adds (each, count, the iterators of dynamic blocks).
type scope struct {
	m    *module
	vars map[string]cty.Value
}

func (s *scope) with(name string, value cty.Value) *scope {
	next := &scope{m: s.m, vars: map[string]cty.Value{}}
	for key, v := range s.vars {
		next.vars[key] = v
	}
	next.vars[name] = value
	return next
}

// eval is the value of an expression; what cannot be evaluated is unknown.
func (s *scope) eval(expr hcl.Expression) cty.Value {
	if expr == nil || loops(expr) > mostLoops {
		return cty.DynamicVal
	}
	v, diags := expr.Value(s.context(expr))
	if diags.HasErrors() {
		return cty.DynamicVal
	}
	v, _ = v.UnmarkDeep()
	if weight(v, mostText) < 0 {
		panic(limit{errTooLarge})
	}
	return v
}

// mostLoops bounds loops in loops of one expression, which cost the product of
// their lengths.
const mostLoops = 4

func loops(expr hcl.Expression) int {
	node, ok := expr.(hclsyntax.Node)
	if !ok {
		return 0
	}
	c := &loopCounter{}
	// The walker only counts, and has no diagnostics.
	_ = hclsyntax.Walk(node, c)
	return c.most
}

type loopCounter struct{ now, most int }

func (c *loopCounter) Enter(n hclsyntax.Node) hcl.Diagnostics {
	if _, is := n.(*hclsyntax.ForExpr); is {
		c.now++
		c.most = max(c.most, c.now)
	}
	return nil
}

func (c *loopCounter) Exit(n hclsyntax.Node) hcl.Diagnostics {
	if _, is := n.(*hclsyntax.ForExpr); is {
		c.now--
	}
	return nil
}

// weight is what is left of a budget of text after a value; below 0 it is
// spent.
func weight(v cty.Value, left int) int {
	left -= 8
	if !v.IsKnown() || v.IsNull() || left < 0 {
		return left
	}
	switch {
	case v.Type() == cty.Number:
		return left - max(0, v.AsBigFloat().MantExp(nil))
	case v.Type() == cty.String:
		return left - len(v.AsString())
	case v.CanIterateElements():
		for it := v.ElementIterator(); it.Next() && left >= 0; {
			key, element := it.Element()
			left = weight(element, left)
			if key.Type() == cty.String && key.IsKnown() {
				left -= len(key.AsString())
			}
		}
	}
	return left
}

// context holds what an expression refers to, and nothing else.
func (s *scope) context(expr hcl.Expression) *hcl.EvalContext {
	groups := map[string]map[string]cty.Value{}
	ctx := &hcl.EvalContext{Variables: map[string]cty.Value{}, Functions: s.m.e.functions()}
	put := func(group, name string, v cty.Value) {
		if groups[group] == nil {
			groups[group] = map[string]cty.Value{}
		}
		groups[group][name] = v
	}
	resources := referred{}
	for _, t := range expr.Variables() {
		root := t.RootName()
		if v, own := s.vars[root]; own {
			ctx.Variables[root] = v
			continue
		}
		name := step(t, 1)
		switch root {
		case "var":
			put(root, name, s.m.variable(name))
		case "local":
			put(root, name, s.m.local(name))
		case "path":
			put("path", "module", cty.StringVal("/"+s.m.dir))
			put("path", "root", cty.StringVal("/"+s.m.e.root))
			put("path", "cwd", cty.StringVal("/"+s.m.e.root))
		case "module":
			if name != "" {
				put(root, name, s.m.output(name, t))
			}
		case "each", "count", "self", "terraform":
			ctx.Variables[root] = cty.DynamicVal
		case "data":
			resources.add(s.m, s.m.data, "data."+name+"."+step(t, 2), t, 3)
		default:
			resources.add(s.m, s.m.managed, root+"."+name, t, 2)
		}
	}
	for group, values := range groups {
		delete(values, "")
		ctx.Variables[group] = cty.ObjectVal(values)
	}
	resources.declare(ctx)
	return ctx
}

// step is the name of a traversal's attribute at an index, empty where it is
// none.
func step(t hcl.Traversal, at int) string {
	if at < len(t) {
		if a, is := t[at].(hcl.TraverseAttr); is {
			return a.Name
		}
	}
	return ""
}

// once evaluates something once; what needs itself is unknown.
func (m *module) once(key string, value func() cty.Value) cty.Value {
	if v, known := m.known[key]; known {
		return v
	}
	m.known[key] = cty.DynamicVal
	v := value()
	m.known[key] = v
	return v
}

// variable is the value of a variable: what the caller gives, else its default.
func (m *module) variable(name string) cty.Value {
	return m.once("var."+name, func() cty.Value {
		declared := m.variables[name]
		if declared == nil {
			return cty.DynamicVal
		}
		g, has := m.source(name)
		if !has {
			return cty.DynamicVal
		}
		v := g.scope(m).eval(g.expr)
		if v.IsKnown() && v.IsNull() && declared.attr("default") != nil && literal(declared.attr("nullable")) == "" {
			if nullable := declared.attr("nullable"); nullable != nil && m.plain(nullable).RawEquals(cty.False) {
				v = m.plain(declared.attr("default"))
			}
		}
		return typed(declared.attr("type"), v)
	})
}

// source is the expression that gives a variable its value, false where nobody
// knows it.
func (m *module) source(name string) (given, bool) {
	if g, has := m.given[name]; has {
		return g, true
	}
	declared := m.variables[name]
	if declared == nil || m.opaque {
		return given{}, false
	}
	for _, a := range declared.attrs {
		if a.name == "default" {
			return given{expr: a.expr, file: a.file, line: a.line}, true
		}
	}
	return given{}, false
}

// scope is where a given value is evaluated.
func (g given) scope(m *module) *scope {
	if g.in != nil {
		return g.in
	}
	return &scope{m: m}
}

func (m *module) plain(expr hcl.Expression) cty.Value { return (&scope{m: m}).eval(expr) }

// typed converts a value to the type that a variable declares, with the
// defaults of its optional attributes.
func typed(expr hcl.Expression, v cty.Value) cty.Value {
	if expr == nil {
		return v
	}
	typ, defaults, diags := typeexpr.TypeConstraintWithDefaults(expr)
	if diags.HasErrors() || !v.IsKnown() {
		return v
	}
	if defaults != nil && !v.IsNull() {
		v = defaults.Apply(v)
	}
	converted, err := convert.Convert(v, typ)
	if err != nil {
		return cty.DynamicVal
	}
	return converted
}

func (m *module) local(name string) cty.Value {
	return m.once("local."+name, func() cty.Value {
		a, declared := m.locals[name]
		if !declared {
			return cty.DynamicVal
		}
		return m.plain(a.expr)
	})
}
