package checks

import (
	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

var eksAuditOff = &Check{
	ID:       "eks-audit-off",
	Title:    "EKS cluster keeps no audit log",
	Severity: High,
	Topic:    AuditLogging,
	Since:    "0.1.0",
	Why:      "After a break-in nobody can tell who did what: the control plane's audit log exists only where it is switched on.",
	Fix:      "Add `audit` to the enabled log types, beside `api` and `authenticator`.",
	Source:   "CIS EKS 2.1.1",
	Aliases:  []string{"CKV_AWS_37", "AWS-0038", "C-0067"},
	Mend:     mendsSetting,
	Bad: `apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: main, region: eu-west-1}
cloudWatch:
  clusterLogging:
    enableTypes: [api] # want
---
apiVersion: controlplane.cluster.x-k8s.io/v1beta2
kind: AWSManagedControlPlane
metadata: {name: main}
spec:
  endpointAccess: {public: false, private: true}
  logging:
    audit: false # want
---
apiVersion: eks.aws.upbound.io/v1beta1
kind: Cluster
metadata: {name: main}
spec:
  forProvider:
    region: eu-west-1 # want
    vpcConfig: [{endpointPublicAccess: false, endpointPrivateAccess: true}]
`,
	Good: `apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: main, region: eu-west-1}
cloudWatch:
  clusterLogging:
    enableTypes: ["*"]
---
apiVersion: eks.services.k8s.aws/v1alpha1
kind: Cluster
metadata: {name: main}
spec:
  logging:
    clusterLogging:
      - enabled: true
        types: [api, audit]
`,
	NearMiss: `apiVersion: clusters.example.com/v1
kind: Cluster
metadata: {name: main}
spec:
  logging: {audit: false}
`,
	Terraform: Examples{
		Bad: `resource "aws_eks_cluster" "main" { # want
  name = "main"
}

locals {
  types = ["api", "authenticator"] # want
}

resource "aws_eks_cluster" "other" {
  name                      = "other"
  enabled_cluster_log_types = local.types
}

module "eks" {
  source            = "terraform-aws-modules/eks/aws"
  enabled_log_types = [] # want
}
`,
		Good: `resource "aws_eks_cluster" "main" {
  name                      = "main"
  enabled_cluster_log_types = ["api", "audit", "authenticator"]
}
`,
		NearMiss: `variable "types" {
  type = list(string)
}

resource "aws_eks_cluster" "main" {
  name                      = "main"
  enabled_cluster_log_types = concat(["api"], var.types)
}

module "eks" {
  source = "terraform-aws-modules/eks/aws"
}
`,
	},
	Run: func(p *Pass) {
		if c, ok := infra.ClusterOf(p.Object); ok && c.Audit.Weak {
			p.Report(c.Audit.At, manifest.Subject{}, "%s %q keeps no audit log; accepted is that audit is among its log types", c.Kind, p.Object.Name)
		}
	},
}
