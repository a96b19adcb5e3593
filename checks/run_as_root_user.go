package checks

var runAsRootUser = &Check{
	ID:       "run-as-root-user",
	Title:    "Container runs as root",
	Severity: High,
	Topic:    PrivilegedContainers,
	Since:    "0.1.0",
	Why:      "Root in the container is root of whatever it breaks out into, and may change every file of the image.",
	Fix:      "Set `runAsUser` to the user that the image has for its program.",
	Source:   "Pod Security Standards, restricted: Running as Non-root user",
	Aliases:  []string{"KSV-0105", "C-0013"},
	Bad:      container("securityContext:\n  runAsUser: 0 # want\n"),
	Good:     container("securityContext:\n  runAsUser: 1000\n"),
	NearMiss: podSpec("securityContext: {runAsUser: 0}\ncontainers:\n  - name: app\n    image: registry.example.com/shop/app:1.0\n    securityContext: {runAsUser: 10}\n"),
	Run: func(p *Pass) {
		for c := range p.Object.Containers() {
			if userNamespace(c.Pod) || windows(c.Pod) {
				continue
			}
			at := c.Effective("runAsUser")
			if id, ok := at.Int(); ok && id == 0 {
				p.Report(at, c.Subject(), "container %q runs as root: %s", c.Name(), stated(at, "any other id"))
			}
		}
	},
}
