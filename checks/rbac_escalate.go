package checks

var rbacEscalate = &Check{
	ID:       "rbac-escalate",
	Title:    "Role may give itself more rights",
	Severity: High,
	Topic:    Hygiene,
	Since:    "0.1.0",
	Why:      "Binding, escalating or impersonating turns any role into any other, up to cluster-admin.",
	Fix:      "Drop the verbs `bind`, `escalate` and `impersonate`, and do not let programs write roles or bindings.",
	Source:   "CIS Kubernetes 5.1.8",
	Aliases:  []string{"CKV_K8S_157", "CKV_K8S_158", "KSV-0043", "KSV-0050", "KSV-0051", "KSV-0052", "CKV2_K8S_1", "CKV2_K8S_3", "C-0191"},
	Covers:   coversGrant,
	Bad: role(`- apiGroups: [rbac.authorization.k8s.io]
  resources: [clusterroles] # want
  verbs: [bind]
- apiGroups: [""]
  resources: [serviceaccounts] # want
  verbs: [impersonate]
- apiGroups: [rbac.authorization.k8s.io]
  resources: [rolebindings] # want
  verbs: [create]
`),
	Good: role(`- apiGroups: [rbac.authorization.k8s.io]
  resources: [clusterroles, rolebindings]
  verbs: [get, list, watch]
`),
	NearMiss: role(`- apiGroups: [example.com]
  resources: [roles]
  verbs: [create, bind]
- apiGroups: ["*"]
  resources: ["*"]
  verbs: [get]
`),
	Run: reportPowers(escalation(), "; reading roles and bindings at most is expected"),
}

func escalation() []power {
	var all []power
	for _, resource := range []string{"roles", "clusterroles"} {
		all = append(all, power{group: rbacGroup, resource: resource, verbs: append([]string{"bind", "escalate"}, writing...)})
	}
	for _, resource := range []string{"rolebindings", "clusterrolebindings"} {
		all = append(all, power{group: rbacGroup, resource: resource, verbs: append([]string{"bind"}, writing...)})
	}
	for _, who := range []string{"users", "groups", "serviceaccounts"} {
		all = append(all, power{group: "core", resource: who, verbs: []string{"impersonate"}})
	}
	for _, who := range []string{"uids", "userextras"} {
		all = append(all, power{group: "authentication.k8s.io", resource: who, verbs: []string{"impersonate"}})
	}
	return all
}
