package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var nodePasswordLogin = &Check{
	ID:       "node-password-login",
	Title:    "Node lets people log in with a password",
	Severity: High,
	Topic:    NodeHardening,
	Since:    "0.3.0",
	Why:      "Passwords are guessed from afar, used twice and written down; a key is not.",
	Fix:      "Set `disable_password_authentication = true`, leave `ssh_pwauth` out, and give a key, or log in by the cloud.",
	Source:   "MITRE ATT&CK T1110; Microsoft cloud security benchmark, IM-6",
	Aliases:  []string{"CKV_AZURE_1", "CKV_AZURE_149", "AZU-0039"},
	Mend:     mendsSetting,
	Bad: `apiVersion: karpenter.k8s.aws/v1
kind: EC2NodeClass
metadata: {name: default}
spec:
  userData: |
    #cloud-config
    ssh_pwauth: true # want
`,
	Good: `apiVersion: karpenter.k8s.aws/v1
kind: EC2NodeClass
metadata: {name: default}
spec:
  userData: |
    #cloud-config
    ssh_pwauth: false
`,
	NearMiss: `apiVersion: karpenter.k8s.aws/v1
kind: EC2NodeClass
metadata: {name: default}
spec:
  userData: |
    #!/bin/bash
    # PasswordAuthentication yes
    sed -i 's/PasswordAuthentication yes/PasswordAuthentication no/' /etc/ssh/sshd_config
`,
	Terraform: Examples{
		Bad: `resource "azurerm_linux_virtual_machine_scale_set" "nodes" {
  name                            = "nodes"
  encryption_at_host_enabled      = true
  disable_password_authentication = false # want
}

resource "azurerm_virtual_machine" "old" {
  os_profile_linux_config {
    disable_password_authentication = false # want
  }
}
`,
		Good: `resource "azurerm_linux_virtual_machine" "node" {
  name                            = "node"
  encryption_at_host_enabled      = true
  disable_password_authentication = true
}
`,
		NearMiss: `resource "azurerm_linux_virtual_machine" "node" {
  name                            = "node"
  encryption_at_host_enabled      = true
  disable_password_authentication = var.keys_only
}

variable "keys_only" {}
`,
	},
	Run: func(p *Pass) {
		p.nodes(func(n infra.Node) []infra.Setting { return n.Login }, "lets people log in with a password; keys alone are expected")
		for _, start := range infra.StartUps(p.Object) {
			for _, on := range start.Passwords() {
				p.Report(on.At, start.Subject.Of(on.What), "%s lets people log in with a password: %s; keys alone are expected", start.Of, on.How)
			}
		}
	},
}
