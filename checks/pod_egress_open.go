package checks

import (
	"strings"

	"github.com/rendergate/rendergate/reach"
	"github.com/rendergate/rendergate/render/manifest"
)

// There is no Mend: what a program calls cannot be read from its manifest, and a
// policy without it breaks the program.
var podEgressOpen = &Check{
	ID:       "pod-egress-open",
	Title:    "The pod may reach everything",
	Severity: Low,
	Topic:    NetworkIsolation,
	Since:    "0.1.0",
	Why:      "An intruder loads tools, sends data out and asks the cloud's metadata service for credentials.",
	Fix:      "Add a NetworkPolicy with `Egress` among its `policyTypes` that allows DNS and what the program calls.",
	Source:   "CIS Kubernetes 5.3.2; NSA Kubernetes Hardening Guidance, Network policies",
	Aliases:  []string{"C-0030"},
	Bad: strings.Replace(podSpec(plainContainer), "      labels: {app: web}", "      labels: {app: web} # want", 1) + `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec:
  podSelector: {}
  ingress:
    - from: [{podSelector: {}}]
`,
	Good: podSpec(plainContainer) + `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec:
  podSelector: {}
  egress:
    - to: [{podSelector: {}}]
`,
	NearMiss: podSpec("hostNetwork: true\n" + plainContainer),
	RunTarget: func(p *Pass) {
		known := reach.IsolationOf(p.Together())
		known.Each(p.Objects, func(o *manifest.Object, pod manifest.Pod, f *reach.Pod) {
			if selected, _ := known.Says(f, reach.Egress); !selected {
				p.Report(pod.Metadata().Get("labels"), pod.Subject(), "no network policy says what the pods of %s %q may reach, which have %s; one with Egress that selects them is expected",
					o.Kind, o.Name, reach.Shown(f.Labels))
			}
		})
	},
}
