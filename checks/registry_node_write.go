package checks

import (
	"strings"

	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

var registryNodeWrite = &Check{
	ID:       "registry-node-write",
	Title:    "Nodes may write to registries",
	Severity: High,
	Topic:    RegistryAccess,
	Since:    "0.1.0",
	Why:      "Whoever breaks out of one pod replaces the images of all others.",
	Fix:      "Give nodes `AmazonEC2ContainerRegistryReadOnly` or `AmazonEC2ContainerRegistryPullOnly`, the scope `devstorage.read_only`, the role AcrPull.",
	Source:   "CIS EKS 5.1.3; CIS GKE 5.1.3",
	Aliases:  []string{"C-0223", "C-0250"},
	Mend:     mendsSetting,
	Trial:    true,
	Bad: `apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: main, region: eu-west-1}
nodeGroups:
  - name: builders
    iam:
      withAddonPolicies:
        imageBuilder: true # want
  - name: others
    iam:
      attachPolicyARNs:
        - arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPowerUser # want
`,
	Good: `apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: main, region: eu-west-1}
nodeGroups:
  - name: workers
    iam:
      attachPolicyARNs: ["arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly"]
`,
	NearMiss: `apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: main, region: eu-west-1}
iam:
  serviceAccounts:
    - metadata: {name: builder, namespace: ci}
      attachPolicyARNs: ["arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPowerUser"]
`,
	Terraform: Examples{
		Bad: `resource "aws_iam_role" "node" {
  name               = "node"
  assume_role_policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}

resource "aws_iam_role_policy_attachment" "push" {
  role       = aws_iam_role.node.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPowerUser" # want
}

module "eks" {
  source = "terraform-aws-modules/eks/aws"
  eks_managed_node_groups = {
    workers = {
      iam_role_additional_policies = {
        push = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryFullAccess" # want
      }
    }
  }
}

resource "google_container_node_pool" "workers" {
  node_config {
    oauth_scopes = [
      "https://www.googleapis.com/auth/devstorage.read_write", # want
    ]
  }
}

resource "azurerm_kubernetes_cluster" "main" {
  name = "main"
}

resource "azurerm_role_assignment" "push" {
  scope                = var.registry
  role_definition_name = "AcrPush" # want
  principal_id         = azurerm_kubernetes_cluster.main.kubelet_identity[0].object_id
}

variable "registry" {}
`,
		Good: `resource "aws_iam_role" "node" {
  name               = "node"
  assume_role_policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}

resource "aws_iam_role_policy_attachment" "pull" {
  role       = aws_iam_role.node.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly"
}
`,
		NearMiss: `resource "aws_iam_role" "ci" {
  name               = "ci"
  assume_role_policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { Service = "codebuild.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}

resource "aws_iam_role_policy_attachment" "push" {
  role       = aws_iam_role.ci.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPowerUser"
}

resource "aws_iam_role_policy_attachment" "other" {
  role       = var.role
  policy_arn = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPowerUser"
}

variable "role" {}
`,
	},
	RunTarget: func(p *Pass) {
		for _, o := range p.Objects {
			for _, n := range infra.NodesOf(o) {
				for _, s := range n.Push {
					p.nodeWrites(o, orDefault(n.Name, o.Name), n.Name, s)
				}
			}
			for _, s := range infra.NodeRoleWriters(p.Together(), o) {
				p.nodeWrites(o, o.Name, "", s)
			}
		}
	},
}

func (p *Pass) nodeWrites(o *manifest.Object, name, group string, s infra.Setting) {
	if s.Weak {
		p.Report(s.At, manifest.Subject{Class: strings.TrimSpace(group + " " + s.Who)}, "%s %q lets nodes write to registries (%s); reading is expected", o.Kind, name, s.Who)
	}
}
