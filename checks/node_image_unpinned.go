package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var nodeImageUnpinned = &Check{
	ID:       "node-image-unpinned",
	Title:    "Node starts from whatever image is newest",
	Severity: Medium,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Nodes differ by the day on which they started, and nobody saw the image before it ran.",
	Fix:      "Name the image with its version: `alias: bottlerocket@v1.44.0`, `ami.id`, a tag.",
	Source:   "NIST SP 800-190, 4.1; Karpenter documentation, Managing AMIs",
	Aliases:  []string{"CKV_AWS_386", "AWS-0344"},
	Bad: `apiVersion: karpenter.k8s.aws/v1
kind: EC2NodeClass
metadata: {name: default}
spec:
  amiSelectorTerms:
    - alias: bottlerocket@latest # want
---
apiVersion: infrastructure.cluster.x-k8s.io/v1beta2
kind: AWSMachineTemplate
metadata: {name: workers}
spec:
  template:
    spec:
      instanceMetadataOptions: {httpTokens: required} # want
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
  amiSelectorTerms:
    - tags: {release: "7"}
`,
	Terraform: Examples{
		Bad: `data "aws_ami" "node" {
  most_recent = true # want
  filter {
    name   = "name"
    values = ["amazon-eks-node-*"]
  }
}
`,
		Good: `data "aws_ami" "node" {
  most_recent = true
  owners      = ["amazon"]
}
`,
		NearMiss: `data "aws_ami" "node" {
  most_recent = true
  filter {
    name   = "owner-alias"
    values = ["amazon"]
  }
}

data "aws_ami" "pinned" {
  filter {
    name   = "image-id"
    values = ["ami-1"]
  }
}
`,
	},
	Run: func(p *Pass) {
		p.nodes(func(n infra.Node) []infra.Setting { return n.Images }, "starts from whatever is newest; a version is expected")
	},
}
