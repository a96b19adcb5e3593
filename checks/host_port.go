package checks

import (
	"strconv"

	"github.com/rendergate/rendergate/render/manifest"
)

var hostPort = &Check{
	ID:       "host-port",
	Title:    "Container listens on a port of the node",
	Severity: Medium,
	Topic:    PrivilegedContainers,
	Since:    "0.1.0",
	Why:      "The port is reachable on the node's address, past Services and often past network policies, and only one pod a node can have it.",
	Fix:      "Remove `hostPort` and expose the port with a Service.",
	Source:   "Pod Security Standards, baseline: Host Ports; CIS Kubernetes 5.2.13",
	Aliases:  []string{"CKV_K8S_26", "KSV-0024", "C-0044"},
	Mend: func(f Finding, _ []*manifest.Object) []manifest.Edit {
		edit := manifest.Remove(f.Node)
		edit.Same = "0"
		return []manifest.Edit{edit}
	},
	Bad: container(`ports:
  - containerPort: 8080
    hostPort: 8080 # want
`),
	Good: container(`ports:
  - containerPort: 8080
`),
	NearMiss: container(`ports:
  - containerPort: 8080
    hostPort: 0
`),
	Run: func(p *Pass) {
		for c := range p.Object.Containers() {
			for port := range c.Get("ports").Items() {
				at := port.Get("hostPort")
				if n, ok := at.Int(); ok && n != 0 {
					p.Report(at, c.Subject().Of(strconv.FormatInt(n, 10)), "container %q listens on port %d of the node; accepted is no hostPort", c.Name(), n)
				}
			}
		}
	},
}
