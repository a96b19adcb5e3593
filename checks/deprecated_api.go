package checks

import "github.com/rendergate/rendergate/render/manifest"

var deprecatedAPI = &Check{
	ID:       "deprecated-api",
	Title:    "API is deprecated",
	Severity: Medium,
	Topic:    Hygiene,
	Since:    "0.1.0",
	Why:      "The next upgrade of the cluster refuses the object, and with it the release.",
	Fix:      "Use the version that replaces it; `kube-version` of the target says which cluster is meant.",
	Source:   "Kubernetes documentation, Deprecated API Migration Guide",
	Aliases:  []string{"KSV-0107"},
	Mend:     renewed,
	Bad: `apiVersion: resource.k8s.io/v1beta2 # want
kind: DeviceClass
metadata: {name: gpu}
spec: {}
`,
	Good: `apiVersion: resource.k8s.io/v1
kind: DeviceClass
metadata: {name: gpu}
spec: {}
`,
	NearMiss: `apiVersion: policy/v1beta1
kind: PodDisruptionBudget
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
---
apiVersion: example.com/v1beta1
kind: Ingress
metadata: {name: web}
`,
	Run: func(p *Pass) {
		now, l := minorOf(p.Settings.KubeVersion), lifecycleOf(p.Object.Ref)
		if l.deprecated == 0 || now < l.deprecated || l.removed > 0 && now >= l.removed {
			return
		}
		p.Report(p.Object.Root.Get("apiVersion"), manifest.Subject{Class: p.Object.APIVersion}, "%s %q uses %s, which is deprecated since Kubernetes 1.%d%s; %s is expected",
			p.Object.Kind, p.Object.Name, p.Object.APIVersion, l.deprecated, until(l), orNothing(l.instead))
	},
}
