package checks

import (
	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

var registryTagMutable = &Check{
	ID:       "registry-tag-mutable",
	Title:    "Registry lets tags be moved to other images",
	Severity: Medium,
	Topic:    RegistryAccess,
	Since:    "0.1.0",
	Why:      "Whoever may push replaces an image that is already deployed: the next pod runs something else under the same tag.",
	Fix:      "Make tags immutable: `image_tag_mutability = \"IMMUTABLE\"` in ECR, `immutable_tags = true` in Artifact Registry.",
	Source:   "MITRE ATT&CK T1525; AWS Foundational Security Best Practices ECR.2",
	Aliases:  []string{"CKV_AWS_51", "AWS-0031"},
	Mend:     mendsSetting,
	Bad: `apiVersion: ecr.services.k8s.aws/v1alpha1
kind: Repository
metadata: {name: app}
spec:
  name: shop/app # want
---
apiVersion: ecr.aws.upbound.io/v1beta1
kind: Repository
metadata: {name: app}
spec:
  forProvider:
    imageTagMutability: MUTABLE # want
---
apiVersion: artifactregistry.cnrm.cloud.google.com/v1beta1
kind: ArtifactRegistryRepository
metadata: {name: app}
spec:
  format: DOCKER
  dockerConfig:
    immutableTags: false # want
`,
	Good: `apiVersion: ecr.services.k8s.aws/v1alpha1
kind: Repository
metadata: {name: app}
spec:
  imageTagMutability: IMMUTABLE
`,
	NearMiss: `apiVersion: artifactregistry.cnrm.cloud.google.com/v1beta1
kind: ArtifactRegistryRepository
metadata: {name: maven}
spec:
  format: MAVEN
`,
	Terraform: Examples{
		Bad: `resource "aws_ecr_repository" "app" { # want
  name = "shop/app"
}

resource "aws_ecr_repository" "web" {
  name                 = "shop/web"
  image_tag_mutability = "MUTABLE" # want
}

resource "google_artifact_registry_repository" "app" { # want
  repository_id = "app"
  format        = "DOCKER"
}

module "ecr" {
  source                          = "terraform-aws-modules/ecr/aws"
  repository_image_tag_mutability = "MUTABLE" # want
}
`,
		Good: `resource "aws_ecr_repository" "app" {
  name                 = "shop/app"
  image_tag_mutability = "IMMUTABLE"
}
`,
		NearMiss: `variable "mutability" {}

resource "aws_ecr_repository" "app" {
  name                 = "shop/app"
  image_tag_mutability = var.mutability
}

data "aws_ecr_repository" "base" {
  name = "shop/base"
}

module "ecr" {
  source          = "terraform-aws-modules/ecr/aws"
  repository_name = "app"
}
`,
	},
	Run: func(p *Pass) {
		if r, ok := infra.RegistryOf(p.Object); ok && r.Tags.Weak {
			p.Report(r.Tags.At, manifest.Subject{}, "%s %q lets tags be moved; accepted are immutable ones", r.Kind, r.Name)
		}
	},
}
