package checks

import (
	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

var nodeIMDSv1 = &Check{
	ID:       "node-imdsv1",
	Title:    "Node hands out its credentials without a session token",
	Severity: High,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "One forged request from a pod, as a proxy or a webhook can be made to send, reads the keys of the node's role from the metadata service.",
	Fix:      "Require session tokens (IMDSv2): `http_tokens = \"required\"` in `metadata_options`, `httpTokens: required` elsewhere.",
	Source:   "MITRE ATT&CK T1552.005; Amazon EKS Best Practices, Identity and Access Management",
	Aliases:  []string{"CKV_AWS_79", "AWS-0028", "AWS-0130", "GCP-0048"},
	Mend:     mendsSetting,
	Bad: `apiVersion: karpenter.k8s.aws/v1
kind: EC2NodeClass
metadata: {name: default}
spec:
  metadataOptions:
    httpTokens: optional # want
---
apiVersion: infrastructure.cluster.x-k8s.io/v1beta2
kind: AWSMachineTemplate
metadata: {name: workers}
spec:
  template:
    spec:
      instanceType: m5.large # want
---
apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: main, region: eu-west-1}
managedNodeGroups:
  - name: workers
    disableIMDSv1: false # want
`,
	Good: `apiVersion: infrastructure.cluster.x-k8s.io/v1beta2
kind: AWSMachineTemplate
metadata: {name: workers}
spec:
  template:
    spec:
      instanceMetadataOptions:
        httpTokens: required
`,
	NearMiss: `apiVersion: karpenter.k8s.aws/v1
kind: EC2NodeClass
metadata: {name: default}
spec:
  amiFamily: Bottlerocket
`,
	Terraform: Examples{
		Bad: `resource "aws_launch_template" "workers" { # want
  name = "workers"
}

resource "aws_instance" "bastion" {
  ami = "ami-0123"
  metadata_options {
    http_endpoint = "enabled"
    http_tokens   = "optional" # want
  }
}

module "eks" {
  source = "terraform-aws-modules/eks/aws"
  eks_managed_node_groups = {
    workers = {
      metadata_options = {
        http_tokens = "optional" # want
      }
    }
  }
}
`,
		Good: `resource "aws_launch_template" "workers" {
  name = "workers"
  metadata_options {
    http_tokens = "required"
  }
}
`,
		NearMiss: `module "worker" {
  source = "terraform-aws-modules/ec2-instance/aws"
}

resource "aws_instance" "worker" {
  launch_template {
    id = aws_launch_template.workers.id
  }
}

resource "aws_instance" "sealed" {
  metadata_options {
    http_endpoint = "disabled"
  }
}

resource "aws_launch_template" "workers" {
  dynamic "metadata_options" {
    for_each = var.options
    content {
      http_tokens = metadata_options.value
    }
  }
}
`,
	},
	Run: func(p *Pass) {
		for _, n := range infra.NodesOf(p.Object) {
			if !n.Metadata.Weak {
				continue
			}
			p.Report(n.Metadata.At, manifest.Subject{Class: n.Name}, "%s %q hands out credentials without a session token; accepted is that tokens are required",
				p.Object.Kind, orDefault(n.Name, p.Object.Name))
		}
	},
}

func orDefault(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
