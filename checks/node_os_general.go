package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var nodeOSGeneral = &Check{
	ID:       "node-os-general",
	Title:    "Node runs a general operating system",
	Severity: Low,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "It has a shell, a package manager and services that no container needs, and an attacker does.",
	Fix:      "Use an image that is made for containers: Bottlerocket, Container-Optimized OS, Flatcar, Talos, Azure Linux.",
	Source:   "CIS GKE 5.5.1; NIST SP 800-190, 4.5.1",
	Aliases:  []string{"CKV_GCP_22", "GCP-0054", "C-0226"},
	Bad: `apiVersion: karpenter.k8s.aws/v1
kind: EC2NodeClass
metadata: {name: default}
spec:
  amiFamily: AL2023 # want
---
apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: main, region: eu-west-1}
nodeGroups:
  - name: workers
    amiFamily: Ubuntu2404 # want
---
apiVersion: kops.k8s.io/v1alpha2
kind: InstanceGroup
metadata: {name: workers}
spec:
  image: 099720109477/ubuntu/images/hvm-ssd/ubuntu-noble-24.04-amd64 # want
`,
	Good: `apiVersion: karpenter.k8s.aws/v1
kind: EC2NodeClass
metadata: {name: default}
spec:
  amiSelectorTerms:
    - alias: bottlerocket@v1.44.0
`,
	NearMiss: `apiVersion: karpenter.k8s.aws/v1
kind: EC2NodeClass
metadata: {name: default}
spec:
  amiFamily: Custom
`,
	Terraform: Examples{
		Bad: `resource "aws_eks_node_group" "workers" {
  ami_type = "AL2023_x86_64_STANDARD" # want
}

resource "google_container_node_pool" "workers" {
  node_config {
    image_type = "UBUNTU_CONTAINERD" # want
  }
}

resource "azurerm_kubernetes_cluster_node_pool" "workers" {
  os_sku = "Ubuntu" # want
}
`,
		Good: `resource "aws_eks_node_group" "workers" {
  ami_type = "BOTTLEROCKET_x86_64"
}

resource "google_container_node_pool" "workers" {
  node_config {
    image_type = "COS_CONTAINERD"
  }
}
`,
		NearMiss: `resource "aws_eks_node_group" "workers" {
  ami_type = "CUSTOM"
}

resource "azurerm_kubernetes_cluster_node_pool" "workers" {
  os_sku = var.os
}

variable "os" {}
`,
	},
	Run: func(p *Pass) {
		p.nodes(func(n infra.Node) []infra.Setting { return []infra.Setting{n.OS} }, "runs a general operating system; one that is made for containers is expected")
	},
}
