package gate

import (
	"context"
	"fmt"

	"github.com/rendergate/rendergate/render"
	"github.com/rendergate/rendergate/render/manifest"
)

// Rendered is what one target of head deploys, or why nobody can say.
type Rendered struct {
	Target string
	Result *render.Result
	Err    error
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
	s, err := readSettings(change, o)
	if err != nil {
		return nil, err
	}
	r := run{change: change, options: o, settings: s, judge: judge{workers: o.Workers, budget: budgetOf(s.decides), supply: newSupply(change, o, s.decides)}}
	targets := r.targets(ctx)
	if len(targets) == 0 {
		return nil, &UsageError{fmt.Errorf("nothing to render here: no chart, kustomization or manifest under the asked paths")}
	}
	r.judge.lookAll(ctx, change, targets)
	targets = r.releases(ctx, targets)
	redact := redactor(change, targets)
	var all []Rendered
	for _, t := range targets {
		all = append(all, Rendered{t.id, t.headSide.result, t.headSide.err, redact})
	}
	return all, nil
}
