package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var apiserverAlwaysAllow = &Check{
	ID:       "apiserver-always-allow",
	Title:    "API server allows every request",
	Severity: High,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Whoever has any account at all is administrator of the cluster.",
	Fix:      "Set `authorization-mode` to `Node,RBAC`.",
	Source:   "CIS Kubernetes 1.2.6",
	Aliases:  []string{"CKV_K8S_74", "KCV-0007", "C-0118"},
	Mend:     mends(apiserverAlwaysAllowRules...),
	Bad: started("kube-apiserver", "--authorization-mode=AlwaysAllow # want") + `---
apiVersion: kubeadm.k8s.io/v1beta3
kind: ClusterConfiguration
apiServer:
  extraArgs:
    authorization-mode: RBAC,AlwaysAllow # want
---
apiVersion: kops.k8s.io/v1alpha2
kind: Cluster
metadata: {name: main}
spec:
  authorization:
    alwaysAllow: {} # want
`,
	Good:     started("kube-apiserver", "--authorization-mode=Node,RBAC"),
	NearMiss: configured("apiServer", `profiling: "false"`),
	Run:      judges(apiserverAlwaysAllowRules...),
}

var apiserverAlwaysAllowRules = []flagRule{
	{infra.APIServer, "authorization-mode", listsItem("authorization-mode", "AlwaysAllow"), "Node,RBAC", "Node,RBAC"},
}
