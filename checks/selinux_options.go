package checks

import (
	"slices"
	"strconv"

	"github.com/rendergate/rendergate/render/manifest"
)

// selinuxTypes are the types of processes that stay in their container.
var selinuxTypes = []string{"container_t", "container_init_t", "container_kvm_t", "container_engine_t"}

var selinuxOptions = &Check{
	ID:       "selinux-options",
	Title:    "Container chooses an SELinux type, user or role of its own",
	Severity: Medium,
	Topic:    PrivilegedContainers,
	Since:    "0.2.0",
	Why:      "A type such as spc_t, or another user or role, takes the container out of the rules that keep it from the node's files and processes.",
	Fix:      "Remove it; a `level` of its own is fine.",
	Source:   "Pod Security Standards, baseline: SELinux",
	Aliases:  []string{"KSV-0025"},
	Trial:    true,
	Mend:     removes,
	Bad: container(`securityContext:
  seLinuxOptions:
    type: spc_t # want
    user: system_u # want
    role: sysadm_r # want
`),
	Good:     container("securityContext:\n  seLinuxOptions: {level: \"s0:c123,c456\"}\n"),
	NearMiss: container("securityContext:\n  seLinuxOptions: {type: container_t, user: \"\"}\n"),
	Run: func(p *Pass) {
		eachContext(p.Object, func(who string, subject manifest.Subject, context manifest.Node) {
			options := context.Get("seLinuxOptions")
			if at := options.Get("type"); at.Text() != "" && !slices.Contains(selinuxTypes, at.Text()) {
				p.Report(at, subject.Of("type "+at.Text()), "%s chooses an SELinux type of its own: %s", who, stated(at, "container_t or absent"))
			}
			for _, field := range []string{"user", "role"} {
				if at := options.Get(field); at.Text() != "" {
					p.Report(at, subject.Of(field+" "+at.Text()), "%s chooses an SELinux %s of its own: %s", who, field, stated(at, "absent"))
				}
			}
		})
	},
}

// eachContext visits the security contexts of pods and of containers, each by
// itself: the Pod Security Standards refuse what a pod says also where its
// containers say otherwise.
func eachContext(o *manifest.Object, visit func(who string, subject manifest.Subject, context manifest.Node)) {
	for pod := range o.Pods() {
		visit("the pod", pod.Subject(), pod.Spec().Get("securityContext"))
		for c := range pod.Containers() {
			visit("container "+strconv.Quote(c.Name()), c.Subject(), c.Get("securityContext"))
		}
	}
}
