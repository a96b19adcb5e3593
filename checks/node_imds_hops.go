package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var nodeIMDSHops = &Check{
	ID:       "node-imds-hops",
	Title:    "Pods reach the metadata service of their node",
	Severity: Medium,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "A pod reads the keys of the node's role, which is there for the kubelet alone.",
	Fix:      "Set `httpPutResponseHopLimit` to 1, and give pods roles of their own.",
	Source:   "MITRE ATT&CK T1552.005; Amazon EKS Best Practices, Identity and Access Management",
	Aliases:  []string{"CKV_AWS_341"},
	Mend:     mendsSetting,
	Bad: `apiVersion: karpenter.k8s.aws/v1
kind: EC2NodeClass
metadata: {name: default}
spec:
  metadataOptions:
    httpTokens: required
    httpPutResponseHopLimit: 2 # want
---
apiVersion: infrastructure.cluster.x-k8s.io/v1beta2
kind: AWSMachineTemplate
metadata: {name: workers}
spec:
  template:
    spec:
      instanceMetadataOptions: {httpTokens: required, httpPutResponseHopLimit: 3} # want
`,
	Good: `apiVersion: karpenter.k8s.aws/v1
kind: EC2NodeClass
metadata: {name: default}
spec:
  metadataOptions: {httpPutResponseHopLimit: 1}
`,
	NearMiss: `apiVersion: kops.k8s.io/v1alpha2
kind: InstanceGroup
metadata: {name: workers}
spec:
  minSize: 2
`,
	Terraform: Examples{
		Bad: `resource "aws_launch_template" "workers" {
  metadata_options {
    http_tokens                 = "required"
    http_put_response_hop_limit = 2 # want
  }
}

module "eks" {
  source = "terraform-aws-modules/eks/aws"
  self_managed_node_groups = {
    workers = {
      metadata_options = { http_tokens = "required", http_put_response_hop_limit = 2 } # want
    }
  }
}
`,
		Good: `resource "aws_launch_template" "workers" {
  metadata_options {
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }
}
`,
		NearMiss: `resource "aws_launch_template" "workers" {
  metadata_options {
    http_endpoint = "disabled"
  }
}

variable "hops" {}

resource "aws_instance" "worker" {
  metadata_options {
    http_tokens                 = "required"
    http_put_response_hop_limit = var.hops
  }
}
`,
	},
	Run: func(p *Pass) {
		p.nodes(func(n infra.Node) []infra.Setting { return []infra.Setting{n.Hops} }, "lets pods reach its metadata service; a hop limit of 1 is expected")
	},
}
