package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var kubeletClientCA = &Check{
	ID:       "kubelet-client-ca",
	Title:    "Kubelet does not know whose client certificates are good",
	Severity: Medium,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "The kubelet cannot tell the API server from anybody else.",
	Fix:      "Set `authentication.x509.clientCAFile`.",
	Source:   "CIS Kubernetes 4.2.3",
	Aliases:  []string{"CKV_K8S_140", "KCV-0081", "C-0070", "C-0174"},
	Bad: `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication:
  x509:
    clientCAFile: "" # want
`,
	Good: `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication:
  x509:
    clientCAFile: /etc/kubernetes/pki/ca.crt
`,
	NearMiss: `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
maxPods: 110
`,
	Run: judges(kubeletClientCARules...),
}

var kubeletClientCARules = []flagRule{
	{infra.Kubelet, "client-ca-file", lacksCA, "the file of the cluster's certificate authority", ""},
}
