package checks

import (
	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

var gkeLoggingOff = &Check{
	ID:       "gke-logging-off",
	Title:    "GKE sends no logs of the cluster",
	Severity: High,
	Topic:    AuditLogging,
	Since:    "0.1.0",
	Why:      "What happened in the cluster cannot be told afterwards.",
	Fix:      "Leave `logging_service` alone, or have `SYSTEM_COMPONENTS` among the components of `logging_config`.",
	Source:   "CIS GKE 5.7.1",
	Aliases:  []string{"CKV_GCP_1", "GCP-0060"},
	Mend:     mendsSetting,
	Bad: `apiVersion: container.cnrm.cloud.google.com/v1beta1
kind: ContainerCluster
metadata: {name: main}
spec:
  loggingService: none # want
---
apiVersion: container.cnrm.cloud.google.com/v1beta1
kind: ContainerCluster
metadata: {name: other}
spec:
  loggingConfig:
    enableComponents: [WORKLOADS] # want
`,
	Good: `apiVersion: container.cnrm.cloud.google.com/v1beta1
kind: ContainerCluster
metadata: {name: main}
spec:
  loggingConfig: {enableComponents: [SYSTEM_COMPONENTS, WORKLOADS]}
`,
	NearMiss: `apiVersion: container.cnrm.cloud.google.com/v1beta1
kind: ContainerCluster
metadata: {name: main}
spec:
  monitoringService: none
`,
	Terraform: Examples{
		Bad: `resource "google_container_cluster" "main" {
  name            = "main"
  logging_service = "none" # want
}

resource "google_container_cluster" "legacy" {
  name            = "legacy"
  logging_service = "logging.googleapis.com" # want
}

resource "google_container_cluster" "other" {
  name = "other"
  logging_config {
    enable_components = [] # want
  }
}
`,
		Good: `resource "google_container_cluster" "main" {
  name = "main"
  logging_config {
    enable_components = ["SYSTEM_COMPONENTS", "APISERVER"]
  }
}
`,
		NearMiss: `resource "google_container_cluster" "main" {
  name               = "main"
  monitoring_service = "none"
}

resource "google_container_cluster" "other" {
  name = "other"
  logging_config {
    enable_components = var.components
  }
}

variable "components" {}
`,
	},
	Run: func(p *Pass) {
		if c, ok := infra.ClusterOf(p.Object); ok && c.Logging.Weak {
			p.Report(c.Logging.At, manifest.Subject{}, "%s %q sends no logs of its system to Cloud Logging; SYSTEM_COMPONENTS are expected", c.Kind, p.Object.Name)
		}
	},
}
