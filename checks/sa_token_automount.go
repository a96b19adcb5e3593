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
		off, any := map[[2]string]bool{}, false
		for _, o := range p.Objects {
			if at := o.Root.Get("automountServiceAccountToken"); o.GroupKind() == "ServiceAccount" && (at.IsFalse() || at.Unknown()) {
				any = any || o.Root.Get("metadata", "name").Unknown() || o.Root.Get("metadata", "namespace").Unknown() // it may be that of any pod
				off[[2]string{o.Namespace, o.Name}] = true
			}
		}
		for _, o := range p.Objects {
			for pod := range o.Pods() {
				at := pod.Spec().Get("automountServiceAccountToken")
				if at.IsFalse() || !pod.Known(at) || !at.Set() && (any || off[[2]string{o.Namespace, serviceAccount(pod)}]) {
					continue
				}
				p.Report(firstUnknown(at, pod.Spec().Get("serviceAccountName"), o.Root.Get("metadata", "namespace")), pod.Subject(), "pods mount the token of service account %q: %s", serviceAccount(pod), stated(at, "false"))
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
