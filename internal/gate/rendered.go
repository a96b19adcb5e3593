package gate

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/rendergate/rendergate/render"
	"github.com/rendergate/rendergate/render/manifest"
)

// Rendered is what one target of head deploys, or why nobody can say.
type Rendered struct {
	Target string
	At     *render.Target
	Result *render.Result
	Err    error
	// Spare says that Err is told and no failure: the target is a guessed
	// variant, or a default that its variants stand for.
	Spare bool
	// Redact hides the secrets of this run; the objects hold the real values.
	Redact manifest.Redactor
}

// Render renders all targets of head, or those under the asked paths.
func Render(ctx context.Context, o Options) ([]Rendered, error) {
	o.Scan, o.All = true, true
	change, _, _, err := changeOf(ctx, o)
	if err != nil {
		return nil, err
	}
	s, err := readSettings(ctx, change, o)
	if err != nil {
		return nil, err
	}
	r := run{change: change, options: o, settings: s, judge: judge{traced: o.Traced, workloads: workloadsOf(s.decides), workers: o.Workers, budget: budgetOf(s.decides), supply: newSupply(change, o, s.decides)}}
	defer r.judge.supply.bases.close()
	targets := r.targets(ctx)
	if len(targets) == 0 {
		return nil, &UsageError{fmt.Errorf("nothing to render here: no chart, kustomization or manifest under the asked paths")}
	}
	targets = r.releases(ctx, r.deployed(ctx, targets))
	redact := redactor(change, targets)
	charts := chartsOf(targets)
	var all []Rendered
	for _, t := range targets {
		guess := t.guessed() || charts.of(t).standsFor(t)
		all = append(all, Rendered{t.id, t.any(), t.headSide.result, t.headSide.err, guess, redact})
	}
	return all, nil
}

// deployed looks at all targets, and at a chart's fixtures only where nothing
// else of it renders.
func (r run) deployed(ctx context.Context, targets []*target) []*target {
	var main, fixtures []*target
	for _, t := range targets {
		if t.fixture() {
			fixtures = append(fixtures, t)
		} else {
			main = append(main, t)
		}
	}
	r.judge.lookAll(ctx, r.change, main)
	charts := chartsOf(main)
	fixtures = slices.DeleteFunc(fixtures, func(t *target) bool {
		return slices.ContainsFunc(charts.of(t), func(other *target) bool { return other.headSide.result != nil })
	})
	r.judge.lookAll(ctx, r.change, fixtures)
	return slices.SortedStableFunc(slices.Values(slices.Concat(main, fixtures)), func(a, b *target) int { return cmp.Compare(a.id, b.id) })
}
