package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var kubeletProtectKernel = &Check{
	ID:       "kubelet-protect-kernel",
	Title:    "Kubelet changes kernel settings that it needs otherwise",
	Severity: Medium,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Settings that harden the node are overwritten without notice.",
	Fix:      "Set `protectKernelDefaults: true`.",
	Source:   "CIS Kubernetes 4.2.6",
	Aliases:  []string{"CKV_K8S_144", "KCV-0083", "C-0177"},
	Mend:     mends(kubeletProtectKernelRules...),
	Bad: `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
protectKernelDefaults: false # want
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: JoinConfiguration
nodeRegistration:
  kubeletExtraArgs:
    - name: protect-kernel-defaults
      value: "false" # want
`,
	Good: `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
protectKernelDefaults: true
`,
	NearMiss: `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
maxPods: 110
`,
	Run: judges(kubeletProtectKernelRules...),
}

var kubeletProtectKernelRules = []flagRule{
	{infra.Kubelet, "protect-kernel-defaults", holds("protect-kernel-defaults", "false"), "true", "true"},
}
