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
			if f, ok := s.federation(); ok {
				all = append(all, f)
			}
		}
	}
	return all
}

// people are the providers that vouch for people of an application, not for
// workloads.
var people = []string{"cognito-identity.amazonaws.com", "www.amazon.com", "graph.facebook.com", "accounts.google.com"}

// federation is whom a statement lets in by a provider of OpenID Connect.
func (s Statement) federation() (Federation, bool) {
	web := slices.ContainsFunc(s.Texts("Action"), func(at manifest.Node) bool {
		return matches(at.Text(), "sts:AssumeRoleWithWebIdentity")
	})
	if !s.Allows() || !web {
		return Federation{}, false
	}
	i := slices.IndexFunc(s.Principals(), func(p Principal) bool { return p.Type == "Federated" })
	if i < 0 {
		return Federation{}, false
	}
	provider := s.Principals()[i].At
	f := Federation{At: provider, Provider: provider.Partly()}
	if slices.Contains(people, f.Provider) || strings.Contains(f.Provider, ":saml-provider/") {
		return Federation{}, false
	}
	condition := s.Get("Condition")
	if condition.Unknown() {
		f.Unclear = condition
	}
	for operator, claims := range condition.Fields() {
		if claims.Unknown() {
			f.Unclear = claims
		}
		for claim, values := range claims.Fields() {
			f.condition(operator, claim, values)
		}
	}
	return f, true
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
			if name == "repository" || name == "job_workflow_ref" {
				text = "repo:" + text + ":"
			}
			f.Subjects = append(f.Subjects, Subject{At: at, Text: text, Pattern: pattern})
		}
	}
}
