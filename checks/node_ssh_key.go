package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var nodeSSHKey = &Check{
	ID:       "node-ssh-key",
	Title:    "Key opens nodes by SSH",
	Severity: Medium,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "One key that leaks opens every node, past all accounts and roles.",
	Fix:      "Set `sshKeyName: \"\"` and use Session Manager.",
	Source:   "MITRE ATT&CK T1133; NIST SP 800-190, 4.5.3",
	Mend:     mendsSetting,
	Bad: `apiVersion: infrastructure.cluster.x-k8s.io/v1beta2
kind: AWSMachineTemplate
metadata: {name: workers}
spec:
  template:
    spec:
      instanceMetadataOptions: {httpTokens: required}
      sshKeyName: ops # want
`,
	Good: `apiVersion: infrastructure.cluster.x-k8s.io/v1beta2
kind: AWSMachineTemplate
metadata: {name: workers}
spec:
  template:
    spec:
      instanceMetadataOptions: {httpTokens: required}
      sshKeyName: ""
`,
	NearMiss: `apiVersion: infrastructure.cluster.x-k8s.io/v1beta2
kind: AWSMachineTemplate
metadata: {name: workers}
spec:
  template:
    spec:
      instanceMetadataOptions: {httpTokens: required}
      cloudInit: {}
`,
	Terraform: Examples{
		Bad: `resource "aws_launch_template" "workers" {
  key_name = "ops" # want
}

module "eks" {
  source = "terraform-aws-modules/eks/aws"
  self_managed_node_groups = {
    workers = { key_name = "ops" } # want
  }
}
`,
		Good: `resource "aws_launch_template" "workers" {
  name = "workers"
}
`,
		NearMiss: `resource "aws_instance" "bastion" {
  key_name = "ops"
}

resource "aws_launch_template" "workers" {
  key_name = var.key
}

variable "key" {}
`,
	},
	Run: func(p *Pass) {
		p.nodes(func(n infra.Node) []infra.Setting { return []infra.Setting{n.SSHKey} }, "is opened by an SSH key; none is expected")
	},
}
