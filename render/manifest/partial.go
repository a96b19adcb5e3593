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

// Known is the node as of what is known of its text: a text with names in the
// places of the rest. Of what is known anyway it is the node itself; of what
// nobody knows anything of it is unknown.
func (n Node) Known() Node {
	if n.value == nil {
		return n
	}
	known, unknown := PartOf(n.value)
	if !unknown || known == "" {
		return n
	}
	n.value = &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: known, Style: n.value.Style, Line: n.value.Line, Column: n.value.Column}
	return n
}
