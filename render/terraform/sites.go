package terraform

import (
	"slices"

	"github.com/hashicorp/hcl/v2"

	"github.com/rendergate/rendergate/render/manifest"
)

// mostSites bounds what is told of one line.
const mostSites = 16

// note tells who wrote a line: the file, and the variables and locals that the
// expression is made of, all the way to where they get their values.
func (b *builder) note(s *scope, line int, file string, at int, expr hcl.Expression) {
	b.add(line, manifest.Site{Path: file, Line: at, Kind: manifest.SiteFile})
	if expr != nil {
		b.follow(s, line, expr, manifest.SiteValues, 0)
	}
}

// condition tells what decides whether the object is there.
func (b *builder) condition(s *scope, line int, expr hcl.Expression) {
	at := expr.Range()
	b.add(line, manifest.Site{Path: at.Filename, Line: at.Start.Line, Kind: manifest.SiteCondition})
	b.follow(s, line, expr, manifest.SiteCondition, 0)
}

func (b *builder) add(line int, site manifest.Site) {
	if line == 0 || site.Path == "" || site.Line == 0 || len(b.written[line]) >= mostSites || slices.Contains(b.written[line], site) {
		return
	}
	b.written[line] = append(b.written[line], site)
}

func (b *builder) follow(s *scope, line int, expr hcl.Expression, kind manifest.SiteKind, depth int) {
	if depth > 8 || len(b.written[line]) >= mostSites {
		return
	}
	for _, t := range expr.Variables() {
		s.m.e.step()
		name := step(t, 1)
		switch t.RootName() {
		case "var":
			g, has := s.m.source(name)
			if !has {
				continue
			}
			at := narrowed(g.expr, t[min(2, len(t)):], g.line)
			b.add(line, manifest.Site{Path: g.file, Line: at, Kind: kind, Field: "var." + name})
			b.follow(g.scope(s.m), line, g.expr, kind, depth+1)
		case "local":
			if a, has := s.m.locals[name]; has {
				b.add(line, manifest.Site{Path: a.file, Line: narrowed(a.expr, t[min(2, len(t)):], a.line), Kind: kind, Field: "local." + name})
				b.follow(&scope{m: s.m}, line, a.expr, kind, depth+1)
			}
		case "data":
			b.followBlock(s, line, s.m.data[name+"."+step(t, 2)], attributeAt(t, 3), kind, depth)
		case "module":
			if call := s.m.calls[name]; call != nil {
				one, at, ok := s.m.chosen(call, t, 2)
				if child := s.m.childOf(call, one, ok); child != nil && child.outputs[step(t, at)] != nil {
					b.follow(&scope{m: child}, line, child.outputs[step(t, at)].attr("value"), kind, depth+1)
				}
			}
		default:
			b.followBlock(s, line, s.m.managed[t.RootName()+"."+name], attributeAt(t, 2), kind, depth)
		}
	}
}

// attributeAt is the name at an index of a reference, or behind the key there.
func attributeAt(t hcl.Traversal, at int) string {
	if keyAt(t, at) != "" {
		at++
	}
	return step(t, at)
}

func (b *builder) followBlock(s *scope, line int, blk *block, attribute string, kind manifest.SiteKind, depth int) {
	if blk == nil {
		return
	}
	for _, a := range blk.attrs {
		if a.name == attribute {
			b.add(line, manifest.Site{Path: a.file, Line: a.line, Kind: kind, Field: attribute})
			b.follow(&scope{m: s.m}, line, a.expr, kind, depth+1)
		}
	}
}

// narrowed is the line of what a traversal names within a literal, else that of
// the whole.
func narrowed(expr hcl.Expression, rest hcl.Traversal, whole int) int {
	for _, one := range rest {
		name, isAttr := one.(hcl.TraverseAttr)
		pairs, diags := hcl.ExprMap(expr)
		if !isAttr || diags.HasErrors() {
			return whole
		}
		i := slices.IndexFunc(pairs, func(p hcl.KeyValuePair) bool {
			return hcl.ExprAsKeyword(p.Key) == name.Name || literal(p.Key) == name.Name
		})
		if i < 0 {
			return whole
		}
		expr, whole = pairs[i].Value, pairs[i].Key.Range().Start.Line
	}
	return whole
}
