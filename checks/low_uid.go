package checks

// lowest is the first id that hardly any system gives to a user or group.
const lowest = 10000

var lowUID = &Check{
	ID:       "low-uid",
	Title:    "Container's user may be one of the node's",
	Severity: Low,
	Topic:    PrivilegedContainers,
	Since:    "0.2.0",
	Off:      true,
	Why:      "Out of the container it has the rights of the node's user with that id; ids from 10000 on are nobody's.",
	Fix:      "Set `runAsUser` to 10000 or above, for the pod or the container.",
	Source:   "NSA Kubernetes Hardening Guidance, Non-root containers; Checkov CKV_K8S_40",
	Aliases:  []string{"CKV_K8S_40", "KSV-0020"},
	Bad:      container("securityContext:\n  runAsUser: 1000 # want\n"),
	Good:     podSpec("securityContext: {runAsUser: 10001}\n" + plainContainer),
	NearMiss: podSpec("hostUsers: false\n" + plainContainer),
	Run:      lowID("runAsUser", "user"),
}

// lowID reports containers whose user or group may be one of the node's: it is
// below lowest, or the image's to choose.
func lowID(field, what string) func(*Pass) {
	return func(p *Pass) {
		for c := range p.Object.Containers() {
			at := c.Effective(field)
			id, given := at.Int()
			if windows(c.Pod) || userNamespace(c.Pod) || !c.KnownEffective(at) || id >= lowest || at.Set() && !given {
				continue
			}
			p.Report(at, c.Subject(), "the %s of container %q may be one of the node's: %s", what, c.Name(), stated(at, "10000 or above"))
		}
	}
}
