package checks

import "github.com/rendergate/rendergate/render/manifest"

var rbacClusterAdmin = &Check{
	ID:       "rbac-cluster-admin",
	Title:    "Binding gives cluster-admin",
	Severity: High,
	Topic:    Hygiene,
	Since:    "0.1.0",
	Why:      "cluster-admin is everything: every secret, every node, every rule that protects them.",
	Fix:      "Bind a role with what is needed.",
	Source:   "CIS Kubernetes 5.1.1",
	Aliases:  []string{"KSV-0111", "cluster-admin-role-binding", "C-0185"},
	Bad:      binding("cluster-admin # want", "- {kind: ServiceAccount, name: web, namespace: shop}\n"),
	Good:     binding("view", "- {kind: ServiceAccount, name: web, namespace: shop}\n"),
	NearMiss: role("- apiGroups: [\"\"]\n  resources: [pods]\n  resourceNames: [cluster-admin]\n  verbs: [get]\n"),
	Run: func(p *Pass) {
		at := roleRef(p.Object)
		if at.Get("kind").Text() == "ClusterRole" && at.Get("name").Text() == "cluster-admin" {
			p.Report(at.Get("name"), manifest.Subject{}, "%s %q gives cluster-admin; a role with what is needed is expected", p.Object.Kind, p.Object.Name)
		}
	},
}

// roleRef is what a binding binds; absent for any other object.
func roleRef(o *manifest.Object) manifest.Node {
	if o.Group() == rbacGroup && (o.Kind == "RoleBinding" || o.Kind == "ClusterRoleBinding") {
		return o.Root.Get("roleRef")
	}
	return manifest.Node{}
}
