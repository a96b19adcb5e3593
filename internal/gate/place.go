package gate

import (
	"context"
	"runtime"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/rendergate/rendergate/checks"
	"github.com/rendergate/rendergate/internal/blame"
	"github.com/rendergate/rendergate/internal/delta"
	"github.com/rendergate/rendergate/internal/git"
	"github.com/rendergate/rendergate/internal/report"
	"github.com/rendergate/rendergate/render"
	"github.com/rendergate/rendergate/render/manifest"
)

// What blame may spend: renders on one target, and time on all of them. Where
// renders are slow there are fewer of them, and causes are told more coarsely;
// the verdict does not depend on it.
const (
	mostProbes  = 200
	fewProbes   = 6
	blameTarget = 20 * time.Second
	blameAll    = 60 * time.Second
)

// probes is how many renders of a target blame may spend, by what one took and
// what is left of the time for all.
func probes(t *target, left time.Duration) int {
	if left <= 0 {
		return 0
	}
	one := max(t.headSide.took, t.baseSide.took, time.Millisecond)
	return min(mostProbes, max(fewProbes, int(min(blameTarget, left)/one)))
}

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
	start := time.Now()
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for _, t := range order {
		group.Go(func() error {
			c := blameCase(ctx, change, j, t, findings, groups[t])
			c.Probes = probes(t, blameAll-time.Since(start))
			for n, at := range blame.Place(c) {
				all[groups[t][n]].at = at
			}
			return nil
		})
	}
	// Blame has no errors: where it knows nothing, it says where the object stands.
	if err := group.Wait(); err != nil {
		panic(err)
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
		Change: change, Renames: delta.Renames(change.Renames()), Findings: wanted,
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
