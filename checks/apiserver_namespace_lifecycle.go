package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var apiserverNamespaceLifecycle = &Check{
	ID:       "apiserver-namespace-lifecycle",
	Title:    "API server runs without NamespaceLifecycle",
	Severity: Medium,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Objects are made in namespaces that are going, or that never were.",
	Fix:      "Take NamespaceLifecycle out of `disable-admission-plugins`.",
	Source:   "CIS Kubernetes 1.2.13",
	Aliases:  []string{"CKV_K8S_83", "KCV-0015", "C-0126"},
	Bad: started("kube-apiserver", "--disable-admission-plugins=NamespaceLifecycle # want") + `---
apiVersion: kubeadm.k8s.io/v1beta3
kind: ClusterConfiguration
apiServer:
  extraArgs:
    disable-admission-plugins: DefaultStorageClass,NamespaceLifecycle # want
`,
	Good: started("kube-apiserver", "--disable-admission-plugins=DefaultStorageClass"),
	NearMiss: `apiVersion: kubeadm.k8s.io/v1beta3
kind: ClusterConfiguration
apiServer:
  extraArgs:
    enable-admission-plugins: NodeRestriction,NamespaceLifecycle
`,
	Run: judges(apiserverNamespaceLifecycleRules...),
}

var apiserverNamespaceLifecycleRules = []flagRule{
	{infra.APIServer, "disable-admission-plugins", listsItem("disable-admission-plugins", "NamespaceLifecycle"), "a list without NamespaceLifecycle", ""},
}
