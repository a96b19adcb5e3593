package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var nodeDiskDefaultKey = &Check{
	ID:       "node-disk-default-key",
	Title:    "Disk of a node has no encryption key of your own",
	Severity: Low,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "There is no key that you could watch or take away when a disk or a snapshot of it gets into other hands.",
	Fix:      "Name a key: `boot_disk_kms_key` in GKE, `disk_encryption_set_id` in AKS.",
	Source:   "CIS GKE 5.9.1; CIS AKS 5.4.1",
	Aliases:  []string{"CKV_AZURE_117", "AZU-0067"},
	Bad: `apiVersion: container.cnrm.cloud.google.com/v1beta1
kind: ContainerNodePool
metadata: {name: workers}
spec:
  nodeConfig:
    machineType: e2-medium # want
`,
	Good: `apiVersion: container.cnrm.cloud.google.com/v1beta1
kind: ContainerNodePool
metadata: {name: workers}
spec:
  nodeConfig:
    bootDiskKMSCryptoKeyRef: {external: projects/p/locations/l/keyRings/r/cryptoKeys/k}
`,
	NearMiss: `apiVersion: karpenter.k8s.aws/v1
kind: EC2NodeClass
metadata: {name: default}
spec:
  amiFamily: Bottlerocket
`,
	Terraform: Examples{
		Bad: `resource "google_container_node_pool" "workers" {
  node_config { # want
    machine_type = "e2-medium"
  }
}

resource "azurerm_kubernetes_cluster" "main" { # want
  name = "main"
}
`,
		Good: `resource "google_container_node_pool" "workers" {
  node_config {
    boot_disk_kms_key = google_kms_crypto_key.nodes.id
  }
}

resource "azurerm_kubernetes_cluster" "main" {
  name                   = "main"
  disk_encryption_set_id = azurerm_disk_encryption_set.nodes.id
}
`,
		NearMiss: `resource "google_container_cluster" "main" {
  enable_autopilot = true
}

resource "azurerm_kubernetes_cluster_node_pool" "workers" {
  name = "workers"
}
`,
	},
	Run: func(p *Pass) {
		p.nodes(func(n infra.Node) []infra.Setting { return []infra.Setting{n.DiskKey} }, "encrypts its disk with the provider's key; one of your own is expected")
	},
}
