package checks

import (
	"strings"

	"github.com/rendergate/rendergate/reach"
	"github.com/rendergate/rendergate/render/manifest"
)

var podOutsidePolicies = &Check{
	ID:       "pod-outside-policies",
	Title:    "The namespace's network policies leave the pod out",
	Severity: Medium,
	Topic:    NetworkIsolation,
	Since:    "0.1.0",
	Why:      "Somebody isolates this namespace, and this pod was forgotten: it can be reached from everywhere.",
	Fix:      "Let a policy's `podSelector` select the pod, or add a policy that denies by default.",
	Source:   "CIS Kubernetes 5.3.2; kube-linter non-isolated-pod",
	Aliases:  []string{"CKV2_K8S_6", "non-isolated-pod", "C-0260"},
	// A pod of a namespace that had no policy is as open as it was.
	Covers: coversAny,
	Within: []string{"pod-ingress-open"},
	Mend:   isolates,
	Trial:  true,
	Bad: strings.Replace(podSpec(plainContainer), "      labels: {app: web}", "      labels: {app: web} # want", 1) + `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db}
spec:
  podSelector:
    matchLabels: {app: db}
`,
	Good: podSpec(plainContainer) + `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec:
  podSelector:
    matchExpressions: [{key: app, operator: In, values: [web, db]}]
`,
	NearMiss: podSpec(plainContainer) + `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: other}
spec:
  podSelector:
    matchLabels: {app: db}
`,
	RunTarget: func(p *Pass) {
		known := reach.IsolationOf(p.Together())
		known.Each(p.Objects, func(o *manifest.Object, pod manifest.Pod, f *reach.Pod) {
			if selected, some := known.Says(f, reach.Ingress); some && !selected {
				p.Report(pod.Metadata().Get("labels"), pod.Subject(), "the network policies of its namespace leave out the pods of %s %q, which have %s; one that selects them is expected",
					o.Kind, o.Name, reach.Shown(f.Labels))
			}
		})
	},
}
