package checks

import (
	"strings"

	"github.com/rendergate/rendergate/infra"
)

var iamAdmin = &Check{
	ID:       "iam-admin",
	Title:    "Cloud identity may do everything",
	Severity: Critical,
	Topic:    CloudIAM,
	Since:    "0.1.0",
	Why:      "Whoever gets hold of the identity, by a pod, a token of CI or a leaked key, has the whole account.",
	Fix:      "List the actions that are needed, on the resources that they are needed on.",
	Source:   "CIS AWS Foundations 1.16; MITRE ATT&CK T1078",
	Aliases:  []string{"CKV_AWS_1", "CKV_AWS_49", "CKV_AWS_62", "CKV_AWS_63", "CKV_AWS_274", "CKV_AWS_275", "CKV2_AWS_40", "CKV2_AWS_56", "AWS-0057"},
	Covers:   coversPower,
	Bad: `apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: main, region: eu-west-1}
iam:
  serviceAccounts:
    - metadata: {name: app, namespace: shop}
      attachPolicy:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Action: "*" # want
            Resource: "*"
---
apiVersion: iam.services.k8s.aws/v1alpha1
kind: Role
metadata: {name: app}
spec:
  name: app
  policies:
    - arn:aws:iam::aws:policy/AdministratorAccess # want
---
apiVersion: iam.services.k8s.aws/v1alpha1
kind: Policy
metadata: {name: app}
spec:
  name: app
  policyDocument: '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": ["*"], "Resource": ["*"]}}' # want
`,
	Good: `apiVersion: iam.services.k8s.aws/v1alpha1
kind: Policy
metadata: {name: app}
spec:
  name: app
  policyDocument: '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "arn:aws:s3:::logs/*"}}'
`,
	NearMiss: `apiVersion: iam.services.k8s.aws/v1alpha1
kind: Policy
metadata: {name: guard}
spec:
  name: guard
  policyDocument: '{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}'
`,
	Terraform: Examples{
		Bad: `resource "aws_iam_role_policy" "app" {
  role = aws_iam_role.app.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["*"] # want
      Resource = "*"
    }]
  })
}

data "aws_iam_policy_document" "handed_on" {
  statement {
    actions   = ["*"] # want
    resources = ["*"]
  }
}

resource "aws_iam_policy" "identities" {
  policy = jsonencode({
    Statement = [{
      Effect   = "Allow"
      Action   = ["iam:*", "s3:ListAllMyBuckets"] # want
      Resource = "*"
    }]
  })
}

resource "aws_iam_role_policy_attachment" "power" {
  role       = aws_iam_role.app.name
  policy_arn = "arn:aws:iam::aws:policy/PowerUserAccess" # want
}
`,
		Good: `data "aws_iam_policy_document" "app" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.logs.arn}/*"]
  }
}

resource "aws_iam_policy" "app" {
  policy = data.aws_iam_policy_document.app.json
}
`,
		NearMiss: `resource "aws_iam_policy" "app" {
  policy = jsonencode({
    Statement = [{ Effect = "Allow", Action = var.actions, Resource = "*" }]
  })
}

resource "aws_kms_key" "main" {
  policy = jsonencode({
    Statement = [{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:root" }, Action = "*", Resource = "*" }]
  })
}
`,
	},
	Run: func(p *Pass) {
		seen := once{}
		p.powers(func(policy infra.IAMPolicy, power infra.Power) {
			if administers(power) && seen.first(policy, power.String()) {
				p.Report(power.At, ofPolicy(policy, power.String()), "%s allows %s; a list of what is needed is expected", infra.Described(p.Object), spokenPower(power))
			}
		})
		p.attachments([]string{"AdministratorAccess", "PowerUserAccess", "IAMFullAccess"}, func(a infra.Attachment, name string) {
			p.Report(a.Policy, ofHolder(a, name), "%s gives %s; a policy of what is needed is expected", infra.Described(p.Object), name)
		})
	},
}

// administers says that a power is all of them: every action, or all of IAM, by
// which its holder gives itself the rest.
func administers(power infra.Power) bool {
	return power.Everything() && (power.All() || strings.EqualFold(power.Service(), "iam"))
}
