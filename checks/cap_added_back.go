package checks

import "slices"

var capAddedBack = &Check{
	ID:       "cap-added-back",
	Title:    "Container drops all capabilities and adds one back",
	Severity: Low,
	Topic:    PrivilegedContainers,
	Since:    "0.2.0",
	Why:      "The capability is one of the runtime's defaults; the restricted standard leaves only NET_BIND_SERVICE, which opens low ports.",
	Fix:      "Remove the capability: run as the image's user, and have files owned by it at build time.",
	Source:   "Pod Security Standards, restricted: Capabilities",
	Aliases:  []string{"KSV-0106"},
	Covers:   coversAny,
	Within:   []string{"cap-not-dropped"},
	Mend:     dropsCapability,
	Trial:    true,
	Bad:      container("securityContext:\n  capabilities:\n    drop: [ALL]\n    add: [CHOWN] # want\n"),
	Good:     container("securityContext:\n  capabilities:\n    drop: [ALL]\n    add: [NET_BIND_SERVICE]\n"),
	NearMiss: container("securityContext:\n  capabilities:\n    add: [CHOWN]\n"),
	Run: func(p *Pass) {
		for c := range p.Object.Containers() {
			if dropsAll(c) && !windows(c.Pod) {
				p.reportAdded(c, "NET_BIND_SERVICE", func(_, text string) bool {
					return text != "NET_BIND_SERVICE" && slices.Contains(baselineCapabilities, text)
				})
			}
		}
	},
}
