package checks

import "github.com/rendergate/rendergate/render/manifest"

// sharesHost reports a pod that sets a namespace-sharing field of its spec.
func sharesHost(field, what string) func(*Pass) {
	return func(p *Pass) {
		pod, ok := p.Object.Pod()
		if !ok {
			return
		}
		if at := pod.Spec().Get(field); at.IsTrue() {
			p.Report(at, manifest.Subject{}, "pods share the node's %s", what)
		}
	}
}
