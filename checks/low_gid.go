package checks

var lowGID = &Check{
	ID:       "low-gid",
	Title:    "Container's group may be one of the node's",
	Severity: Low,
	Topic:    PrivilegedContainers,
	Since:    "0.2.0",
	Off:      true,
	Why:      "Unless told otherwise the group is root's, whose files on the node and on shared volumes it then reads.",
	Fix:      "Set `runAsGroup` to 10000 or above, for the pod or the container.",
	Source:   "NSA Kubernetes Hardening Guidance, Non-root containers; Trivy KSV-0021, KSV-0116",
	Aliases:  []string{"KSV-0021", "KSV-0116"},
	Bad:      container("securityContext:\n  runAsGroup: 0 # want\n"),
	Good:     podSpec("securityContext: {runAsGroup: 10001}\n" + plainContainer),
	NearMiss: podSpec("os: {name: windows}\n" + plainContainer),
	Run:      lowID("runAsGroup", "group"),
}
