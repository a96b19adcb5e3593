package checks

import "strings"

var reachabilityWidened = &Check{
	ID:       "reachability-widened",
	Title:    "Pods may be reached, or reach, what they could not",
	Severity: Medium,
	Topic:    NetworkIsolation,
	Since:    "0.2.0",
	Why:      "A connection that the policies denied until now is open: from a pod, a namespace, a block of addresses or from outside of the cluster, or on more ports.",
	Fix:      "Allow only who needs it, on the port that it needs: a `podSelector` with a `namespaceSelector`, a smaller block, named ports. Where it is meant, waive it with the reason.",
	Source:   "Kubernetes documentation, Network Policies; NSA Kubernetes Hardening Guidance, Network policies; np-guard netpol-analyzer diff",
	Before:   guardedPod + webGuard,
	Bad: strings.Replace(guardedPod, "labels: {app: web}", "labels: {app: web} # want", 1) +
		strings.Replace(webGuard, "{podSelector: {matchLabels: {app: front}}}", "{namespaceSelector: {}}", 1),
	Good: guardedPod + strings.Replace(webGuard, "{app: front}", "{app: front, tier: edge}", 1),
	NearMiss: strings.Replace(guardedPod, "web:1.0", "web:1.1", 1) + strings.Replace(webGuard, "name: web", "name: web-ingress", 1) + `---
apiVersion: apps/v1
kind: Deployment
metadata: {name: front, namespace: shop}
spec:
  selector: {matchLabels: {app: front}}
  template:
    metadata: {labels: {app: front}}
    spec:
      containers: [{name: app, image: "registry.example.com/shop/front:1.0"}]
`,
	Compare: func(p *Pass) {
		for _, o := range p.openings() {
			if len(o.Lost) == 0 {
				p.opened(o, pathClass(o), "%s: %s %s", strings.TrimSuffix(podsOf(o), ","), opensTo(o), otherEnds(o))
			}
		}
	},
}
