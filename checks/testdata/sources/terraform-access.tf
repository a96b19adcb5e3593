# Who a cluster of EKS lets in.
resource "aws_eks_access_entry" "ci" {
  cluster_name      = "main"
  principal_arn     = aws_iam_role.ci.arn
  kubernetes_groups = ["deployers"]
}

resource "aws_eks_access_policy_association" "ci" {
  cluster_name  = "main"
  principal_arn = aws_eks_access_entry.ci.principal_arn
  policy_arn    = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy" # want cluster-admin-mapping
  access_scope {
    type = "cluster"
  }
}

resource "aws_eks_access_policy_association" "everywhere" {
  cluster_name  = "main"
  principal_arn = "arn:aws:iam::111122223333:role/ops"
  policy_arn    = "arn:${data.aws_partition.current.partition}:eks::aws:cluster-access-policy/AmazonEKSAdminPolicy" # want cluster-admin-mapping
  access_scope {
    type       = "namespace"
    namespaces = ["*"]
  }
}

resource "aws_eks_access_policy_association" "team" {
  cluster_name  = "main"
  principal_arn = "arn:aws:iam::111122223333:role/team"
  policy_arn    = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
  access_scope {
    type       = "namespace"
    namespaces = ["shop"]
  }
}

resource "aws_eks_access_policy_association" "given" {
  cluster_name  = "main"
  principal_arn = "arn:aws:iam::111122223333:role/team"
  policy_arn    = var.policy
  access_scope {
    type = "cluster"
  }
}

resource "aws_eks_access_policy_association" "somewhere" {
  cluster_name  = "main"
  principal_arn = "arn:aws:iam::111122223333:role/team"
  policy_arn    = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSAdminPolicy"
  access_scope {
    type       = var.scope
    namespaces = ["shop"]
  }
}

resource "aws_eks_access_entry" "ann" {
  cluster_name      = "main"
  principal_arn     = aws_iam_user.ann.arn # want iam-user-mapped
  kubernetes_groups = ["developers"]
}

resource "aws_eks_access_entry" "all" {
  for_each          = toset(["bob", "eve"])
  cluster_name      = "main"
  principal_arn     = "arn:aws:iam::111122223333:user/${each.key}" # want iam-user-mapped iam-user-mapped
  kubernetes_groups = ["developers"]
}

module "eks" {
  source  = "terraform-aws-modules/eks/aws"
  version = "~> 20.0"

  enable_cluster_creator_admin_permissions = true # want cluster-admin-mapping
  access_entries = {
    ops = {
      principal_arn = aws_iam_role.ops.arn
      policy_associations = {
        admin = {
          policy_arn   = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy" # want cluster-admin-mapping
          access_scope = { type = "cluster" }
        }
      }
    }
    team = {
      principal_arn     = "arn:aws:iam::111122223333:user/team" # want iam-user-mapped
      kubernetes_groups = ["team"]
      policy_associations = {
        view = {
          policy_arn   = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSAdminPolicy"
          access_scope = { type = "namespace", namespaces = ["shop"] }
        }
      }
    }
  }
}

module "old" {
  source = "terraform-aws-modules/eks/aws"

  map_roles = [
    {
      rolearn  = aws_iam_role.admin.arn
      username = "admin"
      groups   = ["system:masters"] # want cluster-admin-mapping
    },
    {
      rolearn  = aws_iam_role.team.arn
      username = "team"
      groups   = var.groups
    },
  ]
  map_users    = [{ userarn = "arn:aws:iam::111122223333:user/ann", username = "ann", groups = ["team"] }] # want iam-user-mapped
  map_accounts = ["111122223333"]                                                                           # want iam-user-mapped
}

module "auth" {
  source         = "terraform-aws-modules/eks/aws//modules/aws-auth"
  aws_auth_roles = [{ rolearn = var.role, groups = ["system:masters"] }] # want cluster-admin-mapping
  aws_auth_users = var.users
}

resource "kubernetes_config_map_v1_data" "encoded" {
  metadata {
    name      = "aws-auth"
    namespace = "kube-system"
  }
  data = {
    mapRoles = yamlencode([
      {
        rolearn  = aws_iam_role.admin.arn
        username = "admin"
        groups   = ["system:masters"] # want cluster-admin-mapping
      },
    ])
    mapUsers = yamlencode(var.users)
  }
}

resource "kubernetes_config_map" "text" {
  metadata {
    name      = "aws-auth"
    namespace = "kube-system"
  }
  data = {
    mapRoles = <<-YAML
      - rolearn: ${aws_iam_role.nodes.arn}
        username: system:node:{{EC2PrivateDNSName}}
        groups: [system:bootstrappers, system:nodes]
      - rolearn: ${aws_iam_role.admin.arn}
        username: admin
        groups: [system:masters] # want cluster-admin-mapping
    YAML
    mapUsers = file("users.yaml")
  }
}

resource "kubernetes_config_map" "other" {
  metadata {
    name      = "aws-auth"
    namespace = "shop"
  }
  data = {
    mapRoles = yamlencode([{ rolearn = "arn:aws:iam::111122223333:role/ci", groups = ["system:masters"] }])
  }
}

resource "aws_eks_cluster" "main" {
  name                      = "main"
  enabled_cluster_log_types = ["audit"]
  access_config {
    authentication_mode                         = "API"
    bootstrap_cluster_creator_admin_permissions = true # want cluster-admin-mapping
  }
  vpc_config {
    endpoint_public_access  = false
    endpoint_private_access = true
  }
  encryption_config {
    resources = ["secrets"]
    provider {
      key_arn = aws_kms_key.main.arn
    }
  }
}
