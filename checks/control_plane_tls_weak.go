package checks

import (
	"strings"

	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

var controlPlaneTLSWeak = &Check{
	ID:       "control-plane-tls-weak",
	Title:    "Connection of the control plane is not secured",
	Severity: Medium,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Whoever reaches etcd, or listens between the parts of the control plane, reads or writes the whole cluster.",
	Fix:      "Give the program the certificate, key or authority that the message names, and let it ask clients for theirs.",
	Source:   "CIS Kubernetes 1.2.5, 1.2.6, 1.2.24 to 1.2.29, 2.1 to 2.6",
	Aliases:  []string{"CKV_K8S_72", "CKV_K8S_73", "CKV_K8S_99", "CKV_K8S_100", "CKV_K8S_102", "CKV_K8S_105", "CKV_K8S_111", "CKV_K8S_116", "CKV_K8S_117", "CKV_K8S_118", "CKV_K8S_119", "KCV-0005", "KCV-0006", "KCV-0026", "KCV-0027", "KCV-0028", "KCV-0029", "KCV-0038", "KCV-0043", "KCV-0044", "KCV-0045", "KCV-0046", "KCV-0047", "C-0117", "C-0138", "C-0140", "C-0148", "C-0153", "C-0154", "C-0155", "C-0156", "C-0157", "C-0158"},
	Mend:     asksForCertificates,
	Bad: `apiVersion: v1
kind: Pod
metadata: {name: etcd, namespace: kube-system}
spec:
  containers:
    - name: etcd
      image: registry.k8s.io/etcd:v1.34.0
      command:
        - etcd
        - --client-cert-auth=false # want
        - --auto-tls=true # want
        - --cert-file=/pki/server.crt
        - --key-file=/pki/server.key
        - --peer-cert-file=/pki/peer.crt
        - --peer-key-file=/pki/peer.key
        - --peer-client-cert-auth=true
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
apiServer:
  extraArgs:
    - name: tls-cipher-suites
      value: TLS_RSA_WITH_RC4_128_SHA # want
etcd:
  local:
    extraArgs:
      - name: peer-client-cert-auth
        value: "false" # want
`,
	Good: `apiVersion: v1
kind: Pod
metadata: {name: etcd, namespace: kube-system}
spec:
  containers:
    - name: etcd
      image: registry.k8s.io/etcd:v1.34.0
      command:
        - etcd
        - --client-cert-auth=true
        - --cert-file=/pki/server.crt
        - --key-file=/pki/server.key
        - --peer-cert-file=/pki/peer.crt
        - --peer-key-file=/pki/peer.key
        - --peer-client-cert-auth=true
`,
	NearMiss: `apiVersion: apps/v1
kind: StatefulSet
metadata: {name: etcd, namespace: shop} # not of a control plane
spec:
  serviceName: etcd
  selector: {matchLabels: {app: etcd}}
  template:
    metadata: {labels: {app: etcd}}
    spec:
      containers:
        - name: etcd
          image: registry.example.com/etcd:3.6.0
          command: [etcd, --data-dir=/data]
`,
	Run: func(p *Pass) {
		for _, program := range infra.Programs(p.Object) {
			for _, rule := range tlsRules[program.Name] {
				if rule.weak(program) {
					p.flag(program, rule.flag, program.Name+" "+rule.flag, "%s of %s is not secured: %s is %s, %s is accepted", program.Name, program.Of, rule.flag, given(program, rule.flag), rule.accepted)
				}
			}
		}
	},
}

// tlsRules are the flags of each program that make its connections safe. Those
// that are only missing count where the object says all that there is.
var tlsRules = map[string][]flagRule{
	infra.Etcd: {
		{"client-cert-auth", certain("client-cert-auth", "false"), "true"},
		{"auto-tls", certain("auto-tls", "true"), "false"},
		{"cert-file", missing("cert-file"), "a certificate"},
		{"key-file", missing("key-file"), "a key"},
		{"peer-client-cert-auth", certain("peer-client-cert-auth", "false"), "true"},
		{"peer-auto-tls", certain("peer-auto-tls", "true"), "false"},
		{"peer-cert-file", missing("peer-cert-file"), "a certificate"},
		{"peer-key-file", missing("peer-key-file"), "a key"},
	},
	infra.APIServer: {
		{"client-ca-file", missing("client-ca-file"), "the certificate authority"},
		{"etcd-cafile", missing("etcd-cafile"), "the certificate authority of etcd"},
		{"etcd-certfile", missing("etcd-certfile"), "a certificate"},
		{"etcd-keyfile", missing("etcd-keyfile"), "a key"},
		{"tls-cert-file", missing("tls-cert-file"), "a certificate"},
		{"tls-private-key-file", missing("tls-private-key-file"), "a key"},
		{"kubelet-client-certificate", missing("kubelet-client-certificate"), "a certificate"},
		{"kubelet-client-key", missing("kubelet-client-key"), "a key"},
		{"kubelet-certificate-authority", missing("kubelet-certificate-authority"), "the certificate authority of the kubelets"},
		{"tls-cipher-suites", func(p infra.Program) bool { return len(weakCiphers(p.List("tls-cipher-suites"))) > 0 }, "a list of suites with ECDHE and GCM or ChaCha20"},
	},
	infra.ControllerManager: {
		{"root-ca-file", missing("root-ca-file"), "the certificate authority"},
	},
	infra.Kubelet: {
		{"tls-cert-file", func(p infra.Program) bool { return p.Given("tls-cert-file") && p.Lacks("tls-cert-file") }, "a certificate"},
	},
}

// certain is a rule's test for values that are given, or hold where the object
// says all that there is.
func certain(flag string, values ...string) func(infra.Program) bool {
	return func(p infra.Program) bool { return p.Is(flag, values...) && (p.Given(flag) || p.Whole) }
}

// missing is the same for a flag that is not set.
func missing(flag string) func(infra.Program) bool {
	return func(p infra.Program) bool { return p.Lacks(flag) && (p.Given(flag) || p.Whole) }
}

// asksForCertificates turns switches around; what needs a file is a person's.
func asksForCertificates(f Finding, _ []*manifest.Object) []manifest.Edit {
	program, flag, _ := strings.Cut(f.Subject.Class, " ")
	values := map[string]string{"client-cert-auth": "true", "auto-tls": "false", "peer-client-cert-auth": "true", "peer-auto-tls": "false"}
	return flagEdits(f, program, flag, values[flag])
}
