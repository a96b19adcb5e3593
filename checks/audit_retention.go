package checks

import (
	"strconv"

	"github.com/rendergate/rendergate/infra"
)

var auditRetention = &Check{
	ID:       "audit-retention",
	Title:    "Audit log is kept for too short a time",
	Severity: Low,
	Topic:    AuditLogging,
	Since:    "0.1.0",
	Why:      "What happened is noticed weeks later, and by then the log of that day is gone.",
	Fix:      "Set `audit-log-maxage` to 30 (days), `audit-log-maxbackup` to 10 and `audit-log-maxsize` to 100 (MB) or more.",
	Source:   "CIS Kubernetes 1.2.17, 1.2.18, 1.2.19",
	Aliases:  []string{"CKV_K8S_92", "CKV_K8S_93", "CKV_K8S_94", "KCV-0020", "KCV-0021", "KCV-0022", "C-0131", "C-0132", "C-0133"},
	Mend:     setsFlags(infra.APIServer, map[string]string{"audit-log-maxage": "30", "audit-log-maxbackup": "10", "audit-log-maxsize": "100"}),
	Bad: `apiVersion: v1
kind: Pod
metadata: {name: kube-apiserver, namespace: kube-system}
spec:
  containers:
    - name: kube-apiserver
      image: registry.k8s.io/kube-apiserver:v1.34.0
      command:
        - kube-apiserver
        - --audit-log-path=/var/log/audit.log
        - --audit-log-maxage=7 # want
        - --audit-log-maxbackup=10
        - --audit-log-maxsize=10 # want
`,
	Good: `apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
apiServer:
  extraArgs:
    - {name: audit-log-path, value: /var/log/audit.log}
    - {name: audit-log-maxage, value: "30"}
    - {name: audit-log-maxbackup, value: "10"}
    - {name: audit-log-maxsize, value: "100"}
`,
	NearMiss: `apiVersion: kubeadm.k8s.io/v1beta3
kind: ClusterConfiguration
apiServer:
  extraArgs:
    audit-log-path: "-" # the standard output, which others keep
    audit-policy-file: /etc/kubernetes/policy.yaml
`,
	Run: func(p *Pass) {
		p.programs(infra.APIServer, func(server infra.Program) {
			if path := server.Value("audit-log-path"); path == "" || path == "-" {
				return // audit-log-off says so, or others keep it
			}
			for _, limit := range auditLimits {
				short := server.Lacks(limit.flag)
				if value, err := strconv.Atoi(server.Value(limit.flag)); err == nil {
					short = value < limit.least
				}
				if short {
					p.flag(server, limit.flag, limit.flag, "the audit log of %s is cut early: %s is %s, at least %d is accepted",
						server.Of, limit.flag, given(server, limit.flag), limit.least)
				}
			}
		})
	},
}

var auditLimits = []struct {
	flag  string
	least int
}{{"audit-log-maxage", 30}, {"audit-log-maxbackup", 10}, {"audit-log-maxsize", 100}}
