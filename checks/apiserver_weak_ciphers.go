package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var apiserverWeakCiphers = &Check{
	ID:       "apiserver-weak-ciphers",
	Title:    "API server allows weak cipher suites",
	Severity: Medium,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "What was recorded today can be read once the suite or the key is broken.",
	Fix:      "Name only suites with ECDHE and GCM or ChaCha20, or leave the flag out.",
	Source:   "CIS Kubernetes 1.2.29",
	Aliases:  []string{"CKV_K8S_105", "C-0143"},
	Bad: started("kube-apiserver", "--tls-cipher-suites=TLS_RSA_WITH_RC4_128_SHA # want") + `---
apiVersion: kubeadm.k8s.io/v1beta3
kind: ClusterConfiguration
apiServer:
  extraArgs:
    tls-cipher-suites: TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,TLS_RSA_WITH_RC4_128_SHA # want
`,
	Good: started("kube-apiserver", "--tls-cipher-suites=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
	NearMiss: `apiVersion: kubeadm.k8s.io/v1beta3
kind: ClusterConfiguration
apiServer:
  extraArgs:
    tls-min-version: VersionTLS13
`,
	Run: judges(apiserverWeakCiphersRules...),
}

var apiserverWeakCiphersRules = []flagRule{
	{infra.APIServer, "tls-cipher-suites", weakSuites, "a list of suites with ECDHE and GCM or ChaCha20", ""},
}
