package checks

import (
	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

var iamUser = &Check{
	ID:       "iam-user",
	Title:    "User of the cloud account instead of a role",
	Severity: Low,
	Topic:    CloudIAM,
	Since:    "0.3.0",
	Off:      true,
	Why:      "Its password and its keys last until somebody remembers them, whoever has them by then.",
	Fix:      "Let people come by single sign-on and programs by a role that they assume.",
	Source:   "CIS Amazon EKS 5.5.1; AWS Well-Architected Framework SEC02-BP04",
	Aliases:  []string{"CKV_AWS_273"},
	Bad: `apiVersion: iam.services.k8s.aws/v1alpha1 # want
kind: User
metadata: {name: ann}
spec:
  name: ann
`,
	Good: `apiVersion: iam.services.k8s.aws/v1alpha1
kind: Role
metadata: {name: ann}
spec:
  name: ann
  assumeRolePolicyDocument: '{"Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}'
`,
	NearMiss: `apiVersion: user.openshift.io/v1
kind: User
metadata: {name: ann}
`,
	Terraform: Examples{
		Bad: `resource "aws_iam_user" "ann" { # want
  name = "ann"
}
`,
		Good: `resource "aws_iam_group" "people" {
  name = "people"
}
`,
		NearMiss: `data "aws_iam_user" "ann" {
  user_name = "ann"
}
`,
	},
	Run: func(p *Pass) {
		for _, d := range infra.IAMOf(p.Object).Declared {
			if d.Kind == infra.AUser {
				p.Report(d.At, manifest.Subject{}, "%s is a user of the account; a role that is assumed is expected", infra.Described(p.Object))
			}
		}
	},
}
