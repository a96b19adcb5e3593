package checks

import (
	"slices"
	"strings"

	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

var nodeRoleWorkloadPerms = &Check{
	ID:       "node-role-workload-perms",
	Title:    "Role of nodes has permissions that workloads need",
	Severity: High,
	Topic:    CloudIAM,
	Since:    "0.1.0",
	Why:      "Every pod that reaches the metadata service of its node, and every container that breaks out, has them.",
	Fix:      "Give the permissions to the service account of the workload, by IRSA or a Pod Identity association.",
	Source:   "CIS Amazon EKS 5.2.1; Amazon EKS Best Practices, Identity and Access Management",
	Aliases:  []string{"C-0225"},
	Bad: `apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: main, region: eu-west-1}
managedNodeGroups:
  - name: workers
    iam:
      attachPolicyARNs:
        - arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy
        - arn:aws:iam::aws:policy/AmazonS3FullAccess # want
      withAddonPolicies:
        externalDNS: true # want
`,
	Good: `apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: main, region: eu-west-1}
managedNodeGroups:
  - name: workers
    iam:
      attachPolicyARNs:
        - arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy
        - arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore
`,
	NearMiss: `apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: main, region: eu-west-1}
iam:
  serviceAccounts:
    - metadata: {name: app, namespace: shop}
      attachPolicyARNs: ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"]
`,
	Terraform: Examples{
		Bad: `resource "aws_iam_role" "node" {
  name = "${var.cluster}-node"
  assume_role_policy = jsonencode({
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role_policy_attachment" "worker" {
  role       = aws_iam_role.node.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy"
}

resource "aws_iam_role_policy_attachment" "s3" {
  role       = aws_iam_role.node.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess" # want
}

resource "aws_iam_role_policy" "queue" {
  role   = aws_iam_role.node.id
  policy = jsonencode({ # want
    Statement = [{ Effect = "Allow", Action = "sqs:SendMessage", Resource = aws_sqs_queue.orders.arn }]
  })
}

resource "aws_eks_node_group" "workers" {
  node_role_arn = aws_iam_role.node.arn
}
`,
		Good: `resource "aws_iam_role" "node" {
  name = "node"
}

resource "aws_iam_role_policy_attachment" "worker" {
  for_each   = toset(["AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy"])
  role       = aws_iam_role.node.name
  policy_arn = "arn:aws:iam::aws:policy/${each.value}"
}

resource "aws_eks_node_group" "workers" {
  node_role_arn = aws_iam_role.node.arn
}
`,
		NearMiss: `resource "aws_iam_role" "node" {
  name = "node"
}

resource "aws_iam_role" "app" {
  name = "app"
}

resource "aws_iam_role_policy_attachment" "app" {
  role       = aws_iam_role.app.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
}

resource "aws_eks_node_group" "workers" {
  node_role_arn = aws_iam_role.node.arn
}
`,
	},
	RunTarget: func(p *Pass) {
		all := infra.NodeRoles(p.Objects)
		for _, given := range all {
			name := given.Name()
			if given.Policy.Unknown() && name == "" || slices.Contains(nodePolicies, name) {
				continue
			}
			p.Report(given.At(), manifest.Subject{Class: strings.TrimSpace(given.Group + " " + name)}, "what nodes run as gets %s; a role of the workload's service account is expected", name)
		}
	},
}

// nodePolicies are those that a node needs itself: the kubelet, the network of
// pods, pulling images, and logging in without SSH.
var nodePolicies = []string{
	"AmazonEKSWorkerNodePolicy", "AmazonEKSWorkerNodeMinimalPolicy", "AmazonEKS_CNI_Policy", "AmazonEKS_CNI_IPv6_Policy", "AmazonEC2ContainerRegistryReadOnly",
	"AmazonEC2ContainerRegistryPullOnly", "AmazonSSMManagedInstanceCore", "AmazonSSMManagedEC2InstanceDefaultPolicy", "AmazonEKSFargatePodExecutionRolePolicy",
}
