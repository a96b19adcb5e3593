package checks

var cpuRequest = &Check{
	ID:       "cpu-request",
	Title:    "Container requests no CPU",
	Severity: Low,
	Topic:    Hygiene,
	Since:    "0.1.0",
	Why:      "The scheduler packs the pod anywhere, and on a busy node it is the first to starve.",
	Fix:      "Set `resources.requests.cpu` to what the program usually uses.",
	Source:   "Kubernetes documentation, Resource Management for Pods and Containers",
	Aliases:  []string{"CKV_K8S_10", "KSV-0015", "unset-cpu-requirements", "C-0268", "C-0050"},
	Bad:      container("resources:\n  requests: {memory: 64Mi} # want\n"),
	Good:     container("resources:\n  requests: {cpu: 100m}\n"),
	NearMiss: container("resources:\n  limits: {cpu: 100m}\n"),
	Run:      reportResource("requests", "cpu"),
}
