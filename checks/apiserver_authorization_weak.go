package checks

import (
	"slices"

	"github.com/rendergate/rendergate/infra"
)

var apiserverAuthorizationWeak = &Check{
	ID:       "apiserver-authorization-weak",
	Title:    "API server authorizes without Node or RBAC",
	Severity: Medium,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Without Node a kubelet may read the secrets of all nodes; without RBAC nobody can say who may do what.",
	Fix:      "Set `authorization-mode` to `Node,RBAC`, with others before or after them.",
	Source:   "CIS Kubernetes 1.2.7, 1.2.8",
	Aliases:  []string{"CKV_K8S_75", "CKV_K8S_77", "KCV-0008", "KCV-0009", "C-0119", "C-0120"},
	Mend:     setsFlag(infra.APIServer, "authorization-mode", "Node,RBAC"),
	Bad: `apiVersion: v1
kind: Pod
metadata: {name: kube-apiserver, namespace: kube-system}
spec:
  containers:
    - name: kube-apiserver
      image: registry.k8s.io/kube-apiserver:v1.34.0
      command:
        - kube-apiserver
        - --authorization-mode=RBAC # want
---
apiVersion: controlplane.cluster.x-k8s.io/v1beta1
kind: KubeadmControlPlane
metadata: {name: main}
spec:
  kubeadmConfigSpec:
    clusterConfiguration:
      apiServer:
        extraArgs:
          authorization-mode: Node,ABAC # want
`,
	Good: `apiVersion: v1
kind: Pod
metadata: {name: kube-apiserver, namespace: kube-system}
spec:
  containers:
    - name: kube-apiserver
      image: registry.k8s.io/kube-apiserver:v1.34.0
      command:
        - kube-apiserver
        - --authorization-mode=Node,RBAC,Webhook
`,
	NearMiss: `apiVersion: v1
kind: Pod
metadata: {name: kube-apiserver, namespace: kube-system}
spec:
  containers:
    - name: kube-apiserver
      image: registry.k8s.io/kube-apiserver:v1.34.0
      command:
        - kube-apiserver
        - --authorization-config=/etc/kubernetes/authorization.yaml
`,
	Run: func(p *Pass) {
		p.programs(infra.APIServer, func(server infra.Program) {
			modes := server.List("authorization-mode")
			if len(modes) == 0 || !server.Given("authorization-mode") && !server.Whole {
				return
			}
			for _, mode := range []string{"Node", "RBAC"} {
				if !slices.Contains(modes, mode) {
					p.flag(server, "authorization-mode", mode, "the API server of %s authorizes without %s: authorization-mode is %s, Node,RBAC is accepted", server.Of, mode, given(server, "authorization-mode"))
				}
			}
		})
	},
}
