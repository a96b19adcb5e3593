package checks

import (
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

var seccompUnset = &Check{
	ID:       "seccomp-unset",
	Title:    "Container has no seccomp profile",
	Severity: Medium,
	Topic:    PrivilegedContainers,
	Since:    "0.1.0",
	Why:      "Without a profile every system call of the node's kernel is there to be attacked.",
	Fix:      "Set `seccompProfile: {type: RuntimeDefault}` for the pod.",
	Source:   "Pod Security Standards, restricted: Seccomp; CIS Kubernetes 5.7.2",
	Aliases:  []string{"CKV_K8S_31", "KSV-0030", "C-0210", "KSV-0104", "C-0055"},
	Covers:   coversAny,
	Within:   []string{"seccomp-unconfined"},
	Mend: func(f Finding, _ []*manifest.Object) []manifest.Edit {
		return []manifest.Edit{manifest.SetTo(f.Node.Get("type"), "RuntimeDefault")}
	},
	Bad:      container("securityContext:\n  privileged: false # want\n"),
	Good:     podSpec("securityContext:\n  seccompProfile: {type: RuntimeDefault}\n" + plainContainer),
	NearMiss: container("securityContext:\n  seccompProfile: {type: Localhost, localhostProfile: app.json}\n"),
	Run: func(p *Pass) {
		for c := range p.Object.Containers() {
			if windows(c.Pod) {
				continue
			}
			at := c.Effective("seccompProfile")
			switch seccompType(c) {
			case "RuntimeDefault", "Localhost", "Unconfined": // the last is seccomp-unconfined's
			default:
				if !c.KnownEffective(at) {
					continue
				}
				p.Report(firstUnknown(at, at.Get("type")), c.Subject(), "container %q has no seccomp profile: %s", c.Name(), stated(at, "RuntimeDefault or Localhost"))
			}
		}
	},
}

// seccompType is the effective profile of a container: the field, else the
// annotations that it replaced.
func seccompType(c manifest.Container) string {
	if t := c.Effective("seccompProfile").Get("type").Text(); t != "" {
		return t
	}
	notes := c.Pod.Metadata().Get("annotations")
	text := notes.Get("container.seccomp.security.alpha.kubernetes.io/" + c.Name()).Text()
	if text == "" {
		text = notes.Get("seccomp.security.alpha.kubernetes.io/pod").Text()
	}
	return profileOf(text)
}

// profileOf is what the annotations call a profile, as the field calls it.
func profileOf(text string) string {
	switch {
	case text == "runtime/default", text == "docker/default":
		return "RuntimeDefault"
	case strings.HasPrefix(text, "localhost/"):
		return "Localhost"
	case text == "unconfined":
		return "Unconfined"
	}
	return ""
}
