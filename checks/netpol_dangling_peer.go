package checks

import (
	"strings"
)

var netpolDanglingPeer = &Check{
	ID:       "netpol-dangling-peer",
	Title:    "Network policy allows pods that are not there",
	Severity: Low,
	Topic:    NetworkIsolation,
	Since:    "0.1.0",
	Why:      "A peer that selects no pod cuts off who should get through, or lets through whoever takes those labels.",
	Fix:      "Write in the peer's `podSelector` the labels of the pods that are meant, or take the peer away.",
	Source:   "kube-linter dangling-networkpolicypeer-podselector",
	Aliases:  []string{"dangling-networkpolicypeer-podselector"},
	Bad: podSpec(plainContainer) + webPolicy + `  ingress:
    - from:
        - podSelector: {matchLabels: {app: frnot}} # want
`,
	Good: podSpec(plainContainer) + strings.ReplaceAll(webPolicy, "metadata: {name: web}", "metadata: {name: open}") + `  ingress:
    - from:
        - podSelector: {matchLabels: {app: web}}
        - podSelector: {}
`,
	NearMiss: podSpec(plainContainer) + webPolicy + `  ingress:
    - from:
        - namespaceSelector: {}
          podSelector: {matchLabels: {app: prometheus}}
`,
	RunTarget: func(p *Pass) {
		known := neighboursOf(p.Together())
		for _, o := range p.Objects {
			if !isNetworkPolicy(o) {
				continue
			}
			for _, side := range [][2]string{{"ingress", "from"}, {"egress", "to"}} {
				for rule := range o.Root.Get("spec", side[0]).Items() {
					for peer := range rule.Get(side[1]).Items() {
						if !peer.Get("namespaceSelector").Set() {
							known.reportDangling(p, o, peer.Get("podSelector"), side[1])
						}
					}
				}
			}
		}
	},
}
