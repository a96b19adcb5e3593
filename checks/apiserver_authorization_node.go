package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var apiserverAuthorizationNode = &Check{
	ID:       "apiserver-authorization-node",
	Title:    "API server authorizes without Node",
	Severity: Medium,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "A kubelet may read the secrets of all nodes, not only those of its own pods.",
	Fix:      "Set `authorization-mode` to `Node,RBAC`, with others before or after them.",
	Source:   "CIS Kubernetes 1.2.7",
	Aliases:  []string{"CKV_K8S_75", "KCV-0008", "C-0119"},
	Mend:     mends(apiserverAuthorizationNodeRules...),
	Bad: started("kube-apiserver", "--authorization-mode=RBAC # want") + `---
apiVersion: kubeadm.k8s.io/v1beta3
kind: ClusterConfiguration
apiServer:
  extraArgs:
    authorization-mode: RBAC # want
`,
	Good:     started("kube-apiserver", "--authorization-mode=Node,RBAC,Webhook"),
	NearMiss: started("kube-apiserver", "--authorization-config=/etc/kubernetes/authorization.yaml"),
	Run:      judges(apiserverAuthorizationNodeRules...),
}

var apiserverAuthorizationNodeRules = []flagRule{
	{infra.APIServer, "authorization-mode", lacksItem("authorization-mode", "Node"), "Node,RBAC", "Node,RBAC"},
}
