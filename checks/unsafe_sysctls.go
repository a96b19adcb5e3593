package checks

import "slices"

// safeSysctls are namespaced and isolated: setting them changes the pod alone
// (Pod Security Standards of Kubernetes 1.37).
var safeSysctls = []string{
	"kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range",
	"net.ipv4.ip_unprivileged_port_start", "net.ipv4.ip_local_reserved_ports", "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout",
	"net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem",
	"net.ipv4.tcp_slow_start_after_idle", "net.ipv4.tcp_notsent_lowat",
}

var unsafeSysctls = &Check{
	ID:       "unsafe-sysctls",
	Title:    "Pod sets an unsafe kernel parameter",
	Severity: Medium,
	Topic:    PrivilegedContainers,
	Since:    "0.2.0",
	Why:      "It may change the whole node, take its memory or weaken the isolation of its other pods; kubelets refuse it unless told otherwise.",
	Fix:      "Remove it, or set it for nodes of their own with the kubelet's `allowedUnsafeSysctls`.",
	Source:   "Pod Security Standards, baseline: Sysctls",
	Aliases:  []string{"KSV-0026"},
	Mend:     removes,
	Trial:    true,
	Bad: podSpec(`securityContext:
  sysctls:
    - name: net.core.somaxconn # want
      value: "1024"
` + plainContainer),
	Good: podSpec(`securityContext:
  sysctls:
    - name: net.ipv4.ip_unprivileged_port_start
      value: "0"
` + plainContainer),
	NearMiss: container("env:\n  - name: net.core.somaxconn\n    value: \"1024\"\n"),
	Run: func(p *Pass) {
		for pod := range p.Object.Pods() {
			for item := range pod.Spec().Get("securityContext", "sysctls").Items() {
				name := item.Get("name").Text()
				if name != "" && !slices.Contains(safeSysctls, name) {
					p.Report(item, pod.Subject().Of(name), "pods set the kernel parameter %s, which is unsafe; accepted are those that change the pod alone", name)
				}
			}
		}
	},
}
