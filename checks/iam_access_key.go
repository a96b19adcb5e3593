package checks

import (
	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

var iamAccessKey = &Check{
	ID:       "iam-access-key",
	Title:    "User gets an access key that does not expire",
	Severity: Medium,
	Topic:    CloudIAM,
	Since:    "0.2.0",
	Why:      "The key lies in the state of Terraform or in a Secret, is copied from there, and is good until somebody deletes it.",
	Fix:      "Let programs assume a role: by IRSA or Pod Identity in a cluster, by OpenID Connect in CI.",
	Source:   "CIS Amazon EKS 5.5.1; AWS Well-Architected Framework SEC02-BP02",
	Bad: `apiVersion: iam.aws.upbound.io/v1beta1
kind: AccessKey
metadata: {name: ci}
spec:
  forProvider:
    user: ci # want
`,
	Good: `apiVersion: iam.aws.upbound.io/v1beta1
kind: User
metadata: {name: ci}
spec:
  forProvider: {}
`,
	NearMiss: `apiVersion: keys.example.com/v1
kind: AccessKey
metadata: {name: ci}
spec:
  forProvider:
    user: ci
`,
	Terraform: Examples{
		Bad: `resource "aws_iam_access_key" "ci" {
  user = aws_iam_user.ci.name # want
}
`,
		Good: `resource "aws_iam_user" "ci" {
  name = "ci"
}
`,
		NearMiss: `resource "aws_iam_access_key" "old" {
  user   = aws_iam_user.ci.name
  status = "Inactive"
}
`,
	},
	Run: func(p *Pass) {
		for _, user := range infra.IAMOf(p.Object).Keys {
			p.Report(user.Known(), manifest.Subject{Class: user.Partly()}, "%s is a key that does not expire; a role that is assumed is expected", infra.Described(p.Object))
		}
	},
}
