package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var nodeUnshielded = &Check{
	ID:       "node-unshielded",
	Title:    "Start of a node is not guarded",
	Severity: Medium,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Who changed the kernel or what starts before it is not noticed.",
	Fix:      "Leave shielded nodes, secure boot and integrity monitoring on.",
	Source:   "CIS GKE 5.5.5, 5.5.6, 5.5.7",
	Aliases:  []string{"CKV_GCP_68", "CKV_GCP_71", "CKV_GCP_72", "GCP-0055", "CKV_GCP_39", "GCP-0041", "GCP-0045", "GCP-0067"},
	Mend:     mendsSetting,
	Bad: `apiVersion: container.cnrm.cloud.google.com/v1beta1
kind: ContainerNodePool
metadata: {name: workers}
spec:
  nodeConfig:
    shieldedInstanceConfig:
      enableSecureBoot: false # want
`,
	Good: `apiVersion: container.cnrm.cloud.google.com/v1beta1
kind: ContainerNodePool
metadata: {name: workers}
spec:
  nodeConfig: {shieldedInstanceConfig: {enableSecureBoot: true}}
`,
	NearMiss: `apiVersion: container.cnrm.cloud.google.com/v1beta1
kind: ContainerCluster
metadata: {name: main}
spec:
  enableAutopilot: true
  nodeConfig: {machineType: e2-medium}
`,
	Terraform: Examples{
		Bad: `resource "google_container_node_pool" "workers" {
  node_config {
    shielded_instance_config {
      enable_secure_boot          = true
      enable_integrity_monitoring = false # want
    }
  }
}

resource "google_container_node_pool" "others" {
  node_config { # want
    machine_type = "e2-medium"
  }
}

resource "google_container_cluster" "main" {
  enable_shielded_nodes = false # want
}

module "gke" {
  source = "terraform-google-modules/kubernetes-engine/google//modules/private-cluster"
  node_pools = [
    { name = "workers", machine_type = "e2-medium", enable_secure_boot = false }, # want
  ]
}
`,
		Good: `resource "google_container_node_pool" "workers" {
  node_config {
    shielded_instance_config {
      enable_secure_boot = true
    }
  }
}
`,
		NearMiss: `resource "google_container_cluster" "main" {
  enable_autopilot = true
}

resource "google_container_cluster" "other" {
  remove_default_node_pool = true
  node_config {
    machine_type = "e2-medium"
  }
}
`,
	},
	Run: func(p *Pass) {
		p.nodes(func(n infra.Node) []infra.Setting { return n.Boot }, "starts unguarded; the guard is expected to be on")
	},
}
