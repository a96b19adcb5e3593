package checks

import (
	"slices"

	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

var oidcTrustBroad = &Check{
	ID:       "oidc-trust-broad",
	Title:    "Role trusts more workloads of an identity provider than one",
	Severity: High,
	Topic:    CloudIAM,
	Since:    "0.1.0",
	Why:      "Any pod of the cluster, or any workflow of anybody on GitHub, that the provider vouches for becomes the role.",
	Fix:      "Compare `:sub` with the one service account, `system:serviceaccount:NAMESPACE:NAME`, or the one repository and branch, `repo:OWNER/NAME:ref:refs/heads/main`.",
	Source:   "CIS Amazon EKS 5.2.1; GitHub, Configuring OpenID Connect in Amazon Web Services",
	Aliases:  []string{"CKV_AWS_358", "CKV_GCP_125", "CKV_AZURE_249"},
	Covers:   coversSubject,
	Bad:      ackTrust(`{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringLike": {"token.actions.githubusercontent.com:sub": "repo:acme/*"}}}`, " # want"),
	Good:     ackTrust(`{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringEquals": {"token.actions.githubusercontent.com:sub": "repo:acme/shop:ref:refs/heads/main"}}}`, ""),
	NearMiss: ackTrust(`{"Effect": "Allow", "Principal": {"Federated": "cognito-identity.amazonaws.com"}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringEquals": {"cognito-identity.amazonaws.com:aud": "eu-west-1:1"}}}`, ""),
	Terraform: Examples{
		Bad: `data "aws_iam_policy_document" "pods" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = [var.oidc_provider_arn]
    }
    condition {
      test     = "StringLike"
      variable = "${replace(var.oidc_provider_url, "https://", "")}:sub"
      values   = ["system:serviceaccount:shop:*"] # want
    }
  }
}

resource "aws_iam_role" "pods" {
  assume_role_policy = data.aws_iam_policy_document.pods.json
}

resource "aws_iam_role" "circleci" {
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/oidc.circleci.com/org/6d1c" }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = { StringLike = {
        "oidc.circleci.com/org/6d1c:sub" = "org/6d1c/project/*/user/*" # want
      } }
    }]
  })
}

resource "aws_iam_role" "any" {
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/ABC" } # want
      Action    = "sts:AssumeRoleWithWebIdentity"
    }]
  })
}
`,
		Good: `data "aws_iam_policy_document" "pods" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.main.arn]
    }
    condition {
      test     = "StringEquals"
      variable = "${replace(aws_iam_openid_connect_provider.main.url, "https://", "")}:sub"
      values   = ["system:serviceaccount:${var.namespace}:app"]
    }
  }
}

resource "aws_iam_role" "pods" {
  assume_role_policy = data.aws_iam_policy_document.pods.json
}
`,
		NearMiss: `module "github" {
  source   = "terraform-aws-modules/iam/aws//modules/iam-github-oidc-role"
  subjects = ["acme/shop:*"]
}

resource "aws_iam_role" "deploy" {
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = aws_iam_openid_connect_provider.github.arn }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = { StringLike = {
        "token.actions.githubusercontent.com:job_workflow_ref" = "acme/shop/.github/workflows/deploy.yaml@refs/heads/*"
        "token.actions.githubusercontent.com:aud"              = "sts.amazonaws.com"
      } }
    }]
  })
}

resource "aws_iam_role" "circleci" {
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/oidc.circleci.com/org/6d1c" }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = { StringLike = { "oidc.circleci.com/org/6d1c:sub" = "org/6d1c/project/0a4f/user/*" } }
    }]
  })
}

resource "aws_iam_role" "pods" {
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/oidc.example.com" }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = { StringEquals = { (var.claim) = "system:serviceaccount:shop:app" } }
    }]
  })
}
`,
	},
	Run: func(p *Pass) {
		for _, f := range p.federations() {
			if len(f.Subjects) == 0 {
				p.Report(firstUnknown(f.At, f.Unclear), ofProvider(f, "*"), "%s trusts whatever the identity provider vouches for; a condition on who asks is expected", infra.Described(p.Object))
			}
			for _, s := range f.Subjects {
				if s.Broad() {
					p.Report(s.At.Known(), ofProvider(f, s.Text), "%s trusts all that %q stands for; one service account, or one repository, is expected", infra.Described(p.Object), s.Text)
				}
			}
		}
	},
}

// ofProvider is who is let in as a subject: the same name, vouched for by another
// provider, is somebody else.
func ofProvider(f infra.Federation, text string) manifest.Subject {
	if f.Provider != "" {
		text += " of " + f.Provider
	}
	return manifest.Subject{Class: text}
}

// coversSubject says that base let in all that a pattern of head does, by the same
// provider.
func coversSubject(base []string, head string) bool {
	text, provider, _ := cutLast(head, " of ")
	return slices.ContainsFunc(base, func(class string) bool {
		baseText, baseProvider, _ := cutLast(class, " of ")
		return baseProvider == provider && infra.Includes(baseText, text)
	})
}
