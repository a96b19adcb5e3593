package checks

var runtimeSocket = &Check{
	ID:       "runtime-socket",
	Title:    "Pod mounts the container runtime's socket",
	Severity: Critical,
	Topic:    PrivilegedContainers,
	Since:    "0.1.0",
	Why:      "Whoever talks to the runtime starts privileged containers: the socket is root on the node, also when mounted read-only.",
	Fix:      "Build images without a daemon, and read metrics from the kubelet's API.",
	Source:   "MITRE ATT&CK for Containers T1611; CIS Docker 5.32",
	Aliases:  []string{"CKV_K8S_27", "KSV-0006", "docker-sock", "C-0074"},
	Covers:   coversPath,
	Bad: podSpec(plainContainer + `volumes:
  - name: docker
    hostPath:
      path: /var/run/docker.sock # want
  - name: containerd
    hostPath:
      path: /run/k3s/containerd/containerd.sock # want
`),
	Good: podSpec(plainContainer + `volumes:
  - name: docker
    emptyDir: {}
`),
	NearMiss: podSpec(plainContainer + `volumes:
  - name: plugin
    hostPath:
      path: /var/lib/kubelet/plugins/example/csi.sock
`),
	Run: func(p *Pass) {
		reportVolumes(p, runtimeSocketPath, "pods mount %s, which controls the node's containers; accepted is no such hostPath")
	},
}
