package gate

import (
	"context"

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
	for _, t := range order {
		for n, at := range blame.Place(blameCase(ctx, change, j, t, findings, groups[t])) {
			all[groups[t][n]].at = at
		}
	}
	return all
}

func blameCase(ctx context.Context, change *git.Change, j judge, t *target, findings []stated, members []int) blame.Case {
	inputs := map[string]bool{}
	for _, name := range render.Inputs(change.Head, *t.head) {
		inputs[name] = true
	}
	if t.base != nil {
		for _, name := range render.Inputs(change.Base, *t.base) {
			inputs[name] = true
		}
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
