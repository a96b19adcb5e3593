package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var apiserverKubeletHttpsOff = &Check{
	ID:       "apiserver-kubelet-https-off",
	Title:    "API server talks to kubelets without encryption",
	Severity: High,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Commands, logs and secrets pass the network in clear text.",
	Fix:      "Take the flag away; Kubernetes 1.22 and later no longer know it.",
	Source:   "CIS Kubernetes 1.2.4 of older releases",
	Aliases:  []string{"CKV_K8S_71", "KCV-0004"},
	Mend:     mends(apiserverKubeletHttpsOffRules...),
	Bad:      started("kube-apiserver", "--kubelet-https=false # want"),
	Good:     started("kube-apiserver", "--kubelet-https=true"),
	NearMiss: configured("apiServer", `profiling: "false"`),
	Run:      judges(apiserverKubeletHttpsOffRules...),
}

var apiserverKubeletHttpsOffRules = []flagRule{
	{infra.APIServer, "kubelet-https", isGiven("kubelet-https", "false"), "true", "true"},
}
