package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var auditLogMaxsize = &Check{
	ID:       "audit-log-maxsize",
	Title:    "Audit log is kept for too short: size",
	Severity: Low,
	Topic:    AuditLogging,
	Since:    "0.1.0",
	Why:      "What happened is noticed weeks later, and by then the log of that day is gone.",
	Fix:      "Set `audit-log-maxsize` to 100 (MB) or more.",
	Source:   "CIS Kubernetes 1.2.19",
	Aliases:  []string{"CKV_K8S_94", "KCV-0022", "C-0133"},
	Mend:     mends(auditLogMaxsizeRules...),
	Bad: started("kube-apiserver", "--audit-log-path=/var/log/audit.log", "--audit-log-maxsize=10 # want") + `---
apiVersion: kubeadm.k8s.io/v1beta3
kind: ClusterConfiguration
apiServer:
  extraArgs:
    audit-log-maxsize: "10" # want
`,
	Good:     started("kube-apiserver", "--audit-log-path=/var/log/audit.log", "--audit-log-maxsize=100"),
	NearMiss: configured("apiServer", `audit-log-path: "-"`),
	Run:      judges(auditLogMaxsizeRules...),
}

var auditLogMaxsizeRules = []flagRule{
	{infra.APIServer, "audit-log-maxsize", below("audit-log-maxsize", 100), "at least 100", "100"},
}
