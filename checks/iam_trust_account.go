package checks

import (
	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

var iamTrustAccount = &Check{
	ID:       "iam-trust-account",
	Title:    "Whole account may assume the role",
	Severity: Medium,
	Topic:    CloudIAM,
	Since:    "0.1.0",
	Why:      "Who may assume the role is then decided by the policies of that account: one that allows `sts:AssumeRole` widely is enough.",
	Fix:      "Name the roles that may assume it, or a condition such as `sts:ExternalId` or `aws:PrincipalArn`.",
	Source:   "MITRE ATT&CK T1078; AWS IAM User Guide, The confused deputy problem",
	Aliases:  []string{"CKV_AWS_61"},
	Covers:   nil,
	Within:   []string{"iam-trust-wildcard"},
	Bad:      ackTrust(`{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "sts:AssumeRole"}`, " # want"),
	Good:     ackTrust(`{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/ci"}, "Action": "sts:AssumeRole"}`, ""),
	NearMiss: ackTrust(`{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"sts:ExternalId": "shop"}}}`, ""),
	Terraform: Examples{
		Bad: `resource "aws_iam_role" "app" {
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "111122223333" } # want
      Action    = "sts:AssumeRole"
    }]
  })
}
`,
		Good: `resource "aws_iam_role" "app" {
  assume_role_policy = jsonencode({
    Statement = [{ Effect = "Allow", Principal = { AWS = aws_iam_role.ci.arn }, Action = "sts:AssumeRole" }]
  })
}
`,
		NearMiss: `resource "aws_iam_role" "app" {
  assume_role_policy = jsonencode({
    Statement = [{ Effect = "Allow", Principal = { AWS = var.principal }, Action = "sts:AssumeRole" }]
  })
}
`,
	},
	Run: func(p *Pass) {
		seen := map[string]bool{}
		type trusted struct {
			infra.Principal
			at manifest.Node
		}
		var all []trusted
		p.trusts(func(s infra.Statement, limit manifest.Node) {
			for _, one := range s.Principals() {
				all = append(all, trusted{one, firstUnknown(one.At, limit)})
			}
		})
		for _, one := range surelyFirst(all, func(one trusted) manifest.Node { return one.at }) {
			if account, whole := one.Account(); (whole || one.At.Unknown()) && one.Type == "AWS" && !seen[account] {
				seen[account] = true
				p.Report(one.at, manifest.Subject{Class: account}, "every identity of account %s that may assume roles may assume %s; named roles or a condition are expected", account, infra.Described(p.Object))
			}
		}
	},
}
