package infra

import (
	"regexp"
	"slices"
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// googleProvider is a provider of OpenID Connect that a project of Google Cloud
// believes. Without a condition whoever the provider vouches for is in the pool; who
// of them may be which account is said elsewhere.
func googleProvider(o *manifest.Object) IAM {
	issuer := block(o.Root, "oidc").Get("issuer_uri")
	if !issuer.Set() || !manyTenants(issuer.Partly()) {
		return IAM{}
	}
	condition := o.Root.Get("attribute_condition")
	f := Federation{At: issuer.Known(), Provider: strings.TrimPrefix(issuer.Partly(), "https://"), Audience: issuer}
	if condition.Unknown() {
		f.Unclear = condition
	}
	if text := condition.Partly(); strings.TrimSpace(text) != "" && strings.TrimSpace(text) != "true" {
		f.Subjects = conditionSubjects(condition, text)
	}
	return IAM{Vouched: []Federation{f}}
}

// manyTenants says that a provider vouches for everybody's workloads, and not for
// those of one cluster or one company.
func manyTenants(issuer string) bool {
	host := strings.TrimPrefix(issuer, "https://")
	return slices.ContainsFunc([]string{"token.actions.githubusercontent.com", "gitlab.com", "app.terraform.io", "oidc.circleci.com", "agent.buildkite.com", "api.bitbucket.org", "oidc.vercel.com"}, func(known string) bool {
		return host == known || strings.HasPrefix(host, known+"/")
	})
}

// claimTests are the comparisons of a condition with the claims that say who asks.
// The language is CEL's; what is not such a comparison is believed to limit.
var claimTests = regexp.MustCompile(`(?:assertion|attribute)\.(sub|repository|repository_owner|repository_owner_id)\s*(==|\.startsWith\()\s*['"]([^'"]*)['"]`)

// conditionSubjects are those whom a condition lets in.
func conditionSubjects(at manifest.Node, text string) []Subject {
	var all []Subject
	for _, m := range claimTests.FindAllStringSubmatch(text, -1) {
		s := Subject{At: at.Known(), Text: m[3], Pattern: m[2] != "=="}
		if s.Pattern {
			s.Text += "*"
		}
		switch m[1] {
		case "repository":
			s.Text = "repo:" + s.Text + ":"
		case "repository_owner", "repository_owner_id":
			continue // one owner, of whose repositories accounts are for each
		}
		all = append(all, s)
	}
	if len(all) == 0 {
		all = append(all, Subject{At: at.Known(), Text: text})
	}
	return all
}

// googleTrust is who may be a service account of Google Cloud: members of a pool of
// identities, all of them or those with an attribute.
func googleTrust(o *manifest.Object) IAM {
	var all IAM
	for _, at := range membersOf(o) {
		rest, found := strings.CutPrefix(at.Partly(), "principalSet://")
		if !found {
			continue
		}
		f := Federation{At: at.Known(), Audience: at}
		pool, who, _ := strings.Cut(rest, "/workloadIdentityPools/")
		f.Provider = pool
		switch _, attribute, some := strings.Cut(who, "/attribute."); {
		case strings.HasSuffix(who, "/*"):
			f.Subjects = []Subject{{At: at.Known(), Text: "*", Pattern: true}}
		case some:
			f.Subjects = []Subject{{At: at.Known(), Text: attribute}}
		default:
			continue
		}
		all.Vouched = append(all.Vouched, f)
	}
	return all
}

// azureTrust is who may be an identity of Azure by the word of another provider.
func azureTrust(o *manifest.Object) IAM {
	subject := o.Root.Get("subject")
	if !subject.Set() {
		return IAM{}
	}
	f := Federation{At: subject.Known(), Provider: strings.TrimPrefix(o.Root.Get("issuer").Partly(), "https://"), Audience: subject}
	f.Subjects = []Subject{{At: subject, Text: subject.Partly(), Pattern: true}}
	return IAM{Vouched: []Federation{f}}
}
