// Package blame finds the changed line that caused a finding, by asking what
// the render would be without a part of the change: a part whose reversal
// makes the finding go away is its cause. A location is never a guess; where
// no part alone answers, the location is as coarse as what is known.
package blame

import (
	"cmp"
	"slices"

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
	Findings []checks.Finding       // those to be placed
	// Judge renders and checks the same target over another tree.
	Judge  func(tree *git.Tree) ([]*manifest.Object, []checks.Finding, error)
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
}

// Step is one station between the cause and the finding.
type Step struct {
	Path string
	Line int
	What string
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
		if at, ok := b.written(f); ok {
			locations[i] = at
			continue
		}
		open = append(open, i)
	}
	causes := b.causes(open)
	for _, i := range open {
		locations[i] = b.locate(i, causes[i])
	}
	return locations
}

// written places a finding on a value that stands in the source as it is, on
// a line that the change adds: nothing is left to find out.
func (b *blamer) written(f checks.Finding) (Location, bool) {
	if !f.Origin.Exact || !f.Node.Exists() || f.Line == 0 {
		return Location{}, false
	}
	file, changed := b.Change.File(f.Origin.Path, sideHead)
	if !changed || !file.Added(f.Line) {
		return Location{}, false
	}
	return Location{Path: f.Origin.Path, Side: sideHead, Line: f.Line, EndLine: f.Line, InDiff: true, How: howTraced, Level: levelLine}, true
}

// cause is a part of the change whose reversal alone makes a finding go away.
type cause struct {
	edit       edit
	collateral int  // how many of the other findings go with it
	set        bool // only together with others
}

// locate turns the causes of a finding into one location: the best cause, with
// the others named in the trail.
func (b *blamer) locate(i int, causes []cause) Location {
	if len(causes) == 0 {
		return b.fallback(b.Findings[i])
	}
	origin := b.Findings[i].Origin.Path
	slices.SortStableFunc(causes, func(x, y cause) int {
		return cmp.Or(cmp.Compare(x.edit.level(), y.edit.level()), cmp.Compare(x.collateral, y.collateral),
			cmp.Compare(rank(x.edit.path, origin), rank(y.edit.path, origin)))
	})
	at := causes[0].edit.location(b.Change)
	for _, other := range causes[1:] {
		step := other.edit.location(b.Change)
		what := "reverting this alone also removes the finding"
		if other.set {
			what = "only together with the above"
		}
		if len(at.Trail) < 5 {
			at.Trail = append(at.Trail, Step{Path: step.Path, Line: step.Line, What: what})
		}
	}
	return at
}

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

// fallback is the place of the object, when no part of the change alone is to
// blame or the budget did not reach.
func (b *blamer) fallback(f checks.Finding) Location {
	at := Location{Path: f.Origin.Path, Side: sideHead, How: howPlace, Level: levelFile}
	if f.Origin.Exact {
		at.Line, at.EndLine, at.Level = f.Line, f.Line, levelLine
	}
	if at.Path == "" {
		at.Path, at.Level = b.Target, levelTarget
	}
	if file, changed := b.Change.File(at.Path, sideHead); changed && at.Line > 0 {
		at.InDiff = file.Added(at.Line)
	}
	return at
}
