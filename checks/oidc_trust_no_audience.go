package checks

import (
	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

var oidcTrustNoAudience = &Check{
	ID:       "oidc-trust-no-audience",
	Title:    "Role accepts tokens that were made for somebody else",
	Severity: Medium,
	Topic:    CloudIAM,
	Since:    "0.1.0",
	Why:      "A token that a workload sends to another service is then good for the role as well, as far as the provider's own list of audiences lets it.",
	Fix:      "Compare `:aud` with `sts.amazonaws.com`.",
	Source:   "CIS Amazon EKS 5.2.1; GitHub, Configuring OpenID Connect in Amazon Web Services",
	Bad:      ackTrust(`{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringEquals": {"token.actions.githubusercontent.com:sub": "repo:acme/shop:ref:refs/heads/main"}}}`, " # want"),
	Good:     ackTrust(`{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringEquals": {"token.actions.githubusercontent.com:sub": "repo:acme/shop:ref:refs/heads/main", "token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}}}`, ""),
	NearMiss: ackTrust(`{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}`, ""),
	Run: func(p *Pass) {
		for _, f := range p.federations() {
			if !f.Audience.Exists() {
				p.Report(firstUnknown(f.At.Known(), f.Unclear), manifest.Subject{Class: "aud"}, "%s does not ask whom tokens are for; a condition on `:aud` is expected", infra.Described(p.Object))
			}
		}
	},
}
