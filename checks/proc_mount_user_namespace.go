package checks

var procMountUserNamespace = &Check{
	ID:       "proc-mount-user-namespace",
	Title:    "Container in a user namespace sees the kernel's whole /proc",
	Severity: Low,
	Topic:    PrivilegedContainers,
	Since:    "0.2.0",
	Why: "What the runtime hides of /proc is readable again. The user namespace keeps the container from changing the node's kernel, as long as " +
		"the kernel has no flaw there.",
	Fix:    "Remove `procMount`, unless the container starts containers of its own.",
	Source: "Pod Security Standards, restricted: /proc Mount Type (Kubernetes 1.35 and later)",
	Covers: coversAny,
	Within: []string{"proc-mount"},
	Mend:   removes,
	Trial:  true,
	Bad: podSpec("hostUsers: false\n") + indented(6, `containers:
  - name: app
    image: registry.example.com/shop/app:1.0
    securityContext:
      procMount: Unmasked # want
`),
	Good:     podSpec("hostUsers: false\n") + indented(6, plainContainer),
	NearMiss: container("securityContext:\n  procMount: Unmasked\n"),
	Run:      unmasked(true),
}
