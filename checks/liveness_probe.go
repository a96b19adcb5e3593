package checks

var livenessProbe = &Check{
	ID:       "liveness-probe",
	Title:    "Container has no liveness probe",
	Severity: Low,
	Topic:    Hygiene,
	Since:    "0.1.0",
	Off:      true,
	Why:      "A program that hangs stays as it is until somebody notices.",
	Fix:      "Add a `livenessProbe` that fails only when a restart helps.",
	Source:   "Kubernetes documentation, Configure Liveness, Readiness and Startup Probes",
	Aliases:  []string{"CKV_K8S_8", "no-liveness-probe", "C-0056"},
	Bad: podSpec(`containers:
  - name: app # want
    image: registry.example.com/shop/app:1.0
`),
	Good: container("livenessProbe:\n  httpGet: {path: /live, port: 8080}\n"),
	NearMiss: `apiVersion: batch/v1
kind: Job
metadata: {name: web}
spec:
  template:
    spec:
      containers:
        - name: app
          image: registry.example.com/shop/app:1.0
---
apiVersion: v1
kind: Pod
metadata: {name: once}
spec:
  restartPolicy: Never
  containers:
    - name: app
      image: registry.example.com/shop/app:1.0
`,
	Run: reportProbe("livenessProbe", "liveness"),
}
