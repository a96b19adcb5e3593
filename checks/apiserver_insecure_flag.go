package checks

import (
	"slices"

	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

var apiserverInsecureFlag = &Check{
	ID:       "apiserver-insecure-flag",
	Title:    "API server is opened by one of its flags",
	Severity: High,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Whoever reaches the API server uses it without a login, with a password that nobody can take back, or past authorization.",
	Fix:      "Take the flag away, or give it the value that the message names.",
	Source:   "CIS Kubernetes 1.2.1 to 1.2.4, 1.2.6, 1.2.10",
	Aliases:  []string{"CKV_K8S_68", "CKV_K8S_70", "CKV_K8S_71", "CKV_K8S_74", "CKV_K8S_69", "CKV_K8S_79", "CKV_K8S_86", "CKV_K8S_88", "CKV_K8S_89", "KCV-0001", "KCV-0002", "KCV-0004", "KCV-0007", "KCV-0011", "C-0113", "C-0114", "C-0118", "C-0122"},
	Mend:     closesServer,
	Bad: `apiVersion: v1
kind: Pod
metadata: {name: kube-apiserver, namespace: kube-system}
spec:
  containers:
    - name: kube-apiserver
      image: registry.k8s.io/kube-apiserver:v1.34.0
      command:
        - kube-apiserver
        - --anonymous-auth=true # want
        - --token-auth-file=/etc/tokens.csv # want
        - --authorization-mode=AlwaysAllow # want
        - --enable-admission-plugins=NodeRestriction,AlwaysAdmit # want
        - --insecure-port=8080 # want
        - --audit-log-path=-
        - --audit-policy-file=/etc/kubernetes/audit.yaml
---
apiVersion: apiserver.config.k8s.io/v1
kind: AuthenticationConfiguration
anonymous:
  enabled: true # want
---
apiVersion: kops.k8s.io/v1alpha2
kind: Cluster
metadata: {name: main}
spec:
  authorization:
    alwaysAllow: {} # want
  kubeAPIServer:
    anonymousAuth: true # want
    auditLogPath: /var/log/audit.log
    auditPolicyFile: /etc/audit.yaml
`,
	Good: `apiVersion: v1
kind: Pod
metadata: {name: kube-apiserver, namespace: kube-system}
spec:
  containers:
    - name: kube-apiserver
      image: registry.k8s.io/kube-apiserver:v1.34.0
      command:
        - kube-apiserver
        - --anonymous-auth=false
        - --authorization-mode=Node,RBAC
        - --enable-admission-plugins=NodeRestriction
---
apiVersion: apiserver.config.k8s.io/v1
kind: AuthenticationConfiguration
anonymous:
  enabled: true
  conditions:
    - path: /livez
    - path: /readyz
`,
	NearMiss: `apiVersion: kubeadm.k8s.io/v1beta3
kind: ClusterConfiguration
apiServer:
  extraArgs:
    authorization-mode: Node,RBAC
    insecure-port: "0"
    token-auth-file: ""
`,
	Run: func(p *Pass) {
		p.programs(infra.APIServer, func(server infra.Program) {
			for _, rule := range apiserverOpen {
				if rule.weak(server) {
					p.flag(server, rule.flag, rule.flag, "the API server of %s is open: %s is %s, %s is accepted", server.Of, rule.flag, given(server, rule.flag), rule.accepted)
				}
			}
		})
		anonymous := p.Object.Root.Get("anonymous")
		if p.Object.GroupKind() == "apiserver.config.k8s.io/AuthenticationConfiguration" && anonymous.Get("enabled").IsTrue() && anonymous.Get("conditions").Len() == 0 {
			p.Report(anonymous.Get("enabled"), manifest.Subject{Class: "anonymous-auth"}, "the API server answers anybody on every path: anonymous.enabled is true without conditions, false is accepted")
		}
	},
}

var apiserverOpen = []flagRule{
	{"anonymous-auth", func(p infra.Program) bool { return p.Given("anonymous-auth") && p.Is("anonymous-auth", "true") }, "false"},
	{"token-auth-file", func(p infra.Program) bool { return p.Value("token-auth-file") != "" }, "none"},
	{"basic-auth-file", func(p infra.Program) bool { return p.Value("basic-auth-file") != "" }, "none"},
	{"insecure-port", func(p infra.Program) bool { port := p.Value("insecure-port"); return port != "" && port != "0" }, "0"},
	{"insecure-bind-address", func(p infra.Program) bool { return p.Value("insecure-bind-address") != "" }, "none"},
	{"secure-port", has("secure-port", "0"), "6443"},
	{"kubelet-https", has("kubelet-https", "false"), "true"},
	{"authorization-mode", func(p infra.Program) bool {
		return slices.Contains(p.List("authorization-mode"), "AlwaysAllow") && (p.Given("authorization-mode") || p.Whole)
	}, "Node,RBAC"},
	{"enable-admission-plugins", func(p infra.Program) bool { return slices.Contains(p.List("enable-admission-plugins"), "AlwaysAdmit") }, "a list without AlwaysAdmit"},
}

// closesServer gives the flag or the field its accepted value.
func closesServer(f Finding, all []*manifest.Object) []manifest.Edit {
	if o := f.Node.Object(); o != nil && o.Kind == "AuthenticationConfiguration" {
		return []manifest.Edit{manifest.SetTo(f.Node, "false")}
	}
	return setsFlags(infra.APIServer, map[string]string{
		"anonymous-auth": "false", "insecure-port": "0", "secure-port": "6443", "kubelet-https": "true", "authorization-mode": "Node,RBAC",
	})(f, all)
}
