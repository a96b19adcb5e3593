package checks

import (
	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

var secretsDefaultKey = &Check{
	ID:       "secrets-default-key",
	Title:    "Secrets of a managed cluster have no encryption key of your own",
	Severity: Medium,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Who gets at a backup of etcd, or may act for the provider, reads every secret: there is no key that you could watch or take away.",
	Fix:      "Name a key: `encryption_config` with `secrets` in EKS, `database_encryption` in GKE, `key_management_service` in AKS.",
	Source:   "CIS EKS 5.3.1; CIS GKE 5.3.1; CIS AKS 5.3.1",
	Aliases:  []string{"CKV_AWS_58", "AWS-0039"},
	Bad: `apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: main, region: eu-west-1}
secretsEncryption:
  keyARN: "" # want
---
apiVersion: eks.services.k8s.aws/v1alpha1
kind: Cluster
metadata: {name: main}
spec:
  encryptionConfig:
    - resources: [] # want
---
apiVersion: container.cnrm.cloud.google.com/v1beta1
kind: ContainerCluster
metadata: {name: main}
spec:
  databaseEncryption:
    state: DECRYPTED # want
`,
	Good: `apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: main, region: eu-west-1}
secretsEncryption: {keyARN: "arn:aws:kms:eu-west-1:111122223333:key/1"}
`,
	NearMiss: `apiVersion: container.cnrm.cloud.google.com/v1beta1
kind: ContainerCluster
metadata: {name: main}
spec:
  databaseEncryption: {state: ENCRYPTED, keyName: projects/p/locations/l/keyRings/r/cryptoKeys/k}
`,
	Terraform: Examples{
		Bad: `resource "aws_eks_cluster" "main" { # want
  name = "main"
}

resource "aws_eks_cluster" "keyless" {
  name = "keyless"
  encryption_config { # want
    resources = ["secrets"]
  }
}

module "eks" {
  source            = "terraform-aws-modules/eks/aws"
  encryption_config = {} # want
}

resource "google_container_cluster" "main" {
  name = "main"
  database_encryption {
    state = "DECRYPTED" # want
  }
}

resource "azurerm_kubernetes_cluster" "main" { # want
  name = "main"
}
`,
		Good: `resource "aws_eks_cluster" "main" {
  name = "main"
  encryption_config {
    resources = ["secrets"]
    provider {
      key_arn = aws_kms_key.main.arn
    }
  }
}

resource "google_container_cluster" "main" {
  name = "main"
  database_encryption {
    state    = "ENCRYPTED"
    key_name = google_kms_crypto_key.main.id
  }
}

resource "azurerm_kubernetes_cluster" "main" {
  name = "main"
  key_management_service {
    key_vault_key_id = azurerm_key_vault_key.main.id
  }
}
`,
		NearMiss: `module "eks" {
  source = "terraform-aws-modules/eks/aws"
}

module "older" {
  source                    = "terraform-aws-modules/eks/aws"
  cluster_encryption_config = { resources = ["secrets"] }
}

resource "aws_eks_cluster" "main" {
  name = "main"
  dynamic "encryption_config" {
    for_each = var.key == null ? [] : [var.key]
    content {
      resources = ["secrets"]
      provider {
        key_arn = encryption_config.value
      }
    }
  }
}

variable "key" {}
`,
	},
	Run: func(p *Pass) {
		if c, ok := infra.ClusterOf(p.Object); ok && c.Secrets.Weak {
			p.Report(c.Secrets.At, manifest.Subject{}, "%s %q encrypts secrets with no key of your own; one is expected", c.Kind, p.Object.Name)
		}
	},
}
