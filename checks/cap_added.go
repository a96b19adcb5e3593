package checks

import "slices"

var capAdded = &Check{
	ID:       "cap-added",
	Title:    "Container has a capability beyond the baseline",
	Severity: Medium,
	Topic:    PrivilegedContainers,
	Since:    "0.1.0",
	Why:      "Each capability is a part of root's power; those outside the baseline change the node and not only the container.",
	Fix:      "Remove the capability.",
	Source:   "Pod Security Standards, baseline: Capabilities; CIS Kubernetes 5.2.9",
	Aliases:  []string{"CKV_K8S_25", "KSV-0022", "C-0200", "C-0046"},
	Covers:   coversCapability,
	Within:   []string{"cap-sys-admin", "privileged-container"},
	Mend:     dropsCapability,
	Trial:    true,
	Bad:      container("securityContext:\n  capabilities:\n    add: [SYS_TIME] # want\n"),
	Good:     container("securityContext:\n  capabilities:\n    add: [CHOWN]\n"),
	NearMiss: container("securityContext:\n  capabilities:\n    drop: [SYS_TIME, ALL]\n"),
	Run: addsAny("those of the baseline standard", func(name, text string) bool {
		return !slices.Contains(baselineCapabilities, text) && !slices.Contains(dangerousCapabilities, name) &&
			!slices.Contains(adminCapabilities, name)
	}),
}
