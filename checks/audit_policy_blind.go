package checks

import (
	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

var auditPolicyBlind = &Check{
	ID:       auditPolicyBlindID,
	Title:    "Audit policy records nothing of what an attacker does",
	Severity: High,
	Topic:    AuditLogging,
	Since:    "0.1.0",
	Why:      "Reading secrets, opening a shell in a pod or granting a role leaves no trace, although the log is on.",
	Fix:      "Record at least Metadata for requests of people to secrets, pods, pods/exec, role bindings and namespaces; put `level: None` only on what is noise.",
	Source:   "CIS Kubernetes 3.2.2",
	Aliases:  []string{"C-0161"},
	Bad: `apiVersion: audit.k8s.io/v1
kind: Policy
rules:
  - level: None # want
    resources:
      - group: ""
        resources: [secrets]
  - level: Metadata
---
apiVersion: v1
kind: ConfigMap
metadata: {name: audit, namespace: kube-system}
data:
  policy.yaml: |
    apiVersion: audit.k8s.io/v1
    kind: Policy
    rules:
      - level: Metadata
      - level: None
---
apiVersion: v1
kind: ConfigMap
metadata: {name: audit-2, namespace: kube-system}
data:
  policy.yaml: |
    apiVersion: audit.k8s.io/v1
    kind: Policy
    rules:
      - level: Metadata # want
        resources:
          - group: ""
            resources: [secrets, pods, pods/exec]
          - group: rbac.authorization.k8s.io
`,
	Good: `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - level: None
    users: [system:kube-proxy]
    verbs: [watch]
  - level: Metadata
`,
	NearMiss: `apiVersion: audit.k8s.io/v1
kind: Policy
rules:
  - level: None
    userGroups: [system:nodes]
    verbs: [get]
    resources:
      - group: ""
        resources: [secrets]
  - level: Metadata
`,
	Run: func(p *Pass) {
		for _, policy := range p.auditPolicies() {
			for _, probe := range auditProbes {
				if got := policy.Ask(probe.request); got.Nothing() {
					at := got.By
					if level := at.Get("level"); level.Exists() {
						at = level
					}
					p.Report(at, manifest.Subject{Class: probe.name}, "the audit policy of %s records nothing when somebody %s; Metadata is the least that is expected",
						infra.Described(p.Object), probe.does)
				}
			}
		}
	},
}

// auditPolicies are the policies that the object carries. One that the API
// server refuses is a finding: with it, nothing starts or nothing is recorded.
func (p *Pass) auditPolicies() []infra.AuditPolicy {
	return infra.AuditPolicies(p.Object, func(at manifest.Node, err error) {
		if p.rule.ID == auditPolicyBlindID && !at.HasUnknown() {
			p.Report(at, manifest.Subject{Class: "refused"}, "the API server refuses the audit policy of %s: %v", infra.Described(p.Object), err)
		}
	})
}

const auditPolicyBlindID = "audit-policy-blind"

// auditProbe is a request of which a log is asked what it shows.
type auditProbe struct {
	name, does string
	request    infra.Request
}

// auditProbes are what a log has to show of a person.
var auditProbes = []auditProbe{
	{"read-secret", "reads a secret", person(infra.Request{Verb: "get", Resource: "secrets"})},
	{"create-pod", "creates a pod", person(infra.Request{Verb: "create", Resource: "pods"})},
	{"exec", "runs a command in a pod", person(infra.Request{Verb: "create", Resource: "pods", Sub: "exec"})},
	{"bind-role", "binds a cluster role", person(infra.Request{Verb: "create", Group: "rbac.authorization.k8s.io", Resource: "clusterrolebindings"})},
	{"delete-namespace", "deletes a namespace", person(infra.Request{Verb: "delete", Resource: "namespaces"})},
}

// person is the request of somebody who logged in, in a namespace of the users'.
func person(r infra.Request) infra.Request {
	r.User, r.Groups, r.Name = "somebody@example.com", []string{"system:authenticated"}, "x"
	if r.Resource != "clusterrolebindings" && r.Resource != "namespaces" {
		r.In = "shop"
	}
	return r
}
