package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var nodeExtraSoftware = &Check{
	ID:       "node-extra-software",
	Title:    "Node installs software when it starts",
	Severity: Medium,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "What is installed then was in no image that anybody scanned or signed, changes from start to start, and widens what can be attacked.",
	Fix:      "Build it into the image of the node, or run it as a DaemonSet; use a container-optimised image that has less in it.",
	Source:   "CIS Amazon EKS Best Practices; NIST SP 800-190, 4.5.1",
	Bad: `apiVersion: bootstrap.cluster.x-k8s.io/v1beta1
kind: KubeadmConfigTemplate
metadata: {name: workers}
spec:
  template:
    spec:
      preKubeadmCommands:
        - apt-get install -y htop # want
        - curl -sSL https://get.example.com/agent.sh | bash # want
        - systemctl enable --now kubelet
---
apiVersion: karpenter.k8s.aws/v1
kind: EC2NodeClass
metadata: {name: default}
spec:
  userData: |
    MIME-Version: 1.0
    Content-Type: multipart/mixed; boundary="X"

    --X
    Content-Type: text/x-shellscript; charset="us-ascii"

    #!/bin/bash
    sudo yum install -y amazon-ssm-agent # want

    --X--
---
apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: main, region: eu-west-1}
nodeGroups:
  - name: workers
    preBootstrapCommands:
      - 'bash -c "$(wget -qO- https://get.example.com/agent.sh)"' # want
`,
	Good: `apiVersion: bootstrap.cluster.x-k8s.io/v1beta1
kind: KubeadmConfigTemplate
metadata: {name: workers}
spec:
  template:
    spec:
      preKubeadmCommands:
        - hostnamectl set-hostname node
        - systemctl restart containerd
`,
	NearMiss: `apiVersion: bootstrap.cluster.x-k8s.io/v1beta1
kind: KubeadmConfigTemplate
metadata: {name: workers}
spec:
  template:
    spec:
      preKubeadmCommands:
        - curl -sSLo /tmp/notes.txt https://example.com/notes.txt
        - echo apt-get install htop
        - ${INSTALL_COMMAND}
`,
	Terraform: Examples{
		Bad: `resource "aws_launch_template" "workers" {
  user_data = base64encode(<<-EOT
    #!/bin/bash
    /etc/eks/bootstrap.sh ${var.cluster}
    yum install -y amazon-ssm-agent # want
  EOT
  )
}

variable "cluster" {}
`,
		Good: `resource "aws_launch_template" "workers" {
  user_data = base64encode(<<-EOT
    #!/bin/bash
    /etc/eks/bootstrap.sh ${var.cluster}
  EOT
  )
}

variable "cluster" {}
`,
		NearMiss: `resource "aws_launch_template" "workers" {
  user_data = base64encode(var.script)
}

variable "script" {}
`,
	},
	Run: func(p *Pass) {
		for _, start := range infra.StartUps(p.Object) {
			p.unclear(start)
			for _, extra := range start.Software() {
				p.Report(extra.At, start.Subject.Of(extra.What), "%s installs software when it starts: %s; an image that has it is expected", start.Of, extra.How)
			}
		}
	},
}
