package checks

var rbacPods = &Check{
	ID:       "rbac-pods",
	Title:    "Role may create or change pods, or run commands in them",
	Severity: Medium,
	Topic:    Hygiene,
	Since:    "0.1.0",
	Why:      "A pod runs with any service account and any secret of its namespace: who makes one has them.",
	Fix:      "Leave workloads to the deployment tool; give the program the narrow resource that it manages.",
	Source:   "CIS Kubernetes 5.1.4",
	Aliases:  []string{"KSV-0048", "KSV-0053", "KSV-0054", "CKV2_K8S_2", "access-to-create-pods", "C-0188", "C-0002", "C-0063"},
	Covers:   coversGrant,
	Bad: role(`- apiGroups: [""]
  resources: [pods] # want
  verbs: [get, create]
- apiGroups: [""]
  resources: [pods/exec] # want
  verbs: [create]
- apiGroups: [apps]
  resources: [deployments] # want
  verbs: [patch]
`),
	Good: role(`- apiGroups: [""]
  resources: [pods, pods/log]
  verbs: [get, list, watch]
`),
	NearMiss: role(`- apiGroups: [""]
  resources: [pods]
  verbs: [delete]
- apiGroups: [""]
  resources: [pods/eviction]
  verbs: [create]
- apiGroups: [apps]
  resources: [deployments/scale, deployments/status]
  verbs: [update]
- apiGroups: ["*"]
  resources: ["*"]
  verbs: [get]
`),
	Run: reportPowers(podPowers(), "; reading them at most is expected"),
}

// podPowers are the ways to have a pod of one's own making, or someone else's.
func podPowers() []power {
	all := []power{{group: "core", resource: "pods", verbs: writing}, {group: "core", resource: "replicationcontrollers", verbs: writing}}
	for group, kinds := range map[string][]string{
		"apps": {"deployments", "statefulsets", "daemonsets", "replicasets"}, "extensions": {"deployments", "daemonsets", "replicasets"},
		"batch": {"jobs", "cronjobs"},
	} {
		for _, kind := range kinds {
			all = append(all, power{group: group, resource: kind, verbs: writing})
		}
	}
	for _, sub := range []string{"pods/exec", "pods/attach", "pods/portforward"} {
		// Getting one over a websocket is using it.
		all = append(all, power{group: "core", resource: sub, verbs: []string{"create", "get"}, named: true})
	}
	return all
}
