package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var kubeletIdleTimeout = &Check{
	ID:       "kubelet-idle-timeout",
	Title:    "Kubelet keeps idle connections for ever",
	Severity: Medium,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Forgotten sessions stay open to whoever finds them, and fill the node.",
	Fix:      "Set `streamingConnectionIdleTimeout` to a limit, or leave it out.",
	Source:   "CIS Kubernetes 4.2.5",
	Aliases:  []string{"CKV_K8S_143", "KCV-0085", "C-0176"},
	Mend:     mends(kubeletIdleTimeoutRules...),
	Bad: `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
streamingConnectionIdleTimeout: 0s # want
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: JoinConfiguration
nodeRegistration:
  kubeletExtraArgs:
    - name: streaming-connection-idle-timeout
      value: "0" # want
`,
	Good: `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
streamingConnectionIdleTimeout: 4h0m0s
`,
	NearMiss: `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
maxPods: 110
`,
	Run: judges(kubeletIdleTimeoutRules...),
}

var kubeletIdleTimeoutRules = []flagRule{
	{infra.Kubelet, "streaming-connection-idle-timeout", isGiven("streaming-connection-idle-timeout", "0", "0s", "0m", "0h"), "4h0m0s or another limit", "4h0m0s"},
}
