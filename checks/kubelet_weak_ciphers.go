package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var kubeletWeakCiphers = &Check{
	ID:       "kubelet-weak-ciphers",
	Title:    "Kubelet allows weak cipher suites",
	Severity: Medium,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "What was recorded today can be read once the suite or the key is broken.",
	Fix:      "Name only suites with ECDHE and GCM or ChaCha20, or leave the field out.",
	Source:   "CIS Kubernetes 4.2.12",
	Aliases:  []string{"CKV_K8S_151", "KCV-0092", "C-0184"},
	Mend:     leavesOut,
	Bad: `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
tlsCipherSuites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_RSA_WITH_RC4_128_SHA] # want
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: JoinConfiguration
nodeRegistration:
  kubeletExtraArgs:
    - name: tls-cipher-suites
      value: TLS_RSA_WITH_RC4_128_SHA # want
`,
	Good: `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
tlsCipherSuites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]
`,
	NearMiss: `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
tlsMinVersion: VersionTLS13
`,
	Run: judges(kubeletWeakCiphersRules...),
}

var kubeletWeakCiphersRules = []flagRule{
	{infra.Kubelet, "tls-cipher-suites", weakSuites, "a list of suites with ECDHE and GCM or ChaCha20", ""},
}
