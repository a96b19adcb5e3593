package checks

import "github.com/rendergate/rendergate/render/manifest"

var defaultNamespace = &Check{
	ID:       "default-namespace",
	Title:    "Object goes to the default namespace",
	Severity: Medium,
	Topic:    DefaultNamespace,
	Since:    "0.1.0",
	Why:      "Quotas, network policies and roles are set per namespace: in default everybody shares them, mostly none.",
	Fix:      "Name a namespace of its own: `namespace:` of the kustomization, the release or the object.",
	Source:   "CIS Kubernetes 5.7.4",
	Aliases:  []string{"CKV_K8S_21", "KSV-0110", "use-namespace", "C-0212"},
	Mend: func(f Finding, all []*manifest.Object) []manifest.Edit {
		name := otherNamespace(all)
		if name == "" || !f.Node.Exists() {
			return nil
		}
		return []manifest.Edit{manifest.SetTo(f.Node, name)}
	},
	Bad: `apiVersion: v1
kind: ConfigMap
metadata:
  name: web
  namespace: default # want
`,
	Good: `apiVersion: v1
kind: ConfigMap
metadata:
  name: web
  namespace: shop
`,
	NearMiss: `apiVersion: v1
kind: ConfigMap
metadata:
  name: web
---
apiVersion: v1
kind: Service
metadata:
  name: kubernetes
  namespace: default
---
apiVersion: v1
kind: Namespace
metadata:
  name: default
`,
	Run: func(p *Pass) {
		o := p.Object
		if o.Namespace != "default" || ownedByCluster[o.Kind+"/"+o.Name] || manifest.ClusterScoped(o.Ref) {
			return
		}
		p.Report(firstUnknown(o.Root.Get("metadata", "namespace"), o.Root.Get("metadata", "name")), manifest.Subject{}, "%s %q goes to the default namespace; one of its own is expected", o.Kind, o.Name)
	},
}

// ownedByCluster are the objects that Kubernetes itself keeps in default.
var ownedByCluster = map[string]bool{"Service/kubernetes": true, "ServiceAccount/default": true, "Endpoints/kubernetes": true, "ConfigMap/kube-root-ca.crt": true}
