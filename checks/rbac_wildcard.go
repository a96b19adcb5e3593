package checks

import (
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

var rbacWildcard = &Check{
	ID:       "rbac-wildcard",
	Title:    "Role uses wildcards",
	Severity: High,
	Topic:    Hygiene,
	Since:    "0.1.0",
	Why:      "A wildcard allows what nobody thought of, and what is installed later.",
	Fix:      "List the verbs, resources and groups that are used.",
	Source:   "CIS Kubernetes 5.1.3",
	Aliases:  []string{"CKV_K8S_49", "KSV-0044", "KSV-0045", "KSV-0046", "KSV-0112", "wildcard-in-rules", "C-0187"},
	Covers:   coversGrant,
	Bad: role(`- apiGroups: [apps]
  resources: ["*"] # want
  verbs: [get, list]
- apiGroups: [apps]
  resources:
    - deployments # want
  verbs: ["*"]
- nonResourceURLs: ["*"] # want
  verbs: [get]
`),
	Good: role(`- apiGroups: [apps]
  resources: [deployments]
  verbs: [get, list]
`),
	NearMiss: role(`- nonResourceURLs: ["/healthz/*"]
  verbs: [get]
`),
	Run: func(p *Pass) {
		var h held
		for g := range grants(p.Object) {
			if g.group == "*" || strings.HasPrefix(g.resource, "*") || strings.HasSuffix(g.resource, "/*") || g.verb == "*" {
				h.add(g)
			}
		}
		h.report(p, ", which is a wildcard; named verbs, resources and groups are expected")
		if p.Object.GroupKind() != rbacGroup+"/ClusterRole" {
			return
		}
		for rule := range p.Object.Root.Get("rules").Items() {
			for url := range rule.Get("nonResourceURLs").Items() {
				if url.Text() == "*" {
					p.Report(url, manifest.Subject{Class: "urls/*:*"}, "%s %q may reach every URL of the API server; named ones are expected", p.Object.Kind, p.Object.Name)
				}
			}
		}
	},
}
