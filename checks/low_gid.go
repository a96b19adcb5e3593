package checks

import "github.com/rendergate/rendergate/render/manifest"

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
	Run: func(p *Pass) {
		lowID("runAsGroup", "group")(p)
		for pod := range p.Object.Pods() {
			reportRootGroups(p, pod)
		}
	},
}

// reportRootGroups reports root's group among a pod's further ones.
func reportRootGroups(p *Pass, pod manifest.Pod) {
	context := pod.Spec().Get("securityContext")
	if at := context.Get("fsGroup"); isZero(at) {
		p.Report(at, pod.Subject().Of("fsGroup"), "volumes belong to root's group: %s", stated(at, "10000 or above"))
	}
	for item := range context.Get("supplementalGroups").Items() {
		if isZero(item) {
			p.Report(item, pod.Subject().Of("supplementalGroups"), "pods are in root's group: supplementalGroups has 0, accepted is any other")
			return
		}
	}
}

func isZero(at manifest.Node) bool {
	id, ok := at.Int()
	return ok && id == 0
}
