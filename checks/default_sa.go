package checks

import "github.com/rendergate/rendergate/render/manifest"

var defaultSA = &Check{
	ID:       "default-sa",
	Title:    "Namespace's default service account is in use",
	Severity: Low,
	Topic:    Hygiene,
	Since:    "0.2.0",
	Why:      "Whatever one pod needs, all that name no account get: rights cannot be given, or traced, to one of them.",
	Fix:      "Name a service account of its own in `serviceAccountName`; where none is needed, set `automountServiceAccountToken: false`.",
	Source:   "CIS Kubernetes 5.1.5",
	Aliases:  []string{"CKV_K8S_41", "default-service-account", "C-0189"},
	Bad: podSpec(`serviceAccountName: default # want
`+plainContainer) + `---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: default # want
`,
	Good: podSpec("serviceAccountName: web\n" + plainContainer),
	NearMiss: podSpec("automountServiceAccountToken: false\n"+plainContainer) + `---
apiVersion: v1
kind: ServiceAccount
metadata: {name: default}
automountServiceAccountToken: false
`,
	RunTarget: func(p *Pass) {
		off := tokensOff(p.Objects)
		for _, o := range p.Objects {
			if own := o.Root.Get("automountServiceAccountToken"); o.GroupKind() == "ServiceAccount" && o.Name == "default" && !own.IsFalse() {
				p.Report(o.Root.Get("metadata", "name"), manifest.Subject{}, "the default service account gives its token to pods: %s", stated(own, "false"))
			}
			for pod := range o.Pods() {
				at := accountAt(pod)
				if serviceAccount(pod) == "default" && pod.Known(at) && mountsToken(o, pod, off) {
					p.Report(at, pod.Subject(), "pods run as the namespace's default service account: %s", stated(at, "an account of their own"))
				}
			}
		}
	},
}
