package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var nodeDiskUnencrypted = &Check{
	ID:       "node-disk-unencrypted",
	Title:    "Disk of a node is not encrypted",
	Severity: High,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Whoever gets at the disk or a snapshot of it has the images, secrets and data that passed the node.",
	Fix:      "Set `encrypted: true` (eksctl: `volumeEncrypted`, kOps: `encryption`).",
	Source:   "NIST SP 800-190, 4.5; AWS Foundational Security Best Practices, EC2.7",
	Aliases:  []string{"CKV_AWS_8", "AWS-0008", "CKV_AWS_3", "AWS-0026", "AWS-0131", "CKV_AWS_106"},
	Mend:     mendsSetting,
	Bad: `apiVersion: karpenter.k8s.aws/v1
kind: EC2NodeClass
metadata: {name: default}
spec:
  blockDeviceMappings:
    - deviceName: /dev/xvda
      ebs: {volumeSize: 100Gi, encrypted: false} # want
---
apiVersion: infrastructure.cluster.x-k8s.io/v1beta2
kind: AWSMachineTemplate
metadata: {name: workers}
spec:
  template:
    spec:
      instanceMetadataOptions: {httpTokens: required}
      rootVolume: {size: 80} # want
---
apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: main, region: eu-west-1}
nodeGroups:
  - name: workers
    volumeEncrypted: false # want
---
apiVersion: kops.k8s.io/v1alpha2
kind: Cluster
metadata: {name: main}
spec:
  etcdClusters:
    - name: main
      etcdMembers:
        - {name: a, encryptedVolume: false} # want
`,
	Good: `apiVersion: karpenter.k8s.aws/v1
kind: EC2NodeClass
metadata: {name: default}
spec:
  blockDeviceMappings:
    - deviceName: /dev/xvda
      ebs: {volumeSize: 100Gi, encrypted: true}
`,
	NearMiss: `apiVersion: karpenter.k8s.aws/v1
kind: EC2NodeClass
metadata: {name: default}
spec:
  amiFamily: Bottlerocket
---
apiVersion: kops.k8s.io/v1alpha2
kind: InstanceGroup
metadata: {name: workers}
spec:
  rootVolume: {size: 64}
`,
	Terraform: Examples{
		Bad: `resource "aws_launch_template" "workers" {
  block_device_mappings {
    device_name = "/dev/xvda"
    ebs { # want
      volume_size = 80
    }
  }
}

resource "aws_launch_configuration" "workers" {
  root_block_device {
    encrypted = false # want
  }
}

resource "aws_instance" "worker" { # want
  ami = "ami-1"
}

resource "aws_ebs_volume" "data" { # want
  size = 10
}

module "eks" {
  source = "terraform-aws-modules/eks/aws"
  eks_managed_node_groups = {
    workers = {
      block_device_mappings = {
        xvda = {
          device_name = "/dev/xvda"
          ebs         = { encrypted = false } # want
        }
      }
    }
  }
}
`,
		Good: `resource "aws_launch_template" "workers" {
  block_device_mappings {
    device_name = "/dev/xvda"
    ebs {
      encrypted  = true
      kms_key_id = aws_kms_key.nodes.arn
    }
  }
}
`,
		NearMiss: `resource "aws_launch_template" "workers" {
  block_device_mappings {
    device_name  = "/dev/sdb"
    virtual_name = "ephemeral0"
  }
}

resource "aws_instance" "worker" {
  launch_template {
    id = aws_launch_template.workers.id
  }
}

resource "aws_ebs_volume" "copy" {
  snapshot_id = var.snapshot
}

variable "snapshot" {}
`,
	},
	Run: func(p *Pass) {
		p.nodes(func(n infra.Node) []infra.Setting { return n.Disks }, "does not encrypt its disk")
	},
}
