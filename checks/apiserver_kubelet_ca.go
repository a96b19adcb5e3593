package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var apiserverKubeletCA = &Check{
	ID:       "apiserver-kubelet-ca",
	Title:    "API server does not check who a kubelet is",
	Severity: Medium,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Whoever is in between reads and changes what goes to the nodes, secrets included.",
	Fix:      "Set `kubelet-certificate-authority`.",
	Source:   "CIS Kubernetes 1.2.5",
	Aliases:  []string{"CKV_K8S_73", "KCV-0006", "C-0117"},
	Bad:      startedAs("kube-apiserver", "[kube-apiserver, --v=2] # want"),
	Good:     started("kube-apiserver", "--kubelet-certificate-authority=/pki/x"),
	NearMiss: configured("apiServer", `v: "2"`),
	Run:      judges(apiserverKubeletCARules...),
}

var apiserverKubeletCARules = []flagRule{
	{infra.APIServer, "kubelet-certificate-authority", missing("kubelet-certificate-authority"), "a file", ""},
}
