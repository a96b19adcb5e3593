package checks

var hostPathSensitive = &Check{
	ID:       "host-path-sensitive",
	Title:    "Pod mounts a sensitive folder of the node",
	Severity: High,
	Topic:    PrivilegedContainers,
	Since:    "0.1.0",
	Why: "These folders hold the node's configuration, devices, credentials and the other pods' data: reading them is often enough " +
		"to take the node over.",
	Fix:     "Mount the single file that is needed, read-only, or ask an API for what it holds.",
	Source:  "MITRE ATT&CK for Containers T1611; kube-linter sensitive-host-mounts",
	Aliases: []string{"sensitive-host-mounts", "KSV-0121"},
	Covers:  coversPath,
	Bad: podSpec(plainContainer + `volumes:
  - name: logs
    hostPath:
      path: /var/log # want
  - name: all
    hostPath: {path: /} # want
`),
	Good: podSpec(plainContainer + `volumes:
  - name: cache
    hostPath:
      path: /opt/cache
`),
	NearMiss: podSpec(plainContainer + `volumes:
  - name: cache
    hostPath:
      path: /etcetera
  - name: modules
    hostPath:
      path: /lib/modules
`),
	Run: func(p *Pass) {
		reportVolumes(p, func(dir string) bool { return sensitivePath(dir) && !runtimeSocketPath(dir) },
			"pods mount %s of the node, which is sensitive; accepted is no such hostPath")
	},
}
