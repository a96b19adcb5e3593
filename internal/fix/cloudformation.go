package fix

import (
	"go.yaml.in/yaml/v3"

	"github.com/rendergate/rendergate/render/manifest"
)

// cloudformation are the places of a resource of a template: where it is
// declared, and the parameters and mappings that a field takes its value from.
func (r *reader) cloudformation(edits []manifest.Edit) []Way {
	var all []Way
	for _, d := range r.documents(r.Object.Origin.Path) {
		if at := d.whole.Get("Resources", r.Object.Name); at.IsMap() && at.Line() == r.Object.Root.Line() {
			all = append(all, wayIn(d, rankExact, r.Object.Root, at))
		}
	}
	for i, e := range edits {
		for _, site := range e.At.Sites() {
			if site.Kind != manifest.SiteValues || !r.reads(site.Path) || !e.At.Exists() {
				continue
			}
			for _, d := range r.documents(site.Path) {
				if keys, only := d.scalarOn(site.Line, e.At.Text()); only {
					all = append(all, Way{doc: d, rank: rankTraced + i, field: just(e.At, keys)})
				}
			}
		}
	}
	return all
}

// scalarOn is the way to the only value of a text on a line of a document, false
// where there is none, or several.
func (d document) scalarOn(line int, text string) (keys []manifest.Key, only bool) {
	found := 0
	var into func(n manifest.Node)
	into = func(n manifest.Node) {
		for _, child := range n.Fields() {
			into(child)
		}
		for child := range n.Items() {
			into(child)
		}
		if y := n.YAML(); y != nil && y.Kind == yaml.ScalarNode && y.Line == line && y.Value == text {
			keys = n.Keys()
			found++
		}
	}
	into(d.whole)
	return keys, found == 1
}
