package manifest

import (
	"bytes"
	"encoding/gob"
	"errors"

	"go.yaml.in/yaml/v3"
)

// Objects are objects that can travel from one process to another, with the
// positions, anchors and comments of their text.
type Objects []*Object

// packed holds all nodes of some objects side by side, in the order of the
// text: columns of one type each are many times cheaper to send than as many
// small structures.
type packed struct {
	Objects []packedObject
	Extra   int // further roots: nodes outside of all objects that an alias in one stands for

	Kinds, Styles  []byte
	Lines, Columns []int
	Tags, Values   []string
	Counts         []int // of each node's children
	Anchors        map[int]string
	Aliases        map[int]int // from an alias to the node that it stands for
	Comments       map[int][3]string
}

type packedObject struct {
	Ref          Ref
	GenerateName string
	Origin       Origin
	Absent       bool // an object without content, as of an empty file
	Written      map[int][]Site
	Address      Ref
	Mentions     Mentions
}

// MarshalBinary implements encoding.BinaryMarshaler.
func (o Objects) MarshalBinary() ([]byte, error) {
	p := packer{index: map[*yaml.Node]int{}}
	p.Anchors, p.Aliases, p.Comments = map[int]string{}, map[int]int{}, map[int][3]string{}
	for _, object := range o {
		p.Objects = append(p.Objects, packedObject{object.Ref, object.GenerateName, object.Origin, object.Root.value == nil, object.Written, object.Address, object.Mentions})
		if object.Root.value != nil {
			p.add(object.Root.value)
		}
	}
	for len(p.pending) > 0 {
		alias := p.pending[0]
		p.pending = p.pending[1:]
		if _, known := p.index[alias.Alias]; !known {
			p.Extra++
			p.add(alias.Alias)
		}
		for _, at := range p.aliases[alias] {
			p.Aliases[at] = p.index[alias.Alias]
		}
	}
	var out bytes.Buffer
	err := gob.NewEncoder(&out).Encode(p.packed)
	return out.Bytes(), err
}

type packer struct {
	packed
	index   map[*yaml.Node]int
	pending []*yaml.Node // aliases whose nodes may not have been seen yet
	aliases map[*yaml.Node][]int
}

func (p *packer) add(n *yaml.Node) {
	at := len(p.Kinds)
	p.index[n] = at
	p.Kinds, p.Styles = append(p.Kinds, byte(n.Kind)), append(p.Styles, byte(n.Style))
	p.Lines, p.Columns = append(p.Lines, n.Line), append(p.Columns, n.Column)
	p.Tags, p.Values = append(p.Tags, n.Tag), append(p.Values, n.Value)
	p.Counts = append(p.Counts, len(n.Content))
	if n.Anchor != "" {
		p.Anchors[at] = n.Anchor
	}
	if n.Alias != nil {
		if p.aliases == nil {
			p.aliases = map[*yaml.Node][]int{}
		}
		p.aliases[n] = append(p.aliases[n], at)
		p.pending = append(p.pending, n)
	}
	if comments := [3]string{n.HeadComment, n.LineComment, n.FootComment}; comments != [3]string{} {
		p.Comments[at] = comments
	}
	for _, c := range n.Content {
		p.add(c)
	}
}

var errPacked = errors.New("packed objects are not whole")

// UnmarshalBinary implements encoding.BinaryUnmarshaler. It fails, and never
// panics, where the data is not what MarshalBinary made.
func (o *Objects) UnmarshalBinary(data []byte) error {
	var u unpacker
	if err := gob.NewDecoder(bytes.NewReader(data)).Decode(&u.packed); err != nil {
		return err
	}
	n := len(u.Kinds)
	for _, column := range []int{len(u.Styles), len(u.Lines), len(u.Columns), len(u.Tags), len(u.Values), len(u.Counts)} {
		if column != n {
			return errPacked
		}
	}
	u.nodes = make([]yaml.Node, n)
	for _, p := range u.Objects {
		object := &Object{Ref: p.Ref, GenerateName: p.GenerateName, Origin: p.Origin, Written: p.Written, Address: p.Address, Mentions: p.Mentions}
		object.Root = Node{at: &step{object: object}}
		if !p.Absent {
			if object.Root.value = u.next(0); object.Root.value == nil {
				return errPacked
			}
		}
		*o = append(*o, object)
	}
	for range u.Extra {
		if u.next(0) == nil {
			return errPacked
		}
	}
	for from, to := range u.Aliases {
		if from < 0 || to < 0 || from >= n || to >= n {
			return errPacked
		}
		u.nodes[from].Alias = &u.nodes[to]
	}
	return nil
}

type unpacker struct {
	packed
	nodes []yaml.Node
	at    int
}

// next is the node that comes next, with all below it; nil when there is none.
func (u *unpacker) next(depth int) *yaml.Node {
	if u.at >= len(u.nodes) || depth > maxDepth {
		return nil
	}
	at := u.at
	u.at++
	n := &u.nodes[at]
	*n = yaml.Node{
		Kind: yaml.Kind(u.Kinds[at]), Style: yaml.Style(u.Styles[at]), Line: u.Lines[at], Column: u.Columns[at],
		Tag: u.Tags[at], Value: u.Values[at], Anchor: u.Anchors[at],
	}
	if comments, found := u.Comments[at]; found {
		n.HeadComment, n.LineComment, n.FootComment = comments[0], comments[1], comments[2]
	}
	count := u.Counts[at]
	if count < 0 || count > len(u.nodes)-u.at {
		return nil
	}
	if count > 0 {
		n.Content = make([]*yaml.Node, count)
	}
	for i := range n.Content {
		if n.Content[i] = u.next(depth + 1); n.Content[i] == nil {
			return nil
		}
	}
	return n
}
