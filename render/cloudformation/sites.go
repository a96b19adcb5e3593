package cloudformation

import (
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/rendergate/rendergate/render/manifest"
)

// mostSites bounds what is told of one line.
const mostSites = 16

func (e *evaluator) add(line int, site manifest.Site) {
	if line == 0 || site.Line == 0 || e.written == nil || len(e.written[line]) >= mostSites || slices.Contains(e.written[line], site) {
		return
	}
	e.written[line] = append(e.written[line], site)
}

// reads tells that a line takes a value from another place.
func (e *evaluator) reads(line int, file string, at int, name string) {
	e.add(line, manifest.Site{Path: file, Line: at, Kind: manifest.SiteValues, Field: name})
}

// decides tells that a condition says whether a line counts, with what the
// condition is made of.
func (e *evaluator) decides(line int, name string) {
	y := field(field(e.t.root, "Conditions"), name)
	if y == nil {
		return
	}
	e.add(line, manifest.Site{Path: e.t.File, Line: y.Line, Kind: manifest.SiteCondition, Field: name})
	e.follow(line, y, 0)
}

// follow tells of the parameters and conditions that an expression names.
func (e *evaluator) follow(line int, y *yaml.Node, depth int) {
	const deepest = 8
	e.step()
	if depth > deepest || len(e.written[line]) >= mostSites {
		return
	}
	y = resolve(y)
	name, argument := call(y)
	if condition := field(y, "Condition"); condition != nil {
		name, argument = "Condition", condition
	}
	switch name {
	case "Ref":
		value, file := field(field(field(e.t.root, "Parameters"), argument.Value), "Default"), e.t.File
		if own, given := e.given.of(argument.Value); given {
			value, file = own, e.given.File
		}
		if value != nil {
			e.add(line, manifest.Site{Path: file, Line: value.Line, Kind: manifest.SiteCondition, Field: "Parameters." + argument.Value})
		}
		return
	case "Condition":
		if other := field(field(e.t.root, "Conditions"), argument.Value); other != nil {
			e.add(line, manifest.Site{Path: e.t.File, Line: other.Line, Kind: manifest.SiteCondition, Field: argument.Value})
			e.follow(line, other, depth+1)
		}
		return
	case "":
		argument = y
	}
	for _, part := range argument.Content {
		e.follow(line, part, depth+1)
	}
}

// sign says of each line of an object that it is one of the template.
func (e *evaluator) sign(y *yaml.Node, depth int) {
	if depth > mostDeep {
		return
	}
	if y.Line > 0 && !slices.ContainsFunc(e.written[y.Line], func(s manifest.Site) bool { return s.Kind == manifest.SiteFile }) {
		e.written[y.Line] = append([]manifest.Site{{Path: e.t.File, Line: y.Line, Kind: manifest.SiteFile}}, e.written[y.Line]...)
	}
	for _, c := range y.Content {
		e.sign(c, depth+1)
	}
}
