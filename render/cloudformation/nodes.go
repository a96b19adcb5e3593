package cloudformation

import (
	"iter"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/rendergate/rendergate/render/manifest"
)

// resolve follows an alias to its anchor.
func resolve(y *yaml.Node) *yaml.Node {
	const deepest = 32
	for i := 0; y.Kind == yaml.AliasNode && y.Alias != nil && i < deepest; i++ {
		y = y.Alias
	}
	return y
}

// field is the value of a mapping's key, nil where there is none.
func field(y *yaml.Node, name string) *yaml.Node {
	var found *yaml.Node
	for key, value := range fields(y) {
		if key == name {
			found = value // the last one counts
		}
	}
	return found
}

// fields are the keys and values of a mapping.
func fields(y *yaml.Node) iter.Seq2[string, *yaml.Node] {
	return func(yield func(string, *yaml.Node) bool) {
		if y == nil || y.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(y.Content); i += 2 {
			if y.Content[i].Kind == yaml.ScalarNode && !yield(y.Content[i].Value, resolve(y.Content[i+1])) {
				return
			}
		}
	}
}

// items are the items of a list.
func items(y *yaml.Node) []*yaml.Node {
	if y == nil || y.Kind != yaml.SequenceNode {
		return nil
	}
	all := make([]*yaml.Node, len(y.Content))
	for i, c := range y.Content {
		all[i] = resolve(c)
	}
	return all
}

// text is a scalar as a text. CloudFormation converts it to what a property
// wants, so that "true" is a boolean here.
func text(value string, at *yaml.Node) *yaml.Node {
	y := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value, Line: at.Line, Column: at.Column, Style: at.Style &^ yaml.TaggedStyle}
	if at.Kind != yaml.ScalarNode {
		y.Style = yaml.DoubleQuotedStyle
	}
	return converted(y)
}

func converted(y *yaml.Node) *yaml.Node {
	if y.Value == "true" || y.Value == "false" {
		y.Tag, y.Style = "!!bool", 0
	}
	return y
}

func unknown(at *yaml.Node, partial string) *yaml.Node { return manifest.NewPartly(at.Line, partial) }

// refers is what only a resource will tell: its name, or one of its attributes.
func (e *evaluator) refers(at *yaml.Node, name string) *yaml.Node {
	resource, attribute, _ := strings.Cut(name, ".")
	typ := field(field(field(e.t.root, "Resources"), resource), "Type")
	if typ == nil {
		return unknown(at, "${"+name+"}")
	}
	to := manifest.Reference{Kind: typ.Value, Name: resource, Field: attribute}
	return manifest.Referring(unknown(at, "${"+typ.Value+"."+name+"}"), to)
}

// list is a list of texts.
func list(values []string, at *yaml.Node) *yaml.Node {
	y := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Line: at.Line, Column: at.Column}
	for _, value := range values {
		y.Content = append(y.Content, text(value, &yaml.Node{Line: at.Line, Column: at.Column}))
	}
	return y
}

// known is the text of a scalar that is known.
func known(y *yaml.Node) (string, bool) {
	if y == nil || y.Kind != yaml.ScalarNode || y.Tag == "!!null" {
		return "", false
	}
	return y.Value, true
}

// partial is what is known of a value's text: all of it, or a part with names in
// the other places; false where it is no text at all.
func partial(y *yaml.Node) (value string, whole, is bool) {
	if value, ok := known(y); ok {
		return value, true, true
	}
	if y == nil {
		return "", false, false
	}
	part, _ := manifest.PartOf(y)
	return part, false, part != ""
}

// call is the function that a node calls, and what it is given; empty where it
// calls none. A tag and a mapping of one key are two ways to write the same.
func call(y *yaml.Node) (name string, argument *yaml.Node) {
	if short, tagged := strings.CutPrefix(y.Tag, "!"); tagged && !strings.HasPrefix(short, "!") && short != "" {
		plain := *y
		plain.Style &^= yaml.TaggedStyle
		switch y.Kind {
		case yaml.ScalarNode:
			plain.Tag = "!!str"
		case yaml.SequenceNode:
			plain.Tag = "!!seq"
		default:
			plain.Tag = "!!map"
		}
		if short != "Ref" && short != "Condition" {
			short = "Fn::" + short
		}
		return short, &plain
	}
	if y.Kind != yaml.MappingNode || len(y.Content) != 2 || y.Content[0].Kind != yaml.ScalarNode {
		return "", nil
	}
	key := y.Content[0].Value
	if key == "Ref" || strings.HasPrefix(key, "Fn::") && !strings.HasPrefix(key, loopPrefix) {
		return key, resolve(y.Content[1])
	}
	return "", nil
}
