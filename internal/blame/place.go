// Package blame finds the changed line that caused a finding, by asking what
// the render would be without a part of the change: a part whose reversal
// makes the finding go away is its cause. A location is never a guess; where
// no part alone answers, the location is as coarse as what is known.
package blame

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/rendergate/rendergate/checks"
	"github.com/rendergate/rendergate/internal/delta"
	"github.com/rendergate/rendergate/internal/git"
	"github.com/rendergate/rendergate/render/manifest"
)

// Case is a target whose head has findings to be placed.
type Case struct {
	Change   *git.Change
	Renames  delta.Renames
	Inputs   func(file string) bool // the files that the target's render reads, on either side
	Objects  []*manifest.Object     // head's
	Base     []*manifest.Object     // base's: a finding may be about what the change takes away
	Findings []checks.Finding       // those to be placed
	// Judge renders and checks the same target over another tree.
	Judge func(tree *git.Tree) ([]*manifest.Object, []checks.Finding, error)
	// Traced are the objects of both sides, in the order of Base and Objects, with
	// the source lines that wrote them; nil, or none, where nobody can say.
	Traced func() (base, head []*manifest.Object)
	Target string // the file that stands for the whole target
	Probes int    // how many renders may be spent; 0 means none
}

// Location is where a finding is shown. Line 0 means that only the file is
// known.
type Location struct {
	Path          string
	Side          string // head, or base for deleted lines
	Line, EndLine int
	InDiff        bool
	How           string // counterfactual, traced, object
	Level         string // line, hunk, file, target
	Trail         []Step
	Renders       int // that were spent on the case
}

// The values of Side, How and Level.
const (
	sideHead, sideBase                     = "head", "base"
	howCounterfactual, howTraced, howPlace = "counterfactual", "traced", "object"
	levelLine, levelHunk, levelFile        = "line", "hunk", "file"
	levelTarget                            = "target"
)

// Place locates the case's findings, in their order.
func Place(c Case) []Location {
	b := newBlamer(c)
	locations := make([]Location, len(c.Findings))
	var open []int
	for i, f := range c.Findings {
		at, ok := b.written(f)
		if !ok || lacks(f) { // what stands in the source needs no trace
			if s, begun := b.begun(i); begun {
				at, ok = onLine(s), true
				at.Trail = b.trail(i, at, nil)
			}
		}
		if locations[i] = at; !ok {
			open = append(open, i)
		}
	}
	if len(open) == 0 {
		return locations
	}
	causes := b.causes(open)
	for _, i := range open {
		locations[i] = b.locate(i, causes[i])
	}
	locations[open[0]].Renders = b.spent
	return locations
}

// written places a finding on a value that stands in the source as it is, on
// a line that the change adds: nothing is left to find out. What a wholly new
// block lacks is placed where the block begins.
func (b *blamer) written(f checks.Finding) (Location, bool) {
	if b.taken(f) {
		return b.deleted(f)
	}
	if !f.Origin.Exact || f.Line == 0 {
		return Location{}, false
	}
	file, changed := b.Change.File(f.Origin.Path, sideHead)
	if !changed || !file.Added(f.Line) {
		return Location{}, false
	}
	for line := f.Line; !f.Node.Exists() && line <= f.Node.End(); line++ {
		if !file.Added(line) {
			return Location{}, false
		}
	}
	at := Location{Path: f.Origin.Path, Side: sideHead, Line: f.Line, EndLine: f.Line, InDiff: true, How: howTraced, Level: levelLine}
	return at, true
}

// taken says that a finding is about what only base has.
func (b *blamer) taken(f checks.Finding) bool {
	return f.Node.Object() != nil && slices.Contains(b.Base, f.Node.Object())
}

// deleted places what only base has on the deleted line that wrote it.
func (b *blamer) deleted(f checks.Finding) (Location, bool) {
	for _, site := range b.traceable(f.Node).Sites() {
		s := spot{side: sideBase, path: site.Path, line: site.Line, site: site}
		if (site.Kind == manifest.SiteFile || site.Kind == manifest.SiteTemplate || site.Kind == manifest.SitePatch) && b.changed(s) {
			return onLine(s), true
		}
	}
	return Location{}, false
}

// begun places what is wrong with an object or a container that base does not
// have on the line of the change that wrote it: that both are new is known.
func (b *blamer) begun(i int) (spot, bool) {
	f := b.Findings[i]
	o := f.Node.Object()
	if o == nil || b.taken(f) {
		return spot{}, false
	}
	partner := b.trace().partners[o]
	if partner != nil {
		c, named := containerOf(f)
		if !named || c.In(partner).Exists() {
			return spot{}, false
		}
	}
	if s, ok := b.newLine(i); ok || partner != nil {
		return s, ok
	}
	return b.nearest(b.traceable(f.Node))
}

// nearest is the changed line that wrote what stands next to a place of a new
// object: what is missing has no line of its own.
func (b *blamer) nearest(at manifest.Node) (spot, bool) {
	for away := range maxAway {
		for _, n := range []int{at.Line() + away, at.Line() - away} {
			for _, site := range at.Object().SitesAt(n) {
				s := spot{side: sideHead, path: site.Path, line: site.Line, site: site, missing: true}
				if (site.Kind == manifest.SiteFile || site.Kind == manifest.SiteTemplate) && b.changed(s) {
					return s, true
				}
			}
		}
	}
	return spot{}, false
}

// maxAway bounds how far from its place something missing is told.
const maxAway = 60

// cause is a part of the change whose reversal makes a finding go away.
type cause struct {
	edit       edit
	with       []edit // what must be reverted beside it, as one with it
	collateral int    // how many of the other findings go with it
	set        bool   // only together with others
	gate       bool   // the finding's object goes too: this switches it on
	traced     bool   // it holds a line that the render was traced to
}

// locate turns the causes of a finding into one location: the best cause, with
// the others named in the trail.
func (b *blamer) locate(i int, causes []cause) Location {
	if len(causes) == 0 {
		at := b.fallback(i)
		at.Trail = b.trail(i, at, nil)
		return at
	}
	origin := b.Findings[i].Origin.Path
	slices.SortStableFunc(causes, func(x, y cause) int {
		return cmp.Or(later(x.set, y.set), later(!x.traced, !y.traced), later(b.deletes(i, x), b.deletes(i, y)), later(x.gate, y.gate), cmp.Compare(x.edit.level(), y.edit.level()),
			cmp.Compare(x.collateral, y.collateral), cmp.Compare(rank(x.edit.path, origin), rank(y.edit.path, origin)),
			later(!beside(x.edit.path, origin), !beside(y.edit.path, origin)))
	})
	best := causes[0]
	at := b.point(i, best)
	if s, written := b.newLine(i); written && best.gate && !best.traced {
		// What is switched on is new as well: the line that is wrong tells more.
		at = onLine(s)
	}
	at.Trail = b.trail(i, at, causes)
	return at
}

// later orders what is so behind what is not.
func later(x, y bool) int {
	switch {
	case x == y:
		return 0
	case x:
		return 1
	}
	return -1
}

// point is where a cause is shown: on the line that the render was traced to
// where the cause holds one. The level stays that of what was taken back.
func (b *blamer) point(i int, c cause) Location {
	at := c.edit.location(b.Change)
	if c.edit.level() == 0 && !c.edit.block {
		return at
	}
	s, traced := b.pointed(i, c.edit)
	switch {
	case !traced:
		b.opening(&at)
		b.closest(i, &at)
	case c.edit.level() == 1 && at.Side == s.side && at.EndLine-at.Line < smallBlock:
		// The hunk is seen at once, and no line of it acts alone.
	case s.side == sideBase:
		at.Path, at.Side, at.InDiff = s.path, s.side, true
		at.Line, at.EndLine = b.block(s)
	default:
		at.Path, at.Side, at.InDiff, at.Line, at.EndLine = s.path, s.side, true, s.line, s.line
	}
	return at
}

// deletes says that a cause is shown at base: what stands at head tells more.
func (b *blamer) deletes(i int, c cause) bool { return b.point(i, c).Side == sideBase }

// block is the deleted block that a deleted line belongs to, from its key on,
// where it is small enough to be seen at once; else the line alone.
func (b *blamer) block(s spot) (first, last int) {
	file, _ := b.Change.File(s.path, sideBase)
	lines := b.files[file.Path()].base
	if s.line > len(lines) {
		return s.line, s.line
	}
	first = s.line
	for n := s.line - 1; n > 0 && file.Deleted(n); n-- {
		if text := lines[n-1]; strings.TrimSpace(text) != "" && indent(text) < indent(lines[first-1]) {
			first = n
		}
	}
	last = first + hanging(lines, first-1)
	for last > s.line && !file.Deleted(last) {
		last--
	}
	if last-first >= smallBlock {
		return s.line, s.line
	}
	return first, max(last, s.line)
}

// newLine is the line of the change that wrote what a finding is about.
func (b *blamer) newLine(i int) (spot, bool) {
	for _, s := range b.spots(i) {
		if s.side == sideHead && s.site.Kind != manifest.SiteCondition && b.changed(s) {
			return s, true
		}
	}
	return spot{}, false
}

func onLine(s spot) Location {
	return Location{Path: s.path, Side: s.side, Line: s.line, EndLine: s.line, InDiff: true, How: howTraced, Level: levelLine}
}

// opening gives a deleted file the first line that says something: what is
// gone has no other line to be told at.
func (b *blamer) opening(at *Location) {
	file, changed := b.Change.File(at.Path, at.Side)
	if !changed || at.Line > 0 || at.Side != sideBase || file.NewPath != "" {
		return
	}
	for n, line := range b.files[file.Path()].base {
		text := strings.TrimSpace(line)
		if text != "" && text != "---" && !strings.HasPrefix(text, "#") {
			at.Line, at.EndLine, at.InDiff = n+1, n+1, true
			return
		}
	}
}

// closest gives a file the changed line next to the one that wrote what the finding
// is about, where that one itself is as it was: the diff shows both.
func (b *blamer) closest(i int, at *Location) {
	file, changed := b.Change.File(at.Path, at.Side)
	if !changed || at.Line > 0 || at.Side != sideHead {
		return
	}
	for _, s := range b.spots(i) {
		for away := 0; away <= hunkContext && s.side == sideHead && s.path == at.Path && at.Line == 0; away++ {
			for _, line := range []int{s.line - away, s.line + away} {
				if at.Line == 0 && file.Added(line) {
					at.Line, at.EndLine, at.InDiff = line, line, true
				}
			}
		}
	}
}

// hunkContext is how many lines around a change its diff shows.
const hunkContext = 3

// rank prefers what people configure over what templates make of it, and both
// over a chart's version.
func rank(name, origin string) int {
	switch {
	case isMetadata(name):
		return 2
	case name == origin:
		return 1
	}
	return 0
}

// beside says that two files stand in one folder: of equals the nearest counts.
func beside(name, other string) bool { return path.Dir(name) == path.Dir(other) }

// brought says that what stands in a file as it was is brought by a target that is
// new: that is the change, and the file is not.
func (b *blamer) brought(name string) bool {
	_, edited := b.Change.File(name, sideHead)
	target, changed := b.Change.File(b.Target, sideHead)
	return len(b.Base) == 0 && !edited && changed && target.OldPath == ""
}

// newTarget is the place of what a new target brings: the line that names the file
// or a folder that it is in, else the whole target.
func (b *blamer) newTarget(of Location) Location {
	at := Location{Path: b.Target, Side: of.Side, How: howPlace, Level: levelTarget}
	for i, line := range b.files[b.Target].head {
		named := slices.ContainsFunc(strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(" \t\r\n,[]{}'\"", r) }), func(word string) bool {
			name := path.Join(path.Dir(b.Target), word)
			return strings.Contains(word, "/") && (name == of.Path || strings.HasPrefix(of.Path, name+"/"))
		})
		if named && !strings.HasPrefix(strings.TrimSpace(line), "#") {
			at.Line, at.EndLine, at.How, at.Level = i+1, i+1, howTraced, levelLine
			break
		}
	}
	return at
}

// fallback is the place of the object, when no part of the change alone is to
// blame or the budget did not reach: the line of the change that wrote it, where
// the render could be traced to one.
func (b *blamer) fallback(i int) Location {
	if s, written := b.newLine(i); written {
		return onLine(s)
	}
	f := b.Findings[i]
	at := Location{Path: f.Origin.Path, Side: sideHead, How: howPlace, Level: levelFile}
	if b.taken(f) {
		at.Side = sideBase
	}
	if f.Origin.Exact {
		at.Line, at.EndLine, at.Level = f.Line, f.Line, levelLine
	}
	if at.Path == "" || b.brought(at.Path) {
		at = b.newTarget(at)
	}
	if file, changed := b.Change.File(at.Path, at.Side); changed && at.Line > 0 {
		at.InDiff = at.Side == sideHead && file.Added(at.Line) || at.Side == sideBase && file.Deleted(at.Line)
	}
	return at
}
