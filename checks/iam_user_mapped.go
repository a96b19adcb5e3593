package checks

import (
	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

var iamUserMapped = &Check{
	ID:       "iam-user-mapped",
	Title:    "Person with keys of his own is mapped into the cluster",
	Severity: Medium,
	Topic:    CloudIAM,
	Since:    "0.1.0",
	Why:      "Access keys of users do not expire, are copied to laptops, and are what leaks.",
	Fix:      "Map roles that people assume for a short time.",
	Source:   "CIS Amazon EKS 5.5.1; Amazon EKS Best Practices, Identity and Access Management",
	Aliases:  []string{"C-0232"},
	Bad: `apiVersion: v1
kind: ConfigMap
metadata: {name: aws-auth, namespace: kube-system}
data:
  mapUsers: |
    - userarn: arn:aws:iam::111122223333:user/ann # want
      username: ann
      groups: [developers]
---
apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: main, region: eu-west-1}
iamIdentityMappings:
  - arn: arn:aws:iam::111122223333:user/ann # want
    groups: [developers]
`,
	Good: `apiVersion: v1
kind: ConfigMap
metadata: {name: aws-auth, namespace: kube-system}
data:
  mapRoles: |
    - rolearn: arn:aws:iam::111122223333:role/developers
      groups: [developers]
`,
	NearMiss: `apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: main, region: eu-west-1}
iamIdentityMappings:
  - arn: arn:aws:iam::111122223333:role/user
    groups: [developers]
`,
	Terraform: Examples{
		Bad: `resource "aws_eks_access_entry" "ann" {
  cluster_name      = aws_eks_cluster.main.name
  principal_arn     = aws_iam_user.ann.arn # want
  kubernetes_groups = ["developers"]
}
`,
		Good: `resource "aws_eks_access_entry" "developers" {
  cluster_name      = aws_eks_cluster.main.name
  principal_arn     = aws_iam_role.developers.arn
  kubernetes_groups = ["developers"]
}
`,
		NearMiss: `resource "aws_eks_access_entry" "given" {
  cluster_name  = aws_eks_cluster.main.name
  principal_arn = var.principal
}
`,
	},
	Run: func(p *Pass) {
		for _, m := range infra.Mappings(p.Object) {
			if m.User {
				p.Report(m.At, manifest.Subject{Class: m.ARN}, "%s is mapped into the cluster; a role is expected", m.ARN)
			}
		}
	},
}
