package checks

import (
	"strings"
)

var netpolDangling = &Check{
	ID:       "netpol-dangling",
	Title:    "Network policy selects no pod",
	Severity: Medium,
	Topic:    NetworkIsolation,
	Since:    "0.1.0",
	Why:      "The pods that it should protect go by other labels and are open; nobody notices, because the policy is there.",
	Fix:      "Write in `podSelector` the labels of the pod template.",
	Source:   "kube-linter dangling-networkpolicy; Kubernetes documentation, Network Policies",
	Aliases:  []string{"dangling-networkpolicy", "C-0299"},
	Bad:      podSpec(plainContainer) + strings.Replace(webPolicy, "podSelector: {matchLabels: {app: web}}", "podSelector: {matchLabels: {app: wbe}} # want", 1),
	Good:     podSpec(plainContainer) + webPolicy,
	NearMiss: webPolicy + `---
apiVersion: apps/v1
kind: Deployment
metadata: {name: db, namespace: other}
spec:
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      containers: [{name: app, image: "registry.example.com/shop/app:1.0"}]
`,
	RunTarget: func(p *Pass) {
		known := neighboursOf(p.Together())
		for _, o := range p.Objects {
			if isNetworkPolicy(o) {
				known.reportDangling(p, o, o.Root.Get("spec", "podSelector"), "podSelector")
			}
		}
	},
}

// webPolicy isolates the pods of the example workload.
const webPolicy = `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec:
  podSelector: {matchLabels: {app: web}}
`
