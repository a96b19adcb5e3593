package checks

import (
	"github.com/rendergate/rendergate/infra"
)

var nodeRDP = &Check{
	ID:       "node-rdp",
	Title:    "Node lets the whole internet try Remote Desktop",
	Severity: High,
	Topic:    NodeHardening,
	Since:    "0.3.0",
	Why:      "Whoever has, guesses or steals a password is on the node, with a desktop of its administrator.",
	Fix:      "Close port 3389 and use Session Manager or Bastion, or name who may come: a security group, a range of addresses.",
	Source:   "MITRE ATT&CK T1133; CIS AWS Foundations 5.2; CIS Microsoft Azure 6.1",
	Aliases:  []string{"CKV_AWS_25", "CKV_GCP_3", "CKV_AZURE_9", "GCP-0070", "AZU-0048"},
	Mend:     mendsSetting,
	Bad: `apiVersion: compute.cnrm.cloud.google.com/v1beta1
kind: ComputeFirewall
metadata: {name: windows}
spec:
  allow:
    - protocol: tcp
      ports: ["443", "3389"]
  sourceRanges:
    - 10.0.0.0/8
    - 0.0.0.0/0 # want
`,
	Good: `apiVersion: compute.cnrm.cloud.google.com/v1beta1
kind: ComputeFirewall
metadata: {name: windows}
spec:
  allow:
    - protocol: tcp
      ports: ["443", "3389"]
  sourceRanges: [10.0.0.0/8]
`,
	NearMiss: `apiVersion: compute.cnrm.cloud.google.com/v1beta1
kind: ComputeFirewall
metadata: {name: out}
spec:
  direction: EGRESS
  allow:
    - protocol: tcp
      ports: ["3389"]
  sourceRanges: [0.0.0.0/0]
`,
	Terraform: Examples{
		Bad: `resource "aws_security_group_rule" "rdp" {
  type        = "ingress"
  from_port   = 3389
  to_port     = 3389
  protocol    = "tcp"
  cidr_blocks = ["10.0.0.0/8", "0.0.0.0/0"] # want
}

resource "azurerm_network_security_group" "windows" {
  security_rule {
    access                     = "Allow"
    direction                  = "Inbound"
    protocol                   = "Tcp"
    destination_port_range     = "3000-4000"
    source_address_prefix      = "Internet" # want
  }
}
`,
		Good: `resource "aws_security_group_rule" "rdp" {
  type        = "ingress"
  from_port   = 3389
  to_port     = 3389
  protocol    = "tcp"
  cidr_blocks = ["10.0.0.0/8"]
}
`,
		NearMiss: `resource "aws_security_group_rule" "web" {
  type        = "ingress"
  from_port   = 443
  to_port     = 443
  protocol    = "tcp"
  cidr_blocks = ["0.0.0.0/0"]
}

resource "azurerm_network_security_rule" "deny" {
  access                     = "Deny"
  direction                  = "Inbound"
  protocol                   = "*"
  destination_port_range     = "*"
  source_address_prefix      = "*"
}
`,
	},
	Run: func(p *Pass) {
		p.nodes(func(n infra.Node) []infra.Setting { return n.RDP }, "lets everybody try Remote Desktop; none or a range of addresses is expected")
	},
}
