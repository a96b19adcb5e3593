package checks

import "github.com/rendergate/rendergate/render/manifest"

var auditLogOff = &Check{
	ID:       "audit-log-off",
	Title:    "API server keeps no audit log",
	Severity: High,
	Topic:    AuditLogging,
	Since:    "0.1.0",
	Why:      "After a break-in nobody can tell who did what, nor notice one while it happens.",
	Fix:      "Set `audit-log-path` or `audit-webhook-config-file`, and an `audit-policy-file`.",
	Source:   "CIS Kubernetes 1.2.16",
	Aliases:  []string{"CKV_K8S_91", "KCV-0019", "C-0130", "C-0067"},
	Bad: `apiVersion: v1
kind: Pod
metadata: {name: kube-apiserver, namespace: kube-system}
spec:
  containers:
    - name: kube-apiserver
      image: registry.k8s.io/kube-apiserver:v1.34.0
      command: [kube-apiserver, --secure-port=6443] # want
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
apiServer:
  extraArgs:
    - name: profiling # want
      value: "false"
---
apiVersion: kops.k8s.io/v1alpha2
kind: Cluster
metadata: {name: main}
spec:
  kubeAPIServer:
    anonymousAuth: false # want
`,
	Good: `apiVersion: v1
kind: Pod
metadata: {name: kube-apiserver, namespace: kube-system}
spec:
  containers:
    - name: kube-apiserver
      image: registry.k8s.io/kube-apiserver:v1.34.0
      command: [/usr/local/bin/kube-apiserver]
      args: [--audit-log-path, /var/log/audit.log]
---
apiVersion: kubeadm.k8s.io/v1beta3
kind: ClusterConfiguration
apiServer:
  extraArgs:
    audit-webhook-config-file: /etc/audit.yaml
`,
	NearMiss: `apiVersion: v1
kind: Pod
metadata: {name: exporter}
spec:
  containers:
    - name: exporter
      image: registry.example.com/exporter:1.0
      args: [--target=kube-apiserver]
---
apiVersion: cluster.x-k8s.io/v1beta1
kind: Cluster
metadata: {name: main}
`,
	Run: func(p *Pass) {
		for c := range p.Object.Containers() {
			if flags, ok := commandFlags(c, "kube-apiserver"); ok && !flags.audited() {
				p.Report(auditPlace(c), c.Subject(), "the API server of container %q keeps no audit log; "+auditExpected, c.Name())
			}
		}
		if config, ok := kubeadmConfig(p.Object, "clusterConfiguration"); ok {
			if at := config.Get("apiServer", "extraArgs"); !extraArgs(at).audited() {
				p.Report(at, manifest.Subject{}, "the API server of %s %q keeps no audit log; "+auditExpected, p.Object.Kind, p.Object.Name)
			}
		}
		if p.Object.GroupKind() == "kops.k8s.io/Cluster" {
			server := p.Object.Root.Get("spec", "kubeAPIServer")
			if server.Get("auditLogPath").Text() == "" && server.Get("auditWebhookConfigFile").Text() == "" {
				p.Report(server.Get("auditLogPath"), manifest.Subject{}, "the API server of cluster %q keeps no audit log; auditLogPath or auditWebhookConfigFile is expected", p.Object.Name)
			}
		}
	},
}

// There is no Mend: the flags want a policy in a file of the node, which no edit
// of a manifest makes, and without that file the API server does not start.
const auditExpected = "audit-log-path or audit-webhook-config-file is expected"

func (f flags) audited() bool { return f.set("audit-log-path") || f.set("audit-webhook-config-file") }

// auditPlace is where the missing flag should stand.
func auditPlace(c manifest.Container) manifest.Node {
	if args := c.Get("args"); args.Exists() {
		return args
	}
	return c.Get("command")
}
