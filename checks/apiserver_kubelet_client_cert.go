package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var apiserverKubeletClientCert = &Check{
	ID:       "apiserver-kubelet-client-cert",
	Title:    "API server has no certificate for kubelets",
	Severity: Medium,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Kubelets cannot tell the API server from anybody else.",
	Fix:      "Set `kubelet-client-certificate` and `kubelet-client-key`.",
	Source:   "CIS Kubernetes 1.2.4",
	Aliases:  []string{"CKV_K8S_72", "KCV-0005", "C-0116"},
	Bad:      startedAs("kube-apiserver", "[kube-apiserver, --v=2] # want"),
	Good:     started("kube-apiserver", "--kubelet-client-certificate=/pki/x", "--kubelet-client-key=/pki/x"),
	NearMiss: configured("apiServer", `v: "2"`),
	Run:      judges(apiserverKubeletClientCertRules...),
}

var apiserverKubeletClientCertRules = []flagRule{
	{infra.APIServer, "kubelet-client-certificate", missing("kubelet-client-certificate", "kubelet-client-key"), "a file, beside that of kubelet-client-key", ""},
}
