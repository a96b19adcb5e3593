package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var apiserverServiceAccountPlugin = &Check{
	ID:       "apiserver-service-account-plugin",
	Title:    "API server runs without ServiceAccount",
	Severity: Medium,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Pods get no account of their own, and may name one that is not theirs.",
	Fix:      "Take ServiceAccount out of `disable-admission-plugins`.",
	Source:   "CIS Kubernetes 1.2.12",
	Aliases:  []string{"CKV_K8S_82", "KCV-0014", "C-0125"},
	Bad: started("kube-apiserver", "--disable-admission-plugins=ServiceAccount # want") + `---
apiVersion: kubeadm.k8s.io/v1beta3
kind: ClusterConfiguration
apiServer:
  extraArgs:
    disable-admission-plugins: DefaultStorageClass,ServiceAccount # want
`,
	Good: started("kube-apiserver", "--disable-admission-plugins=DefaultStorageClass"),
	NearMiss: `apiVersion: kubeadm.k8s.io/v1beta3
kind: ClusterConfiguration
apiServer:
  extraArgs:
    enable-admission-plugins: NodeRestriction,ServiceAccount
`,
	Run: judges(apiserverServiceAccountPluginRules...),
}

var apiserverServiceAccountPluginRules = []flagRule{
	{infra.APIServer, "disable-admission-plugins", listsItem("disable-admission-plugins", "ServiceAccount"), "a list without ServiceAccount", ""},
}
