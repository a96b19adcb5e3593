package checks

import (
	"github.com/rendergate/rendergate/reach"
	"github.com/rendergate/rendergate/render/manifest"
)

var netpolAllowAllEgress = &Check{
	ID:       "netpol-allow-all-egress",
	Title:    "Network policy lets pods reach everything",
	Severity: Medium,
	Topic:    NetworkIsolation,
	Since:    "0.1.0",
	Why:      "The pod may send data anywhere and ask the cloud's metadata service at 169.254.169.254 for the node's credentials.",
	Fix:      "Name in `to` what the program calls; where that is the internet, except 169.254.169.254/32 from the block.",
	Source:   "CIS Kubernetes 5.3.2; MITRE ATT&CK T1552.005",
	Aliases:  []string{"KSV-0038", "C-0052"},
	Covers:   coversOpening,
	Bad: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress:
    - ports: [{port: 443}] # want
    - to:
        - ipBlock: {cidr: 0.0.0.0/0} # want
`,
	Good: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress:
    - to:
        - ipBlock:
            cidr: 0.0.0.0/0
            except: [10.0.0.0/8, 169.254.0.0/16]
`,
	NearMiss: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: dns}
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress:
    - ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]
`,
	Run: func(p *Pass) {
		spec := p.Object.Root.Get("spec")
		if _, out := reach.Directions(spec); !isNetworkPolicy(p.Object) || !out {
			return
		}
		for _, o := range openings(spec.Get("egress"), "to", exceptsMetadata) {
			if onlyDNS(o.ports) {
				continue
			}
			p.Report(o.at, manifest.Subject{Class: o.class()}, "NetworkPolicy %q lets pods reach %s on %s; `to` is expected to name what is called, or to except 169.254.169.254/32",
				p.Object.Name, o.who, o.ports)
		}
	},
}
