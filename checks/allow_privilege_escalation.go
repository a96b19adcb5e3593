package checks

var allowPrivilegeEscalation = &Check{
	ID:       "allow-privilege-escalation",
	Title:    "Container may gain privileges",
	Severity: Medium,
	Topic:    PrivilegedContainers,
	Since:    "0.1.0",
	Why:      "A setuid program inside the image turns any user into root; unless told otherwise the kernel allows it.",
	Fix:      "Set `securityContext.allowPrivilegeEscalation: false`.",
	Source:   "Pod Security Standards, restricted: Privilege Escalation; CIS Kubernetes 5.2.6",
	Aliases:  []string{"CKV_K8S_20", "KSV-0001", "privilege-escalation-container", "C-0016"},
	Mend:     sets("false"),
	Bad:      container("securityContext:\n  runAsNonRoot: true # want\n"),
	Good:     container("securityContext:\n  allowPrivilegeEscalation: false\n"),
	NearMiss: podSpec("os: {name: windows}\n" + plainContainer),
	Run: func(p *Pass) {
		for c := range p.Object.Containers() {
			if windows(c.Pod) {
				continue
			}
			if at := c.Get("securityContext", "allowPrivilegeEscalation"); !at.IsFalse() && c.Known(at) {
				p.Report(at, c.Subject(), "container %q may gain privileges: %s", c.Name(), stated(at, "false"))
			}
		}
	},
}
