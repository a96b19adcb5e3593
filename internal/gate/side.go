package gate

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/rendergate/rendergate/checks"
	"github.com/rendergate/rendergate/internal/config"
	"github.com/rendergate/rendergate/internal/git"
	"github.com/rendergate/rendergate/internal/report"
	"github.com/rendergate/rendergate/internal/worker"
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

	id   string // of the target
	at   *render.Target
	tree *git.Tree // nil where it is no tree of git
}

// judge is what a side is rendered and checked with.
type judge struct {
	rules     []checks.Rule
	settings  checks.Settings
	workers   *worker.Pool
	budget    worker.Budget       // of one target
	supply    *supply             // of charts that the tree does not have
	workloads []manifest.Workload // kinds with pods that only configuration knows
	traced    bool                // objects tell where their lines come from
	with      map[string]company  // what is deployed with a target, by its id
	// uncompared are images that cannot be compared with those that they come instead
	// of, or that come instead of them: nobody could look at one of the two.
	uncompared map[string]bool
	progress   func(what string) // nil: nobody looks on
}

func budgetOf(f *config.File) worker.Budget {
	return worker.Budget{Time: f.RenderTime(), Memory: f.RenderMemory()}
}

// look renders and checks one target of a tree.
func (j judge) look(ctx context.Context, tree fs.FS, id string, t *render.Target) side {
	if t == nil {
		return side{state: report.Absent}
	}
	start := time.Now()
	at := *t
	at.Traced = at.Traced || j.traced
	result, err := j.supplied(ctx, tree, at)
	s := side{state: report.Rendered, result: result, err: err, stage: "render", id: id, at: t}
	s.tree, _ = tree.(*git.Tree)
	if err == nil && result.Whole {
		m := result.Missing[0]
		s.err = fmt.Errorf("%s; %s", m, m.Vendor(t.Dir)) // the result stays, for what it misses
	} else if err == nil {
		if result.Partial() {
			s.state = report.Partial
		}
		s.findings, s.err = checks.Judge(j.rules, id, result.Judged(), j.settingsFor(id, t, result))
		s.stage = "check"
	}
	if s.err != nil {
		s.state = report.Failed
	}
	s.took = time.Since(start)
	return s
}

// settingsOf are the settings of checks for a target: its own Kubernetes, and
// what its render drew.
func (j judge) settingsOf(t *render.Target, result *render.Result) checks.Settings {
	s := j.settings
	s.KubeVersion, s.Drawn = t.KubeVersion, drawnSecrets(result.Drawn)
	return s
}

// settingsFor are those of a target that head's others are deployed with.
func (j judge) settingsFor(id string, t *render.Target, result *render.Result) checks.Settings {
	s := j.settingsOf(t, result)
	s.Together = j.with[id].head
	return s
}

// tellable is the length from which a text is no other's part by chance.
const tellable = 6

func drawnSecrets(all []string) []string {
	var long []string
	for _, text := range all {
		if text = strings.TrimSpace(text); len(text) >= tellable {
			long = append(long, text)
		}
	}
	return long
}

// judged renders and checks for blame: objects and findings, or an error.
func (j judge) judged(ctx context.Context, tree fs.FS, id string, t *render.Target) ([]*manifest.Object, []checks.Finding, error) {
	j.supply = j.supply.known()
	s := j.look(ctx, tree, id, t)
	if s.err != nil {
		return nil, nil, s.err
	}
	return s.result.Judged(), s.findings, nil
}

// withSites are the objects of a target that know which source lines wrote them;
// none where nobody can say. They are hints, so that a failure changes nothing.
func (j judge) withSites(ctx context.Context, tree fs.FS, t *render.Target) []*manifest.Object {
	if t == nil {
		return nil
	}
	j.supply = j.supply.known()
	with := *t
	with.Traced = true
	result, err := j.supplied(ctx, tree, with)
	if err != nil {
		return nil
	}
	return result.Judged()
}

// lookAll renders both sides of the affected targets on all cores. Where the
// trees are the same, one look is enough.
func (j judge) lookAll(ctx context.Context, change *git.Change, targets []*target) {
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	before := held(change, targets)
	told := j.counting(targets)
	for _, t := range targets {
		if !t.affected {
			t.baseSide, t.headSide = side{state: report.Skipped}, side{state: report.Skipped}
			continue
		}
		once := len(change.Files) == 0 && t.base != nil && t.head != nil && reflect.DeepEqual(*t.base, *t.head)
		if !once {
			group.Go(func() error {
				told(t)
				t.baseSide = j.look(ctx, before, t.id, t.base)
				return nil
			})
		}
		group.Go(func() error {
			told(t)
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
	j.again(ctx, before, change.Head, targets)
}

// counting tells whoever looks on of each render that begins.
func (j judge) counting(targets []*target) func(*target) {
	if j.progress == nil {
		return func(*target) {}
	}
	var of, n atomic.Int64
	for _, t := range targets {
		if t.affected && t.base != nil {
			of.Add(1)
		}
		if t.affected {
			of.Add(1)
		}
	}
	return func(t *target) { j.progress(fmt.Sprintf("rendering %d of %d: %s", n.Add(1), of.Load(), t.id)) }
}

// again looks once more, one by one, where a render cost more than its budget:
// beside others it had less than a machine to itself.
func (j judge) again(ctx context.Context, base, head *git.Tree, targets []*target) {
	var spent *worker.OverBudget
	for _, t := range targets {
		if errors.As(t.baseSide.err, &spent) {
			t.baseSide = j.look(ctx, base, t.id, t.base)
		}
		if errors.As(t.headSide.err, &spent) {
			t.headSide = j.look(ctx, head, t.id, t.head)
		}
	}
}
