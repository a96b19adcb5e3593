package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var auditLogMaxage = &Check{
	ID:       "audit-log-maxage",
	Title:    "Audit log is kept for too short: days",
	Severity: Low,
	Topic:    AuditLogging,
	Since:    "0.1.0",
	Why:      "What happened is noticed weeks later, and by then the log of that day is gone.",
	Fix:      "Set `audit-log-maxage` to 30 (days) or more.",
	Source:   "CIS Kubernetes 1.2.17",
	Aliases:  []string{"CKV_K8S_92", "KCV-0020", "C-0131"},
	Mend:     mends(auditLogMaxageRules...),
	Bad: started("kube-apiserver", "--audit-log-path=/var/log/audit.log", "--audit-log-maxage=7 # want") + `---
apiVersion: kubeadm.k8s.io/v1beta3
kind: ClusterConfiguration
apiServer:
  extraArgs:
    audit-log-maxage: "7" # want
`,
	Good:     started("kube-apiserver", "--audit-log-path=/var/log/audit.log", "--audit-log-maxage=30"),
	NearMiss: configured("apiServer", `audit-log-path: "-"`),
	Run:      judges(auditLogMaxageRules...),
}

var auditLogMaxageRules = []flagRule{
	{infra.APIServer, "audit-log-maxage", below("audit-log-maxage", 30), "at least 30", "30"},
}
