package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var kubeletReadonlyPort = &Check{
	ID:       "kubelet-readonly-port",
	Title:    "Kubelet serves a port without a login",
	Severity: High,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Whoever reaches the node reads its pods, their environment and the node itself.",
	Fix:      "Set `readOnlyPort: 0` (the flag: `read-only-port=0`), or leave it out of a KubeletConfiguration.",
	Source:   "CIS Kubernetes 4.2.4",
	Aliases:  []string{"CKV_K8S_141", "KCV-0082", "C-0175"},
	Mend:     setsFlag(infra.Kubelet, "read-only-port", "0"),
	Bad: `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
readOnlyPort: 10255 # want
---
apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: main, region: eu-west-1}
nodeGroups:
  - name: workers
    kubeletExtraConfig:
      readOnlyPort: 10255 # want
`,
	Good: `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
readOnlyPort: 0
`,
	NearMiss: `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
port: 10250
`,
	Run: func(p *Pass) {
		p.programs(infra.Kubelet, func(kubelet infra.Program) {
			if port := kubelet.Value("read-only-port"); port != "" && port != "0" {
				p.flag(kubelet, "read-only-port", "", "the kubelet of %s serves without a login: read-only-port is %s, 0 is expected", kubelet.Of, given(kubelet, "read-only-port"))
			} else {
				p.doubts(kubelet, "read-only-port", "", "0")
			}
		})
	},
}
