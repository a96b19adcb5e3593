package worker

import (
	"io/fs"
	"reflect"
	"slices"
	"sync"
)

// What a worker keeps from one target to the next stays within these.
const (
	mostTrees    = 3        // base, head, and base with head's fixtures
	mostAnswered = 16 << 20 // bytes of files of one tree
	mostRecalled = 100_000  // values of rendered objects, which take some thirty megabytes
)

// memory is what a worker keeps from one target to the next: most targets of a
// run are of the same two trees.
type memory struct {
	trees    [mostTrees]*remote
	recalled []recalled // the latest last
	weight   int
	parsed   *sync.Map // what was made of single contents, of any tree
}

// recalled is something that was made of a tree.
type recalled struct {
	tree   *remote
	key    string
	value  any
	weight int
}

// tree is the one of an order.
func (m *memory) tree(o order, ask func(question) answer) *remote {
	if m.trees[o.Slot] == nil || o.Fresh {
		m.drop(func(one recalled) bool { return one.tree == m.trees[o.Slot] })
		m.trees[o.Slot] = newRemote(m)
	}
	m.trees[o.Slot].ask = ask
	return m.trees[o.Slot]
}

// forget drops the answers of a tree that take too much room.
func (m *memory) forget(tree *remote) {
	if tree.size > mostAnswered {
		tree.known, tree.expected, tree.size = map[question]answer{}, map[string]bool{}, 0
	}
}

func (m *memory) drop(unwanted func(recalled) bool) {
	m.recalled = slices.DeleteFunc(m.recalled, func(one recalled) bool {
		gone := unwanted(one)
		if gone {
			m.weight -= one.weight
		}
		return gone
	})
}

// recall returns what was made of a tree, or makes it.
func (m *memory) recall(tree *remote, key string, build func() (any, int)) any {
	same := func(one recalled) bool { return one.tree == tree && one.key == key }
	if i := slices.IndexFunc(m.recalled, same); i >= 0 {
		one := m.recalled[i]
		m.recalled = append(slices.Delete(m.recalled, i, i+1), one)
		return one.value
	}
	value, weight := build()
	if weight > mostRecalled {
		return value
	}
	m.recalled = append(m.recalled, recalled{tree, key, value, weight})
	for m.weight += weight; m.weight > mostRecalled; {
		m.weight -= m.recalled[0].weight
		m.recalled = slices.Delete(m.recalled, 0, 1)
	}
	return value
}

// slots is what the parent knows of a worker's memory: the trees, and when each
// was last asked for.
type slots struct {
	trees [mostTrees]fs.FS
	used  [mostTrees]int
	count int
}

// of is the slot of a tree, and whether the worker must forget what it has
// there. A tree is known by its address, so one without is always another.
func (s *slots) of(tree fs.FS) (slot int, fresh bool) {
	s.count++
	oldest := 0
	for i := range s.trees {
		if addressed(tree) && s.trees[i] == tree {
			s.used[i] = s.count
			return i, false
		}
		if s.used[i] < s.used[oldest] {
			oldest = i
		}
	}
	s.trees[oldest], s.used[oldest] = nil, s.count
	if addressed(tree) {
		s.trees[oldest] = tree
	}
	return oldest, true
}

func addressed(tree fs.FS) bool { return reflect.ValueOf(tree).Kind() == reflect.Pointer }
