package manifest

import (
	"slices"

	"go.yaml.in/yaml/v3"
)

// unknownKind is the kind of a node whose value only a deployment tells: a
// variable without a value, what the cloud computes. It is no kind of YAML, so
// that no text can claim it and hide behind it.
const unknownKind yaml.Kind = 1 << 7

// NewUnknown is a value that nobody knows, at a line.
func NewUnknown(line int) *yaml.Node {
	return &yaml.Node{Kind: unknownKind, Tag: "!unknown", Line: line}
}

// Unknown says that nobody knows what stands at the node: its value, or
// anything above it. It exists, and is no scalar, list or mapping.
func (n Node) Unknown() bool { return n.value != nil && n.value.Kind == unknownKind }

// Undecided says that nothing can be said of the node: it is unknown, or a list
// that may have more items than are known.
func (n Node) Undecided() bool {
	return n.Unknown() || n.IsList() && slices.ContainsFunc(n.value.Content, func(item *yaml.Node) bool { return item.Kind == unknownKind })
}

// Shown is the value as YAML that can be written: what is unknown says so.
func (n Node) Shown() *yaml.Node {
	if n.value == nil {
		return nil
	}
	return shown(n.value, 0)
}

func shown(y *yaml.Node, depth int) *yaml.Node {
	if y.Kind == unknownKind {
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: "(known after apply)", Line: y.Line}
	}
	if depth > maxDepth || len(y.Content) == 0 {
		return y
	}
	next := *y
	next.Content = make([]*yaml.Node, len(y.Content))
	for i, c := range y.Content {
		next.Content[i] = shown(c, depth+1)
	}
	return &next
}

// NewObject is an object of what is no Kubernetes manifest, under the reference
// given.
func NewObject(ref Ref, origin Origin, root *yaml.Node) *Object {
	o := &Object{Ref: ref, Origin: origin}
	o.Root = Node{value: root, at: &step{object: o}}
	return o
}
