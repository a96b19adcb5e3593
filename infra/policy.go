package infra

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// IAMPolicy is a policy in the form that AWS reads, as statements.
type IAMPolicy struct {
	Name       string // within the object, where that has several
	At         manifest.Node
	Statements []Statement
	// Holders are what has the policy, where the object names it.
	Holders []manifest.Node
	User    bool // one of those is a person's user
	Nodes   bool // the machines of a cluster have it
}

// policyAt is the policy that stands at a place; false where none does.
func policyAt(at manifest.Node) (IAMPolicy, bool) {
	return IAMPolicy{At: at, Statements: Statements(at)}, at.Set()
}

// Statement is one statement of an IAM policy, at its place in the object.
type Statement struct{ manifest.Node }

// Statements are those of a policy: a structure, or a text that holds one as
// JSON. What is no policy has none; an unknown one stands for any.
func Statements(policy manifest.Node) []Statement {
	if policy.Unknown() {
		return []Statement{{policy}}
	}
	root := policy
	if text := policy.Text(); strings.HasPrefix(strings.TrimSpace(text), "{") {
		// What AWS would not read either has no statements.
		if !json.Valid([]byte(text)) {
			return nil
		}
		docs, err := policy.Embedded(spaced(text))
		if err != nil || len(docs) != 1 {
			return nil
		}
		root = docs[0]
	}
	var all []Statement
	list := root.Get("Statement")
	if list.IsMap() || list.Unknown() {
		all = append(all, Statement{list})
	}
	for item := range list.Items() {
		all = append(all, Statement{item})
	}
	return all
}

// spaced is JSON as YAML reads it too, which has no tabs around its values.
func spaced(text string) string {
	if strings.Contains(text, "\t") {
		return strings.ReplaceAll(text, "\t", " ")
	}
	return text
}

// Allows and Denies are what the statement does; one that nobody knows does
// neither.
func (s Statement) Allows() bool { return s.Get("Effect").Text() == "Allow" }

// Denies says that the statement takes something away.
func (s Statement) Denies() bool { return s.Get("Effect").Text() == "Deny" }

// Conditioned says that the statement only holds under a condition, one that
// nobody knows included.
func (s Statement) Conditioned() bool {
	at := s.Get("Condition")
	return at.Unknown() || at.IsMap() && at.Len() > 0
}

// Excludes says that a condition keeps some of everybody out. ForAllValues holds of
// a request that lacks the key, unless another condition wants it to be there.
func (s Statement) Excludes() bool {
	if !s.Conditioned() || s.Get("Condition").Unknown() {
		return s.Conditioned()
	}
	for operator := range s.Get("Condition").Fields() {
		if !strings.HasPrefix(strings.ToLower(operator), "forallvalues:") {
			return true
		}
	}
	return false
}

// Texts are the items of a field that is a text or a list of texts.
func (s Statement) Texts(field string) []manifest.Node { return texts(s.Get(field)) }

// texts are the items of a text or a list of texts.
func texts(at manifest.Node) []manifest.Node {
	if !at.IsList() {
		if !at.Set() {
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

// Principal is one of those that a statement is about.
type Principal struct {
	Type string // AWS, Service, Federated; * where it is anybody
	At   manifest.Node
}

// Principals are those that a statement names.
func (s Statement) Principals() []Principal {
	at := s.Get("Principal")
	if at.Unknown() || at.Text() != "" {
		return []Principal{{at.Text(), at}}
	}
	var all []Principal
	for typ, list := range at.Fields() {
		for _, item := range texts(list) {
			all = append(all, Principal{typ, item})
		}
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
	for _, item := range texts(at.Get("AWS")) {
		if item.Text() == "*" || item.Unknown() {
			return item
		}
	}
	return manifest.Node{}
}

// ofResource says that the statement belongs to a policy of a resource or of a
// role's trust: it names who may, not what its holder may.
func (s Statement) ofResource() bool {
	return s.Get("Principal").Exists() || s.Get("NotPrincipal").Exists()
}

// assumed says that the statement is of the trust of a role: it names who may
// become it.
func (s Statement) assumed() bool {
	return s.ofResource() && slices.ContainsFunc(s.Texts("Action"), func(at manifest.Node) bool {
		return strings.HasPrefix(strings.ToLower(at.Text()), "sts:assumerole")
	})
}

// Text is what a policy says, for telling it from others; equal where they say
// the same.
func (p IAMPolicy) Text() string {
	var b strings.Builder
	for _, s := range p.Statements {
		written(&b, s.Node, 0)
	}
	return b.String()
}

// mostWritten bounds how deep a policy is read, which has a few levels.
const mostWritten = 16

func written(b *strings.Builder, n manifest.Node, deep int) {
	if deep > mostWritten {
		return
	}
	switch {
	case n.IsMap():
		b.WriteByte('{')
		for key, value := range n.Fields() {
			b.WriteString(key + "=")
			written(b, value, deep+1)
		}
		b.WriteByte('}')
	case n.IsList():
		b.WriteByte('[')
		for item := range n.Items() {
			written(b, item, deep+1)
		}
		b.WriteByte(']')
	default:
		b.WriteString(n.Partly() + ";")
	}
}

// Account is the account that the principal is the whole of, false where it is
// one identity.
func (p Principal) Account() (string, bool) {
	m := wholeAccount.FindStringSubmatch(p.At.Text())
	if m == nil {
		return "", false
	}
	return m[1] + m[2], true
}

var wholeAccount = regexp.MustCompile(`^(?:(\d{12})|arn:[\w-]+:iam::(\d{12}):root)$`)
