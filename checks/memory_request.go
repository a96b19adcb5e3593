package checks

var memoryRequest = &Check{
	ID:       "memory-request",
	Title:    "Container requests no memory",
	Severity: Low,
	Topic:    Hygiene,
	Since:    "0.1.0",
	Why:      "The scheduler packs the pod anywhere, and when the node runs short of memory it is the first to be killed.",
	Fix:      "Set `resources.requests.memory` to what the program usually uses.",
	Source:   "Kubernetes documentation, Resource Management for Pods and Containers",
	Aliases:  []string{"CKV_K8S_12", "KSV-0016", "unset-memory-requirements", "C-0269", "C-0004"},
	Bad:      container("resources:\n  requests: {cpu: 100m} # want\n"),
	Good:     container("resources:\n  requests: {memory: 64Mi}\n"),
	NearMiss: container("resources:\n  limits: {memory: 64Mi}\n"),
	Run:      reportResource("requests", "memory"),
}
