package checks

import "github.com/rendergate/rendergate/render/manifest"

// reportResource reports containers without a request or a limit of their own
// or of their pod. A request that is absent defaults to the limit.
func reportResource(kind, resource string) func(*Pass) {
	return func(p *Pass) {
		for c := range p.Object.Containers() {
			if c.List == manifest.EphemeralContainers {
				continue // which may have none (API reference, EphemeralContainer)
			}
			field := "resources"
			if c.List == manifest.Steps && !c.Get("resources").Set() {
				field = "computeResources" // as Tekton calls it
			}
			at := c.Get(field, kind, resource)
			pod := c.Pod.Spec()
			given := at.Set() || pod.Get("resources", kind, resource).Set()
			if kind == "requests" {
				given = given || c.Get(field, "limits", resource).Set() || pod.Get("resources", "limits", resource).Set()
			}
			if !given && c.KnownEffective(at) {
				p.Report(at, c.Subject(), "container %q has no %s %s: %s", c.Name(), resource, kind[:len(kind)-1], stated(at, "any amount"))
			}
		}
	}
}
