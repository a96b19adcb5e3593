package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var apiserverNodeRestriction = &Check{
	ID:       "apiserver-node-restriction",
	Title:    "API server runs without NodeRestriction",
	Severity: Medium,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Whoever holds one node changes the others: their labels, taints and pods.",
	Fix:      "Name NodeRestriction in `enable-admission-plugins`.",
	Source:   "CIS Kubernetes 1.2.15",
	Aliases:  []string{"CKV_K8S_85", "KCV-0016", "C-0127"},
	Bad: started("kube-apiserver", "--enable-admission-plugins=EventRateLimit # want") + `---
apiVersion: kubeadm.k8s.io/v1beta3
kind: ClusterConfiguration
apiServer:
  extraArgs:
    enable-admission-plugins: EventRateLimit # want
`,
	Good:     started("kube-apiserver", "--enable-admission-plugins=EventRateLimit,NodeRestriction"),
	NearMiss: configured("apiServer", `profiling: "false"`),
	Run:      judges(apiserverNodeRestrictionRules...),
}

var apiserverNodeRestrictionRules = []flagRule{
	{infra.APIServer, "enable-admission-plugins", lacksItem("enable-admission-plugins", "NodeRestriction"), "a list with NodeRestriction", ""},
	{infra.APIServer, "disable-admission-plugins", listsItem("disable-admission-plugins", "NodeRestriction"), "a list without NodeRestriction", ""},
}
