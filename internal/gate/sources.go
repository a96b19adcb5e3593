package gate

import (
	"context"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/rendergate/rendergate/internal/blame"
	"github.com/rendergate/rendergate/internal/git"
	"github.com/rendergate/rendergate/internal/report"
	"github.com/rendergate/rendergate/render/manifest"
)

// begins is where a finding's object begins in the source, as far as that is
// known without a trace.
func begins(s stated) report.Location {
	at := report.Location{Path: s.Origin.Path, Side: s.side}
	if o := s.Node.Object(); o != nil && s.Origin.Exact {
		at.Line = o.Root.Get("kind").Line()
	}
	return at
}

// sources trace what was there already to the lines that wrote it. Findings that
// were merged before they were traced would be merged no more, so this comes on
// top of where they stand, and is shown instead of it.
func sources(ctx context.Context, change *git.Change, j judge, all []placed) {
	open := map[*target][]int{}
	for i, p := range all {
		if p.side != report.Base && p.at.How == "object" && !p.Origin.Exact && p.target.headSide.result != nil {
			open[p.target] = append(open[p.target], i)
		}
	}
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for t, members := range open {
		group.Go(func() error {
			traced := tracedObjects(t, j.withSites(ctx, change.Head, t.head))
			for _, i := range members {
				source(&all[i], traced)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		panic(err) // tracing has no errors: where it knows nothing, nothing changes
	}
}

// tracedObjects are those that know their lines, by those that were judged.
func tracedObjects(t *target, traced []*manifest.Object) map[*manifest.Object]*manifest.Object {
	judged := t.headSide.result.Judged()
	if len(judged) != len(traced) { // it is not the render that was judged
		return nil
	}
	same := map[*manifest.Object]*manifest.Object{}
	for i, o := range judged {
		same[o] = traced[i]
	}
	return same
}

func source(p *placed, traced map[*manifest.Object]*manifest.Object) {
	same := traced[p.Node.Object()]
	if same == nil {
		return
	}
	if path, line := blame.Begins(same); path != "" {
		p.begins = report.Location{Path: path, Side: p.side, Line: line}
	}
	if at, known := blame.Source(p.Node.In(same)); known {
		p.source = &at
	}
}
