package policy

import (
	"errors"
	"strconv"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"

	"github.com/rendergate/rendergate/render/manifest"
)

// maxValues bounds an object after its aliases are followed.
const maxValues = 500_000

var errTooLarge = errors.New("it is too large to be judged by policies")

// plain is a value as the API server reads it: what JSON has.
func plain(n manifest.Node) (any, error) {
	budget := maxValues
	value, ok := plainWithin(n, &budget)
	if !ok {
		return nil, errTooLarge
	}
	return value, nil
}

func plainWithin(n manifest.Node, budget *int) (any, bool) {
	if *budget--; *budget < 0 {
		return nil, false
	}
	switch {
	case n.IsMap():
		all := map[string]any{}
		for key, value := range n.Fields() {
			v, ok := plainWithin(value, budget)
			if !ok {
				return nil, false
			}
			all[key] = v
		}
		return all, true
	case n.IsList():
		all := []any{}
		for item := range n.Items() {
			v, ok := plainWithin(item, budget)
			if !ok {
				return nil, false
			}
			all = append(all, v)
		}
		return all, true
	}
	return scalar(n), true
}

func scalar(n manifest.Node) any {
	if !n.Set() {
		return nil
	}
	if n.IsTrue() {
		return true
	}
	if n.IsFalse() {
		return false
	}
	text := n.Text()
	switch n.YAML().Tag {
	case "!!int":
		if i, ok := n.Int(); ok {
			return i
		}
	case "!!float":
		if f, err := strconv.ParseFloat(text, 64); err == nil {
			return f
		}
	}
	return text
}

// reads collects the places that an expression looked at; the last is what it
// stumbled over.
type reads struct{ last manifest.Node }

// value is a value that tells what is read of it.
func (r *reads) value(v any, at manifest.Node) ref.Val {
	made := types.DefaultTypeAdapter.NativeToValue(v)
	switch native := v.(type) {
	case map[string]any:
		if m, ok := made.(traits.Mapper); ok {
			return tracedMap{m, r, native, at}
		}
	case []any:
		if l, ok := made.(traits.Lister); ok {
			items := make([]manifest.Node, 0, len(native))
			for item := range at.Items() {
				items = append(items, item)
			}
			return tracedList{l, r, native, items, at}
		}
	}
	return made
}

type tracedMap struct {
	traits.Mapper
	reads  *reads
	native map[string]any
	at     manifest.Node
}

// Find implements traits.Mapper.
func (m tracedMap) Find(key ref.Val) (ref.Val, bool) {
	name, ok := key.Value().(string)
	if !ok {
		return m.Mapper.Find(key)
	}
	at := m.at.Get(name)
	m.reads.last = at
	value, found := m.native[name]
	if !found {
		return nil, false
	}
	return m.reads.value(value, at), true
}

// Get implements traits.Indexer.
func (m tracedMap) Get(key ref.Val) ref.Val {
	if value, found := m.Find(key); found {
		return value
	}
	return m.Mapper.Get(key)
}

// Contains implements traits.Container.
func (m tracedMap) Contains(key ref.Val) ref.Val {
	if name, ok := key.Value().(string); ok {
		m.reads.last = m.at.Get(name)
	}
	return m.Mapper.Contains(key)
}

type tracedList struct {
	traits.Lister
	reads  *reads
	native []any
	items  []manifest.Node
	at     manifest.Node
}

// Get implements traits.Indexer.
func (l tracedList) Get(index ref.Val) ref.Val {
	i, ok := index.Value().(int64)
	if !ok || i < 0 || i >= int64(len(l.native)) {
		l.reads.last = l.at
		return l.Lister.Get(index)
	}
	return l.item(int(i))
}

func (l tracedList) item(i int) ref.Val {
	at := l.at
	if i < len(l.items) {
		at = l.items[i]
	}
	l.reads.last = at
	return l.reads.value(l.native[i], at)
}

// Iterator implements traits.Iterable.
func (l tracedList) Iterator() traits.Iterator {
	return &iterator{Iterator: l.Lister.Iterator(), list: l}
}

type iterator struct {
	traits.Iterator
	list tracedList
	at   int
}

// HasNext implements traits.Iterator.
func (i *iterator) HasNext() ref.Val { return types.Bool(i.at < len(i.list.native)) }

// Next implements traits.Iterator.
func (i *iterator) Next() ref.Val {
	if i.at >= len(i.list.native) {
		return nil
	}
	i.at++
	return i.list.item(i.at - 1)
}
