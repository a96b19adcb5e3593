package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var apiserverSecurePortOff = &Check{
	ID:       "apiserver-secure-port-off",
	Title:    "Secure port of the API server is switched off",
	Severity: Medium,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "What remains is traffic without encryption and login.",
	Fix:      "Set `secure-port` to 6443 or another port.",
	Source:   "CIS Kubernetes 1.2.17",
	Aliases:  []string{"CKV_K8S_89", "KCV-0017", "C-0128"},
	Mend:     mends(apiserverSecurePortOffRules...),
	Bad: started("kube-apiserver", "--secure-port=0 # want") + `---
apiVersion: kubeadm.k8s.io/v1beta3
kind: ClusterConfiguration
apiServer:
  extraArgs:
    secure-port: "0" # want
`,
	Good:     started("kube-apiserver", "--secure-port=6443"),
	NearMiss: configured("apiServer", `profiling: "false"`),
	Run:      judges(apiserverSecurePortOffRules...),
}

var apiserverSecurePortOffRules = []flagRule{
	{infra.APIServer, "secure-port", isGiven("secure-port", "0"), "6443", "6443"},
}
