package checks

import (
	"slices"
	"strings"

	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

var iamPrivesc = &Check{
	ID:       "iam-privesc",
	Title:    "Policy lets its holder give itself more permissions",
	Severity: High,
	Topic:    CloudIAM,
	Since:    "0.1.0",
	Why:      "By a new policy version, a new key, another trust or a role that is passed to something new, the holder becomes administrator.",
	Fix:      "Name the roles, users and policies that the actions are for; limit `iam:PassRole` by `iam:PassedToService` as well, or set a permissions boundary.",
	Source:   "MITRE ATT&CK T1098; Rhino Security Labs, AWS IAM Privilege Escalation; Principal Mapper",
	Aliases:  []string{"CKV_AWS_109", "CKV_AWS_110", "CKV_AWS_286", "CKV_AWS_289", "AWS-0342"},
	Covers:   coversEscalation,
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
              - iam:CreatePolicyVersion # want
              - iam:Pass* # want
              - ec2:RunInstances
            Resource: "*"
`,
	Good: `apiVersion: iam.services.k8s.aws/v1alpha1
kind: Policy
metadata: {name: ci}
spec:
  name: ci
  policyDocument: '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["iam:PassRole"], "Resource": "arn:aws:iam::111122223333:role/app"}]}'
`,
	NearMiss: `apiVersion: iam.services.k8s.aws/v1alpha1
kind: Policy
metadata: {name: ci}
spec:
  name: ci
  policyDocument: '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["iam:PassRole"], "Resource": "*", "Condition": {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}}]}'
`,
	Terraform: Examples{
		Bad: `data "aws_iam_policy_document" "ci" {
  statement {
    actions = [
      "iam:GetRole",
      "iam:AttachRolePolicy", # want
      "iam:PassRole", # want
    ]
    resources = ["arn:aws:iam::${data.aws_caller_identity.current.account_id}:role/*", "*"]
  }
}

resource "aws_iam_policy" "ci" {
  policy = data.aws_iam_policy_document.ci.json
}
`,
		Good: `resource "aws_iam_policy" "ci" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "iam:PassRole", Resource = aws_iam_role.app.arn }] })
}
`,
		NearMiss: `resource "aws_iam_policy" "ci" {
  policy = jsonencode({
    Statement = [
      { Effect = "Allow", Action = ["iam:List*", "iam:Get*", "iam:*AccountAlias"], Resource = "*" },
      { Effect = "Allow", Action = ["iam:PassRole", "iam:PutRolePolicy"], Resource = "arn:aws:iam::111122223333:role/app-*" },
      { Effect = "Deny", Action = ["iam:Pass*", "iam:*Role*"], Resource = "*" },
    ]
  })
}
`,
	},
	Run: func(p *Pass) {
		seen := once{}
		for _, policy := range p.policies() {
			for _, e := range surelyFirst(policy.Escalations(), func(e infra.Escalation) manifest.Node { return e.At }) {
				if seen.first(policy, e.Class) {
					p.Report(e.At, ofPolicy(policy, e.Class), "%s allows %s; named roles, users and policies are expected", infra.Described(p.Object), e.Way)
				}
			}
		}
	},
}

// coversEscalation says that base opened each of the ways already. What passes
// roles names what it may start; anything else is a power.
func coversEscalation(base []string, head string) bool {
	if strings.Contains(head, " on ") {
		return coversPower(base, head)
	}
	for way := range strings.SplitSeq(head, ",") {
		if !slices.ContainsFunc(base, func(class string) bool {
			b := cutPower(class)
			return slices.Contains(strings.Split(class, ","), way) || b.resources == "*" && b.action == "*" && b.condition == ""
		}) {
			return false
		}
	}
	return true
}
