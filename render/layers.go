package render

import (
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/strvals"

	"github.com/rendergate/rendergate/render/manifest"
)

// layer is a part of the values with its place in the tree.
type layer struct {
	below []string   // keys of the release's values under which it stands
	root  *yaml.Node // nil: of what nobody knows the place
	sites func(line int) []manifest.Site
	set   map[string]any // values that stand in no file
}

// inFile are the sites of a file whose lines the parsed values have. An archive
// has no lines.
func inFile(name string, archive bool) func(line int) []manifest.Site {
	return func(line int) []manifest.Site {
		if archive {
			line = 0
		}
		return []manifest.Site{{Path: name, Line: line}}
	}
}

// fileLayer is a values file; one that is no YAML has no places.
func fileLayer(data []byte, sites func(int) []manifest.Site, below []string) layer {
	return layer{below: below, root: parsedValues(data), sites: sites}
}

func parsedValues(data []byte) *yaml.Node {
	var doc yaml.Node
	if yaml.Unmarshal(data, &doc) != nil || len(doc.Content) == 0 || manifest.Bounded(&doc) != nil {
		return nil
	}
	return doc.Content[0]
}

// nodeLayer are values that stand in an object: as a map, or as a text of YAML.
func nodeLayer(n manifest.Node) layer {
	o, y := n.Object(), n.YAML()
	if o == nil || y == nil {
		return layer{}
	}
	at := func(line int) []manifest.Site { return withoutConditions(o.SitesAt(line)) }
	if y.Kind != yaml.ScalarNode {
		return layer{root: y, sites: at}
	}
	literal := y.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0
	return layer{root: parsedValues([]byte(y.Value)), sites: func(line int) []manifest.Site {
		if !literal {
			return at(y.Line)
		}
		return at(y.Line + line)
	}}
}

func withoutConditions(sites []manifest.Site) []manifest.Site {
	return slices.DeleteFunc(slices.Clone(sites), func(s manifest.Site) bool { return s.Kind == manifest.SiteCondition })
}

// setLayer is one KEY=VALUE; its value stands at a node, if anywhere.
func setLayer(set string, at manifest.Node) layer {
	parsed, err := strvals.Parse(set)
	if err != nil {
		return layer{}
	}
	l := layer{set: parsed}
	if at.Exists() {
		l.sites = func(int) []manifest.Site { return withoutConditions(at.Sites()) }
	}
	return l
}

// valuesPlace is where a value was decided.
type valuesPlace struct {
	layer layer
	node  *yaml.Node
	line  int
	keys  []string // within the layer
}

// find looks for the layer that decides over a value: the first that has it, or
// that has something else in place of what holds it.
func find(layers []layer, keys []string) (valuesPlace, bool) {
	for _, l := range layers {
		if len(keys) < len(l.below) || !slices.Equal(keys[:len(l.below)], l.below) {
			continue
		}
		within := keys[len(l.below):]
		if len(within) == 0 {
			continue // the whole of it, which many layers make
		}
		if l.set != nil && setsAny(l.set, within) {
			return valuesPlace{layer: l, keys: within}, true
		}
		if node, line := walkValues(l.root, within); node != nil {
			return valuesPlace{l, node, line, within}, true
		}
	}
	return valuesPlace{}, false
}

func setsAny(set map[string]any, keys []string) bool {
	for _, key := range keys {
		below, there := set[key]
		if !there {
			return false
		}
		inner, ok := below.(map[string]any)
		if !ok {
			return true
		}
		set = inner
	}
	return true
}

// walkValues follows keys as far as there are maps and lists to follow. A value
// that is no map, null included, hides what another layer has below it.
func walkValues(n *yaml.Node, keys []string) (*yaml.Node, int) {
	line := 0
	for _, key := range keys {
		n = followed(n)
		switch {
		case n == nil:
			return nil, 0
		case n.Kind == yaml.MappingNode:
			at, value := entry(n, key, 0)
			if value == nil {
				return nil, 0
			}
			line, n = value.Line, value
			if value = followed(value); value != nil && value.Kind != yaml.ScalarNode {
				line = at.Line
			}
		case n.Kind == yaml.SequenceNode:
			i, err := strconv.Atoi(key)
			if err != nil || i < 0 || i >= len(n.Content) {
				return n, line
			}
			n = n.Content[i]
			line = n.Line
		default:
			return n, line
		}
	}
	if target := followed(n); target != nil && target != n && target.Kind == yaml.ScalarNode {
		return target, target.Line
	}
	return followed(n), line
}

// entry is the last key of that name, and then what is merged in.
func entry(m *yaml.Node, key string, depth int) (at, value *yaml.Node) {
	for i := len(m.Content) - 2; i >= 0; i -= 2 {
		if m.Content[i].Value == key {
			return m.Content[i], m.Content[i+1]
		}
	}
	for i := 0; i+1 < len(m.Content) && depth < 32; i += 2 {
		if m.Content[i].Tag != "!!merge" {
			continue
		}
		from := []*yaml.Node{followed(m.Content[i+1])}
		if from[0].Kind == yaml.SequenceNode {
			from = from[0].Content
		}
		for _, one := range from {
			if one = followed(one); one.Kind == yaml.MappingNode {
				if at, value := entry(one, key, depth+1); value != nil {
					return at, value
				}
			}
		}
	}
	return nil, nil
}

// layersOf are the layers of a target, the last one first.
func layersOf(tree fs.FS, t Target) []layer {
	var layers []layer
	for _, set := range slices.Backward(t.Set) {
		layers = append(layers, setLayer(set, manifest.Node{}))
	}
	for _, name := range slices.Backward(t.Values) {
		at, err := valuesPath(tree, t.Dir, name)
		if err != nil {
			continue // the render says so
		}
		if data, err := fs.ReadFile(tree, at); err == nil {
			layers = append(layers, fileLayer(data, inFile(at, false), nil))
		}
	}
	return layers
}

// chartPlace is a chart of a render: where it stands and how it is switched on.
type chartPlace struct {
	at          chartOrigin
	description *yaml.Node
	keys        []string   // its values, from the root
	conditions  [][]string // values that switch it on, from the root
}

// sites are those of a file of the chart.
func (p chartPlace) sites(name string) func(line int) []manifest.Site {
	if p.at.archive != "" {
		return inFile(p.at.archive, true)
	}
	return inFile(path.Join(p.at.dir, name), false)
}

// charts adds the layers that charts bring along, a parent's before its
// subcharts', and notes where each chart is.
func (p *provenance) charts(a *assembly, c *chart.Chart, keys []string, conditions [][]string) {
	place := chartPlace{at: a.origins[c.Raw[0]], keys: keys, conditions: conditions}
	if p.archive != "" && place.at.archive == "" && under(place.at.dir, aside) {
		place.at = chartOrigin{archive: p.archive}
	}
	for _, f := range c.Raw {
		switch {
		case f.Name == "values.yaml" && (len(keys) > 0 || !p.replaced):
			p.layers = append(p.layers, fileLayer(f.Data, place.sites(f.Name), keys))
		case f.Name == "Chart.yaml":
			place.description = parsedValues(f.Data)
		}
	}
	p.places[c.ChartFullPath()] = place
	for _, sub := range c.Dependencies() {
		var on [][]string
		for _, dep := range c.Metadata.Dependencies {
			if dep.Name != sub.Name() {
				continue
			}
			for condition := range strings.SplitSeq(dep.Condition, ",") {
				if condition = strings.TrimSpace(condition); condition != "" {
					on = append(on, slices.Concat(keys, strings.Split(condition, ".")))
				}
			}
			p.imports(dep, keys)
		}
		p.charts(a, sub, slices.Concat(keys, []string{sub.Name()}), slices.Concat(on, conditions))
	}
}

// imported says that values of a subchart stand in for missing ones.
type imported struct{ from, to []string }

func (p *provenance) imports(dep *chart.Dependency, keys []string) {
	for _, one := range dep.ImportValues {
		names, ok := one.(map[string]string)
		if !ok {
			continue
		}
		to := slices.Clone(keys)
		if parent := strings.Trim(names["parent"], "."); parent != "" {
			to = append(to, strings.Split(parent, ".")...)
		}
		from := slices.Concat(keys, []string{dep.Name}, strings.Split(names["child"], "."))
		p.imported = append(p.imported, imported{from, to})
	}
}

// decided finds who decided over a value: globals from the top down, then the
// layers in order, then what was imported.
func (p *provenance) decided(keys []string, depth int) (valuesPlace, bool) {
	if global := slices.Index(keys, "global"); global > 0 {
		for from := range global {
			if place, found := find(p.layers, slices.Concat(keys[:from], keys[global:])); found {
				return place, true
			}
		}
	}
	if place, found := find(p.layers, keys); found {
		return place, true
	}
	for _, i := range p.imported {
		if depth < 8 && len(keys) > len(i.to) && slices.Equal(keys[:len(i.to)], i.to) {
			if place, found := p.decided(slices.Concat(i.from, keys[len(i.to):]), depth+1); found {
				return place, true
			}
		}
	}
	return valuesPlace{}, false
}
