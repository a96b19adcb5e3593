package checks

import (
	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

var auditPolicyLeaks = &Check{
	ID:       "audit-policy-leaks",
	Title:    "Audit policy writes secrets into the log",
	Severity: Medium,
	Topic:    AuditLogging,
	Since:    "0.1.0",
	Why:      "The audit log holds the secrets and tokens themselves, and many more may read it than may read them.",
	Fix:      "Record secrets, configmaps, tokenreviews and serviceaccounts/token at level Metadata, in a rule before the others.",
	Source:   "CIS Kubernetes 3.2.2; Kubernetes documentation, Auditing",
	Aliases:  []string{},
	Bad: `apiVersion: audit.k8s.io/v1
kind: Policy
rules:
  - level: RequestResponse # want
    resources:
      - group: ""
        resources: [secrets]
  - level: Metadata
`,
	Good: `apiVersion: audit.k8s.io/v1
kind: Policy
rules:
  - level: Metadata
    resources:
      - group: ""
        resources: [secrets, configmaps, serviceaccounts/token]
      - group: authentication.k8s.io
        resources: [tokenreviews]
  - level: RequestResponse
`,
	NearMiss: `apiVersion: audit.k8s.io/v1
kind: Policy
rules:
  - level: Request # of a read there is no body
    verbs: [get, list, watch]
    resources:
      - group: ""
        resources: [secrets, configmaps]
  - level: Metadata
`,
	Mend: recordsMetadata,
	Run: func(p *Pass) {
		for _, policy := range p.auditPolicies() {
			for _, probe := range leakProbes {
				for _, request := range probe.requests {
					got := policy.Ask(request)
					sent, answered := got.Bodies()
					if sent && probe.inRequest(request) || answered {
						p.Report(got.By.Get("level"), manifest.Subject{Class: probe.name}, "the audit policy of %s writes the content of %s into the log: level %s for %s, Metadata is expected",
							infra.Described(p.Object), probe.name, got.Level, request.Verb)
						break
					}
				}
			}
		}
	},
}

// leakProbe is a resource whose content is a secret.
type leakProbe struct {
	name     string
	requests []infra.Request
}

// inRequest says that the content is in what is sent, not only in the answer.
func (l leakProbe) inRequest(r infra.Request) bool {
	return r.Verb != "get" && r.Resource != "serviceaccounts"
}

// holdsSecrets says that what is sent or answered is what audit-policy-leaks looks
// for in a log.
func (a auditProbe) holdsSecrets() bool {
	switch a.request.Resource {
	case "secrets", "configmaps", "tokenreviews":
		return true
	}
	return a.request.Resource == "serviceaccounts" && a.request.Sub == "token"
}

var leakProbes = []leakProbe{
	{"secrets", []infra.Request{person(infra.Request{Verb: "create", Resource: "secrets"}), person(infra.Request{Verb: "get", Resource: "secrets"})}},
	{"configmaps", []infra.Request{person(infra.Request{Verb: "create", Resource: "configmaps"}), person(infra.Request{Verb: "get", Resource: "configmaps"})}},
	{"tokenreviews", []infra.Request{person(infra.Request{Verb: "create", Group: "authentication.k8s.io", Resource: "tokenreviews"})}},
	{"serviceaccounts/token", []infra.Request{person(infra.Request{Verb: "create", Resource: "serviceaccounts", Sub: "token"})}},
}

// recordsMetadata lowers a rule that is about nothing but such resources.
func recordsMetadata(f Finding, _ []*manifest.Object) []manifest.Edit {
	const levelKey = 1
	keys := f.Node.Keys()
	if o := f.Node.Object(); o == nil || o.GroupKind() != "audit.k8s.io/Policy" || len(keys) <= levelKey {
		return nil
	}
	rule := f.Node.Object().Root.Follow(keys[:len(keys)-levelKey])
	names := 0
	for group := range rule.Get("resources").Items() {
		for name := range group.Get("resources").Items() {
			switch name.Text() {
			case "secrets", "configmaps", "tokenreviews", "serviceaccounts/token":
				names++
			default:
				return nil
			}
		}
	}
	if names == 0 {
		return nil
	}
	return []manifest.Edit{manifest.SetTo(f.Node, "Metadata")}
}
