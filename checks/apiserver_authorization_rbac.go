package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var apiserverAuthorizationRBAC = &Check{
	ID:       "apiserver-authorization-rbac",
	Title:    "API server authorizes without RBAC",
	Severity: Medium,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Roles and bindings have no effect: another way decides, or none.",
	Fix:      "Set `authorization-mode` to `Node,RBAC`, with others before or after them.",
	Source:   "CIS Kubernetes 1.2.8",
	Aliases:  []string{"CKV_K8S_77", "KCV-0009", "C-0120"},
	Mend:     mends(apiserverAuthorizationRBACRules...),
	Bad: started("kube-apiserver", "--authorization-mode=Node # want") + `---
apiVersion: kubeadm.k8s.io/v1beta3
kind: ClusterConfiguration
apiServer:
  extraArgs:
    authorization-mode: Node # want
`,
	Good:     started("kube-apiserver", "--authorization-mode=Node,RBAC,Webhook"),
	NearMiss: started("kube-apiserver", "--authorization-config=/etc/kubernetes/authorization.yaml"),
	Run:      judges(apiserverAuthorizationRBACRules...),
}

var apiserverAuthorizationRBACRules = []flagRule{
	{infra.APIServer, "authorization-mode", lacksItem("authorization-mode", "RBAC"), "Node,RBAC", "Node,RBAC"},
}
