package checks

import "slices"

var capSysAdmin = &Check{
	ID:       "cap-sys-admin",
	Title:    "Container has the capability SYS_ADMIN",
	Severity: Critical,
	Topic:    PrivilegedContainers,
	Since:    "0.1.0",
	Why:      "SYS_ADMIN mounts file systems and enters namespaces: it is privileged by another name.",
	Fix:      "Remove it, and add the narrow capability that the program needs (PERFMON, BPF, SYSLOG).",
	Source:   "Pod Security Standards, baseline: Capabilities; capabilities(7)",
	Aliases:  []string{"CKV_K8S_39", "KSV-0005", "C-0046"},
	Covers:   coversCapability,
	Within:   []string{"privileged-container"},
	Mend:     dropsCapability,
	Trial:    true,
	Bad:      container("securityContext:\n  capabilities:\n    add: [SYS_ADMIN] # want\n"),
	Good:     container("securityContext:\n  capabilities:\n    add: [NET_BIND_SERVICE]\n"),
	NearMiss: container("securityContext:\n  capabilities:\n    drop: [SYS_ADMIN, ALL]\n"),
	Run:      addsAny("those of the baseline standard", func(name, _ string) bool { return slices.Contains(adminCapabilities, name) }),
}
