package checks

var writableRootFS = &Check{
	ID:       "writable-root-fs",
	Title:    "Container may change its own files",
	Severity: Low,
	Topic:    PrivilegedContainers,
	Since:    "0.1.0",
	Why:      "An intruder changes the program or brings tools along; with a read-only root there is nowhere to put them.",
	Fix:      "Set `securityContext.readOnlyRootFilesystem: true`, and mount an emptyDir where the program writes.",
	Source:   "NSA Kubernetes Hardening Guidance, Immutable container file systems",
	Aliases:  []string{"CKV_K8S_22", "KSV-0014", "no-read-only-root-fs", "C-0017"},
	Mend:     sets("true"),
	Trial:    true,
	Bad:      container("securityContext:\n  privileged: false # want\n"),
	Good:     container("securityContext:\n  readOnlyRootFilesystem: true\n"),
	NearMiss: podSpec("os: {name: windows}\n" + plainContainer),
	Run: func(p *Pass) {
		for c := range p.Object.Containers() {
			if windows(c.Pod) {
				continue // which cannot have it
			}
			if at := c.Get("securityContext", "readOnlyRootFilesystem"); !at.IsTrue() && c.Known(at) {
				p.Report(at, c.Subject(), "container %q may change its own files: %s", c.Name(), stated(at, "true"))
			}
		}
	},
}
