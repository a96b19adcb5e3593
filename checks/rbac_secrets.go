package checks

import (
	"slices"
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

var rbacSecrets = &Check{
	ID:       "rbac-secrets",
	Title:    "Role may read or write secrets",
	Severity: Medium,
	Topic:    Hygiene,
	Since:    "0.1.0",
	Why:      "Secrets hold the tokens of other service accounts: reading them all is becoming them all.",
	Fix:      "Name the secrets with `resourceNames`, or mount them instead.",
	Source:   "CIS Kubernetes 5.1.2",
	Aliases:  []string{"KSV-0041", "KSV-0113", "access-to-secrets", "CKV2_K8S_5", "C-0186"},
	Covers:   coversSecrets,
	Bad: role(`- apiGroups: [""]
  resources:
    - configmaps
    - secrets # want
  verbs: [get, list, watch]
`),
	Good: role(`- apiGroups: [""]
  resources: [configmaps]
  verbs: [get, list, watch]
`),
	NearMiss: role(`- apiGroups: [bitnami.com]
  resources: [sealedsecrets]
  verbs: [get]
- apiGroups: [external-secrets.io]
  resources: [secrets]
  verbs: [get]
`),
	Run: func(p *Pass) {
		seen := map[string]bool{}
		for g := range grants(p.Object) {
			if g.group != "core" && g.group != "*" || g.resource != "secrets" && g.resource != "*" {
				continue
			}
			names := g.names
			if len(names) == 0 {
				names = []string{"*"}
			}
			for _, access := range secretAccess(g.verb) {
				for _, name := range names {
					class := access + " " + name
					if !seen[class] {
						seen[class] = true
						p.Report(g.at, manifest.Subject{Class: class}, "%s %q may %s", p.Object.Kind, p.Object.Name, secretsPhrase(access, name))
					}
				}
			}
		}
	},
}

func secretsPhrase(access, name string) string {
	if name == "*" {
		return access + " all secrets"
	}
	return access + " the secret " + name
}

// secretAccess sorts a verb into reading and writing.
func secretAccess(verb string) []string {
	switch verb {
	case "*":
		return []string{"read", "write"}
	case "get", "list", "watch":
		return []string{"read"}
	case "create", "update", "patch", "delete", "deletecollection":
		return []string{"write"}
	}
	return nil
}

// coversSecrets says that base gave the same access to all secrets, or to that
// one: losing resourceNames is a worsening, gaining them is not.
func coversSecrets(base []string, head string) bool {
	access, _, _ := strings.Cut(head, " ")
	return slices.Contains(base, head) || slices.Contains(base, access+" *")
}
