package gate

import (
	"context"
	"fmt"
	"io/fs"
	"reflect"
	"runtime"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/rendergate/rendergate/checks"
	"github.com/rendergate/rendergate/internal/git"
	"github.com/rendergate/rendergate/internal/report"
	"github.com/rendergate/rendergate/render"
	"github.com/rendergate/rendergate/render/manifest"
)

// side is what is known of a target at one side of the change.
type side struct {
	state    string // report.Rendered, Partial, Absent, Failed, Skipped
	result   *render.Result
	findings []checks.Finding
	err      error
	stage    string // where err happened: render or check
	took     time.Duration
}

// judge is what a side is rendered and checked with.
type judge struct {
	rules    []checks.Rule
	settings checks.Settings
	budget   time.Duration // a target
}

// look renders and checks one target of a tree.
func (j judge) look(ctx context.Context, tree fs.FS, id string, t *render.Target) side {
	if t == nil {
		return side{state: report.Absent}
	}
	start := time.Now()
	result, err := j.render(ctx, tree, *t)
	s := side{state: report.Rendered, result: result, err: err, stage: "render"}
	if err == nil {
		if len(result.Missing) > 0 {
			s.state = report.Partial
		}
		s.findings, s.err = checks.Judge(j.rules, id, result.Judged(), j.settings)
		s.stage = "check"
	}
	if s.err != nil {
		s.state = report.Failed
	}
	s.took = time.Since(start)
	return s
}

// render bounds a render in time. One that hangs is left behind: it holds
// nothing but memory, and the run ends without it.
func (j judge) render(ctx context.Context, tree fs.FS, t render.Target) (*render.Result, error) {
	type answer struct {
		result *render.Result
		err    error
	}
	done := make(chan answer, 1)
	go func() {
		result, err := render.Render(tree, t)
		done <- answer{result, err}
	}()
	timer := time.NewTimer(j.budget)
	defer timer.Stop()
	select {
	case a := <-done:
		return a.result, a.err
	case <-timer.C:
		return nil, fmt.Errorf("took longer than its budget of %s; raise it with budget.time in .rendergate.yaml", j.budget)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// judged renders and checks for blame: objects and findings, or an error.
func (j judge) judged(ctx context.Context, tree fs.FS, id string, t *render.Target) ([]*manifest.Object, []checks.Finding, error) {
	s := j.look(ctx, tree, id, t)
	if s.err != nil {
		return nil, nil, s.err
	}
	return s.result.Judged(), s.findings, nil
}

// lookAll renders both sides of the affected targets on all cores. Where the
// trees are the same, one look is enough.
func (j judge) lookAll(ctx context.Context, change *git.Change, targets []*target) {
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	before := held(change, targets)
	for _, t := range targets {
		if !t.affected {
			t.baseSide, t.headSide = side{state: report.Skipped}, side{state: report.Skipped}
			continue
		}
		once := len(change.Files) == 0 && t.base != nil && t.head != nil && reflect.DeepEqual(*t.base, *t.head)
		if !once {
			group.Go(func() error {
				t.baseSide = j.look(ctx, before, t.id, t.base)
				return nil
			})
		}
		group.Go(func() error {
			t.headSide = j.look(ctx, change.Head, t.id, t.head)
			if once {
				t.baseSide = t.headSide
			}
			return nil
		})
	}
	// A look keeps its error to itself, so the group has none.
	if err := group.Wait(); err != nil {
		panic(err)
	}
}
