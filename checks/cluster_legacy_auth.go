package checks

import (
	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

var clusterLegacyAuth = &Check{
	ID:       "cluster-legacy-auth",
	Title:    "Cluster takes logins that no identity of the cloud is behind",
	Severity: High,
	Topic:    CloudIAM,
	Since:    "0.1.0",
	Why:      "Passwords, certificates and local accounts are not revoked when somebody leaves, and ABAC and a cluster without RBAC give everybody everything.",
	Fix:      "GKE: no `master_auth` password or client certificate, `enable_legacy_abac = false`; AKS: `local_account_disabled = true` with Entra, RBAC on.",
	Source:   "CIS Google Kubernetes Engine 5.8; CIS Azure Kubernetes Service 5.1",
	Aliases:  []string{"CKV_GCP_7", "CKV_GCP_13", "CKV_AZURE_5", "CKV_AZURE_141", "GCP-0062", "GCP-0064", "AZU-0042", "C-0088"},
	Mend:     mendsSetting,
	Bad: `apiVersion: container.cnrm.cloud.google.com/v1beta1
kind: ContainerCluster
metadata: {name: main}
spec:
  location: europe-west1
  enableLegacyAbac: true # want
`,
	Good: `apiVersion: container.cnrm.cloud.google.com/v1beta1
kind: ContainerCluster
metadata: {name: main}
spec:
  location: europe-west1
  enableLegacyAbac: false
`,
	NearMiss: `apiVersion: container.cnrm.cloud.google.com/v1beta1
kind: ContainerCluster
metadata: {name: main}
spec:
  location: europe-west1
`,
	Terraform: Examples{
		Bad: `resource "google_container_cluster" "main" {
  enable_legacy_abac = true # want
  master_auth {
    client_certificate_config {
      issue_client_certificate = true # want
    }
  }
}

resource "azurerm_kubernetes_cluster" "main" { # want
  name                              = "main"
  role_based_access_control_enabled = false # want
}
`,
		Good: `resource "azurerm_kubernetes_cluster" "main" {
  local_account_disabled = true
}
`,
		NearMiss: `resource "google_container_cluster" "main" {
  master_auth {
    client_certificate_config {
      issue_client_certificate = false
    }
  }
}
`,
	},
	Run: func(p *Pass) {
		for _, s := range infra.LoginsOf(p.Object).Legacy {
			if s.Weak {
				p.Report(s.At, manifest.Subject{Class: lastKey(s.At)}, "%s takes logins that no identity of the cloud is behind", infra.Described(p.Object))
			}
		}
	},
}
