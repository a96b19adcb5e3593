package checks

var cpuLimit = &Check{
	ID:       "cpu-limit",
	Title:    "Container has no CPU limit",
	Severity: Low,
	Topic:    Hygiene,
	Since:    "0.1.0",
	Off:      true,
	Why:      "A program that spins takes all that its neighbours do not request. Many teams leave CPU limits out on purpose.",
	Fix:      "Set `resources.limits.cpu`.",
	Source:   "Kubernetes documentation, Resource Management for Pods and Containers",
	Aliases:  []string{"CKV_K8S_11", "KSV-0011", "C-0270", "unset-cpu-requirements", "C-0050", "C-0009"},
	Bad:      container("resources:\n  limits: {memory: 64Mi} # want\n"),
	Good:     container("resources:\n  limits: {cpu: 100m}\n"),
	NearMiss: podSpec("resources:\n  limits: {cpu: 100m}\n" + plainContainer),
	Run:      reportResource("limits", "cpu"),
}
