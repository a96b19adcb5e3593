package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var kubeletRotateCertificates = &Check{
	ID:       "kubelet-rotate-certificates",
	Title:    "Kubelet does not renew its certificate",
	Severity: Medium,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "A certificate that leaked stays good for a year, and the node falls out when it ends.",
	Fix:      "Set `rotateCertificates: true`.",
	Source:   "CIS Kubernetes 4.2.11",
	Aliases:  []string{"CKV_K8S_149", "KCV-0090", "C-0182"},
	Mend:     mends(kubeletRotateCertificatesRules...),
	Bad: `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
rotateCertificates: false # want
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: JoinConfiguration
nodeRegistration:
  kubeletExtraArgs:
    - name: rotate-certificates
      value: "false" # want
`,
	Good: `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
rotateCertificates: true
`,
	NearMiss: `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
maxPods: 110
`,
	Run: judges(kubeletRotateCertificatesRules...),
}

var kubeletRotateCertificatesRules = []flagRule{
	{infra.Kubelet, "rotate-certificates", isGiven("rotate-certificates", "false"), "true", "true"},
}
