package checks

import (
	"regexp"

	"github.com/rendergate/rendergate/infra"
)

var oidcTrustAnyRef = &Check{
	ID:       "oidc-trust-any-ref",
	Title:    "Role trusts every branch and pull request of a repository",
	Severity: Medium,
	Topic:    CloudIAM,
	Since:    "0.1.0",
	Why:      "Whoever may push a branch changes the workflow there, and has the role without review.",
	Fix:      "Compare `:sub` with a branch or an environment: `repo:OWNER/NAME:ref:refs/heads/main`, `repo:OWNER/NAME:environment:prod`.",
	Source:   "GitHub, Configuring OpenID Connect in Amazon Web Services",
	Covers:   coversSubject,
	Within:   []string{"oidc-trust-broad"},
	Bad:      ackTrust(`{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringLike": {"token.actions.githubusercontent.com:sub": "repo:acme/shop:*"}}}`, " # want"),
	Good:     ackTrust(`{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringLike": {"token.actions.githubusercontent.com:sub": "repo:acme/shop:ref:refs/heads/main"}}}`, ""),
	NearMiss: ackTrust(`{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringLike": {"token.actions.githubusercontent.com:sub": "repo:acme/shop:ref:refs/tags/*"}}}`, ""),
	Terraform: Examples{
		Bad: `resource "aws_iam_role" "ci" {
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = aws_iam_openid_connect_provider.github.arn }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = { StringLike = {
        "token.actions.githubusercontent.com:sub" = "repo:${var.owner}/shop:*" # want
      } }
    }]
  })
}

resource "aws_iam_role" "tests" {
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = aws_iam_openid_connect_provider.github.arn }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = { StringEquals = {
        "token.actions.githubusercontent.com:sub" = "repo:acme/shop:pull_request" # want
      } }
    }]
  })
}
`,
		Good: `resource "aws_iam_role" "ci" {
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = aws_iam_openid_connect_provider.github.arn }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = { StringLike = {
        "token.actions.githubusercontent.com:sub" = "repo:acme/shop:environment:prod"
      } }
    }]
  })
}
`,
		NearMiss: `resource "aws_iam_role" "ci" {
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = aws_iam_openid_connect_provider.github.arn }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = { StringEquals = {
        "token.actions.githubusercontent.com:sub" = "repo:acme/shop:*"
      } }
    }]
  })
}
`,
	},
	Run: func(p *Pass) {
		for _, f := range p.federations() {
			for _, s := range f.Subjects {
				m := anyRef.FindStringSubmatch(s.Text)
				if m == nil || s.Broad() || !s.Pattern && m[2] != "pull_request" {
					continue
				}
				which := map[string]string{"pull_request": "pull request", "ref:refs/heads/*": "branch"}[m[2]]
				p.Report(s.At.Known(), ofProvider(f, s.Text), "%s trusts every %s of %s; a branch or an environment is expected", infra.Described(p.Object), orDefault(which, "branch and pull request"), m[1])
			}
		}
	},
}

// anyRef is a repository of GitHub with any branch, tag, environment or pull
// request.
var anyRef = regexp.MustCompile(`^repo:((?:[^:*{]|\$\{[^}]*\})+):(\*|ref:\*|ref:refs/\*|ref:refs/heads/\*|pull_request)$`)
