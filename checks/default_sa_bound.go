package checks

import (
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

var defaultSABound = &Check{
	ID:       "default-sa-bound",
	Title:    "Rights are given to a namespace's default service account",
	Severity: Medium,
	Topic:    Hygiene,
	Since:    "0.2.0",
	Why:      "Every pod of the namespace that names no account has these rights, those of tomorrow too.",
	Fix:      "Give the workload a service account of its own, and the rights to that.",
	Source:   "CIS Kubernetes 5.1.5",
	Aliases:  []string{"CKV_K8S_42"},
	Bad: `apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: web, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: web}
subjects:
  - kind: ServiceAccount
    name: default # want
`,
	Good: `apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: web, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: web}
subjects:
  - {kind: ServiceAccount, name: web}
`,
	NearMiss: `apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: default, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: default}
subjects:
  - {kind: User, name: default, apiGroup: rbac.authorization.k8s.io}
`,
	Run: func(p *Pass) {
		o := p.Object
		if o.Group() != "rbac.authorization.k8s.io" || !strings.HasSuffix(o.Kind, "RoleBinding") {
			return
		}
		for subject := range o.Root.Get("subjects").Items() {
			name := subject.Get("name")
			if subject.Get("kind").Text() != "ServiceAccount" || name.Text() != "default" {
				continue
			}
			namespace := subject.Get("namespace").Text()
			if namespace == "" {
				namespace = o.Namespace
			}
			p.Report(name, manifest.Subject{Class: namespace}, "%s %q gives rights to the default service account of namespace %q: %s", o.Kind, o.Name, namespace, stated(name, "an account of a workload"))
		}
	},
}
