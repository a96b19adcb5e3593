package gate

import (
	"context"
	"iter"
	"slices"

	"github.com/rendergate/rendergate/checks"
	"github.com/rendergate/rendergate/internal/blame"
	"github.com/rendergate/rendergate/internal/delta"
	"github.com/rendergate/rendergate/internal/git"
	"github.com/rendergate/rendergate/internal/report"
	"github.com/rendergate/rendergate/render"
	"github.com/rendergate/rendergate/render/manifest"
)

// probes is how many renders blame may spend on one target.
const probes = 200

// placed is a finding with the place where it is shown.
type placed struct {
	stated
	at blame.Location
}

// place gives each finding its location. New ones are traced to the changed
// line that caused them; the others stand where their object does.
func place(ctx context.Context, change *git.Change, j judge, findings []stated) []placed {
	all := make([]placed, len(findings))
	groups := map[*target][]int{}
	var order []*target
	for i, s := range findings {
		all[i] = placed{s, ownPlace(s)}
		if s.state != report.New {
			continue
		}
		if groups[s.target] == nil {
			order = append(order, s.target)
		}
		groups[s.target] = append(groups[s.target], i)
	}
	shared := sharedCauses{change: change, known: map[string]blame.Location{}}
	for _, t := range order {
		members := groups[t]
		if t.guessed() {
			members = shared.apply(all, members)
		}
		if len(members) == 0 {
			continue
		}
		for n, at := range blame.Place(blameCase(ctx, change, j, t, findings, members)) {
			all[members[n]].at = at
			shared.learn(all[members[n]])
		}
	}
	return all
}

func blameCase(ctx context.Context, change *git.Change, j judge, t *target, findings []stated, members []int) blame.Case {
	inputs := map[string]bool{}
	for name := range revertible(change.Head, t.head) {
		inputs[name] = true
	}
	for name := range revertible(change.Base, t.base) {
		inputs[name] = true
	}
	var wanted []checks.Finding
	for _, i := range members {
		wanted = append(wanted, findings[i].Finding)
	}
	return blame.Case{
		Change: change, Renames: delta.Renames(change.Renames()), Probes: probes, Findings: wanted,
		Objects: t.headSide.result.Judged(),
		Inputs:  func(name string) bool { return inputs[name] },
		Target:  render.Anchor(change.Head, *t.head),
		Judge: func(tree *git.Tree) ([]*manifest.Object, []checks.Finding, error) {
			return j.judged(ctx, tree, t.id, t.head)
		},
	}
}

// ownPlace is where a finding's object stands in the source, as exactly as it
// is known without asking further.
func ownPlace(s stated) blame.Location {
	at := blame.Location{Path: s.Origin.Path, Side: s.side, How: "object", Level: "file"}
	if s.Origin.Exact {
		at.Line, at.EndLine, at.Level = s.Line, s.Line, "line"
	}
	if at.Path == "" {
		at.Path, at.Level = s.target.any().Dir, "target"
	}
	return at
}

// revertible are the inputs of a target that may be a cause: not the values
// files of other variants, and never a fixture, which is no part of what is
// deployed and is the same on both sides.
func revertible(tree *git.Tree, t *render.Target) iter.Seq[string] {
	return func(yield func(string) bool) {
		if t == nil {
			return
		}
		own := render.Layers(tree, *t)
		for _, name := range render.Inputs(tree, *t) {
			conventional, fixture := render.Conventional(t.Dir, name)
			if t.Kind == render.Helm && (fixture && !t.Configured || conventional && !slices.Contains(own, name)) {
				continue
			}
			if !yield(name) {
				return
			}
		}
	}
}

// sharedCauses are the places of findings that another variant of the chart
// has too. What a template, or another file of the whole chart, causes in one
// variant it causes in all whose own values did not change.
type sharedCauses struct {
	change *git.Change
	known  map[string]blame.Location
}

func (c sharedCauses) learn(p placed) {
	if conventional, _ := render.Conventional(p.target.head.Dir, p.at.Path); !conventional && p.at.Path != "" {
		c.known[p.inChart()+"\x00"+p.Field] = p.at
	}
}

// apply places what is known, and returns the findings that are still to be
// placed.
func (c sharedCauses) apply(all []placed, members []int) []int {
	var left []int
	for _, i := range members {
		p := &all[i]
		at, known := c.known[p.inChart()+"\x00"+p.Field]
		if known && c.sameValues(p.target) {
			p.at = at
			continue
		}
		left = append(left, i)
	}
	return left
}

func (c sharedCauses) sameValues(t *target) bool {
	if t.fixture() {
		return true
	}
	return !slices.ContainsFunc(t.layers(c.change), func(name string) bool {
		_, changed := c.change.File(name, report.Head)
		return changed
	})
}
