package checks

var readinessProbe = &Check{
	ID:       "readiness-probe",
	Title:    "Container has no readiness probe",
	Severity: Low,
	Topic:    Hygiene,
	Since:    "0.1.0",
	Off:      true,
	Why:      "Requests reach the pod before the program can answer them, at each start and at each roll-out.",
	Fix:      "Add a `readinessProbe`.",
	Source:   "Kubernetes documentation, Configure Liveness, Readiness and Startup Probes",
	Aliases:  []string{"CKV_K8S_9", "C-0018", "no-readiness-probe"},
	Bad: podSpec(`containers:
  - name: app # want
    image: registry.example.com/shop/app:1.0
`),
	Good: container("readinessProbe:\n  httpGet: {path: /ready, port: 8080}\n"),
	NearMiss: podSpec(`initContainers:
  - name: setup
    image: registry.example.com/shop/setup:1.0
` + "containers:\n  - name: app\n    image: registry.example.com/shop/app:1.0\n    readinessProbe: {exec: {command: [check]}}\n"),
	Run: reportProbe("readinessProbe", "readiness"),
}
