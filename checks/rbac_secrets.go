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
		order, verbs, at, beside := []string{}, map[string][]string{}, map[string]manifest.Node{}, map[string][]manifest.Node{}
		for g := range grants(p.Object) {
			if g.group != "core" && g.group != "*" || g.resource != "secrets" && g.resource != "*" || !slices.Contains(secretVerbs, g.verb) {
				continue
			}
			names := g.names
			if len(names) == 0 {
				names = []string{"*"}
			}
			for _, name := range names {
				if verbs[name] == nil {
					order, at[name] = append(order, name), g.at
				}
				beside[name] = append(beside[name], g.beside[:]...)
				if !slices.Contains(verbs[name], g.verb) {
					verbs[name] = append(verbs[name], g.verb)
				}
			}
		}
		for _, name := range order {
			list := strings.Join(slices.Sorted(slices.Values(verbs[name])), ",")
			which := "the secret " + name
			if name == "*" {
				which = "all secrets"
			}
			p.ReportBeside(beside[name], at[name], manifest.Subject{Class: list + " " + name}, "%s %q may %s %s; no access, or reading through a mount, is expected", p.Object.Kind, p.Object.Name,
				strings.ReplaceAll(list, ",", ", "), which)
		}
	},
}

var secretVerbs = []string{"*", "get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"}

// coversSecrets says that base allowed each verb on all secrets, or on that
// one: losing resourceNames is a worsening, gaining them is not.
func coversSecrets(base []string, head string) bool {
	verbs, name, _ := strings.Cut(head, " ")
	for verb := range strings.SplitSeq(verbs, ",") {
		covered := slices.ContainsFunc(base, func(class string) bool {
			baseVerbs, baseName, _ := strings.Cut(class, " ")
			allowed := strings.Split(baseVerbs, ",")
			return (baseName == "*" || baseName == name) && (slices.Contains(allowed, "*") || slices.Contains(allowed, verb))
		})
		if !covered {
			return false
		}
	}
	return true
}
