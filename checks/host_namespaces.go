package checks

// sharesHost reports a pod that sets a namespace-sharing field of its spec.
func sharesHost(field, what string) func(*Pass) {
	return func(p *Pass) {
		for pod := range p.Object.Pods() {
			if at := pod.Spec().Get(field); at.IsTrue() {
				p.Report(at, pod.Subject(), "%s is true, so that pods share the node's %s; it has to be false or absent", field, what)
			}
		}
	}
}
