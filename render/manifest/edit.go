package manifest

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Op is what an Edit does.
type Op string

// The operations of edits.
const (
	OpSet    Op = "set"    // the field gets a value; fields up to it are made
	OpRemove Op = "remove" // the field or the list item goes
	OpAppend Op = "append" // the list gets an item; it is made where there is none
	OpBeside Op = "beside" // another object comes beside the edited one
)

// Edit is one change of a field, as data. It is told of a rendered object as
// well as of a source.
type Edit struct {
	At Node
	Op Op
	// Value is, of OpSet and OpAppend, a scalar as YAML writes it, of OpAppend
	// also a mapping of scalars in braces; of OpBeside the text of the other
	// object.
	Value string
	// Same says what absence says, for OpRemove in a source whose key has to stay.
	Same string
	// Old and New are the part of a text that OpSet changes, for a source that
	// puts the text together.
	Old, New string
}

// SetTo gives a field a value.
func SetTo(at Node, value string) Edit { return Edit{At: at, Op: OpSet, Value: value} }

// AppendTo gives a list one more item.
func AppendTo(list Node, value string) Edit { return Edit{At: list, Op: OpAppend, Value: value} }

// Beside puts another object, given as YAML, beside one.
func Beside(o *Object, text string) Edit { return Edit{At: o.Root, Op: OpBeside, Value: text} }

// Newcomers are the objects that some edits put beside the edited one.
func Newcomers(edits []Edit) ([]*Object, error) {
	var all []*Object
	for _, e := range edits {
		if e.Op != OpBeside {
			continue
		}
		objects, err := Parse([]byte(e.Value), Origin{})
		if err != nil {
			return nil, err
		}
		all = append(all, objects...)
	}
	return all, nil
}

// Remove takes a field or a list item away.
func Remove(at Node) Edit { return Edit{At: at, Op: OpRemove} }

// MadeIn says that a field of another render of the object is as the edit has
// it. Of a removed list item it says nothing: what the list holds then goes by
// other names.
func (e Edit) MadeIn(other *Object) bool {
	at := e.At.In(other)
	same := func(n Node, value string) bool {
		want, err := scalar(value)
		return err == nil && n.value != nil && n.value.Kind == yaml.ScalarNode && n.value.Value == want.Value && n.value.ShortTag() == want.ShortTag()
	}
	switch e.Op {
	case OpBeside:
		return true // the object itself stays as it is
	case OpSet:
		return same(at, e.Value)
	case OpAppend:
		for item := range at.Items() {
			if same(item, e.Value) || holds(item, e.Value) {
				return true
			}
		}
		return false
	}
	return e.At.at.item || !at.Set() || e.Same != "" && same(at, e.Same)
}

// Key is one link of the way from an object's root to a node: a field, or an
// item of a list.
type Key struct {
	Name  string // of an item: its name, where it has one
	Index int    // of an item; -1 for a field
}

// Keys are the way to the node.
func (n Node) Keys() []Key {
	var keys []Key
	for s := n.at; s != nil && s.parent != nil; s = s.parent {
		keys = append(keys, Key{s.key, s.index()})
	}
	for i, j := 0, len(keys)-1; i < j; i, j = i+1, j-1 {
		keys[i], keys[j] = keys[j], keys[i]
	}
	return keys
}

func (s *step) index() int {
	if !s.item {
		return -1
	}
	return s.number
}

// Item is the list's item at an index, absent when there is none.
func (n Node) Item(index int) Node {
	if n.Unknown() {
		return n.get(strconv.Itoa(index))
	}
	for item := range n.Items() {
		if item.at.number == index {
			return item
		}
	}
	return Node{near: cmp.Or(n.value, n.near), at: &step{parent: n.at, key: strconv.Itoa(index), item: true, number: index, object: n.Object()}, names: n.names}
}

// Follow goes a way from a node; items are taken by their index.
func (n Node) Follow(keys []Key) Node {
	for _, key := range keys {
		if key.Index < 0 {
			n = n.get(key.Name)
		} else {
			n = n.Item(key.Index)
		}
	}
	return n
}

// Edited is the object as some edits of it make it. The object itself stays as
// it is. The edits are applied in order, to the fields that their nodes name.
func (o *Object) Edited(edits []Edit) (*Object, error) {
	if o.Root.value == nil {
		return nil, errors.New("the object is empty")
	}
	root := expanded(o.Root.value, 0)
	for _, e := range byPosition(edits) {
		if e.Op == OpBeside {
			continue
		}
		if err := applyEdit(root, e); err != nil {
			return nil, fmt.Errorf("%s: %w", e.At.Path(), err)
		}
	}
	next := &Object{Ref: o.Ref, GenerateName: o.GenerateName, Origin: o.Origin, Address: o.Address, own: o.own}
	next.Root = Node{value: root, at: &step{object: next}}
	if v := next.Root.Get("apiVersion").Text(); v != "" {
		next.APIVersion = v
	}
	if ns := next.Root.Get("metadata", "namespace"); ns.Set() && !ClusterScoped(o.Ref) {
		next.Namespace = ns.Text()
	}
	return next, nil
}

// byPosition puts removals of list items last and from the end of the list, so
// that none moves what another one names.
func byPosition(edits []Edit) []Edit {
	var first, last []Edit
	for _, e := range edits {
		if keys := e.At.Keys(); e.Op == OpRemove && len(keys) > 0 && keys[len(keys)-1].Index >= 0 {
			at := len(last)
			for at > 0 && index(last[at-1]) < index(e) {
				at--
			}
			last = append(last[:at], append([]Edit{e}, last[at:]...)...)
			continue
		}
		first = append(first, e)
	}
	return append(first, last...)
}

func index(e Edit) int {
	keys := e.At.Keys()
	return keys[len(keys)-1].Index
}

// expanded is a copy of what a node stands for, without anchors and merges.
func expanded(y *yaml.Node, depth int) *yaml.Node {
	y = resolve(y)
	next := *y
	next.Anchor, next.Content = "", nil
	if depth > maxDepth {
		return &next
	}
	if y.Kind == yaml.MappingNode {
		for key, value := range (Node{value: y}).Fields() {
			if !value.Exists() {
				continue // under a key that is no text
			}
			name := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: key, Line: value.Line()}
			next.Content = append(next.Content, name, expanded(value.value, depth+1))
		}
		return &next
	}
	for _, c := range y.Content {
		next.Content = append(next.Content, expanded(c, depth+1))
	}
	return &next
}

// applyEdit changes a tree of nodes that has no anchors.
func applyEdit(root *yaml.Node, e Edit) error {
	keys := e.At.Keys()
	if len(keys) == 0 {
		return errors.New("the whole object cannot be edited")
	}
	last := keys[len(keys)-1]
	if e.Op == OpAppend {
		list, err := into(root, keys, yaml.SequenceNode)
		if err != nil {
			return err
		}
		value, err := item(e.Value)
		list.Content = append(list.Content, value)
		return err
	}
	if e.Op == OpRemove {
		return remove(root, keys)
	}
	value, err := scalar(e.Value)
	if err != nil {
		return err
	}
	kind := yaml.MappingNode
	if last.Index >= 0 {
		kind = yaml.SequenceNode
	}
	parent, err := into(root, keys[:len(keys)-1], kind)
	if err != nil {
		return err
	}
	if at := child(parent, last); at != nil {
		value.Line, value.Column = at.Line, at.Column
		*at = *value
		return nil
	}
	if last.Index >= 0 {
		return errors.New("there is no such item")
	}
	parent.Content = append(parent.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: last.Name}, value)
	return nil
}

// scalar reads a value as YAML writes it.
func scalar(text string) (*yaml.Node, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil || len(doc.Content) != 1 || doc.Content[0].Kind != yaml.ScalarNode {
		return &yaml.Node{Kind: yaml.ScalarNode}, fmt.Errorf("%q is no scalar", text)
	}
	return doc.Content[0], nil
}

// item reads what a list gets: a scalar, or a mapping of scalars.
func item(text string) (*yaml.Node, error) {
	fields, err := Pairs(text)
	if err != nil || fields == nil {
		return scalar(text)
	}
	return fields, nil
}

// Pairs reads a mapping of scalars in braces; nil for anything else.
func Pairs(text string) (*yaml.Node, error) {
	if !strings.HasPrefix(text, "{") {
		return nil, nil
	}
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil || len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%q is no mapping", text)
	}
	for _, c := range doc.Content[0].Content {
		if c.Kind != yaml.ScalarNode {
			return nil, fmt.Errorf("%q holds more than scalars", text)
		}
	}
	return doc.Content[0], nil
}

// holds says that a list's item has the fields of a mapping.
func holds(n Node, text string) bool {
	fields, err := Pairs(text)
	if err != nil || fields == nil || !n.IsMap() {
		return false
	}
	for i := 0; i+1 < len(fields.Content); i += 2 {
		if at := n.Get(fields.Content[i].Value); at.value == nil || at.value.Kind != yaml.ScalarNode || at.value.Value != fields.Content[i+1].Value {
			return false
		}
	}
	return true
}

// into finds the node at the end of a way, and makes what is missing of it or
// null.
func into(at *yaml.Node, keys []Key, kind yaml.Kind) (*yaml.Node, error) {
	for i, key := range keys {
		next := child(at, key)
		if next == nil {
			if key.Index >= 0 || at.Kind != yaml.MappingNode {
				return nil, errors.New("there is no such place")
			}
			next = &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Line: at.Line}
			at.Content = append(at.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: key.Name}, next)
		}
		if next.Tag == "!!null" {
			next.Kind, next.Tag, next.Value = yaml.MappingNode, "!!map", ""
			if i == len(keys)-1 {
				next.Kind = kind
			}
			if next.Kind == yaml.SequenceNode {
				next.Tag = "!!seq"
			}
		}
		at = next
	}
	if at.Kind != kind {
		return nil, errors.New("something else stands there")
	}
	return at, nil
}

// child is what stands at a key of a node, nil when nothing does.
func child(at *yaml.Node, key Key) *yaml.Node {
	if key.Index >= 0 {
		if at.Kind != yaml.SequenceNode || key.Index >= len(at.Content) {
			return nil
		}
		return at.Content[key.Index]
	}
	return lookup(at, key.Name, 0)
}

func remove(root *yaml.Node, keys []Key) error {
	parent := root
	for _, key := range keys[:len(keys)-1] {
		if parent = child(parent, key); parent == nil {
			return errors.New("there is no such place")
		}
	}
	last := keys[len(keys)-1]
	if child(parent, last) == nil {
		return errors.New("there is nothing to remove")
	}
	if last.Index >= 0 {
		parent.Content = append(parent.Content[:last.Index], parent.Content[last.Index+1:]...)
		return nil
	}
	var left []*yaml.Node
	for i := 0; i+1 < len(parent.Content); i += 2 {
		if parent.Content[i].Value != last.Name {
			left = append(left, parent.Content[i], parent.Content[i+1])
		}
	}
	parent.Content = left
	return nil
}
