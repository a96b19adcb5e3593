package checks

import (
	"slices"

	"github.com/rendergate/rendergate/render/manifest"
)

var namespaceNoPSS = &Check{
	ID:       "namespace-no-pss",
	Title:    "Namespace enforces no pod security standard",
	Severity: Medium,
	Topic:    DefaultNamespace,
	Since:    "0.1.0",
	Why:      "Without the label the API server lets privileged pods in, whoever may create pods there.",
	Fix:      "Label the namespace with `pod-security.kubernetes.io/enforce: restricted`, or `baseline`.",
	Source:   "CIS Kubernetes 5.2.1; Kubernetes documentation, Pod Security Admission",
	Aliases:  []string{"C-0192"},
	Trial:    true,
	Mend: func(f Finding, all []*manifest.Object) []manifest.Edit {
		own := func(o *manifest.Object) bool { return o.Namespace == f.Object.Name && !baseline(o) }
		if slices.ContainsFunc(all, own) {
			return nil // its own pods would be refused
		}
		return []manifest.Edit{manifest.SetTo(f.Node, "baseline")}
	},
	Bad: `apiVersion: v1
kind: Namespace
metadata:
  name: shop # want
`,
	Good: `apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels: {pod-security.kubernetes.io/enforce: restricted}
`,
	NearMiss: `apiVersion: v1
kind: Namespace
metadata: {name: kube-system}
---
apiVersion: v1
kind: Namespace
metadata:
  name: agents
  labels: {pod-security.kubernetes.io/enforce: privileged}
`,
	Run: func(p *Pass) {
		o := p.Object
		if o.GroupKind() != "Namespace" || slices.Contains([]string{"kube-system", "kube-public", "kube-node-lease"}, o.Name) {
			return
		}
		if at := o.Root.Get("metadata", "labels", enforceLabel); at.Text() == "" {
			p.Report(firstUnknown(at, o.Root.Get("metadata", "name")), manifest.Subject{}, "namespace %q has no label %s; restricted or baseline is expected", o.Name, enforceLabel)
		}
	},
}

const enforceLabel = "pod-security.kubernetes.io/enforce"

// baseline says that nothing of a workload is known to be refused where the
// baseline is enforced.
func baseline(o *manifest.Object) bool {
	for pod := range o.Pods() {
		for _, field := range []string{"hostNetwork", "hostPID", "hostIPC"} {
			if pod.Spec().Get(field).IsTrue() {
				return false
			}
		}
		for volume := range pod.Spec().Items("volumes") {
			if volume.Get("hostPath").Set() {
				return false
			}
		}
	}
	for c := range o.Containers() {
		if c.Get("securityContext", "privileged").IsTrue() || c.Get("securityContext", "capabilities", "add").Len() > 0 {
			return false
		}
		for port := range c.Get("ports").Items() {
			if n, _ := port.Get("hostPort").Int(); n != 0 {
				return false
			}
		}
	}
	return true
}
