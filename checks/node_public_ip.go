package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var nodePublicIP = &Check{
	ID:       "node-public-ip",
	Title:    "Node has a public address",
	Severity: Medium,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Whatever listens on the node, by intent or not, is open to everybody.",
	Fix:      "Put nodes into private subnets: `privateNetworking: true`, `publicIP: false`.",
	Source:   "CIS Amazon EKS 5.4.3",
	Aliases:  []string{"CKV_AWS_88", "CKV_GCP_64", "C-0229", "CKV_AZURE_143", "GCP-0059", "AWS-0009", "CKV_GCP_40", "GCP-0031", "CKV_AWS_130", "AWS-0164", "CKV_AZURE_119", "AZU-0076"},
	Mend:     mendsSetting,
	Bad: `apiVersion: karpenter.k8s.aws/v1
kind: EC2NodeClass
metadata: {name: default}
spec:
  associatePublicIPAddress: true # want
---
apiVersion: infrastructure.cluster.x-k8s.io/v1beta2
kind: AWSMachineTemplate
metadata: {name: workers}
spec:
  template:
    spec:
      instanceMetadataOptions: {httpTokens: required}
      publicIP: true # want
---
apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: main, region: eu-west-1}
nodeGroups:
  - name: workers
    privateNetworking: false # want
---
apiVersion: kops.k8s.io/v1alpha2
kind: InstanceGroup
metadata: {name: workers}
spec:
  associatePublicIP: true # want
`,
	Good: `apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: main, region: eu-west-1}
nodeGroups:
  - name: workers
    privateNetworking: true
`,
	NearMiss: `apiVersion: karpenter.k8s.aws/v1
kind: EC2NodeClass
metadata: {name: default}
spec:
  subnetSelectorTerms: [{tags: {kind: public}}]
`,
	Terraform: Examples{
		Bad: `resource "aws_launch_template" "workers" {
  network_interfaces {
    associate_public_ip_address = true # want
  }
}

resource "google_container_cluster" "main" { # want
  name = "main"
}

resource "azurerm_kubernetes_cluster_node_pool" "workers" {
  node_public_ip_enabled = true # want
}
`,
		Good: `resource "google_container_cluster" "main" {
  private_cluster_config {
    enable_private_nodes = true
  }
}
`,
		NearMiss: `resource "azurerm_kubernetes_cluster" "main" {
  default_node_pool {
    enable_node_public_ip = var.public
  }
}

variable "public" {}
`,
	},
	Run: func(p *Pass) {
		p.nodes(func(n infra.Node) []infra.Setting { return []infra.Setting{n.PublicIP} }, "gives machines a public address; none is expected")
	},
}
