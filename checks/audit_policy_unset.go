package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var auditPolicyUnset = &Check{
	ID:       "audit-policy-unset",
	Title:    "API server has an audit log and no policy for it",
	Severity: High,
	Topic:    AuditLogging,
	Since:    "0.1.0",
	Why:      "Without a policy the API server records no event: the log stays empty, and looks as if it were on.",
	Fix:      "Set `audit-policy-file` (kOps: `auditPolicyFile`) to a policy that records at least Metadata.",
	Source:   "CIS Kubernetes 3.2.1",
	Aliases:  []string{"C-0160"},
	Bad: `apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
apiServer:
  extraArgs:
    - name: audit-log-path # want
      value: /var/log/kubernetes/audit/audit.log
---
apiVersion: kops.k8s.io/v1alpha2
kind: Cluster
metadata: {name: main}
spec:
  kubeAPIServer:
    auditLogPath: /var/log/kube-apiserver-audit.log # want
`,
	Good: `apiVersion: kops.k8s.io/v1alpha2
kind: Cluster
metadata: {name: main}
spec:
  kubeAPIServer:
    auditLogPath: /var/log/kube-apiserver-audit.log
    auditPolicyFile: /srv/kubernetes/kube-apiserver/audit.yaml
`,
	NearMiss: `apiVersion: kubeadm.k8s.io/v1beta3
kind: ClusterConfiguration
apiServer:
  extraArgs:
    audit-log-path: /var/log/kubernetes/audit/audit.log
    audit-policy-file: ${AUDIT_POLICY}
`,
	Run: func(p *Pass) {
		p.programs(infra.APIServer, func(server infra.Program) {
			logs := !server.Lacks("audit-log-path") || !server.Lacks("audit-webhook-config-file")
			if logs && server.Lacks("audit-policy-file") {
				p.flag(server, "audit-policy-file", "", "the API server of %s has an audit log and no audit-policy-file, so that it records nothing", server.Of)
			}
		})
	},
}
