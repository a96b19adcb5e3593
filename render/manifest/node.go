package manifest

import (
	"cmp"
	"fmt"
	"iter"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Node is a place in an object: a value, or the absence of one at a path where
// a value could stand. The zero Node is absent and belongs to no object.
// Nodes are values; nothing reached through them may be changed.
type Node struct {
	value *yaml.Node // nil when absent
	near  *yaml.Node // the nearest real ancestor when absent
	at    *step
	names *Naming // how fields are called that are asked for by another name; nil: as they are
}

// step is one link of a path, shared by all nodes below it.
type step struct {
	parent *step
	key    string
	item   bool // key stands in brackets: a list item
	number int  // of an item: its index
	object *Object
}

// Object is the object that the node belongs to, nil for the zero Node.
func (n Node) Object() *Object {
	if n.at == nil {
		return nil
	}
	return n.at.object
}

// Exists says that there is a value, null included.
func (n Node) Exists() bool { return n.value != nil }

// IsNull says that the value is there and null, which the API server treats
// as absent.
func (n Node) IsNull() bool { return n.value != nil && n.value.Tag == "!!null" }

// Set says that there is a value other than null.
func (n Node) Set() bool { return n.value != nil && !n.IsNull() }

// YAML is the parsed node, nil when absent. It is for reading only.
func (n Node) YAML() *yaml.Node { return n.value }

// Line is the line of the value in the text that the object was parsed from,
// or that of the nearest real ancestor where the value is absent. It starts
// at 1; 0 means that nothing is known.
func (n Node) Line() int {
	switch {
	case n.value != nil:
		return n.value.Line
	case n.near != nil:
		return n.near.Line
	}
	return 0
}

// Path is the place in the object, such as
// spec.template.spec.containers[app].image. List items stand by their name
// where they have one, else by their index; it is a text for people and never
// an identity.
func (n Node) Path() string {
	var keys []*step
	for s := n.at; s != nil && s.parent != nil; s = s.parent {
		keys = append(keys, s)
	}
	var b strings.Builder
	for i := len(keys) - 1; i >= 0; i-- {
		switch s := keys[i]; {
		case s.item:
			b.WriteString("[" + s.key + "]")
		case strings.ContainsAny(s.key, ".[]/ "):
			b.WriteString("[" + strconv.Quote(s.key) + "]")
		default:
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			b.WriteString(s.key)
		}
	}
	return b.String()
}

// Get follows mapping keys. A missing key gives an absent node that keeps the
// would-be path and the line of the nearest real ancestor.
func (n Node) Get(keys ...string) Node {
	for _, key := range keys {
		if n.names != nil {
			key = n.names.Name(key)
		}
		n = n.get(key)
	}
	return n
}

func (n Node) get(key string) Node {
	next := Node{near: n.near, at: n.child(key, false), names: n.names}
	if n.value == nil {
		return next
	}
	next.near = n.value
	if n.value.Kind == unknownKind {
		next.value = n.value // below what nobody knows, nobody knows anything
		n.meets(n.value)
		return next
	}
	if v := lookup(n.value, key, 0); v != nil {
		next.value = v
		n.meets(v)
	}
	return next
}

func (n Node) child(key string, item bool) *step {
	return &step{parent: n.at, key: key, item: item, object: n.Object()}
}

// maxMerge bounds chains of merge keys, which a hostile document could make
// circular.
const maxMerge = 32

// lookup finds the last value of key in a mapping, then in what is merged into
// it, as YAML readers that accept duplicate keys do.
func lookup(m *yaml.Node, key string, depth int) *yaml.Node {
	if m.Kind != yaml.MappingNode || depth > maxMerge {
		return nil
	}
	for i := len(m.Content) - 2; i >= 0; i -= 2 {
		if m.Content[i].Value == key && m.Content[i].Kind == yaml.ScalarNode {
			return resolve(m.Content[i+1])
		}
	}
	for i := 0; i+1 < len(m.Content); i += 2 {
		if m.Content[i].Tag != "!!merge" {
			continue
		}
		merged := resolve(m.Content[i+1])
		if merged.Kind == yaml.MappingNode {
			if v := lookup(merged, key, depth+1); v != nil {
				return v
			}
			continue
		}
		for _, part := range merged.Content {
			if v := lookup(resolve(part), key, depth+1); v != nil {
				return v
			}
		}
	}
	return nil
}

// resolve follows an alias to its anchor.
func resolve(y *yaml.Node) *yaml.Node {
	for i := 0; y.Kind == yaml.AliasNode && y.Alias != nil && i < maxMerge; i++ {
		y = y.Alias
	}
	return y
}

// IsMap says that the value is a mapping.
func (n Node) IsMap() bool { return n.value != nil && n.value.Kind == yaml.MappingNode }

// IsList says that the value is a sequence.
func (n Node) IsList() bool { return n.value != nil && n.value.Kind == yaml.SequenceNode }

// Len is the number of items or of fields.
func (n Node) Len() int {
	switch {
	case n.IsList():
		return len(n.value.Content)
	case n.IsMap():
		return len(n.value.Content) / 2
	}
	return 0
}

// Items are the items of a list, in order; none for anything else.
func (n Node) Items() iter.Seq[Node] {
	return func(yield func(Node) bool) {
		if !n.IsList() {
			return
		}
		for i, c := range n.value.Content {
			item := resolve(c)
			key := strconv.Itoa(i)
			if name := lookup(item, "name", 0); name != nil && name.Kind == yaml.ScalarNode && name.Value != "" {
				key = name.Value
			}
			at := n.child(key, true)
			at.number = i
			n.meets(item)
			if !yield(Node{value: item, near: n.value, at: at, names: n.names}) {
				return
			}
		}
	}
}

// Fields are the keys and values of a mapping in the order of the text, those
// of merge keys included; none for anything else.
func (n Node) Fields() iter.Seq2[string, Node] {
	return func(yield func(string, Node) bool) {
		if !n.IsMap() {
			return
		}
		seen := map[string]bool{}
		n.fields(n.value, seen, 0, yield)
	}
}

func (n Node) fields(m *yaml.Node, seen map[string]bool, depth int, yield func(string, Node) bool) bool {
	if depth > maxMerge {
		return true
	}
	for i := 0; i+1 < len(m.Content); i += 2 {
		key := m.Content[i]
		if key.Tag == "!!merge" || seen[key.Value] {
			continue
		}
		seen[key.Value] = true
		if !yield(key.Value, n.get(key.Value)) {
			return false
		}
	}
	for i := 0; i+1 < len(m.Content); i += 2 {
		if m.Content[i].Tag != "!!merge" {
			continue
		}
		merged := resolve(m.Content[i+1])
		parts := []*yaml.Node{merged}
		if merged.Kind == yaml.SequenceNode {
			parts = merged.Content
		}
		for _, part := range parts {
			if part = resolve(part); part.Kind == yaml.MappingNode && !n.fields(part, seen, depth+1, yield) {
				return false
			}
		}
	}
	return true
}

// Text is the scalar's text, empty when there is none.
func (n Node) Text() string {
	if n.value == nil || n.value.Kind != yaml.ScalarNode || n.IsNull() {
		return ""
	}
	return n.value.Value
}

// IsTrue says that the value is a boolean true as Kubernetes reads it: YAML
// 1.1, so that an unquoted yes or on counts too.
func (n Node) IsTrue() bool { return n.boolean(trueWords) }

// IsFalse is the same for false. An absent value is neither.
func (n Node) IsFalse() bool { return n.boolean(falseWords) }

var (
	trueWords  = map[string]bool{"true": true, "True": true, "TRUE": true, "y": true, "Y": true, "yes": true, "Yes": true, "YES": true, "on": true, "On": true, "ON": true}
	falseWords = map[string]bool{"false": true, "False": true, "FALSE": true, "n": true, "N": true, "no": true, "No": true, "NO": true, "off": true, "Off": true, "OFF": true}
)

func (n Node) boolean(words map[string]bool) bool {
	if n.value == nil || n.value.Kind != yaml.ScalarNode {
		return false
	}
	if n.value.Style&yaml.TaggedStyle != 0 { // the tag decides, quoted or not
		return n.value.ShortTag() == "!!bool" && words[n.value.Value]
	}
	const notPlain = yaml.SingleQuotedStyle | yaml.DoubleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle
	return n.value.Style&notPlain == 0 && words[n.value.Value]
}

// Int is the value as an integer, false when it is not one.
func (n Node) Int() (int64, bool) {
	if n.value == nil || n.value.Kind != yaml.ScalarNode || n.value.Tag != "!!int" && n.value.Tag != "!!float" {
		return 0, false
	}
	if i, err := strconv.ParseInt(n.value.Value, 0, 64); err == nil {
		return i, true
	}
	f, err := strconv.ParseFloat(n.value.Value, 64)
	if err != nil || f != float64(int64(f)) {
		return 0, false
	}
	return int64(f), true
}

// String describes the node for test failures.
func (n Node) String() string {
	switch {
	case !n.Exists():
		return n.Path() + " (absent)"
	case n.Unknown():
		return n.Path() + " (unknown)"
	}
	return fmt.Sprintf("%s = %s", n.Path(), n.Text())
}

// End is the last line on which something of the value begins, or of the
// nearest real ancestor where the value is absent; 0 when nothing is known.
func (n Node) End() int {
	at := cmp.Or(n.value, n.near)
	if at == nil {
		return 0
	}
	return lastLine(at)
}

func lastLine(at *yaml.Node) int {
	last := at.Line
	for _, child := range at.Content {
		last = max(last, lastLine(child))
	}
	return last
}
