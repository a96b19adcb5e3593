# What nodes run as, by profiles, templates and modules.
resource "aws_iam_role" "self" {
  name               = "self"
  assume_role_policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}

resource "aws_iam_instance_profile" "self" {
  role = aws_iam_role.self.name
}

resource "aws_iam_role_policy_attachment" "self" {
  role       = "self"
  policy_arn = "arn:aws:iam::aws:policy/AmazonSQSFullAccess" # want node-role-workload-perms
}

resource "aws_launch_template" "self" {
  user_data = base64encode("#!/bin/bash\n/etc/eks/bootstrap.sh main\n")
  iam_instance_profile {
    name = aws_iam_instance_profile.self.name
  }
  metadata_options {
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }
}

# A machine of another kind.
resource "aws_iam_role" "web" {
  name               = "web"
  assume_role_policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}

resource "aws_iam_instance_profile" "web" {
  role = aws_iam_role.web.name
}

resource "aws_iam_role_policy_attachment" "web" {
  role       = aws_iam_role.web.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonSQSFullAccess"
}

resource "aws_launch_template" "web" {
  user_data            = base64encode("#!/bin/bash\necho starting\n")
  iam_instance_profile { arn = aws_iam_instance_profile.web.arn }
  metadata_options {
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }
}

# A role that gets what only nodes need.
resource "aws_iam_role" "worker" { # want iam-unused
  name               = "worker"
  assume_role_policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}

resource "aws_iam_role_policy_attachment" "worker" {
  for_each   = toset(["AmazonEKSWorkerNodePolicy", "AmazonS3ReadOnlyAccess"])
  role       = aws_iam_role.worker.name
  policy_arn = "arn:aws:iam::aws:policy/${each.value}" # want node-role-workload-perms
}

# Karpenter's class names the role.
resource "aws_iam_role" "karpenter" {
  name               = "karpenter-nodes"
  assume_role_policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}

resource "aws_iam_role_policy" "karpenter" {
  role   = aws_iam_role.karpenter.name
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "sqs:SendMessage", Resource = aws_sqs_queue.orders.arn }] }) # want node-role-workload-perms
}

resource "kubectl_manifest" "class" {
  yaml_body = <<-YAML
    apiVersion: karpenter.k8s.aws/v1
    kind: EC2NodeClass
    metadata: {name: default}
    spec:
      role: karpenter-nodes
      amiSelectorTerms: [{alias: bottlerocket@v1.20.0}]
      metadataOptions: {httpTokens: required, httpPutResponseHopLimit: 1}
  YAML
}

module "karpenter" {
  source  = "terraform-aws-modules/eks/aws//modules/karpenter"
  version = "20.0.0"
  node_iam_role_additional_policies = {
    ssm = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
    s3  = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess" # want node-role-workload-perms
  }
  iam_role_policies = { sqs = "arn:aws:iam::aws:policy/AmazonSQSFullAccess" }
}

module "eks" {
  source                      = "terraform-aws-modules/eks/aws"
  version                     = "17.0.0"
  workers_additional_policies = ["arn:aws:iam::aws:policy/AmazonSQSFullAccess"] # want node-role-workload-perms
  eks_managed_node_groups = {
    main = {
      iam_role_additional_policies = { queue = aws_iam_policy.queue.arn } # want node-role-workload-perms
      iam_role_policy_statements = [ # want node-role-workload-perms
        { actions = ["sqs:SendMessage"], resources = [aws_sqs_queue.orders.arn] },
      ]
    }
  }
}
