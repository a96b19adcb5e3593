package manifest

import "go.yaml.in/yaml/v3"

// PartOf is Partly of a parsed node that nobody knows, false where it is known.
func PartOf(y *yaml.Node) (text string, unknown bool) {
	if y.Kind != unknownKind {
		return "", false
	}
	return Node{value: y}.Partly(), true
}

// Known is the node as of what is known of its text: a text with ${…} for the
// rest, which can be pointed at like any other. What is known anyway is the node
// itself, and so is what nobody knows anything of.
func (n Node) Known() Node {
	text := n.Partly()
	if text == "" || !n.Unknown() {
		return n
	}
	n.value = &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text, Style: n.value.Style, Line: n.value.Line, Column: n.value.Column}
	return n
}
