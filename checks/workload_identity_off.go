package checks

import (
	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

var workloadIdentityOff = &Check{
	ID:       "workload-identity-off",
	Title:    "Pods have no identity of the cloud of their own",
	Severity: High,
	Topic:    CloudIAM,
	Since:    "0.1.0",
	Why:      "Pods then take the identity of their node, or long-lived keys from secrets.",
	Fix:      "Set `workload_identity_config` and the metadata mode `GKE_METADATA`; on AKS `oidc_issuer_enabled` and `workload_identity_enabled`.",
	Source:   "CIS Google Kubernetes Engine 5.2.2; MITRE ATT&CK T1552.005",
	Aliases:  []string{"CKV_GCP_69", "GCP-0057", "C-0052"},
	Mend:     mendsSetting,
	Bad: `apiVersion: container.cnrm.cloud.google.com/v1beta1
kind: ContainerNodePool
metadata: {name: workers}
spec:
  location: europe-west1
  clusterRef: {name: main}
  nodeConfig:
    machineType: e2-standard-4
    serviceAccountRef: {external: nodes@shop.iam.gserviceaccount.com}
    workloadMetadataConfig: {mode: GCE_METADATA} # want
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
		Bad: `resource "google_container_cluster" "main" { # want
  name = "main"
}

module "gke" {
  source             = "terraform-google-modules/kubernetes-engine/google"
  identity_namespace = "" # want
}

resource "azurerm_kubernetes_cluster" "main" {
  local_account_disabled    = true
  oidc_issuer_enabled       = true
  workload_identity_enabled = false # want
}
`,
		Good: `resource "google_container_cluster" "main" {
  workload_identity_config {
    workload_pool = "${var.project}.svc.id.goog"
  }
}
`,
		NearMiss: `module "gke" {
  source = "terraform-google-modules/kubernetes-engine/google"
}

resource "google_container_cluster" "main" {
  enable_autopilot = true
}
`,
	},
	Run: func(p *Pass) {
		for _, s := range infra.LoginsOf(p.Object).Workload {
			if s.Weak {
				p.Report(s.At, manifest.Subject{Class: lastKey(s.At)}, "%s gives pods no identity of the cloud of their own; workload identity is expected", infra.Described(p.Object))
			}
		}
	},
}
