package checks

import (
	"github.com/rendergate/rendergate/reach"
	"github.com/rendergate/rendergate/render/manifest"
)

var netpolAllowAllIngress = &Check{
	ID:       "netpol-allow-all-ingress",
	Title:    "Network policy lets everybody in",
	Severity: Medium,
	Topic:    NetworkIsolation,
	Since:    "0.1.0",
	Why:      "The policy looks like isolation and is none: every pod and whoever reaches the node network may connect.",
	Fix:      "Name in `from` who needs it: a `podSelector`, a `namespaceSelector` or the addresses.",
	Source:   "CIS Kubernetes 5.3.2; Kubernetes documentation, Network Policies",
	Aliases:  []string{"KSV-0038"},
	Covers:   coversOpening,
	Bad: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec:
  podSelector: {}
  ingress:
    - {} # want
    - ports: [{port: 8080}] # want
    - from:
        - ipBlock:
            cidr: 0.0.0.0/0 # want
            except: [10.0.0.0/8]
`,
	Good: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec:
  podSelector: {}
  ingress:
    - from: [{podSelector: {matchLabels: {app: front}}}]
      ports: [{port: 8080}]
`,
	NearMiss: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: closed}
spec:
  podSelector: {}
  ingress: []
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: out}
spec:
  podSelector: {}
  policyTypes: [Egress]
  ingress: [{}]
`,
	Run: func(p *Pass) {
		spec := p.Object.Root.Get("spec")
		if in, _ := reach.Directions(spec); !isNetworkPolicy(p.Object) || !in {
			return
		}
		for _, o := range openings(spec.Get("ingress"), "from", func(manifest.Node) bool { return false }) {
			p.Report(o.at, manifest.Subject{Class: o.class()}, "NetworkPolicy %q lets everybody in from %s to %s; `from` is expected to name pods, namespaces or smaller address blocks",
				p.Object.Name, o.who, o.ports)
		}
	},
}
