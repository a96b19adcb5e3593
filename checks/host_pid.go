package checks

var hostPID = &Check{
	ID:       "host-pid",
	Title:    "Pod shares the node's process namespace",
	Severity: High,
	Topic:    PrivilegedContainers,
	Since:    "0.1.0",
	Why:      "The pod sees every process of the node, reads their environment and, as root, enters or kills them.",
	Fix:      "Remove `hostPID`.",
	Source:   "Pod Security Standards, baseline: Host Namespaces; CIS Kubernetes 5.2.3",
	Aliases:  []string{"CKV_K8S_17", "KSV-0010", "C-0275", "C-0038"},
	Mend:     sets("false"),
	Trial:    true,
	Bad:      podSpec("hostPID: true # want\n" + plainContainer),
	Good:     podSpec("hostPID: false\n" + plainContainer),
	NearMiss: podSpec("shareProcessNamespace: true\n" + plainContainer),
	Run:      sharesHost("hostPID", "process namespace"),
}
