package checks

import (
	"strings"

	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

var iamUnused = &Check{
	ID:       "iam-unused",
	Title:    "Identity or policy is used by nothing",
	Severity: Low,
	Topic:    CloudIAM,
	Since:    "0.2.0",
	Off:      true,
	Why:      "Permissions that nothing needs stay, nobody looks after them, and whoever may pass roles or attach policies has them at hand.",
	Fix:      "Remove it together with the last thing that used it, and with what only gives it permissions; or name it in an output where another module uses it.",
	Source:   "AWS Well-Architected Framework SEC03-BP04",
	Bad: `apiVersion: iam.services.k8s.aws/v1alpha1 # want
kind: Policy
metadata: {name: read-orders}
spec:
  name: read-orders
  policyDocument: '{"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::orders/*"}]}'
---
apiVersion: iam.services.k8s.aws/v1alpha1
kind: Role
metadata: {name: shop}
spec:
  name: shop
  assumeRolePolicyDocument: '{"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "pods.eks.amazonaws.com"}}]}'
---
apiVersion: eks.services.k8s.aws/v1alpha1
kind: PodIdentityAssociation
metadata: {name: app}
spec:
  roleRef: {from: {name: shop}}
`,
	Good: `apiVersion: iam.services.k8s.aws/v1alpha1
kind: Policy
metadata: {name: read-orders}
spec:
  name: read-orders
  policyDocument: '{"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::orders/*"}]}'
---
apiVersion: iam.services.k8s.aws/v1alpha1
kind: Role
metadata: {name: shop}
spec:
  name: shop
  policyRefs: [{from: {name: read-orders}}]
  assumeRolePolicyDocument: '{"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "pods.eks.amazonaws.com"}}]}'
---
apiVersion: eks.services.k8s.aws/v1alpha1
kind: PodIdentityAssociation
metadata: {name: app}
spec:
  roleRef: {from: {name: shop}}
`,
	NearMiss: `apiVersion: iam.services.k8s.aws/v1alpha1
kind: Role
metadata: {name: deploy}
spec:
  name: deploy
  assumeRolePolicyDocument: '{"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "arn:aws:iam::111122223333:role/ci"}}]}'
`,
	Terraform: Examples{
		Bad: unusedRole + unusedAttachment + `
resource "aws_iam_policy" "orders" { # want
  name   = "read-orders"
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::orders/*" }] })
}

resource "google_service_account" "app" { # want
  account_id = "app-reader"
}

resource "google_project_iam_member" "app" {
  project = "shop"
  role    = "roles/logging.logWriter"
  member  = "serviceAccount:${google_service_account.app.email}"
}
`,
		Good: usedRole + unusedAttachment + `
resource "aws_lambda_function" "orders" {
  function_name = "orders"
  role          = aws_iam_role.app.arn
}
`,
		NearMiss: usedRole + unusedAttachment + `
output "roles" {
  value = { orders = aws_iam_role.app[*].arn }
}
`,
	},
	RunTarget: func(p *Pass) {
		for _, d := range infra.Unused(p.Objects, p.Together()) {
			report := p.Report
			if !d.Proved {
				report = p.Suspect
			}
			report(d.At, manifest.Subject{}, "nothing uses the %s of %s, where it is declared or by its name; something that does, or its removal, is expected", d.Kind, infra.Described(d.At.Object()))
		}
	},
}

// The examples' role that a service may assume, with what gives it permissions.
const (
	usedRole = `resource "aws_iam_role" "app" {
  name               = "orders-lambda"
  assume_role_policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }] })
}
`
	unusedAttachment = `
resource "aws_iam_role_policy_attachment" "app" {
  role       = aws_iam_role.app.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
}
`
)

var unusedRole = strings.Replace(usedRole, "{", "{ # want", 1)
