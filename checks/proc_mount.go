package checks

import "github.com/rendergate/rendergate/render/manifest"

var procMount = &Check{
	ID:       "proc-mount",
	Title:    "Container sees the kernel's whole /proc",
	Severity: Medium,
	Topic:    PrivilegedContainers,
	Since:    "0.2.0",
	Why:      "The runtime hides and write-protects parts of /proc through which a container changes the node's kernel.",
	Fix:      "Remove `procMount`.",
	Source:   "Pod Security Standards, baseline: /proc Mount Type",
	Aliases:  []string{"KSV-0027", "unsafe-proc-mount"},
	Mend:     removes,
	Trial:    true,
	Bad:      container("securityContext:\n  procMount: Unmasked # want\n"),
	Good:     container("securityContext:\n  procMount: Default\n"),
	NearMiss: podSpec("hostUsers: false\n") + indented(6, "containers:\n  - name: app\n    image: registry.example.com/shop/app:1.0\n    securityContext: {procMount: Unmasked}\n"),
	Run:      unmasked(false),
}

// unmasked reports containers that see the whole of /proc, in pods with a user
// namespace of their own or in those without.
func unmasked(inUserNamespace bool) func(*Pass) {
	return func(p *Pass) {
		for c := range p.Object.Containers() {
			at := c.Get("securityContext", "procMount")
			if at.Set() && at.Text() != "Default" && userNamespace(c.Pod) == inUserNamespace {
				p.Report(at, c.Subject(), "container %q sees the kernel's whole /proc: %s", c.Name(), stated(at, "Default"))
			}
		}
	}
}

// removes is a Mend that takes away what the finding points at.
func removes(f Finding, _ []*manifest.Object) []manifest.Edit {
	return []manifest.Edit{manifest.Remove(f.Node)}
}
