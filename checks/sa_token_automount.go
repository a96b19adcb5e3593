package checks

import "github.com/rendergate/rendergate/render/manifest"

var saTokenAutomount = &Check{
	ID:       "sa-token-automount",
	Title:    "Pod mounts its service account's token",
	Severity: Low,
	Topic:    Hygiene,
	Since:    "0.1.0",
	Why:      "Whoever breaks into the pod can use the token against the API server, although most programs never do.",
	Fix:      "Set `automountServiceAccountToken: false` for the pod or its service account.",
	Source:   "CIS Kubernetes 5.1.6",
	Aliases:  []string{"CKV_K8S_38", "KSV-0036", "C-0190"},
	Mend:     sets("false"),
	Trial:    true,
	Bad: podSpec(`serviceAccountName: web # want
` + plainContainer),
	Good: podSpec("automountServiceAccountToken: false\n" + plainContainer),
	NearMiss: podSpec("serviceAccountName: web\n"+plainContainer) + `---
apiVersion: v1
kind: ServiceAccount
metadata: {name: web}
automountServiceAccountToken: false
`,
	RunTarget: func(p *Pass) {
		off := map[[2]string]bool{}
		for _, o := range p.Objects {
			if o.GroupKind() == "ServiceAccount" && o.Root.Get("automountServiceAccountToken").IsFalse() {
				off[[2]string{o.Namespace, o.Name}] = true
			}
		}
		for _, o := range p.Objects {
			for pod := range o.Pods() {
				at := pod.Spec().Get("automountServiceAccountToken")
				if at.IsFalse() || !pod.Known(at) || !at.Set() && off[[2]string{o.Namespace, serviceAccount(pod)}] {
					continue
				}
				p.Report(at, pod.Subject(), "pods mount the token of service account %q: %s", serviceAccount(pod), stated(at, "false"))
			}
		}
	},
}

func serviceAccount(pod manifest.Pod) string {
	for _, field := range []string{"serviceAccountName", "serviceAccount"} {
		if name := pod.Spec().Get(field).Text(); name != "" {
			return name
		}
	}
	return "default"
}
