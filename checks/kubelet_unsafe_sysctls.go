package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var kubeletUnsafeSysctls = &Check{
	ID:       "kubelet-unsafe-sysctls",
	Title:    "Kubelet lets pods set unsafe sysctls",
	Severity: Medium,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "A pod changes the kernel of its node, for all pods on it.",
	Fix:      "Take the list away.",
	Source:   "CIS Kubernetes 5.2.13; Kubernetes documentation, Using sysctls",
	Mend:     leavesOut,
	Trial:    true,
	Bad: `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
allowedUnsafeSysctls: ["net.*"] # want
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: JoinConfiguration
nodeRegistration:
  kubeletExtraArgs:
    - name: allowed-unsafe-sysctls
      value: "*.x" # want
`,
	Good: `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
allowedUnsafeSysctls: []
`,
	NearMiss: `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
maxPods: 110
`,
	Run: judges(kubeletUnsafeSysctlsRules...),
}

var kubeletUnsafeSysctlsRules = []flagRule{
	{infra.Kubelet, "allowed-unsafe-sysctls", isSet("allowed-unsafe-sysctls"), "an empty list", ""},
}
