package checks

var rbacControl = &Check{
	ID:       "rbac-control",
	Title:    "Role may control nodes, admission or credentials",
	Severity: High,
	Topic:    Hygiene,
	Since:    "0.1.0",
	Why: "Through the node proxy one runs commands in any pod; through webhooks one sees and changes every object; " +
		"with certificates, tokens, volumes or service addresses one becomes somebody else.",
	Fix:     "Use the narrow resource instead (nodes/metrics for nodes/proxy), or leave this to a component of the cluster.",
	Source:  "CIS Kubernetes 5.1.9 to 5.1.13",
	Aliases: []string{"CKV_K8S_155", "CKV_K8S_156", "KSV-0047", "KSV-0114", "CKV2_K8S_2", "CKV2_K8S_4", "C-0278", "C-0279", "C-0280", "C-0281", "C-0282"},
	Covers:  coversGrant,
	Bad: role(`- apiGroups: [""]
  resources:
    - nodes/proxy # want
  verbs: [get]
- apiGroups: [admissionregistration.k8s.io]
  resources: [mutatingwebhookconfigurations] # want
  verbs: [patch]
- apiGroups: [""]
  resources: [serviceaccounts/token] # want
  verbs: [create]
`),
	Good: role(`- apiGroups: [""]
  resources: [nodes, nodes/metrics, nodes/stats]
  verbs: [get, list, watch]
`),
	NearMiss: role(`- apiGroups: [""]
  resources: [nodes/status]
  verbs: [patch]
- apiGroups: ["*"]
  resources: ["*"]
  verbs: [get]
`),
	Run: reportPowers(control(), "; a narrower resource, or none of this, is expected"),
}

func control() []power {
	remove := append([]string{"delete", "deletecollection"}, writing...)
	change := []string{"update", "patch"}
	return []power{
		{"core", "nodes/proxy", append([]string{"get"}, remove...), true},
		{"core", "nodes", remove, true},
		{"admissionregistration.k8s.io", "validatingwebhookconfigurations", remove, true},
		{"admissionregistration.k8s.io", "mutatingwebhookconfigurations", remove, true},
		{"certificates.k8s.io", "certificatesigningrequests/approval", change, true},
		{"certificates.k8s.io", "signers", []string{"approve", "sign"}, true},
		{"core", "serviceaccounts/token", []string{"create"}, true},
		{"core", "persistentvolumes", []string{"create"}, true},
		{"core", "services/status", change, true},
	}
}
