package checks

import (
	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

var registryPublic = &Check{
	ID:       "registry-public",
	Title:    "Registry serves everybody",
	Severity: Critical,
	Topic:    RegistryAccess,
	Since:    "0.1.0",
	Why:      "Anybody pulls the images, with the code, the configuration and the secrets that were built into them, or does what else the policy allows.",
	Fix:      "Name the accounts or members that may pull, or add a condition such as `aws:PrincipalOrgID`.",
	Source:   "AWS Foundational Security Best Practices; MITRE ATT&CK T1525",
	Aliases:  []string{"CKV_AWS_32", "CKV_GCP_101", "CKV_AZURE_138", "AWS-0032"},
	Mend:     mendsSetting,
	Bad: `apiVersion: ecr.services.k8s.aws/v1alpha1
kind: Repository
metadata: {name: app}
spec:
  policy: '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"}]}' # want
---
apiVersion: iam.cnrm.cloud.google.com/v1beta1
kind: IAMPolicyMember
metadata: {name: pull}
spec:
  member: allUsers # want
  role: roles/artifactregistry.reader
  resourceRef: {kind: ArtifactRegistryRepository, name: app}
---
apiVersion: containerregistry.azure.com/v1api20230701
kind: Registry
metadata: {name: app}
spec:
  anonymousPullEnabled: true # want
`,
	Good: `apiVersion: ecr.services.k8s.aws/v1alpha1
kind: Repository
metadata: {name: app}
spec:
  policy: '{"Statement": [{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "ecr:BatchGetImage"}]}'
`,
	NearMiss: `apiVersion: ecr.services.k8s.aws/v1alpha1
kind: Repository
metadata: {name: app}
spec:
  policy: '{"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "ecr:*"}]}'
`,
	Terraform: Examples{
		Bad: `resource "aws_ecr_repository_policy" "app" {
  repository = "app"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = "*" # want
      Action    = "ecr:BatchGetImage"
      Resource  = aws_ecr_repository.app.arn
    }]
  })
}

data "aws_iam_policy_document" "pull" {
  statement {
    actions = ["ecr:BatchGetImage"]
    principals {
      type        = "AWS"
      identifiers = ["*"] # want
    }
  }
}

resource "aws_ecr_repository_policy" "web" {
  repository = "web"
  policy     = data.aws_iam_policy_document.pull.json
}

resource "aws_ecr_repository_policy" "unnamed" {
  repository = "unnamed"
  policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = "*" # want
      Action    = "ecr:PutImage"
      Condition = { "ForAllValues:StringEquals" = { "aws:username" = "ci" } }
    }]
  })
}

resource "azurerm_container_registry" "app" {
  name                   = "app"
  anonymous_pull_enabled = true # want
}

resource "google_artifact_registry_repository_iam_member" "app" {
  repository = "app"
  role       = "roles/artifactregistry.reader"
  member     = "allUsers" # want
}
`,
		Good: `resource "aws_ecr_repository_policy" "app" {
  repository = "app"
  policy = <<-EOT
    {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "${var.account}"}, "Action": "ecr:BatchGetImage"}]}
  EOT
}
`,
		NearMiss: `resource "azurerm_container_registry" "small" {
  name                   = "small"
  sku                    = "Basic"
  anonymous_pull_enabled = true
}

data "aws_iam_policy_document" "pull" {
  statement {
    actions = ["ecr:BatchGetImage"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalOrgID"
      values   = [var.organisation]
    }
  }
}

resource "aws_ecr_repository_policy" "app" {
  repository = "app"
  policy     = data.aws_iam_policy_document.pull.json
}
`,
	},
	Run: func(p *Pass) {
		for _, s := range infra.RegistryReaders(p.Object) {
			if s.Weak {
				p.Report(s.At, manifest.Subject{Class: s.Who}, "%s %q serves everybody; accepted are named accounts or members", p.Object.Kind, p.Object.Name)
			}
		}
	},
}
