package checks

var probeHost = &Check{
	ID:       "probe-host",
	Title:    "Probe or hook is sent to a host of the author's choice",
	Severity: Medium,
	Topic:    PrivilegedContainers,
	Since:    "0.2.0",
	Why:      "The kubelet sends the request from the node's network, to the node's own loopback too: whoever writes the pod scans what only nodes reach.",
	Fix:      "Remove `host`; the pod's own address is the default.",
	Source:   "Pod Security Standards, baseline: Host Probes / Lifecycle Hooks (Kubernetes 1.34 and later)",
	Mend:     removes,
	Bad: container(`livenessProbe:
  httpGet:
    host: 127.0.0.1 # want
    port: 10250
lifecycle:
  preStop:
    tcpSocket: {host: 169.254.169.254, port: 80} # want
`),
	Good:     container("livenessProbe:\n  httpGet: {port: 8080}\n"),
	NearMiss: container("livenessProbe:\n  httpGet:\n    host: \"\"\n    port: 8080\n    httpHeaders: [{name: Host, value: shop.example.com}]\n"),
	Run: func(p *Pass) {
		for c := range p.Object.Containers() {
			for _, way := range [][]string{
				{"livenessProbe"}, {"readinessProbe"}, {"startupProbe"}, {"lifecycle", "postStart"}, {"lifecycle", "preStop"},
			} {
				for _, action := range []string{"httpGet", "tcpSocket"} {
					what := way[len(way)-1]
					if at := c.Get(way...).Get(action, "host"); at.Text() != "" {
						p.Report(at, c.Subject().Of(what+" "+at.Text()), "the %s of container %q names a host: %s", what, c.Name(), stated(at, "absent"))
					}
				}
			}
		}
	},
}
