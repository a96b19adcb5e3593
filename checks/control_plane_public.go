package checks

import (
	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

var controlPlanePublic = &Check{
	ID:       "control-plane-public",
	Title:    "API server is reachable from everywhere",
	Severity: High,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Anybody on the internet talks to the API server: a leaked token or a flaw in it is enough.",
	Fix:      "Make the endpoint private, or name the networks that may reach it.",
	Source:   "CIS EKS 5.4.1, 5.4.2; CIS GKE 5.6.3; CIS AKS 5.4.1",
	Aliases:  []string{"CKV_AWS_38", "CKV_AWS_39", "CKV_GCP_20", "CKV_AZURE_6", "AWS-0040", "AWS-0041", "C-0227", "C-0228", "CKV_GCP_18", "CKV_AZURE_115", "GCP-0053", "GCP-0061", "AZU-0041", "AZU-0065"},
	Mend:     mendsSetting,
	Bad: `apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: main, region: eu-west-1}
vpc:
  clusterEndpoints:
    publicAccess: true # want
---
apiVersion: controlplane.cluster.x-k8s.io/v1beta2
kind: AWSManagedControlPlane
metadata: {name: main}
spec:
  region: eu-west-1 # want
---
apiVersion: eks.services.k8s.aws/v1alpha1
kind: Cluster
metadata: {name: main}
spec:
  resourcesVPCConfig:
    endpointPublicAccess: true # want
`,
	Good: `apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: main, region: eu-west-1}
vpc:
  clusterEndpoints: {publicAccess: false, privateAccess: true}
`,
	NearMiss: `apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: main, region: eu-west-1}
vpc:
  publicAccessCIDRs: [203.0.113.0/24]
---
apiVersion: kops.k8s.io/v1alpha2
kind: Cluster
metadata: {name: main}
spec:
  api:
    access: [203.0.113.0/24]
`,
	Terraform: Examples{
		Bad: `resource "aws_eks_cluster" "main" {
  name = "main"
  vpc_config { # want
    subnet_ids = ["subnet-1"]
  }
}

resource "aws_eks_cluster" "open" {
  name = "open"
  vpc_config {
    endpoint_public_access = true
    public_access_cidrs    = ["0.0.0.0/0"] # want
  }
}

module "eks" {
  source                 = "terraform-aws-modules/eks/aws"
  endpoint_public_access = true # want
}

module "gke" {
  source                     = "terraform-google-modules/kubernetes-engine/google//modules/private-cluster"
  master_authorized_networks = [] # want
}

module "aks" { # want
  source = "Azure/aks/azurerm"
}

resource "google_container_cluster" "main" { # want
  name = "main"
}

resource "azurerm_kubernetes_cluster" "main" { # want
  name = "main"
}
`,
		Good: `resource "aws_eks_cluster" "main" {
  name = "main"
  vpc_config {
    endpoint_private_access = true
    endpoint_public_access  = false
  }
}

resource "google_container_cluster" "main" {
  name = "main"
  master_authorized_networks_config {
    cidr_blocks {
      cidr_block = "203.0.113.0/24"
    }
  }
}

module "gke" {
  source = "terraform-google-modules/kubernetes-engine/google//modules/beta-private-cluster"
  master_authorized_networks = [
    { cidr_block = "203.0.113.0/24", display_name = "office" },
  ]
}

module "aks" {
  source                  = "Azure/aks/azurerm"
  private_cluster_enabled = true
}

resource "azurerm_kubernetes_cluster" "main" {
  name                    = "main"
  private_cluster_enabled = true
}
`,
		NearMiss: `resource "aws_eks_cluster" "main" {
  name = "main"
  vpc_config {
    endpoint_public_access = true
    public_access_cidrs    = var.offices
  }
}

module "eks" {
  source = "terraform-aws-modules/eks/aws"
}

module "gke_auth" {
  source = "terraform-google-modules/kubernetes-engine/google//modules/auth"
}

module "karpenter" {
  source                 = "terraform-aws-modules/eks/aws//modules/karpenter"
  endpoint_public_access = true
}
`,
	},
	Run: func(p *Pass) {
		if c, ok := infra.ClusterOf(p.Object); ok && c.Endpoint.Weak {
			p.Report(c.Endpoint.At, manifest.Subject{}, "%s %q is reachable from everywhere; accepted is a private endpoint, or networks that are named", c.Kind, p.Object.Name)
		}
	},
}
