package checks

import (
	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

var nodeDefaultSA = &Check{
	ID:       "node-default-sa",
	Title:    "Nodes run as the default service account of the project",
	Severity: High,
	Topic:    CloudIAM,
	Since:    "0.1.0",
	Why:      "The default account is often an editor of the whole project, and every pod that reaches the metadata service is it.",
	Fix:      "Give the node pool a service account of its own with `roles/container.defaultNodeServiceAccount`.",
	Source:   "CIS Google Kubernetes Engine 5.2.1",
	Aliases:  []string{"GCP-0050", "CKV_GCP_30", "GCP-0044"},
	Bad: `apiVersion: container.cnrm.cloud.google.com/v1beta1
kind: ContainerNodePool
metadata: {name: workers}
spec:
  location: europe-west1
  clusterRef: {name: main}
  nodeConfig:
    machineType: e2-standard-4
    serviceAccountRef: {external: 123-compute@developer.gserviceaccount.com} # want
    workloadMetadataConfig: {mode: GKE_METADATA}
`,
	Good: `apiVersion: container.cnrm.cloud.google.com/v1beta1
kind: ContainerNodePool
metadata: {name: workers}
spec:
  location: europe-west1
  clusterRef: {name: main}
  nodeConfig:
    machineType: e2-standard-4
    serviceAccountRef: {external: nodes@shop.iam.gserviceaccount.com}
    workloadMetadataConfig: {mode: GKE_METADATA}
`,
	NearMiss: `apiVersion: container.cnrm.cloud.google.com/v1beta1
kind: ContainerNodePool
metadata: {name: workers}
spec:
  clusterRef: {name: main}
  nodeConfig:
    serviceAccountRef: {name: nodes}
`,
	Terraform: Examples{
		Bad: `resource "google_container_node_pool" "workers" {
  cluster = google_container_cluster.main.name
  node_config { # want
    machine_type = "e2-standard-4"
  }
}

resource "google_container_cluster" "grows" {
  cluster_autoscaling {
    enabled = true
    auto_provisioning_defaults { # want
      oauth_scopes = ["https://www.googleapis.com/auth/cloud-platform"]
    }
  }
}

module "gke" {
  source                 = "terraform-google-modules/kubernetes-engine/google"
  create_service_account = false # want
}
`,
		Good: `resource "google_container_cluster" "grows" {
  cluster_autoscaling {
    enabled = true
    auto_provisioning_defaults {
      service_account = google_service_account.nodes.email
    }
  }
}

resource "google_container_node_pool" "workers" {
  cluster = google_container_cluster.main.name
  node_config {
    service_account = google_service_account.nodes.email
  }
}
`,
		NearMiss: `module "gke" {
  source = "terraform-google-modules/kubernetes-engine/google"
}

resource "google_container_cluster" "main" {
  remove_default_node_pool = true
  node_config {
    machine_type = "e2-standard-4"
  }
}
`,
	},
	Run: func(p *Pass) {
		for _, s := range infra.LoginsOf(p.Object).Nodes {
			if s.Weak {
				p.Report(s.At, manifest.Subject{Class: lastKey(s.At)}, "%s runs as the default service account of the project; an account of its own is expected", infra.Described(p.Object))
			}
		}
	},
}
