package checks

var hostNetwork = &Check{
	ID:       "host-network",
	Title:    "Pod shares the node's network",
	Severity: High,
	Topic:    PrivilegedContainers,
	Since:    "0.1.0",
	Why:      "The pod listens on the node's addresses, reaches its loopback and its metadata service, and no network policy applies to it.",
	Fix:      "Remove `hostNetwork`; expose ports with a Service.",
	Source:   "Pod Security Standards, baseline: Host Namespaces; CIS Kubernetes 5.2.5",
	Aliases:  []string{"CKV_K8S_19", "KSV-0009", "C-0041"},
	Mend:     sets("false"),
	Trial:    true,
	Bad:      podSpec("hostNetwork: true # want\n" + plainContainer),
	Good:     podSpec("hostNetwork: false\n" + plainContainer),
	NearMiss: podSpec("dnsPolicy: ClusterFirstWithHostNet\n" + plainContainer),
	Run:      sharesHost("hostNetwork", "network"),
}
