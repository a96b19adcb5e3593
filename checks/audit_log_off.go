package checks

import "github.com/rendergate/rendergate/infra"

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
	Bad: startedAs("kube-apiserver", "[kube-apiserver, --secure-port=6443] # want") + `---
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
---
apiVersion: controlplane.cluster.x-k8s.io/v1beta1
kind: KubeadmControlPlane
metadata: {name: main}
spec:
  kubeadmConfigSpec:
    initConfiguration: {} # want
`,
	Good: startedAs("kube-apiserver", "[/usr/local/bin/kube-apiserver]") + `      args: [--audit-log-path, /var/log/audit.log]
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
	// There is no Mend: the flags want a policy in a file of the node, which no
	// edit of a manifest makes, and without that file the API server does not start.
	Run: func(p *Pass) {
		p.programs(infra.APIServer, func(server infra.Program) {
			if server.Lacks("audit-log-path") && server.Lacks("audit-webhook-config-file") {
				p.Report(server.Place("audit-log-path"), server.Subject,
					"the API server of %s keeps no audit log; audit-log-path or audit-webhook-config-file is expected", server.Of)
			}
			if server.Value("audit-log-path") == "" && server.Value("audit-webhook-config-file") == "" {
				p.doubts(server, "audit-log-path", "", "a path")
				p.doubts(server, "audit-webhook-config-file", "", "a path")
			}
		})
	},
}
