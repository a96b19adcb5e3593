package checks

import (
	"strings"

	"github.com/rendergate/rendergate/reach"
)

var isolationLost = &Check{
	ID:       "isolation-lost",
	Title:    "Pods that network policies isolated are open",
	Severity: High,
	Topic:    NetworkIsolation,
	Since:    "0.2.0",
	Why:      "Until now the cluster denied these pods all that no policy allows. Now whoever is in any pod may try them, or they may send data anywhere.",
	Fix:      "Keep a policy that selects the pods: with the labels that they have now, in their namespace. Allow there what is needed.",
	Source:   "Kubernetes documentation, Network Policies; CIS Kubernetes 5.3.2",
	Before:   guardedPod + webGuard,
	Bad:      strings.Replace(guardedPod, "labels: {app: web}", "labels: {app: web} # want", 1),
	Good: guardedPod + `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: everybody, namespace: shop}
spec:
  podSelector: {}
  ingress: [{from: [{podSelector: {matchLabels: {app: front}}}]}]
`,
	NearMiss: webGuard,
	Compare: func(p *Pass) {
		for _, o := range p.openings() {
			if len(o.Lost) == 0 {
				continue
			}
			var names []string
			for _, policy := range o.Lost {
				names = append(names, policy.Kind+" "+policy.Name)
			}
			opens := otherEnds(o)
			if opens == "" {
				opens = "everybody, as far as anybody here can tell"
			}
			p.opened(o, directionName(o), "no network policy isolates the pods of %s %q for %s any more, which at base %s did; %s: %s",
				o.Pod.Object.Kind, o.Pod.Object.Name, directionName(o), strings.Join(names, ", "), opensTo(o), opens)
			p.findings[len(p.findings)-1].Tells = openPods(o)
		}
	},
}

// openPods are the checks of one side that find a pod open in the direction.
func openPods(o reach.Opening) []string {
	if o.Direction == reach.Egress {
		return []string{"pod-egress-open"}
	}
	return []string{"pod-ingress-open", "pod-outside-policies"}
}

// opensTo begins the list of an opening's other ends.
func opensTo(o reach.Opening) string {
	if o.Direction == reach.Egress {
		return "they may newly reach"
	}
	return "they may newly be reached by"
}

// guardedPod is the workload of the examples, and webGuard its policy.
const (
	guardedPod = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers: [{name: app, image: "registry.example.com/shop/web:1.0"}]
`
	webGuard = `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
spec:
  podSelector: {matchLabels: {app: web}}
  ingress:
    - from: [{podSelector: {matchLabels: {app: front}}}]
      ports: [{port: 8080}]
`
)
