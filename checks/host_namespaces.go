package checks

// sharesHost reports a pod that sets a namespace-sharing field of its spec.
func sharesHost(field, what string) func(*Pass) {
	return func(p *Pass) {
		for pod := range p.Object.Pods() {
			if at := pod.Spec().Get(field); at.IsTrue() || at.Unknown() {
				p.Report(at, pod.Subject(), "pods share the node's %s: %s", what, stated(at, "false"))
			}
		}
	}
}
