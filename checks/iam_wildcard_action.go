package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var iamWildcardAction = &Check{
	ID:       "iam-wildcard-action",
	Title:    "Policy allows all actions of a service on everything, or all but some",
	Severity: High,
	Topic:    CloudIAM,
	Since:    "0.1.0",
	Why:      "Reading, deleting, sharing and changing the permissions of all that the service holds is in it, and so is what the service learns tomorrow.",
	Fix:      "List the actions that are needed, or name the resources; `NotAction` belongs into a Deny.",
	Source:   "AWS Foundational Security Best Practices IAM.21",
	Aliases:  []string{"CKV_AWS_49", "CKV_AWS_63", "CKV_AWS_111", "CKV_AWS_290", "AWS-0057"},
	Covers:   coversPower,
	Within:   []string{"iam-admin"},
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
            Action:
              - "s3:*" # want
              - sqs:SendMessage
            Resource: "*"
          - Effect: Allow
            NotAction: ["iam:*"] # want
            Resource: "*"
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
metadata: {name: app}
spec:
  name: app
  policyDocument: '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": ["arn:aws:s3:::logs", "arn:aws:s3:::logs/*"]}, {"Effect": "Deny", "NotAction": "iam:*", "Resource": "*"}]}'
`,
	Terraform: Examples{
		Bad: `data "aws_iam_policy_document" "app" {
  statement {
    actions = [
      "s3:*", # want
    ]
    resources = ["*"]
  }
  statement {
    not_actions = ["iam:*"] # want
    resources   = ["*"]
  }
}

resource "aws_iam_role_policy" "app" {
  role   = aws_iam_role.app.id
  policy = data.aws_iam_policy_document.app.json
}

resource "aws_iam_policy" "all" {
  policy = jsonencode({
    Statement = {
      Effect   = "Allow"
      Action   = "*" # want
      Resource = "${aws_s3_bucket.logs.arn}/*"
    }
  })
}
`,
		Good: `data "aws_iam_policy_document" "app" {
  statement {
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.logs.arn]
  }
}
`,
		NearMiss: `data "aws_iam_policy_document" "app" {
  statement {
    actions   = ["s3:*"]
    resources = [var.bucket]
  }
}
`,
	},
	Run: func(p *Pass) {
		seen := once{}
		p.powers(func(policy infra.IAMPolicy, power infra.Power) {
			if administers(power) {
				return // iam-admin
			}
			all := power.All() && !power.Everything()
			one := !power.All() && power.Service() != "" && power.Everything()
			if (all || one || power.Not && power.Anything()) && seen.first(policy, power.String()) {
				p.Report(power.At, ofPolicy(policy, power.String()), "%s allows %s; a list of actions is expected", infra.Described(p.Object), spokenPower(power))
			}
		})
	},
}

// spokenPower is a power as messages call it.
func spokenPower(power infra.Power) string {
	what := power.Action
	switch {
	case power.Not:
		what = "all actions but " + what
	case power.All():
		what = "every action"
	}
	if power.Everything() {
		return what + " on every resource"
	}
	return what + " on " + few(power.Resources)
}
