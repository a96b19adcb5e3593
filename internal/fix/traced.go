package fix

import (
	"iter"
	"slices"
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// traced are the places that a traced render names: the values that a field
// was made of, and the mapping of a template, a definition, a patch or a
// manifest that wrote what stands beside it.
func (r *reader) traced(edits []manifest.Edit) []Way {
	if r.Traced == nil {
		return nil
	}
	var all []Way
	for i, e := range edits {
		all = append(all, r.setInHCL(e.At.In(r.Traced), spotHCL{value: true, given: true}, rankTraced+i)...)
		all = append(all, r.partOf(e, rankTraced+i)...)
	}
	for i, frame := range frames(edits) {
		at := frame.In(r.Traced)
		for _, leaf := range leavesOf(at, 0) {
			for _, site := range leaf.Sites() {
				if site.Kind == manifest.SiteValues && site.Line > 0 && r.reads(site.Path) {
					all = append(all, r.fromValue(site, frame, tail(at, leaf), i)...)
				}
			}
		}
	}
	return append(all, r.beside(edits)...)
}

func (r *reader) reads(file string) bool { return slices.Contains(r.Inputs, file) }

func tail(from, to manifest.Node) []manifest.Key { return to.Keys()[len(from.Keys()):] }

// leavesOf are the values below a node, itself where it is one.
func leavesOf(n manifest.Node, depth int) []manifest.Node {
	if !n.IsMap() && !n.IsList() {
		return []manifest.Node{n}
	}
	var all []manifest.Node
	if depth < 4 {
		for _, child := range n.Fields() {
			all = append(all, leavesOf(child, depth+1)...)
		}
		for child := range n.Items() {
			all = append(all, leavesOf(child, depth+1)...)
		}
	}
	return all
}

// fromValue edits a field where the value stands that one below it was made
// of, if what is between is called the same at both places.
func (r *reader) fromValue(site manifest.Site, frame manifest.Node, between []manifest.Key, order int) []Way {
	var all []Way
	for d, keys := range r.standing(site) {
		if top := len(keys) - len(between); top > 0 && sameNames(keys[top:], between) {
			all = append(all, wayIn(d, rankTraced+order, frame, d.whole.Follow(keys[:top])))
		}
	}
	return all
}

// partOf sets values that a template puts into a text, such as an argument, so that
// the text comes out as an edit has it.
func (r *reader) partOf(e manifest.Edit, rank int) []Way {
	want, err := scalarOf(e.Value)
	if e.Op != manifest.OpSet || err != nil {
		return nil
	}
	var all []Way
	for _, site := range e.At.In(r.Traced).Sites() {
		if site.Kind != manifest.SiteValues || site.Line == 0 || !r.reads(site.Path) {
			continue
		}
		for d, keys := range r.standing(site) {
			if value, ok := filled(e.At.Text(), want.Value, d.whole.Follow(keys).Text()); ok {
				all = append(all, Way{doc: d, rank: rank, field: just(e.At, keys), value: value})
			}
		}
	}
	return all
}

// filled is what has to stand in the place of a part of a text, so that it becomes
// another one; false where the part is all of it, or not one part.
func filled(text, want, part string) (value string, ok bool) {
	before, after, found := strings.Cut(text, part)
	if part == "" || part == text || !found || strings.Contains(after, part) || len(want) <= len(before)+len(after) {
		return "", false
	}
	value, ok = strings.CutPrefix(want, before)
	if !ok || !strings.HasSuffix(value, after) {
		return "", false
	}
	value = strings.TrimSuffix(value, after)
	read, err := scalarOf(value)
	return value, err == nil && read.Value == value
}

// standing are the documents of a site's file, with the way to each field and item
// that stands on its line.
func (r *reader) standing(site manifest.Site) iter.Seq2[document, []manifest.Key] {
	return func(yield func(document, []manifest.Key) bool) {
		for _, d := range r.documents(site.Path) {
			for _, found := range onLine(d.whole, site.Line) {
				if !yield(d, found.Keys()) {
					return
				}
			}
		}
	}
}

// sameNames compares ways; items of lists are alike.
func sameNames(a, b []manifest.Key) bool {
	return slices.EqualFunc(a, b, func(x, y manifest.Key) bool {
		return x.Index < 0 && y.Index < 0 && x.Name == y.Name || x.Index >= 0 && y.Index >= 0
	})
}

// onLine are the fields and items of a document that stand on a line.
func onLine(root manifest.Node, line int) []manifest.Node {
	var all []manifest.Node
	var into func(n manifest.Node, depth int)
	into = func(n manifest.Node, depth int) {
		if depth > 30 {
			return
		}
		for _, child := range n.Fields() {
			if child.Line() == line {
				all = append(all, child)
			}
			into(child, depth+1)
		}
		for child := range n.Items() {
			if child.Line() == line && !child.IsMap() {
				all = append(all, child)
			}
			into(child, depth+1)
		}
	}
	into(root, 0)
	return all
}

// beside are the places of the mappings that the fields are in, told by their
// other fields.
func (r *reader) beside(edits []manifest.Edit) []Way {
	var all []Way
	seen := map[string]bool{}
	for _, e := range edits {
		keys := e.At.Keys()
		for n := len(keys) - 1; n > 0; n-- {
			part := r.Traced.Root.Follow(keys[:n])
			if !part.IsMap() || seen[part.Path()] {
				continue
			}
			seen[part.Path()] = true
			all = append(all, r.writing(part)...)
		}
	}
	return all
}

// writing are the places that wrote a mapping's own values.
func (r *reader) writing(part manifest.Node) []Way {
	var all []Way
	seen := map[string]bool{}
	for name, value := range part.Fields() {
		if value.IsMap() || value.IsList() {
			continue
		}
		for _, site := range value.Sites() {
			if site.Kind == manifest.SiteValues || site.Kind == manifest.SiteCondition || site.Line == 0 || !r.reads(site.Path) {
				continue
			}
			for d, keys := range r.standing(site) {
				source := d.whole.Follow(keys[:len(keys)-1])
				if keys[len(keys)-1].Name != name || seen[d.file+source.Path()] {
					continue
				}
				seen[d.file+source.Path()] = true
				all = append(all, wayIn(d, rankSource+1, part, source))
			}
		}
	}
	return all
}
