package checks

import (
	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

var iamTrustWildcard = &Check{
	ID:       "iam-trust-wildcard",
	Title:    "Anybody may assume the role",
	Severity: Critical,
	Topic:    CloudIAM,
	Since:    "0.1.0",
	Why:      "Every identity of every account of the cloud becomes this one.",
	Fix:      "Name the roles that may assume it, or a condition such as `aws:PrincipalOrgID`.",
	Source:   "MITRE ATT&CK T1078; AWS IAM Access Analyzer",
	Aliases:  []string{"CKV_AWS_60", "CKV_AWS_283"},
	Bad:      ackTrust(`{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}`, " # want"),
	Good:     ackTrust(`{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/ci"}, "Action": "sts:AssumeRole"}`, ""),
	NearMiss: ackTrust(`{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}}}`, ""),
	Terraform: Examples{
		Bad: `data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = ["*"] # want
    }
  }
}

resource "aws_iam_role" "app" {
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

data "aws_iam_policy_document" "handed_on" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = ["*"] # want
    }
    condition {
      test     = "ForAllValues:StringEquals"
      variable = "aws:PrincipalOrgID"
      values   = ["o-1234567890"]
    }
  }
}

resource "aws_iam_role" "ci" {
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = "*" # want
      Action    = "sts:AssumeRole"
    }]
  })
}
`,
		Good: `resource "aws_iam_role" "app" {
  assume_role_policy = jsonencode({
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}
`,
		NearMiss: `resource "aws_iam_role" "app" {
  assume_role_policy = jsonencode({
    Statement = [
      { Effect = "Allow", Principal = { AWS = var.principals }, Action = "sts:AssumeRole" },
      { Effect = "Deny", Principal = "*", Action = "sts:AssumeRole" },
    ]
  })
}
`,
	},
	Run: func(p *Pass) {
		p.trusts(func(s infra.Statement, limit manifest.Node) {
			if at := s.Everybody(); at.Exists() {
				p.Report(firstUnknown(at, limit), manifest.Subject{Class: "*"}, "anybody may assume %s; named principals or a condition are expected", infra.Described(p.Object))
			}
		})
	},
}
