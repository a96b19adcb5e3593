package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var nodeSecretInUserdata = &Check{
	ID:       "node-secret-in-userdata",
	Title:    "Start-up of a node holds a secret",
	Severity: Critical,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Every program on the node, and every pod that reaches the metadata service, reads it; and so does who reads the repository.",
	Fix:      "Let the node fetch it with an identity of its own, and replace it, as it is known now.",
	Source:   "MITRE ATT&CK T1552.005",
	Aliases:  []string{"AWS-0029", "AWS-0129", "CKV_AWS_46", "CKV_AZURE_45", "AZU-0037"},
	Bad: `apiVersion: karpenter.k8s.aws/v1
kind: EC2NodeClass
metadata: {name: default}
spec:
  userData: |
    #!/bin/bash
    export DB_PASSWORD=s3cr3t-for-real # want
---
apiVersion: bootstrap.cluster.x-k8s.io/v1beta1
kind: KubeadmConfigTemplate
metadata: {name: workers}
spec:
  template:
    spec:
      files:
        - path: /etc/agent.conf
          content: |
            level=info
            api.token=a8f5f167f44f4964e6c998dee827110c # want
`,
	Good: `apiVersion: bootstrap.cluster.x-k8s.io/v1beta1
kind: KubeadmConfigTemplate
metadata: {name: workers}
spec:
  template:
    spec:
      files:
        - path: /etc/agent.conf
          contentFrom: {secret: {name: agent, key: conf}}
`,
	NearMiss: `apiVersion: karpenter.k8s.aws/v1
kind: EC2NodeClass
metadata: {name: default}
spec:
  userData: |
    #!/bin/bash
    export DB_PASSWORD=$(aws secretsmanager get-secret-value --secret-id db)
    export TOKEN_FILE=/run/token
`,
	Terraform: Examples{
		Bad: `resource "aws_instance" "worker" {
  user_data = <<-EOT
    #!/bin/bash
    export DB_PASSWORD=${var.password}
    export API_TOKEN=a8f5f167f44f4964e6c998dee827110c # want
  EOT
}

data "cloudinit_config" "parts" {
  part {
    content_type = "text/x-shellscript"
    content = <<-EOT
      #!/bin/bash
      export DB_PASSWORD=s3cr3t-for-real # want
    EOT
  }
}

module "worker" {
  source    = "terraform-aws-modules/ec2-instance/aws"
  user_data = <<-EOT
    #!/bin/bash
    export API_TOKEN=a8f5f167f44f4964e6c998dee827110c # want
  EOT
}

variable "password" {}
`,
		Good: `resource "aws_instance" "worker" {
  user_data = <<-EOT
    #!/bin/bash
    export DB_PASSWORD=${var.password}
  EOT
}

variable "password" {}
`,
		NearMiss: `resource "aws_instance" "worker" {
  user_data = var.script
}

variable "script" {}
`,
	},
	Run: func(p *Pass) {
		for _, start := range infra.StartUps(p.Object) {
			for _, secret := range start.Secrets() {
				p.Report(secret.At, start.Subject.Of(secret.Name), "%s holds %s at %q; a reference to where it is kept is expected", start.Of, secret.Kind, secret.Name)
			}
		}
	},
}
