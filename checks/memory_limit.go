package checks

var memoryLimit = &Check{
	ID:       "memory-limit",
	Title:    "Container has no memory limit",
	Severity: Low,
	Topic:    Hygiene,
	Since:    "0.1.0",
	Why:      "A program that leaks takes the node's memory, and the kernel kills other pods for it.",
	Fix:      "Set `resources.limits.memory`.",
	Source:   "NSA Kubernetes Hardening Guidance, Resource policies",
	Aliases:  []string{"CKV_K8S_13", "KSV-0018", "C-0271", "unset-memory-requirements", "C-0004", "C-0009"},
	Bad:      container("resources:\n  limits: {cpu: 100m} # want\n"),
	Good:     container("resources:\n  limits: {memory: 64Mi}\n"),
	NearMiss: podSpec("resources:\n  limits: {memory: 64Mi}\n" + plainContainer),
	Run:      reportResource("limits", "memory"),
}
