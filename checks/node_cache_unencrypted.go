package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var nodeCacheUnencrypted = &Check{
	ID:       "node-cache-unencrypted",
	Title:    "Temporary disks and caches of a node are not encrypted",
	Severity: Medium,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "What pods keep in `emptyDir`, and what the host caches of their volumes, lies readable on the provider's machine.",
	Fix:      "Set `host_encryption_enabled = true`.",
	Source:   "Microsoft cloud security benchmark, DP-4; CIS AKS 5.4",
	Aliases:  []string{"CKV_AZURE_227", "CKV_AZURE_97", "CKV_AZURE_151"},
	Mend:     mendsSetting,
	Bad: `apiVersion: containerservice.azure.com/v1api20240901
kind: ManagedClustersAgentPool
metadata: {name: workers}
spec:
  enableEncryptionAtHost: false # want
`,
	Good: `apiVersion: containerservice.azure.com/v1api20240901
kind: ManagedClustersAgentPool
metadata: {name: workers}
spec:
  enableEncryptionAtHost: true
`,
	NearMiss: `apiVersion: karpenter.k8s.aws/v1
kind: EC2NodeClass
metadata: {name: default}
spec:
  amiFamily: Bottlerocket
`,
	Terraform: Examples{
		Bad: `resource "azurerm_kubernetes_cluster" "main" {
  name = "main"
  default_node_pool { # want
    name = "default"
  }
}

resource "azurerm_kubernetes_cluster_node_pool" "workers" {
  name                   = "workers"
  enable_host_encryption = false # want
}
`,
		Good: `resource "azurerm_kubernetes_cluster_node_pool" "workers" {
  name                    = "workers"
  host_encryption_enabled = true
}
`,
		NearMiss: `resource "azurerm_kubernetes_cluster_node_pool" "workers" {
  name                    = "workers"
  host_encryption_enabled = var.encrypted
}

variable "encrypted" {}
`,
	},
	Run: func(p *Pass) {
		p.nodes(func(n infra.Node) []infra.Setting { return []infra.Setting{n.Cache} }, "keeps temporary disks and caches unencrypted")
	},
}
