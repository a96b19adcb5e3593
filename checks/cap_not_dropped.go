package checks

import "github.com/rendergate/rendergate/render/manifest"

var capNotDropped = &Check{
	ID:       "cap-not-dropped",
	Title:    "Container keeps the runtime's default capabilities",
	Severity: Medium,
	Topic:    PrivilegedContainers,
	Since:    "0.1.0",
	Why:      "The runtime's defaults hold a dozen parts of root's power that hardly any program needs, and that exploits do.",
	Fix:      "Set `securityContext.capabilities.drop: [ALL]`, and add back what is needed.",
	Source:   "Pod Security Standards, restricted: Capabilities; CIS Kubernetes 5.2.10",
	Aliases:  []string{"CKV_K8S_37", "CKV_K8S_28", "KSV-0003", "KSV-0106", "drop-net-raw-capability", "C-0201"},
	Mend: func(f Finding, _ []*manifest.Object) []manifest.Edit {
		if f.Node.Set() && !f.Node.IsList() {
			return nil
		}
		return []manifest.Edit{manifest.AppendTo(f.Node, "ALL")}
	},
	Trial:    true,
	Bad:      container("securityContext:\n  capabilities:\n    drop: [NET_RAW] # want\n"),
	Good:     container("securityContext:\n  capabilities:\n    drop: [all]\n"),
	NearMiss: podSpec("os: {name: windows}\n" + plainContainer),
	Run: func(p *Pass) {
		for c := range p.Object.Containers() {
			if windows(c.Pod) {
				continue
			}
			at := c.Get("securityContext", "capabilities", "drop")
			if !dropsAll(c) && c.Known(at) {
				p.Report(at, c.Subject(), "container %q does not drop all capabilities: drop is %s, accepted is [ALL]", c.Name(), listed(at))
			}
		}
	},
}
