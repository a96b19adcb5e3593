package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var kubeletIptables = &Check{
	ID:       "kubelet-iptables",
	Title:    "Kubelet leaves iptables to others",
	Severity: Medium,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Rules that keep pods apart may be missing.",
	Fix:      "Set `makeIPTablesUtilChains: true`, or leave it out.",
	Source:   "CIS Kubernetes 4.2.7",
	Aliases:  []string{"CKV_K8S_145", "KCV-0084", "C-0178"},
	Mend:     mends(kubeletIptablesRules...),
	Bad: `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
makeIPTablesUtilChains: false # want
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: JoinConfiguration
nodeRegistration:
  kubeletExtraArgs:
    - name: make-iptables-util-chains
      value: "false" # want
`,
	Good: `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
makeIPTablesUtilChains: true
`,
	NearMiss: `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
maxPods: 110
`,
	Run: judges(kubeletIptablesRules...),
}

var kubeletIptablesRules = []flagRule{
	{infra.Kubelet, "make-iptables-util-chains", isGiven("make-iptables-util-chains", "false"), "true", "true"},
}
