package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var kubeletHostnameOverride = &Check{
	ID:       "kubelet-hostname-override",
	Title:    "Kubelet goes by another name than its machine",
	Severity: Low,
	Topic:    NodeHardening,
	Since:    "0.3.0",
	Off:      true,
	Why:      "The certificate is for the name that somebody chose, so that one node may be taken for another.",
	Fix:      "Leave `hostname-override` out, unless the cloud wants it.",
	Source:   "CIS Kubernetes 4.2.8",
	Aliases:  []string{"CKV_K8S_146", "KCV-0086", "C-0179"},
	Bad: `apiVersion: bootstrap.cluster.x-k8s.io/v1beta1
kind: KubeadmConfigTemplate
metadata: {name: workers}
spec:
  template:
    spec:
      joinConfiguration:
        nodeRegistration:
          name: worker-1
          kubeletExtraArgs:
            hostname-override: worker-1 # want
`,
	Good: `apiVersion: bootstrap.cluster.x-k8s.io/v1beta1
kind: KubeadmConfigTemplate
metadata: {name: workers}
spec:
  template:
    spec:
      joinConfiguration:
        nodeRegistration:
          name: worker-1
          kubeletExtraArgs:
            node-labels: stage=prod
`,
	NearMiss: `apiVersion: bootstrap.cluster.x-k8s.io/v1beta1
kind: KubeadmConfigTemplate
metadata: {name: workers}
spec:
  template:
    spec:
      joinConfiguration:
        nodeRegistration:
          name: worker-1
          kubeletExtraArgs:
            node-ip: 10.0.0.1
`,
	Run: judges(kubeletHostnameOverrideRules...),
}

var kubeletHostnameOverrideRules = []flagRule{
	{infra.Kubelet, "hostname-override", isSet("hostname-override"), "none", ""},
}
