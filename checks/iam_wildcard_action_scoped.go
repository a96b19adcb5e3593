package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var iamWildcardActionScoped = &Check{
	ID:       "iam-wildcard-action-scoped",
	Title:    "Policy allows all actions of a service on the resources that it names",
	Severity: Medium,
	Topic:    CloudIAM,
	Since:    "0.1.0",
	Why:      "Who only reads or writes may also delete the resource, open it to others and change its policy.",
	Fix:      "List the actions that are needed.",
	Source:   "AWS Foundational Security Best Practices IAM.21",
	Aliases:  []string{"AWS-0057"},
	Covers:   coversPower,
	Within:   []string{"iam-admin", "iam-wildcard-action"},
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
            Action: "s3:*" # want
            Resource: ["arn:aws:s3:::logs", "arn:aws:s3:::logs/*"]
`,
	Good: `apiVersion: iam.services.k8s.aws/v1alpha1
kind: Policy
metadata: {name: app}
spec:
  name: app
  policyDocument: '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": ["s3:Get*"], "Resource": "arn:aws:s3:::logs/*"}}'
`,
	NearMiss: `apiVersion: iam.services.k8s.aws/v1alpha1
kind: Policy
metadata: {name: app}
spec:
  name: app
  policyDocument: '{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::logs/*"}}'
`,
	Terraform: Examples{
		Bad: `data "aws_iam_policy_document" "app" {
  statement {
    actions   = ["s3:*"] # want
    resources = [aws_s3_bucket.logs.arn]
  }
}
`,
		Good: `data "aws_iam_policy_document" "app" {
  statement {
    actions   = ["s3:GetObject*", "s3:PutObject"]
    resources = [aws_s3_bucket.logs.arn]
  }
}
`,
		NearMiss: `data "aws_iam_policy_document" "app" {
  statement {
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.logs.arn]
    principals {
      type        = "AWS"
      identifiers = ["111122223333"]
    }
  }
}
`,
	},
	Run: func(p *Pass) {
		seen := once{}
		p.powers(func(policy infra.IAMPolicy, power infra.Power) {
			if !power.All() && power.Service() != "" && !power.Everything() && seen.first(policy, power.String()) {
				p.Report(power.At, ofPolicy(policy, power.String()), "%s allows %s; a list of actions is expected", infra.Described(p.Object), spokenPower(power))
			}
		})
	},
}
