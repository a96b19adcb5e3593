package blame

import (
	"cmp"
	"slices"
	"strings"

	"github.com/rendergate/rendergate/checks"
	"github.com/rendergate/rendergate/internal/delta"
	"github.com/rendergate/rendergate/render/manifest"
)

// spot is a source line that had a part in what a finding is about.
type spot struct {
	side, path string
	line       int
	site       manifest.Site
	missing    bool // the field is absent: the line is that of what should hold it
	beside     bool // a value that only stands on the line, or is a piece of a name
}

// traces are what the renders of both sides say of where fields come from.
type traces struct {
	same     map[*manifest.Object]*manifest.Object // objects of either side to those that know their lines
	partners map[*manifest.Object]*manifest.Object // head's objects to base's
	known    map[int][]spot                        // by finding
}

// trace asks for both sides' traced renders, once.
func (b *blamer) trace() *traces {
	if b.traced != nil {
		return b.traced
	}
	t := &traces{map[*manifest.Object]*manifest.Object{}, map[*manifest.Object]*manifest.Object{}, map[int][]spot{}}
	b.traced = t
	if b.Traced == nil {
		return t
	}
	base, head := b.Traced()
	if len(head) == len(b.Objects) { // else the render is not the one that was judged
		for i, o := range b.Objects {
			t.same[o] = head[i]
		}
	}
	if len(base) == len(b.Base) {
		for i, o := range b.Base {
			t.same[o] = base[i]
		}
	}
	for _, pair := range delta.Match(base, b.Objects, b.Renames) {
		if pair.Base != nil && pair.Head != nil {
			t.partners[pair.Head] = pair.Base
		}
	}
	return t
}

// spots are the lines that wrote what a finding is about, or at base what it
// lacks: those of the change that decide most directly come first.
func (b *blamer) spots(i int) []spot {
	t := b.trace()
	if known, asked := t.known[i]; asked {
		return known
	}
	node := b.Findings[i].Node
	var all []spot
	side := sideHead
	if b.taken(b.Findings[i]) {
		side = sideBase
	}
	whole := b.whole(b.Findings[i])
	for _, site := range b.own(i) {
		beside := site.Kind == manifest.SiteValues && whole || b.piece(node, side, site)
		all = append(all, spot{side, site.Path, site.Line, site, !node.Exists(), beside})
	}
	for _, also := range b.Findings[i].Beside {
		for _, site := range b.traceable(also).Sites() {
			all = append(all, spot{side: side, path: site.Path, line: site.Line, site: site})
		}
	}
	if partner := t.partners[node.Object()]; partner != nil {
		if before := node.In(partner); before.Exists() {
			for _, site := range before.Sites() {
				at := spot{side: sideBase, path: site.Path, line: site.Line, site: site}
				all = append(all, at)
				if twin, ok := b.twin(at); ok {
					all = append(all, twin)
				}
			}
		}
	}
	all = slices.DeleteFunc(all, func(s spot) bool { return s.line == 0 })
	slices.SortStableFunc(all, func(x, y spot) int {
		return cmp.Or(cmp.Compare(x.rank(), y.rank()), later(x.side == sideBase, y.side == sideBase))
	})
	t.known[i] = all
	return all
}

// own are the sites of what a finding is about. What a new container or object
// lacks belongs to where that begins, so that one place tells of all of it; what
// an item of it lacks, such as a mount, belongs to the item.
func (b *blamer) own(i int) []manifest.Site { return b.traceable(b.about(b.Findings[i])).Sites() }

func (b *blamer) about(f checks.Finding) manifest.Node {
	o := f.Node.Object()
	if o == nil || !lacks(f) {
		return f.Node
	}
	partner := b.trace().partners[o]
	if c, named := containerOf(f); named {
		if partner != nil && c.In(partner).Exists() {
			return f.Node
		}
		if item := around(f.Node); len(item.Keys()) > len(c.Keys()) {
			return item
		}
		return c
	}
	if kind := o.Root.Get("kind"); partner == nil && kind.Exists() {
		return kind
	}
	return f.Node
}

// around is the innermost list item that a place is in.
func around(n manifest.Node) manifest.Node {
	keys := n.Keys()
	for len(keys) > 0 && keys[len(keys)-1].Index < 0 {
		keys = keys[:len(keys)-1]
	}
	return n.Object().Root.Follow(keys)
}

// whole says that a finding about what is missing is told where a container or an
// object begins: on a line whose values have nothing to do with it.
func (b *blamer) whole(f checks.Finding) bool {
	c, named := containerOf(f)
	return lacks(f) && (b.about(f) != f.Node || named && c == f.Node)
}

// lacks says that a finding is about what is not there: an absent field, or a
// whole without it, where no class says what is wrong with the whole.
func lacks(f checks.Finding) bool {
	return !f.Node.Exists() || f.Node.IsMap() && f.Subject.Class == ""
}

// traceable is the same place in the object that knows its lines.
func (b *blamer) traceable(node manifest.Node) manifest.Node {
	if same := b.trace().same[node.Object()]; same != nil {
		return node.In(same)
	}
	return node
}

// containerOf is the container that a finding is about.
func containerOf(f checks.Finding) (manifest.Node, bool) {
	if o := f.Node.Object(); o != nil && f.Subject.Container != "" {
		for c := range o.Containers() {
			if c.Subject().Container == f.Subject.Container {
				return c.Node, true
			}
		}
	}
	return manifest.Node{}, false
}

// rank orders spots: what people configure before what templates make of it,
// what a guard lost before what merely holds the place, then what a chart is
// called, which decides nothing, and switches last.
func (s spot) rank() int {
	kind := map[manifest.SiteKind]int{
		manifest.SitePatch: 0, manifest.SiteValues: 0, manifest.SiteFile: 1, manifest.SiteTemplate: 1, manifest.SiteCall: 2, manifest.SiteCondition: 5,
	}[s.site.Kind]
	if s.site.Kind == manifest.SiteValues && s.site.Field == "Chart.name" {
		kind = 3
	}
	for _, behind := range []bool{s.missing, s.beside} {
		if behind {
			kind += 2
		}
	}
	return kind
}

// piece says that a value makes up a part of a name only, as nameOverride does of
// most: what is wrong is that something is named there, which a template says.
func (b *blamer) piece(node manifest.Node, side string, site manifest.Site) bool {
	if site.Kind != manifest.SiteValues || !strings.HasSuffix(node.Path(), ".name") {
		return false
	}
	file, _ := b.Change.File(site.Path, side)
	lines := b.files[file.Path()].head
	if side == sideBase {
		lines = b.files[file.Path()].base
	}
	return site.Line < 1 || site.Line > len(lines) || !strings.Contains(lines[site.Line-1], node.Text())
}

// changed says that the line is one of the change's own, and not of what a
// dependency brings.
func (b *blamer) changed(s spot) bool {
	if slices.ContainsFunc(b.bumps, func(u bump) bool { return u.brings(s.path) }) {
		return false
	}
	file, changed := b.Change.File(s.path, s.side)
	return changed && (s.side == sideHead && file.Added(s.line) || s.side == sideBase && file.Deleted(s.line))
}

// pointed is the first of a finding's lines that lies within an edit.
func (b *blamer) pointed(i int, e edit) (spot, bool) {
	for _, s := range b.spots(i) {
		if s.site.Kind != manifest.SiteCondition && e.holds(s) && b.changed(s) {
			return s, true
		}
	}
	return spot{}, false
}

// holds says that the edit takes the line away, or brings it back.
func (e edit) holds(s spot) bool {
	switch {
	case s.side == sideHead && e.path != s.path, s.side == sideBase && e.oldPath != s.path:
		return false
	case e.whole:
		return true
	case s.side == sideHead:
		return s.line > e.start && s.line <= e.end
	}
	return e.deleted[0] > 0 && s.line >= e.deleted[0] && s.line < e.deleted[0]+len(e.lines)
}

// editsAt are the reversals of a changed line, the narrowest first.
func (b *blamer) editsAt(s spot) []edit {
	file, changed := b.Change.File(s.path, s.side)
	if !changed {
		return nil
	}
	source, known := b.files[file.Path()]
	if !known || file.NewPath == "" || file.Binary {
		return nil
	}
	var edits []edit
	for index, h := range file.Hunks {
		whole := hunkEdit(file, index, source.base)
		switch {
		case !whole.holds(s):
			continue
		case h.OldLines == 0:
			edits = append(edits, addedLine(whole, source.head, s.line)...)
		default:
			for _, e := range lineEdits(file, index, source.base, source.head) {
				if e.holds(s) {
					edits = append(edits, e)
				}
			}
		}
		slices.SortStableFunc(edits, func(x, y edit) int { return cmp.Compare(x.size(), y.size()) })
		edits = append(edits[:min(len(edits), maxAround)], whole)
	}
	return edits
}

// maxAround bounds the blocks around a line that are tried.
const maxAround = 3

// addedLine takes one line of an added run away, alone or with what hangs
// below it.
func addedLine(hunk edit, head []string, line int) []edit {
	e := edit{path: hunk.path, oldPath: hunk.oldPath, hunk: hunk.hunk, start: line - 1, end: line, added: [2]int{line, line}}
	below := hanging(head[:hunk.end], line-1)
	if below == 0 || isAction(head[line-1]) {
		return []edit{e}
	}
	e.end, e.block = line+below, true
	return []edit{e}
}
