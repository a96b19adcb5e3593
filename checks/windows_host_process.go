package checks

import "github.com/rendergate/rendergate/render/manifest"

var windowsHostProcess = &Check{
	ID:       "windows-host-process",
	Title:    "Windows container runs as a process of the node",
	Severity: Critical,
	Topic:    PrivilegedContainers,
	Since:    "0.2.0",
	Why:      "A HostProcess container has the node's files, network and, as a system account, everything else: it is Windows' privileged.",
	Fix:      "Remove `windowsOptions.hostProcess`.",
	Source:   "Pod Security Standards, baseline: HostProcess; CIS Kubernetes 5.2.11",
	Aliases:  []string{"KSV-0103", "C-0202"},
	Mend:     sets("false"),
	Trial:    true,
	Bad: podSpec(`securityContext:
  windowsOptions:
    hostProcess: true # want
` + plainContainer),
	Good:     container("securityContext:\n  windowsOptions: {hostProcess: false}\n"),
	NearMiss: podSpec("os: {name: windows}\nsecurityContext: {windowsOptions: {runAsUserName: ContainerUser}}\n" + plainContainer),
	Run: func(p *Pass) {
		eachContext(p.Object, func(who string, subject manifest.Subject, context manifest.Node) {
			if at := context.Get("windowsOptions", "hostProcess"); at.IsTrue() || at.Unknown() {
				p.Report(at, subject, "%s runs as a process of the node: %s", who, stated(at, "false"))
			}
		})
	},
}
