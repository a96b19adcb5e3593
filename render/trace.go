package render

import (
	"io/fs"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
	"helm.sh/helm/v3/pkg/chart"

	"github.com/rendergate/rendergate/render/engine"
	"github.com/rendergate/rendergate/render/manifest"
)

// valuesFrom says where a chart's values come from, for a trace. Nil where the
// target says it: from the files and settings that it names.
type valuesFrom struct {
	layers   []layer // the last one first
	defaults []layer // in place of the chart's own values.yaml, where there are any
	archive  string  // that the chart's folder was unpacked from
	loose    bool    // stand-ins are among the values, which the chart's schema need not allow
}

// provenance knows where the lines of a rendered chart come from.
type provenance struct {
	paths    map[string]string
	lines    map[string][]engine.Line
	layers   []layer
	replaced bool   // the chart's own values are not those of its folder
	archive  string // that the chart lies aside for
	places   map[string]chartPlace
	imported []imported
	known    map[string]valuesPlace
}

// traceChart renders a chart once more, with fresh values.
func traceChart(c *chart.Chart, values map[string]any, t Target, rendered map[string]string) map[string][]engine.Line {
	all, err := renderValues(c, values, t)
	if err != nil {
		return nil
	}
	return engine.Trace(c, all, rendered)
}

// provenanceOf traces a rendered chart; nil where nobody asked.
func provenanceOf(tree fs.FS, t Target, a *assembly, c *chart.Chart, values map[string]any, from *valuesFrom, rendered, paths map[string]string) *provenance {
	if !t.Traced {
		return nil
	}
	if from == nil {
		from = &valuesFrom{layers: layersOf(tree, t)}
	}
	p := &provenance{paths: paths, places: map[string]chartPlace{}, known: map[string]valuesPlace{}}
	p.lines = traceChart(c, values, t, rendered)
	p.layers, p.replaced = slices.Concat(from.layers, from.defaults), len(from.defaults) > 0
	p.archive = from.archive
	p.charts(a, c, nil, nil)
	return p
}

// writers tells, for a rendered file, the sites of each line.
func (p *provenance) writers(name string) func(line int) []manifest.Site {
	if p == nil || p.lines[name] == nil {
		return nil
	}
	all, conditions := p.lines[name], p.switches(name)
	return func(line int) []manifest.Site {
		if line < 1 || line > len(all) {
			return nil
		}
		return p.sites(all[line-1], conditions)
	}
}

// switches are the conditions under which a template's chart is there at all.
func (p *provenance) switches(name string) []engine.Read {
	at, _, _ := strings.Cut(name, "/templates/")
	var reads []engine.Read
	for _, keys := range p.places[at].conditions {
		reads = append(reads, engine.Read{Keys: keys})
	}
	return reads
}

func (p *provenance) sites(l engine.Line, switches []engine.Read) []manifest.Site {
	var sites siteList
	for i, place := range l.Wrote {
		if i == 0 || !slices.Contains(l.Calls, place) {
			sites.add(p.template(place, manifest.SiteTemplate))
		}
	}
	for _, place := range l.Calls {
		sites.add(p.template(place, manifest.SiteCall))
	}
	for _, read := range l.Reads {
		sites.add(p.value(read, manifest.SiteValues, l.Text)...)
	}
	for _, read := range slices.Concat(l.Conditions, switches) {
		sites.add(p.value(read, manifest.SiteCondition, "")...)
	}
	return sites
}

// siteList keeps the first of those that name one line.
type siteList []manifest.Site

func (l *siteList) add(sites ...manifest.Site) {
	for _, s := range sites {
		same := func(other manifest.Site) bool {
			return other.Path == s.Path && other.Line == s.Line && other.Field == s.Field
		}
		if s.Path != "" && !slices.ContainsFunc(*l, same) {
			*l = append(*l, s)
		}
	}
}

func (p *provenance) template(at engine.Place, kind manifest.SiteKind) manifest.Site {
	file := p.paths[at.Template]
	chart, _, _ := strings.Cut(at.Template, "/templates/")
	if archive := p.places[chart].at.archive; archive != "" {
		return manifest.Site{Path: archive, Kind: kind}
	}
	return manifest.Site{Path: file, Line: at.Line, Kind: kind}
}

// value is where a value was decided. The text helps to find the line within a
// value of several lines.
func (p *provenance) value(read engine.Read, kind manifest.SiteKind, text string) []manifest.Site {
	if read.Chart != "" {
		return p.described(read, kind)
	}
	key := strings.Join(read.Keys, "\x00")
	place, known := p.known[key]
	if !known {
		place, _ = p.decided(read.Keys, 0)
		p.known[key] = place
	}
	if place.layer.sites == nil {
		return nil
	}
	line := place.line
	if n := place.node; n != nil && text != "" {
		line += lineWithin(n, text)
	}
	sites := slices.Clone(place.layer.sites(line))
	for i := range sites {
		if sites[i].Kind == "" || i == 0 {
			sites[i].Kind, sites[i].Field = kind, strings.Join(place.keys, ".")
		}
	}
	return sites
}

func (p *provenance) described(read engine.Read, kind manifest.SiteKind) []manifest.Site {
	place := p.places[read.Chart]
	node, line := walkValues(place.description, read.Keys)
	if node == nil {
		return nil
	}
	sites := place.sites("Chart.yaml")(line)
	for i := range sites {
		sites[i].Kind, sites[i].Field = kind, "Chart."+strings.Join(read.Keys, ".")
	}
	return sites
}

// lineWithin is how far below the start of a text of several lines one of them
// stands.
func lineWithin(n *yaml.Node, text string) int {
	if n.Kind != yaml.ScalarNode || n.Style&yaml.LiteralStyle == 0 {
		return 0
	}
	for i, line := range strings.Split(n.Value, "\n") {
		if trimmed := strings.TrimSpace(line); trimmed != "" && trimmed == strings.TrimSpace(text) {
			return i + 1
		}
	}
	return 0
}
