package infra

import (
	"slices"
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// Federation is whom an identity provider vouches for, so that they may become
// an identity of the cloud.
type Federation struct {
	At       manifest.Node // the place of whoever wants to add a condition
	Provider string        // as much of it as is known
	Subjects []Subject     // none where any is let in
	Audience manifest.Node // absent where any is accepted
	// Unclear is what nobody knows and what may limit it; absent where all is
	// known.
	Unclear manifest.Node
}

// Subject is one name, or a pattern of names, that is let in.
type Subject struct {
	At      manifest.Node
	Text    string
	Pattern bool // * and ? stand for others
}

// Federations are those of what an object makes.
func (i IAM) Federations() []Federation {
	all := slices.Clone(i.Vouched)
	for _, trust := range i.Trusts {
		for _, s := range trust.Statements {
			all = append(all, s.federations()...)
		}
	}
	return all
}

// people are the providers that vouch for people of an application, not for
// workloads.
var people = []string{"cognito-identity.amazonaws.com", "www.amazon.com", "graph.facebook.com", "accounts.google.com"}

// federations are whom a statement lets in by each of its providers of OpenID
// Connect.
func (s Statement) federations() []Federation {
	web := slices.ContainsFunc(s.Texts("Action"), func(at manifest.Node) bool {
		return matches(at.Text(), "sts:AssumeRoleWithWebIdentity")
	})
	if !s.Allows() || !web {
		return nil
	}
	var providers []manifest.Node
	for _, p := range s.Principals() {
		if p.Type == "Federated" && !slices.Contains(people, p.At.Partly()) && !strings.Contains(p.At.Partly(), ":saml-provider/") {
			providers = append(providers, p.At)
		}
	}
	var all []Federation
	for i, provider := range providers {
		others := slices.Delete(slices.Clone(providers), i, i+1)
		if f, lets := s.federation(provider, others); lets {
			all = append(all, f)
		}
	}
	return all
}

// federation is whom a statement lets in by one provider, false where it asks for
// what only another one vouches for.
func (s Statement) federation(provider manifest.Node, others []manifest.Node) (Federation, bool) {
	f := Federation{At: provider, Provider: provider.Partly()}
	condition := s.Get("Condition")
	if condition.Unknown() {
		f.Unclear = condition
	}
	for operator, claims := range condition.Fields() {
		if claims.Unknown() {
			f.Unclear = claims
		}
		for claim, values := range claims.Fields() {
			if slices.ContainsFunc(others, func(other manifest.Node) bool { return vouches(other, claim) }) && !vouches(provider, claim) {
				if !strings.HasSuffix(operator, "IfExists") {
					return Federation{}, false
				}
				continue
			}
			f.condition(operator, claim, values)
		}
	}
	return f, true
}

// vouches says that a claim is one of a provider's: its name without the scheme,
// which the provider's ARN ends in, stands before it.
func vouches(provider manifest.Node, claim string) bool {
	_, host, found := strings.Cut(provider.Partly(), ":oidc-provider/")
	i := strings.LastIndex(claim, ":")
	return found && i >= 0 && strings.EqualFold(host, claim[:i])
}

// subjectClaims say who asks, the repository of GitHub's as well as its subject.
var subjectClaims = []string{"sub", "repository", "repository_id", "job_workflow_ref", "environment_node_id"}

func (f *Federation) condition(operator, claim string, values manifest.Node) {
	provider, name := claim, ""
	if i := strings.LastIndex(claim, ":"); i >= 0 {
		provider, name = claim[:i], claim[i+1:]
	}
	if strings.Contains(name, "${") || strings.Contains(operator, "${") {
		f.Unclear = values
		return
	}
	operator = strings.TrimSuffix(operator[strings.LastIndex(operator, ":")+1:], "IfExists")
	if !slices.Contains([]string{"StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnLike", "ArnEquals"}, operator) {
		return // what is only not to be is no limit
	}
	if f.Provider == "" || strings.Contains(f.Provider, "${") {
		f.Provider = provider
	}
	switch {
	case name == "aud":
		f.Audience = values
	case slices.Contains(subjectClaims, name):
		if values.Undecided() {
			f.Unclear = values
		}
		pattern := operator != "StringEquals" && operator != "StringEqualsIgnoreCase"
		for _, at := range texts(values) {
			text := at.Partly()
			switch name {
			case "repository":
				text = "repo:" + text + ":"
			case "job_workflow_ref":
				text = ofWorkflow(text)
			}
			f.Subjects = append(f.Subjects, Subject{At: at, Text: text, Pattern: pattern})
		}
	}
}

// ofWorkflow is OWNER/NAME/.github/workflows/FILE@REF as a subject of its
// repository.
func ofWorkflow(ref string) string {
	parts := strings.SplitN(ref, "/", 3)
	if len(parts) < 3 {
		return "repo:" + ref + ":"
	}
	return "repo:" + parts[0] + "/" + parts[1] + ":job_workflow_ref:" + parts[2]
}

// Broad says that the subject stands for more than one service account of a
// cluster, or one repository: anything after what it names first.
func (s Subject) Broad() bool {
	if !s.Pattern || !strings.ContainsAny(s.Text, "*?") {
		return false
	}
	if account, is := strings.CutPrefix(s.Text, "system:serviceaccount:"); is {
		return strings.ContainsAny(account, "*?") && !bounded(account)
	}
	if strings.HasPrefix(s.Text, "org/") { // CircleCI's org/ID/project/ID/user/ID
		project, _, _ := strings.Cut(s.Text, "/user/")
		return strings.ContainsAny(project, "*?") || !strings.Contains(project, "/project/")
	}
	kind, rest, found := strings.Cut(s.Text, ":")
	if !found || strings.ContainsAny(kind, "*?") {
		return true
	}
	// What is vouched for first, repo:OWNER/NAME or project_path:GROUP/NAME.
	named, _, _ := strings.Cut(rest, ":")
	return strings.ContainsAny(named, "*?")
}

// bounded says that a pattern of service accounts names the namespace and begins
// the name: shop:worker-*.
func bounded(account string) bool {
	namespace, name, found := strings.Cut(account, ":")
	return found && !strings.ContainsAny(namespace, "*?") && strings.IndexAny(name, "*?") > 0
}
