package manifest

import "go.yaml.in/yaml/v3"

// NewPartial is a text of which only a part is known, with names such as
// ${Role.Arn} in the other places; empty where nothing is.
func NewPartial(line int, known string) *yaml.Node { return WithPart(NewUnknown(line), known) }

// WithPart says of a value that nobody knows what is known of its text. The part
// travels where a parsed text has a comment, which an unknown value never has.
func WithPart(y *yaml.Node, known string) *yaml.Node {
	y.LineComment = known
	return y
}

// PartOf is what is known of the text of a value that nobody knows, false where
// the value is known.
func PartOf(y *yaml.Node) (known string, unknown bool) {
	if y.Kind != unknownKind {
		return "", false
	}
	return y.LineComment, true
}

// Partial is what is known of a text: all of it, or what NewPartial was given.
func (n Node) Partial() string {
	if n.value == nil {
		return ""
	}
	if known, unknown := PartOf(n.value); unknown {
		return known
	}
	return n.Text()
}
