package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var kubeletWeak = &Check{
	ID:       "kubelet-weak",
	Title:    "Kubelet is set weaker than its benchmark",
	Severity: Medium,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Each of these settings leaves a way open that an attacker in a pod or in the network can use.",
	Fix:      "Set the value that the message names, or leave the field out of a KubeletConfiguration.",
	Source:   "CIS Kubernetes 4.2.3, 4.2.5 to 4.2.12",
	Aliases:  []string{"CKV_K8S_140", "CKV_K8S_143", "CKV_K8S_144", "CKV_K8S_145", "CKV_K8S_149", "CKV_K8S_151", "KCV-0081", "KCV-0085", "KCV-0083", "KCV-0084", "KCV-0090", "KCV-0092", "C-0174", "C-0176", "C-0177", "C-0178", "C-0182", "C-0184"},
	Mend: setsFlags(infra.Kubelet, map[string]string{
		"protect-kernel-defaults": "true", "streaming-connection-idle-timeout": "4h0m0s", "make-iptables-util-chains": "true", "rotate-certificates": "true",
	}),
	Bad: `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
protectKernelDefaults: false # want
streamingConnectionIdleTimeout: 0s # want
makeIPTablesUtilChains: false # want
rotateCertificates: false # want
tlsCipherSuites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_RSA_WITH_RC4_128_SHA] # want
allowedUnsafeSysctls: ["net.*"] # want
authentication:
  x509:
    clientCAFile: "" # want
`,
	Good: `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
protectKernelDefaults: true
streamingConnectionIdleTimeout: 4h0m0s
makeIPTablesUtilChains: true
rotateCertificates: true
tlsCipherSuites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]
allowedUnsafeSysctls: []
`,
	NearMiss: `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
maxPods: 110
`,
	Run: func(p *Pass) {
		p.programs(infra.Kubelet, func(kubelet infra.Program) {
			for _, rule := range kubeletRules {
				if !rule.weak(kubelet) {
					continue
				}
				p.flag(kubelet, rule.flag, rule.flag, "the kubelet of %s is weaker than it should be: %s is %s, %s is accepted", kubelet.Of, rule.flag, given(kubelet, rule.flag), rule.accepted)
			}
		})
	},
}

// flagRule is one flag of a program, and when it is weak.
type flagRule struct {
	flag     string
	weak     func(infra.Program) bool
	accepted string // for people
}

var kubeletRules = []flagRule{
	{"protect-kernel-defaults", has("protect-kernel-defaults", "false"), "true"},
	{"streaming-connection-idle-timeout", has("streaming-connection-idle-timeout", "0", "0s", "0m", "0h"), "4h0m0s, or another limit,"},
	{"make-iptables-util-chains", has("make-iptables-util-chains", "false"), "true"},
	{"rotate-certificates", has("rotate-certificates", "false"), "true"},
	{"tls-cipher-suites", func(p infra.Program) bool { return len(weakCiphers(p.List("tls-cipher-suites"))) > 0 }, "a list of suites with ECDHE and GCM or ChaCha20"},
	{"allowed-unsafe-sysctls", func(p infra.Program) bool { return p.Value("allowed-unsafe-sysctls") != "" }, "an empty list"},
	{"client-ca-file", lacks("client-ca-file"), "the file of the cluster's certificate authority"},
}

// has is a rule's test for values that certainly hold.
func has(flag string, values ...string) func(infra.Program) bool {
	return func(p infra.Program) bool { return p.Is(flag, values...) }
}

// lacks is a rule's test for a flag that is certainly not set.
func lacks(flag string) func(infra.Program) bool {
	return func(p infra.Program) bool { return p.Lacks(flag) }
}
