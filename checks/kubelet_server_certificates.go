package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var kubeletServerCertificates = &Check{
	ID:       "kubelet-server-certificates",
	Title:    "Kubelet does not renew the certificate that it serves",
	Severity: Medium,
	Topic:    NodeHardening,
	Since:    "0.3.0",
	Why:      "A certificate that leaked stays good until it ends, and then nobody reaches the logs and shells of the node.",
	Fix:      "Leave the feature gate RotateKubeletServerCertificate on.",
	Source:   "CIS Kubernetes 1.3.6, 4.2.12",
	Aliases:  []string{"CKV_K8S_112", "KCV-0038", "KCV-0091", "C-0149", "C-0183"},
	Bad: started("kube-controller-manager", "--feature-gates=RotateKubeletServerCertificate=false # want") + `---
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
featureGates:
  RotateKubeletServerCertificate: false # want
`,
	Good:     started("kube-controller-manager", "--feature-gates=RotateKubeletServerCertificate=true"),
	NearMiss: started("kube-controller-manager", "--feature-gates=GracefulNodeShutdown=false"),
	Run:      judges(kubeletServerCertificatesRules...),
}

var kubeletServerCertificatesRules = []flagRule{
	{infra.ControllerManager, "feature-gates", gateOff("RotateKubeletServerCertificate"), "RotateKubeletServerCertificate=true", ""},
	{infra.Kubelet, "feature-gates", gateOff("RotateKubeletServerCertificate"), "RotateKubeletServerCertificate=true", ""},
}

// gateOff says that a feature gate is switched off.
func gateOff(gate string) func(infra.Program) bool {
	return func(p infra.Program) bool { return contains(p.List("feature-gates"), gate+"=false") }
}
