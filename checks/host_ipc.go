package checks

var hostIPC = &Check{
	ID:       "host-ipc",
	Title:    "Pod shares the node's IPC namespace",
	Severity: High,
	Topic:    PrivilegedContainers,
	Since:    "0.1.0",
	Why:      "The pod reads and writes the shared memory of the node's own processes and of other pods that do the same.",
	Fix:      "Remove `hostIPC`; an emptyDir with `medium: Memory` shares memory within the pod.",
	Source:   "Pod Security Standards, baseline: Host Namespaces; CIS Kubernetes 5.2.4",
	Aliases:  []string{"CKV_K8S_18", "KSV-0008", "C-0276", "C-0038"},
	Mend:     sets("false"),
	Trial:    true,
	Bad:      podSpec("hostIPC: true # want\n" + plainContainer),
	Good:     podSpec("hostIPC: false\n" + plainContainer),
	NearMiss: podSpec("hostIPC: null\n" + plainContainer),
	Run:      sharesHost("hostIPC", "IPC namespace"),
}
