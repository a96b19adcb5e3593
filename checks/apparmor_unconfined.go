package checks

import (
	"strconv"

	"github.com/rendergate/rendergate/render/manifest"
)

var apparmorUnconfined = &Check{
	ID:       "apparmor-unconfined",
	Title:    "Container switches AppArmor off",
	Severity: Medium,
	Topic:    PrivilegedContainers,
	Since:    "0.2.0",
	Why:      "The runtime's profile keeps a container from mounting, from tracing and from writing to the kernel's files; unconfined, nothing does.",
	Fix:      "Remove the profile, or set `appArmorProfile: {type: RuntimeDefault}`.",
	Source:   "Pod Security Standards, baseline: AppArmor; CIS Kubernetes 5.7.3",
	Aliases:  []string{"KSV-0002"},
	Trial:    true,
	Mend: func(f Finding, _ []*manifest.Object) []manifest.Edit {
		if f.Node.Get("type").Set() {
			return []manifest.Edit{manifest.SetTo(f.Node.Get("type"), "RuntimeDefault")}
		}
		return []manifest.Edit{manifest.SetTo(f.Node, "runtime/default")}
	},
	Bad: podSpec(`securityContext:
  appArmorProfile: {type: Unconfined} # want
` + plainContainer),
	Good: container("securityContext:\n  appArmorProfile: {type: RuntimeDefault}\n"),
	NearMiss: `apiVersion: v1
kind: Pod
metadata:
  name: web
  annotations: {container.apparmor.security.beta.kubernetes.io/app: localhost/web}
spec:
  containers: [{name: app, image: "registry.example.com/app:1.0"}]
`,
	Run: func(p *Pass) {
		report := func(at manifest.Node, profile, who string, subject manifest.Subject) {
			switch profile {
			case "", "RuntimeDefault", "Localhost":
			default:
				p.Report(at, subject, "%s switches AppArmor off: the profile is %s, accepted is RuntimeDefault or Localhost", who, profile)
			}
		}
		eachContext(p.Object, func(who string, subject manifest.Subject, context manifest.Node) {
			at := context.Get("appArmorProfile")
			report(at, at.Get("type").Text(), who, subject)
		})
		for c := range p.Object.Containers() {
			if own := c.Get("securityContext", "appArmorProfile"); own.Set() {
				continue // which replaced the annotation
			}
			at := c.Pod.Metadata().Get("annotations", "container.apparmor.security.beta.kubernetes.io/"+c.Name())
			profile := at.Text()
			if known := profileOf(profile); known != "" {
				profile = known
			}
			report(at, profile, "the annotation for container "+strconv.Quote(c.Name()), c.Subject())
		}
	},
}
