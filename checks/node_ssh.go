package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var nodeSSH = &Check{
	ID:       "node-ssh",
	Title:    "Node lets the whole internet try SSH",
	Severity: High,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Whoever has, guesses or steals a key is on the node.",
	Fix:      "Close the port and use Session Manager, or name who may come: `sourceSecurityGroupIds`, a range of addresses.",
	Source:   "MITRE ATT&CK T1133; AWS Foundational Security Best Practices, EKS",
	Aliases:  []string{"CKV_AWS_100", "AWS-0107", "CKV_AWS_24", "CKV_GCP_2", "CKV_AZURE_10", "GCP-0071", "AZU-0050"},
	Mend:     mendsSetting,
	Bad: `apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: main, region: eu-west-1}
nodeGroups:
  - name: workers
    ssh:
      allow: true # want
---
apiVersion: kops.k8s.io/v1alpha2
kind: Cluster
metadata: {name: main}
spec:
  sshAccess:
    - 10.0.0.0/8
    - 0.0.0.0/0 # want
`,
	Good: `apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: main, region: eu-west-1}
nodeGroups:
  - name: workers
    ssh: {allow: true, sourceSecurityGroupIds: [sg-1]}
`,
	NearMiss: `apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: main, region: eu-west-1}
nodeGroups:
  - name: workers
    ssh: {enableSsm: true}
`,
	Terraform: Examples{
		Bad: `resource "aws_eks_node_group" "workers" {
  remote_access {
    ec2_ssh_key = "ops" # want
  }
}

resource "aws_security_group" "nodes" {
  ingress {
    from_port   = 0
    to_port     = 65535
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8", "0.0.0.0/0"] # want
  }
}

resource "aws_security_group_rule" "ssh" {
  type        = "ingress"
  from_port   = 22
  to_port     = 22
  protocol    = "tcp"
  cidr_blocks = ["0.0.0.0/0"] # want
}

resource "aws_vpc_security_group_ingress_rule" "ssh" {
  ip_protocol = "-1"
  cidr_ipv4   = "0.0.0.0/0" # want
}
`,
		Good: `resource "aws_eks_node_group" "workers" {
  remote_access {
    ec2_ssh_key               = "ops"
    source_security_group_ids = [aws_security_group.bastion.id]
  }
}
`,
		NearMiss: `resource "aws_security_group" "web" {
  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_security_group_rule" "out" {
  type        = "egress"
  from_port   = 0
  to_port     = 0
  protocol    = "-1"
  cidr_blocks = ["0.0.0.0/0"]
}

resource "aws_security_group_rule" "offices" {
  type        = "ingress"
  from_port   = 22
  to_port     = 22
  protocol    = "tcp"
  cidr_blocks = var.offices
}

variable "offices" {}
`,
	},
	Run: func(p *Pass) {
		p.nodes(func(n infra.Node) []infra.Setting { return n.SSH }, "lets everybody try SSH; none or a range of addresses is expected")
	},
}
