package checks

import (
	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

var auditLogMaxage = &Check{
	ID:       "audit-log-maxage",
	Title:    "Audit log is kept for too short: days",
	Severity: Low,
	Topic:    AuditLogging,
	Since:    "0.1.0",
	Why:      "What happened is noticed weeks later, and by then the log of that day is gone.",
	Fix:      "Set `audit-log-maxage` to 30 (days) or more, and as much for the group of logs of a managed cluster.",
	Source:   "CIS Kubernetes 1.2.17",
	Aliases:  []string{"CKV_K8S_92", "KCV-0020", "C-0131"},
	Mend: func(f Finding, all []*manifest.Object) []manifest.Edit {
		if edits := mends(auditLogMaxageRules...)(f, all); edits != nil {
			return edits
		}
		return mendsSetting(f, all)
	},
	Bad: started("kube-apiserver", "--audit-log-path=/var/log/audit.log", "--audit-log-maxage=7 # want") + `---
apiVersion: kubeadm.k8s.io/v1beta3
kind: ClusterConfiguration
apiServer:
  extraArgs:
    audit-log-maxage: "7" # want
---
apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: main, region: eu-west-1}
cloudWatch:
  clusterLogging:
    enableTypes: [audit]
    logRetentionInDays: 7 # want
`,
	Good:     started("kube-apiserver", "--audit-log-path=/var/log/audit.log", "--audit-log-maxage=30"),
	NearMiss: configured("apiServer", `audit-log-path: "-"`),
	Terraform: Examples{
		Bad: `resource "aws_cloudwatch_log_group" "cluster" {
  name              = "/aws/eks/${var.name}/cluster"
  retention_in_days = 7 # want
}

module "eks" {
  source                                 = "terraform-aws-modules/eks/aws"
  cloudwatch_log_group_retention_in_days = 14 # want
}

variable "name" {}
`,
		Good: `resource "aws_cloudwatch_log_group" "cluster" {
  name              = "/aws/eks/main/cluster"
  retention_in_days = 90
}
`,
		NearMiss: `resource "aws_cloudwatch_log_group" "app" {
  name              = "/aws/lambda/app"
  retention_in_days = 7
}

resource "aws_cloudwatch_log_group" "cluster" {
  name              = "/aws/eks/main/cluster"
  retention_in_days = 0
}
`,
	},
	Run: func(p *Pass) {
		judges(auditLogMaxageRules...)(p)
		if c, ok := infra.ClusterOf(p.Object); ok && c.Kept.Weak {
			p.Report(c.Kept.At, manifest.Subject{}, "the logs of %s are kept for %s days; at least 30 are expected", c.Kind, quoted(c.Kept.At))
		}
	},
}

var auditLogMaxageRules = []flagRule{
	{infra.APIServer, "audit-log-maxage", below("audit-log-maxage", 30), "at least 30", "30"},
}
