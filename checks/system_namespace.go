package checks

import (
	"slices"
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

var systemNamespace = &Check{
	ID:       "system-namespace",
	Title:    "Workload goes to a namespace of the system",
	Severity: Medium,
	Topic:    DefaultNamespace,
	Since:    "0.1.0",
	Why:      "Service accounts and secrets of kube-system are those of the cluster; admission rules mostly leave it out.",
	Fix:      "Give the workload a namespace of its own; what the cluster needs to run sets `priorityClassName: system-cluster-critical`.",
	Source:   "Kubernetes documentation, Namespaces; Trivy KSV-0037",
	Aliases:  []string{"KSV-0037"},
	Bad:      strings.Replace(podSpec(plainContainer), "  name: web\n", "  name: web\n  namespace: kube-system # want\n", 1),
	Good:     strings.Replace(podSpec(plainContainer), "  name: web\n", "  name: web\n  namespace: shop\n", 1),
	NearMiss: strings.Replace(podSpec("priorityClassName: system-node-critical\n"+plainContainer), "  name: web\n", "  name: web\n  namespace: kube-system\n", 1) + `---
apiVersion: v1
kind: ConfigMap
metadata: {name: aws-auth, namespace: kube-system}
---
apiVersion: v1
kind: Pod
metadata:
  name: kube-apiserver
  namespace: kube-system
  labels: {tier: control-plane}
spec:
  containers: [{name: kube-apiserver, image: "registry.k8s.io/kube-apiserver:v1.37.0"}]
`,
	Run: func(p *Pass) {
		o := p.Object
		foreign := false
		for pod := range o.Pods() {
			foreign = foreign || o.Namespace != "kube-system" || !ofSystem(pod)
		}
		if !foreign || !slices.Contains([]string{"kube-system", "kube-public", "kube-node-lease"}, o.Namespace) {
			return
		}
		p.Report(o.Root.Get("metadata", "namespace"), manifest.Subject{Class: o.Namespace}, "%s %q goes to namespace %s; one of its own is expected", o.Kind, o.Name, o.Namespace)
	},
}

// ofSystem says that a pod is a part of the cluster: it has the priority that
// only those have, or Kubernetes' own image or labels.
func ofSystem(pod manifest.Pod) bool {
	if strings.HasPrefix(pod.Spec().Get("priorityClassName").Text(), "system-") {
		return true
	}
	own := pod.Metadata().Get("labels")
	if own.Get("tier").Text() == "control-plane" || own.Get("kubernetes.io/cluster-service").Exists() {
		return true
	}
	for c := range pod.Spec().Items("containers") {
		if strings.HasPrefix(c.Get("image").Text(), "registry.k8s.io/") {
			return true
		}
	}
	return false
}
