package checks

import (
	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

var registryDefaultKey = &Check{
	ID:       "registry-default-key",
	Title:    "Images of a registry have no encryption key of your own",
	Severity: Low,
	Topic:    RegistryAccess,
	Since:    "0.3.0",
	Off:      true,
	Why:      "There is no key that you could watch or take away from whoever should no longer read the images.",
	Fix:      "Name a key: `kms_key` in `encryption_configuration`, `kms_key_name`, or `key_vault_key_id` in `encryption`.",
	Source:   "NIST SP 800-53 SC-28; AWS Prescriptive Guidance, encryption of Amazon ECR",
	Aliases:  []string{"CKV_AWS_136", "AWS-0033", "CKV_GCP_84"},
	Bad: `apiVersion: ecr.services.k8s.aws/v1alpha1
kind: Repository
metadata: {name: app}
spec:
  name: app
  encryptionConfiguration:
    encryptionType: AES256 # want
`,
	Good: `apiVersion: ecr.services.k8s.aws/v1alpha1
kind: Repository
metadata: {name: app}
spec:
  name: app
  encryptionConfiguration:
    encryptionType: KMS
    kmsKey: arn:aws:kms:eu-west-1:111122223333:key/1
`,
	NearMiss: `apiVersion: containerregistry.azure.com/v1api20230701
kind: Registry
metadata: {name: app}
spec:
  sku: {name: Basic}
`,
	Terraform: Examples{
		Bad: `resource "aws_ecr_repository" "app" { # want
  name = "app"
}

resource "google_artifact_registry_repository" "app" { # want
  format = "DOCKER"
}

resource "azurerm_container_registry" "app" { # want
  sku = "Premium"
}
`,
		Good: `resource "aws_ecr_repository" "app" {
  name = "app"
  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = aws_kms_key.images.arn
  }
}
`,
		NearMiss: `resource "google_artifact_registry_repository" "app" {
  format       = "DOCKER"
  kms_key_name = var.key
}

resource "azurerm_container_registry" "app" {
  sku = "Standard"
}

variable "key" {}
`,
	},
	Run: func(p *Pass) {
		if r, ok := infra.RegistryOf(p.Object); ok && r.Key.Weak {
			p.Report(r.Key.At, manifest.Subject{}, "%s %q is encrypted with the provider's key; one of your own is expected", r.Kind, r.Name)
		}
	},
}
