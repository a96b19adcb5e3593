package checks

import (
	"github.com/rendergate/rendergate/reach"
	"github.com/rendergate/rendergate/render/manifest"
)

var podIngressOpen = &Check{
	ID:       "pod-ingress-open",
	Title:    "Every pod of the cluster may reach the pod",
	Severity: Low,
	Topic:    NetworkIsolation,
	Since:    "0.1.0",
	Why:      "Without a network policy an intruder in any pod tries all others.",
	Fix:      "Add a NetworkPolicy that denies by default and allows what is needed.",
	Source:   "CIS Kubernetes 5.3.2; NSA Kubernetes Hardening Guidance, Network policies",
	Aliases:  []string{"CKV2_K8S_6", "non-isolated-pod", "C-0260", "C-0030"},
	// A pod that its namespace's policies left out is no more open without them.
	Covers: coversAny,
	Within: []string{"pod-outside-policies"},
	Mend:   isolates,
	Trial:  true,
	Bad: `apiVersion: v1
kind: Pod
metadata:
  name: web
  labels: {app: web} # want
spec:
  containers: [{name: app, image: "registry.example.com/app:1.0"}]
`,
	Good: `apiVersion: v1
kind: Pod
metadata:
  name: web
  labels: {app: web}
spec:
  containers: [{name: app, image: "registry.example.com/app:1.0"}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: all}
spec:
  podSelector: {}
`,
	NearMiss: podSpec("hostNetwork: true\n" + plainContainer),
	RunTarget: func(p *Pass) {
		known := reach.IsolationOf(p.Together())
		known.Each(p.Objects, func(o *manifest.Object, pod manifest.Pod, f *reach.Pod) {
			if _, some := known.Says(f, reach.Ingress); !some {
				p.Report(pod.Metadata().Get("labels"), pod.Subject(), "no network policy says who may reach the pods of %s %q, which have %s; one that selects them is expected",
					o.Kind, o.Name, reach.Shown(f.Labels))
			}
		})
	},
}
