# Modules of the registry, by their inputs.
module "vpc" {
  source                  = "terraform-aws-modules/vpc/aws"
  map_public_ip_on_launch = true # want node-public-ip
}

resource "aws_subnet" "public" {
  map_public_ip_on_launch = true # want node-public-ip
}

resource "aws_ebs_encryption_by_default" "off" {
  enabled = false # want node-disk-unencrypted
}

module "bastion" {
  source              = "terraform-aws-modules/security-group/aws//modules/ssh"
  ingress_cidr_blocks = ["0.0.0.0/0"] # want node-ssh
}

module "nodes" {
  source              = "terraform-aws-modules/security-group/aws"
  ingress_rules       = ["https-443-tcp", "ssh-tcp"]
  ingress_cidr_blocks = ["10.0.0.0/8"]
  ingress_with_cidr_blocks = [
    { rule = "rdp-tcp", cidr_blocks = "10.0.0.0/8,0.0.0.0/0" }, # want node-rdp
    { rule = "https-443-tcp", cidr_blocks = "0.0.0.0/0" },
    { from_port = 20, to_port = 30, protocol = "tcp", cidr_blocks = "0.0.0.0/0" }, # want node-ssh
  ]
}

module "eks" {
  source = "terraform-aws-modules/eks/aws"
  node_security_group_additional_rules = {
    ssh = {
      type        = "ingress"
      protocol    = "tcp"
      from_port   = 22
      to_port     = 22
      cidr_blocks = ["0.0.0.0/0"] # want node-ssh
    }
    out = {
      type        = "egress"
      protocol    = "-1"
      from_port   = 0
      to_port     = 0
      cidr_blocks = ["0.0.0.0/0"]
    }
  }
}

module "posse" { # want control-plane-public eks-audit-off
  source                            = "cloudposse/eks-cluster/aws"
  cluster_encryption_config_enabled = false # want secrets-default-key
}

module "posse_nodes" {
  source                        = "cloudposse/eks-node-group/aws"
  metadata_http_tokens_required = false # want node-imdsv1
  ec2_ssh_key_name              = ["ops"] # want node-ssh-key
  after_cluster_joining_userdata = ["apt-get install -y htop"] # want node-extra-software
}

module "images" {
  source                            = "terraform-aws-modules/ecr/aws"
  repository_name                   = "app"
  repository_read_access_arns       = ["*"] # want registry-public
  repository_read_write_access_arns = ["arn:aws:iam::111122223333:root"] # want registry-push-broad
}

module "posse_images" {
  source                 = "cloudposse/ecr/aws"
  image_tag_mutability   = "MUTABLE" # want registry-tag-mutable
  scan_images_on_push    = false # want registry-scan-off
  principals_full_access = ["arn:aws:iam::111122223333:role/ci"]
}

resource "aws_ecrpublic_repository_policy" "app" {
  repository_name = "app"
  policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = "*" # want registry-push-broad
      Action    = "ecr-public:PutImage"
    }]
  })
}
