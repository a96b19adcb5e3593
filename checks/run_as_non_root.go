package checks

import "github.com/rendergate/rendergate/render/manifest"

var runAsNonRoot = &Check{
	ID:       "run-as-non-root",
	Title:    "Container may run as root",
	Severity: Medium,
	Topic:    PrivilegedContainers,
	Since:    "0.1.0",
	Why:      "Root in the container is root of whatever it breaks out into; without the field the image decides.",
	Fix:      "Set `runAsNonRoot: true`, or a `runAsUser` above 0, for the pod or the container.",
	Source:   "Pod Security Standards, restricted: Running as Non-root; CIS Kubernetes 5.2.7",
	Aliases:  []string{"CKV_K8S_23", "KSV-0012", "C-0013"},
	Mend:     sets("true"),
	Trial:    true,
	Bad:      container("securityContext:\n  privileged: false # want\n"),
	Good:     podSpec("securityContext: {runAsNonRoot: true}\n" + plainContainer),
	NearMiss: podSpec("securityContext: {runAsUser: 1000}\n" + plainContainer),
	Run: func(p *Pass) {
		for c := range p.Object.Containers() {
			if userNamespace(c.Pod) {
				continue
			}
			if at := c.Effective("runAsNonRoot"); !at.IsTrue() && !someUser(c) && c.KnownEffective(at) {
				p.Report(at, c.Subject(), "container %q may run as root: %s", c.Name(), stated(at, "true, or a runAsUser above 0"))
			}
		}
	},
}

// someUser says that a container runs as a user that is named and not root.
func someUser(c manifest.Container) bool {
	id, ok := c.Effective("runAsUser").Int()
	return ok && id > 0
}

// userNamespace says that root in the pod is nobody on the node, which relaxes
// the rules on users (Pod Security Standards, since v1.29).
func userNamespace(pod manifest.Pod) bool {
	return pod.Spec().Get("hostUsers").IsFalse()
}
