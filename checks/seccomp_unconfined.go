package checks

import "github.com/rendergate/rendergate/render/manifest"

var seccompUnconfined = &Check{
	ID:       "seccomp-unconfined",
	Title:    "Container switches seccomp off",
	Severity: High,
	Topic:    PrivilegedContainers,
	Since:    "0.1.0",
	Why:      "Every system call of the node's kernel is there to be attacked, also where the cluster's default would forbid it.",
	Fix:      "Set `seccompProfile: {type: RuntimeDefault}`.",
	Source:   "Pod Security Standards, baseline: Seccomp",
	Aliases:  []string{"KSV-0104"},
	Mend: func(f Finding, _ []*manifest.Object) []manifest.Edit {
		return []manifest.Edit{manifest.SetTo(f.Node.Get("type"), "RuntimeDefault")}
	},
	Trial:    true,
	Bad:      container("securityContext:\n  seccompProfile: {type: Unconfined} # want\n"),
	Good:     container("securityContext:\n  seccompProfile: {type: RuntimeDefault}\n"),
	NearMiss: container("securityContext:\n  privileged: false\n"),
	Run: func(p *Pass) {
		for c := range p.Object.Containers() {
			if seccompType(c) == "Unconfined" {
				p.Report(c.Effective("seccompProfile"), c.Subject(), "container %q switches seccomp off: its profile is Unconfined, accepted is RuntimeDefault or Localhost", c.Name())
			}
		}
	},
}
