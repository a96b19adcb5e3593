package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var kubeletServingCert = &Check{
	ID:       "kubelet-serving-cert",
	Title:    "Kubelet serves a certificate that nobody signed",
	Severity: Low,
	Topic:    NodeHardening,
	Since:    "0.3.0",
	Off:      true,
	Why:      "The API server cannot tell the kubelet from somebody between them, who then reads logs and shells.",
	Fix:      "Set `tls-cert-file` and `tls-private-key-file`, or let the cluster sign: `serverTLSBootstrap: true`.",
	Source:   "CIS Kubernetes 4.2.10",
	Aliases:  []string{"CKV_K8S_148", "KCV-0088", "KCV-0089", "C-0181"},
	Bad:      started("kubelet", "--tls-cert-file=/pki/kubelet.crt # want"),
	Good:     started("kubelet", "--tls-cert-file=/pki/kubelet.crt", "--tls-private-key-file=/pki/kubelet.key"),
	NearMiss: `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
serverTLSBootstrap: true
`,
	Run: judges(kubeletServingCertRules...),
}

var kubeletServingCertRules = []flagRule{
	{infra.Kubelet, "tls-cert-file", missing("tls-cert-file", "tls-private-key-file"), "both with tls-private-key-file", ""},
}
