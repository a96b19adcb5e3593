package manifest

import (
	"slices"
	"strings"
	"sync/atomic"

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

// NewReference is a value that nobody knows, of which it is known what it refers
// to: a field of another object, such as the id of a cluster.
func NewReference(line int, to Reference) *yaml.Node { return Referring(NewUnknown(line), to) }

// Referring says of a value that nobody knows what it refers to.
func Referring(y *yaml.Node, to Reference) *yaml.Node {
	y.Value = strings.Join([]string{to.Kind, to.Name, to.Field}, "\n")
	return y
}

// Reference is a field of an object: its kind and its name as the object's own
// reference has them.
type Reference struct{ Kind, Name, Field string }

// Refers is what a value that nobody knows refers to, false where it does to
// nothing that has a name.
func (n Node) Refers() (Reference, bool) {
	if !n.Unknown() {
		return Reference{}, false
	}
	parts := strings.Split(n.value.Value, "\n")
	if len(parts) != 3 {
		return Reference{}, false
	}
	return Reference{Kind: parts[0], Name: parts[1], Field: parts[2]}, true
}

// NewPartly is a text of which only parts are known. What is not stands in it as
// ${…}, with what it refers to where one knows that: ${aws_iam_role.app.arn}.
func NewPartly(line int, text string) *yaml.Node {
	y := NewUnknown(line)
	y.LineComment = text // which an unknown value never has otherwise
	return y
}

// PartOf is what is known of the text of a value that nobody knows, false where
// the value is known.
func PartOf(y *yaml.Node) (text string, unknown bool) {
	if y.Kind != unknownKind {
		return "", false
	}
	return y.LineComment, true
}

// Partly is a scalar's text, or as much as is known of an unknown one, with
// ${…} for the rest; empty where nothing is. It decides nothing that is safe
// only for the whole text, and identifies what is unknown.
func (n Node) Partly() string {
	if n.value != nil && n.value.Kind == unknownKind && !n.inside() {
		return n.value.LineComment
	}
	return n.Text()
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

// inside says that the node only stands below an unknown value, as all of what
// could be there.
func (n Node) inside() bool { return n.near == n.value }

// meets remembers that somebody was led to a value that nobody knows.
func (n Node) meets(v *yaml.Node) {
	if v.Kind != unknownKind {
		return
	}
	if o := n.Object(); o != nil {
		atomic.StoreInt32(&o.met, 1)
	}
}

// MetUnknown says that somebody was led to an unknown value of the object since
// ForgetUnknown. It is for whoever judges an object, one check after the other.
func (o *Object) MetUnknown() bool { return atomic.LoadInt32(&o.met) != 0 }

// ForgetUnknown begins anew.
func (o *Object) ForgetUnknown() { atomic.StoreInt32(&o.met, 0) }

// Unknown says that nobody knows what stands at the node: its value, or
// anything above it. It exists, and is no scalar, list or mapping.
func (n Node) Unknown() bool { return n.value != nil && n.value.Kind == unknownKind }

// Undecided says that nothing can be said of the node: it is unknown, or a list
// that may have more items than are known.
func (n Node) Undecided() bool {
	return n.Unknown() || n.IsList() && slices.ContainsFunc(n.value.Content, func(item *yaml.Node) bool { return item.Kind == unknownKind })
}

// HasUnknown says that the node, or anything below it, is unknown.
func (n Node) HasUnknown() bool { return n.value != nil && hasUnknown(n.value, 0) }

func hasUnknown(y *yaml.Node, depth int) bool {
	return y.Kind == unknownKind || depth < maxDepth && slices.ContainsFunc(y.Content, func(c *yaml.Node) bool { return hasUnknown(c, depth+1) })
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

// IsUnknown says of a YAML node that nobody knows its value.
func IsUnknown(y *yaml.Node) bool { return y != nil && y.Kind == unknownKind }
