package checks

import "slices"

var capDangerous = &Check{
	ID:       "cap-dangerous",
	Title:    "Container has a capability that leads to the node",
	Severity: High,
	Topic:    PrivilegedContainers,
	Since:    "0.1.0",
	Why:      "It forges packets, loads kernel modules, reads other processes or every file: one step from the node.",
	Fix:      "Remove the capability, or keep the work that needs it in a small container of its own.",
	Source:   "Pod Security Standards, baseline: Capabilities; CIS Kubernetes 5.2.9",
	Aliases:  []string{"KSV-0119", "KSV-0120", "CKV_K8S_25", "C-0046"},
	Covers:   coversCapability,
	Within:   []string{"cap-sys-admin", "privileged-container"},
	Mend:     dropsCapability,
	Trial:    true,
	Bad:      container("securityContext:\n  capabilities:\n    add:\n      - CHOWN\n      - CAP_NET_RAW # want\n"),
	Good:     container("securityContext:\n  capabilities:\n    drop: [ALL]\n"),
	NearMiss: container("securityContext:\n  capabilities:\n    add: [NET_BIND_SERVICE]\n"),
	Run:      addsAny("those of the baseline standard", func(name, _ string) bool { return slices.Contains(dangerousCapabilities, name) }),
}
