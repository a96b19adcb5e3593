package checks

import (
	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

var registryPushBroad = &Check{
	ID:       "registry-push-broad",
	Title:    "Too many may write to a registry",
	Severity: High,
	Topic:    RegistryAccess,
	Since:    "0.1.0",
	Why:      "Whoever gets one of all these identities replaces an image, and every node that pulls it runs theirs.",
	Fix:      "Name the role of the pipeline that builds the image, on that one repository.",
	Source:   "CIS EKS 5.1.2; MITRE ATT&CK T1525",
	Aliases:  []string{"C-0222"},
	Bad: `apiVersion: ecr.services.k8s.aws/v1alpha1
kind: Repository
metadata: {name: app}
spec:
  policy: '{"Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": ["ecr:PutImage"]}]}' # want
`,
	Good: `apiVersion: ecr.services.k8s.aws/v1alpha1
kind: Repository
metadata: {name: app}
spec:
  policy: '{"Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/ci"}, "Action": ["ecr:PutImage"]}]}'
`,
	NearMiss: `apiVersion: ecr.services.k8s.aws/v1alpha1
kind: Repository
metadata: {name: app}
spec:
  policy: '{"Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "ecr:BatchGetImage"}]}'
`,
	Terraform: Examples{
		Bad: `data "aws_iam_policy_document" "push" {
  statement {
    actions = ["ecr:*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111122223333:root"] # want
    }
  }
}

resource "aws_ecr_repository_policy" "app" {
  repository = "app"
  policy     = data.aws_iam_policy_document.push.json
}

resource "aws_ecr_repository_policy" "web" {
  repository = "web"
  policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = "*" # want
      Action    = ["ecr:PutImage", "ecr:UploadLayerPart"]
      Condition = { StringEquals = { "aws:PrincipalOrgID" = "o-1" } }
    }]
  })
}

resource "google_project_iam_member" "push" {
  project = "shop"
  role    = "roles/artifactregistry.writer" # want
  member  = "serviceAccount:ci@shop.iam.gserviceaccount.com"
}

data "azurerm_subscription" "own" {}

resource "azurerm_role_assignment" "push" {
  scope                = data.azurerm_subscription.own.id
  role_definition_name = "AcrPush" # want
  principal_id         = var.ci
}

variable "ci" {}
`,
		Good: `resource "aws_ecr_repository_policy" "app" {
  repository = "app"
  policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::111122223333:role/ci" }
      Action    = "ecr:PutImage"
    }]
  })
}

resource "azurerm_container_registry" "app" {
  name = "app"
}

resource "azurerm_role_assignment" "push" {
  scope                = azurerm_container_registry.app.id
  role_definition_name = "AcrPush"
  principal_id         = var.ci
}

variable "ci" {}
`,
		NearMiss: `resource "aws_ecr_repository_policy" "app" {
  repository = "app"
  policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = "*"
      Action    = "ecr:PutImage"
      Condition = { ArnEquals = { "aws:PrincipalArn" = "arn:aws:iam::111122223333:role/ci" } }
    }]
  })
}

resource "google_artifact_registry_repository_iam_member" "push" {
  repository = "app"
  role       = "roles/artifactregistry.writer"
  member     = "serviceAccount:ci@shop.iam.gserviceaccount.com"
}

resource "azurerm_role_assignment" "push" {
  scope                = var.registry
  role_definition_name = "AcrPush"
  principal_id         = "1"
}

variable "registry" {}
`,
	},
	Run: func(p *Pass) {
		for _, s := range infra.RegistryWriters(p.Object) {
			if s.Weak {
				p.Report(s.At, manifest.Subject{Class: s.Who}, "%s %q lets too many write images (%s); the one who builds them is expected", p.Object.Kind, p.Object.Name, s.Who)
			}
		}
	},
}
