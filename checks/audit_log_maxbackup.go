package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var auditLogMaxbackup = &Check{
	ID:       "audit-log-maxbackup",
	Title:    "Audit log is kept for too short: files",
	Severity: Low,
	Topic:    AuditLogging,
	Since:    "0.1.0",
	Why:      "What happened is noticed weeks later, and by then the log of that day is gone.",
	Fix:      "Set `audit-log-maxbackup` to 10 (files) or more.",
	Source:   "CIS Kubernetes 1.2.18",
	Aliases:  []string{"CKV_K8S_93", "KCV-0021", "C-0132"},
	Mend:     mends(auditLogMaxbackupRules...),
	Bad: started("kube-apiserver", "--audit-log-path=/var/log/audit.log", "--audit-log-maxbackup=5 # want") + `---
apiVersion: kubeadm.k8s.io/v1beta3
kind: ClusterConfiguration
apiServer:
  extraArgs:
    audit-log-maxbackup: "5" # want
`,
	Good:     started("kube-apiserver", "--audit-log-path=/var/log/audit.log", "--audit-log-maxbackup=10"),
	NearMiss: configured("apiServer", `audit-log-path: "-"`),
	Run:      judges(auditLogMaxbackupRules...),
}

var auditLogMaxbackupRules = []flagRule{
	{infra.APIServer, "audit-log-maxbackup", below("audit-log-maxbackup", 10), "at least 10", "10"},
}
