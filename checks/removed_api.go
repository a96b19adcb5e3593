package checks

import (
	"fmt"

	"github.com/rendergate/rendergate/render/manifest"
)

var removedAPI = &Check{
	ID:       "removed-api",
	Title:    "API is gone from the cluster",
	Severity: High,
	Topic:    Hygiene,
	Since:    "0.1.0",
	Why:      "The API server does not know the object: applying it fails, and with it the whole release.",
	Fix:      "Use the version that replaces it; `kube-version` of the target says which cluster is meant.",
	Source:   "Kubernetes documentation, Deprecated API Migration Guide",
	Aliases:  []string{"KSV-0107", "no-extensions-v1beta"},
	Mend:     renewed,
	Bad: `apiVersion: policy/v1beta1 # want
kind: PodDisruptionBudget
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
---
apiVersion: autoscaling/v2beta2 # want
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  maxReplicas: 3
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
`,
	Good: `apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
`,
	NearMiss: `apiVersion: monitoring.coreos.com/v1beta1
kind: PodDisruptionBudget
metadata: {name: web}
---
apiVersion: resource.k8s.io/v1beta2
kind: DeviceClass
metadata: {name: gpu}
spec: {}
`,
	Run: func(p *Pass) {
		now, l := minorOf(p.Settings.KubeVersion), lifecycleOf(p.Object.Ref)
		// Charts ask whether the cluster has v1, and no client library tells helm so.
		asked := p.Object.Kind == "APIService" && !p.Object.Origin.Exact
		if l.removed == 0 || now < l.removed || asked {
			return
		}
		p.Report(p.Object.Root.Get("apiVersion"), manifest.Subject{Class: p.Object.APIVersion}, "%s %q uses %s, which Kubernetes 1.%d removed, and the target is 1.%d; %s is expected",
			p.Object.Kind, p.Object.Name, p.Object.APIVersion, l.removed, now, orNothing(l.instead))
	},
}

func until(l lifecycle) string {
	if l.removed == 0 {
		return ""
	}
	return fmt.Sprintf(" and goes with 1.%d", l.removed)
}

func orNothing(instead string) string {
	if instead == "" {
		return "another way to say it"
	}
	return instead
}
