package checks

import "github.com/rendergate/rendergate/infra"

var kubeletAnonymous = &Check{
	ID:       "kubelet-anonymous",
	Title:    "Kubelet answers anybody",
	Severity: Critical,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Whoever reaches the node's port 10250 lists its pods, reads their logs and runs commands in them.",
	Fix:      "Set `authentication.anonymous.enabled: false` (the flag: `anonymous-auth=false`).",
	Source:   "CIS Kubernetes 4.2.1",
	Aliases:  []string{"CKV_K8S_138", "KCV-0079", "C-0172"},
	Mend:     setsFlag(infra.Kubelet, "anonymous-auth", "false"),
	Bad: `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication:
  anonymous:
    enabled: true # want
---
apiVersion: controlplane.cluster.x-k8s.io/v1beta1
kind: KubeadmControlPlane
metadata: {name: main}
spec:
  kubeadmConfigSpec:
    joinConfiguration:
      nodeRegistration:
        kubeletExtraArgs:
          anonymous-auth: "true" # want
---
apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: main, region: eu-west-1}
nodeGroups:
  - name: workers
    kubeletExtraConfig:
      authentication:
        anonymous: {enabled: true} # want
---
apiVersion: kops.k8s.io/v1alpha2
kind: InstanceGroup
metadata: {name: workers}
spec:
  kubelet:
    anonymousAuth: true # want
`,
	Good: `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication:
  anonymous:
    enabled: false
`,
	NearMiss: `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication:
  webhook:
    enabled: true
`,
	Run: func(p *Pass) {
		p.programs(infra.Kubelet, func(kubelet infra.Program) {
			if kubelet.Is("anonymous-auth", "true") {
				p.flag(kubelet, "anonymous-auth", "", "the kubelet of %s answers anybody: anonymous-auth is %s, false is expected", kubelet.Of, given(kubelet, "anonymous-auth"))
			} else {
				p.doubts(kubelet, "anonymous-auth", "", "false")
			}
		})
	},
}
