package checks

import "github.com/rendergate/rendergate/render/manifest"

// reportProbe reports the main containers of long-running workloads that lack
// a probe.
func reportProbe(field, what string) func(*Pass) {
	return func(p *Pass) {
		if !p.Object.LongRunning() {
			return
		}
		for c := range p.Object.Containers() {
			if at := c.Get(field); c.List == manifest.Containers && !at.Set() && c.Known(at) {
				p.Report(at, c.Subject(), "container %q has no %s probe: %s is absent, accepted is any", c.Name(), what, field)
			}
		}
	}
}
