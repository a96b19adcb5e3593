package checks

import (
	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

var iamUserPolicy = &Check{
	ID:       "iam-user-policy",
	Title:    "Policy belongs to a user instead of a role or a group",
	Severity: Medium,
	Topic:    CloudIAM,
	Since:    "0.2.0",
	Why:      "Users log in with passwords and keys that last, and what each of them may do by itself nobody sees when people change teams.",
	Fix:      "Attach the policy to a role that people and programs assume for a short time, or to a group.",
	Source:   "CIS AWS Foundations 1.15; AWS Foundational Security Best Practices IAM.2",
	Aliases:  []string{"CKV_AWS_40", "AWS-0143"},
	Bad: `apiVersion: iam.services.k8s.aws/v1alpha1
kind: User
metadata: {name: ann}
spec:
  name: ann
  policies:
    - arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess # want
  inlinePolicies:
    queue: '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:eu-west-1:111122223333:orders"}]}' # want
---
apiVersion: iam.aws.upbound.io/v1beta1
kind: UserPolicyAttachment
metadata: {name: ann}
spec:
  forProvider:
    policyArn: arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess
    user: ann # want
`,
	Good: `apiVersion: iam.services.k8s.aws/v1alpha1
kind: Group
metadata: {name: readers}
spec:
  name: readers
  policies:
    - arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess
---
apiVersion: iam.services.k8s.aws/v1alpha1
kind: User
metadata: {name: ann}
spec:
  name: ann
`,
	NearMiss: `apiVersion: iam.aws.upbound.io/v1beta1
kind: RolePolicyAttachment
metadata: {name: user}
spec:
  forProvider:
    policyArn: arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess
    role: user
`,
	Terraform: Examples{
		Bad: `resource "aws_iam_user_policy_attachment" "ann" {
  user       = aws_iam_user.ann.name # want
  policy_arn = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
}

resource "aws_iam_user_policy" "ann" {
  user   = "ann" # want
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "sqs:SendMessage", Resource = aws_sqs_queue.orders.arn }] })
}

resource "aws_iam_policy_attachment" "readers" {
  name       = "readers"
  groups     = ["readers"]
  users      = ["ann"] # want
  policy_arn = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
}
`,
		Good: `resource "aws_iam_group_policy_attachment" "readers" {
  group      = aws_iam_group.readers.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
}
`,
		NearMiss: `resource "aws_iam_policy_attachment" "readers" {
  name       = "readers"
  users      = var.users
  roles      = ["readers"]
  policy_arn = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
}
`,
	},
	Run: func(p *Pass) {
		given := infra.IAMOf(p.Object)
		for _, a := range given.Attached {
			if a.User {
				name := a.Managed()
				if name == "" {
					name = a.Policy.Partly()
				}
				p.userPolicy(name, a.Policy, a.Holder)
			}
		}
		for _, policy := range given.Policies {
			if policy.User {
				p.userPolicy(policy.Name, policy.At, policy.Holders...)
			}
		}
	},
}

// userPolicy reports a policy of a user: at the user where that is named, else
// where the policy stands in it.
func (p *Pass) userPolicy(name string, policy manifest.Node, holders ...manifest.Node) {
	at, who := infra.Named(policy), infra.Described(p.Object)
	for _, holder := range holders {
		if holder.Exists() {
			at, who = infra.Named(holder), "user "+quoted(holder)
			break
		}
	}
	if name == "" {
		name = "a policy of its own"
	}
	p.Report(at, manifest.Subject{Class: name + " for " + who}, "%s gets %s; a role or a group is expected", who, name)
}
