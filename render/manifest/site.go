package manifest

import (
	"cmp"
	"slices"
)

// SiteKind says what part a source line had in a rendered one.
type SiteKind string

// The kinds of sites, from the rendered line outwards.
const (
	SiteFile      SiteKind = "file"      // a line of a manifest, copied as it is
	SitePatch     SiteKind = "patch"     // a line of a patch, or a setting of a kustomization
	SiteTemplate  SiteKind = "template"  // the text or the action that wrote the line
	SiteCall      SiteKind = "call"      // an include that brought it there, innermost first
	SiteValues    SiteKind = "values"    // a value that the action read, in the layer that decides
	SiteCondition SiteKind = "condition" // a value that decided whether the line is rendered at all
)

// Site is a line of a source that had a part in a line of an object's text.
type Site struct {
	Path string // slash-separated, from the root of the tree
	Line int    // from 1; 0 of an archive, whose files have no lines in the tree
	Kind SiteKind
	// Field is, of SiteValues and SiteCondition, the path below Values as the
	// templates of the chart that the file belongs to name it, such as
	// controller.image.tag; of Chart.yaml it begins with Chart.
	Field string
}

// Sites tell, nearest first, which source lines wrote the line that the node
// stands on, or its nearest real ancestor where the node is absent. They are
// known of objects of a traced render, and of exact origins; they are hints,
// and never prove a cause.
func (n Node) Sites() []Site {
	if o := n.Object(); o != nil {
		return o.SitesAt(n.Line())
	}
	return nil
}

// SitesAt are the sites of a line of the object's text.
func (o *Object) SitesAt(line int) []Site {
	switch {
	case line == 0:
		return nil
	case o.Written != nil:
		return o.Written[line]
	case o.Origin.Exact:
		return []Site{{Path: o.Origin.Path, Line: line, Kind: SiteFile}}
	}
	return nil
}

// In is the place of the node in another object: the same keys, list items by
// their names or, where they have none, their positions. It may be absent there.
func (n Node) In(other *Object) Node {
	var way []*step
	for s := n.at; s != nil && s.parent != nil; s = s.parent {
		way = append(way, s)
	}
	at := other.Root
	for _, s := range slices.Backward(way) {
		if !s.item {
			at = at.get(s.key)
			continue
		}
		at = at.item(s.key, s.number)
	}
	return at
}

// item is the item of a list that goes by a key, as Items has it: of several, as
// where all are named "*", the one at the same position, else the first.
func (n Node) item(key string, number int) Node {
	found := Node{near: cmp.Or(n.value, n.near), at: n.child(key, true)}
	for item := range n.Items() {
		if item.at.key != key {
			continue
		}
		if item.at.number == number {
			return item
		}
		if !found.Exists() {
			found = item
		}
	}
	return found
}
