package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var apiserverAlwaysAdmit = &Check{
	ID:       "apiserver-always-admit",
	Title:    "API server admits every request",
	Severity: High,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "The plugin takes the place of those that check what is created.",
	Fix:      "Take AlwaysAdmit out of `enable-admission-plugins`.",
	Source:   "CIS Kubernetes 1.2.10",
	Aliases:  []string{"CKV_K8S_79", "KCV-0011", "C-0122"},
	Bad: started("kube-apiserver", "--enable-admission-plugins=NodeRestriction,AlwaysAdmit # want") + `---
apiVersion: kubeadm.k8s.io/v1beta3
kind: ClusterConfiguration
apiServer:
  extraArgs:
    enable-admission-plugins: AlwaysAdmit # want
`,
	Good: started("kube-apiserver", "--enable-admission-plugins=NodeRestriction"),
	NearMiss: `apiVersion: kubeadm.k8s.io/v1beta3
kind: ClusterConfiguration
apiServer:
  extraArgs:
    disable-admission-plugins: AlwaysAdmit
`,
	Run: judges(apiserverAlwaysAdmitRules...),
}

var apiserverAlwaysAdmitRules = []flagRule{
	{infra.APIServer, "enable-admission-plugins", listsItem("enable-admission-plugins", "AlwaysAdmit"), "a list without AlwaysAdmit", ""},
}
