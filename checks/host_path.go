package checks

var hostPath = &Check{
	ID:       "host-path",
	Title:    "Pod mounts a folder of the node",
	Severity: Medium,
	Topic:    PrivilegedContainers,
	Since:    "0.1.0",
	Why:      "A hostPath outlives the pod, is shared with every other pod on the node and is a way out of the container.",
	Fix:      "Use an emptyDir, a PersistentVolumeClaim or a projected volume.",
	Source:   "Pod Security Standards, baseline: HostPath Volumes; CIS Kubernetes 5.2.12",
	Aliases:  []string{"KSV-0023", "C-0048"},
	Covers:   coversPath,
	Bad: podSpec(plainContainer + `volumes:
  - name: data
    hostPath:
      path: /mnt/data # want
`),
	Good: podSpec(plainContainer + `volumes:
  - name: data
    emptyDir: {}
`),
	NearMiss: `apiVersion: v1
kind: PersistentVolume
metadata:
  name: data
spec:
  hostPath:
    path: /mnt/data
`,
	Run: func(p *Pass) {
		reportVolumes(p, func(string) bool { return true }, "pods mount %s of the node; accepted is no hostPath")
	},
}
