package infra

import (
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// Statement is one statement of an IAM policy.
type Statement struct {
	manifest.Node
	// At is where it stands in the object. Of a policy that is a text it is the
	// text; the fields of the statement then have no places of their own.
	At    manifest.Node
	Exact bool
}

// Statements are those of a policy: a structure, or a text that holds one as
// JSON. What is no policy has none; an unknown one stands for any.
func Statements(policy manifest.Node) []Statement {
	if policy.Unknown() {
		return []Statement{{policy, policy, true}}
	}
	root, exact := policy, true
	if text := policy.Text(); strings.HasPrefix(strings.TrimSpace(text), "{") {
		// What AWS would not read either has no statements.
		if o, err := manifest.ParseSource([]byte(text), manifest.Ref{}, manifest.Origin{}); err == nil {
			root, exact = o.Root, false
		}
	}
	var all []Statement
	add := func(n manifest.Node) {
		at := n
		if !exact {
			at = policy
		}
		all = append(all, Statement{n, at, exact})
	}
	list := root.Get("Statement")
	if list.IsMap() || list.Unknown() {
		add(list)
	}
	for item := range list.Items() {
		add(item)
	}
	return all
}

// Allows says that the statement gives something.
func (s Statement) Allows() bool { return s.Get("Effect").Text() == "Allow" }

// Texts are the items of a field that is a text or a list of texts.
func (s Statement) Texts(field string) []manifest.Node {
	at := s.Get(field)
	if !at.IsList() {
		if !at.Exists() {
			return nil
		}
		return []manifest.Node{at}
	}
	var all []manifest.Node
	for item := range at.Items() {
		all = append(all, item)
	}
	return all
}

// Everybody is the place where the statement's principal is anybody, absent
// where it is not. Everybody but some is everybody.
func (s Statement) Everybody() manifest.Node {
	if but := s.Get("NotPrincipal"); but.Set() {
		return but
	}
	at := s.Get("Principal")
	if at.Text() == "*" || at.Unknown() {
		return at
	}
	for _, item := range (Statement{Node: at}).Texts("AWS") {
		if item.Text() == "*" || item.Unknown() {
			return item
		}
	}
	return manifest.Node{}
}
