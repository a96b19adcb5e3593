package worker

import (
	"fmt"
	"io/fs"
	"sync"
	"testing"
	"testing/fstest"
)

type pointed struct{ fs.FS }

func TestSlotsTellTreesApart(t *testing.T) {
	var s slots
	trees := make([]*pointed, mostTrees+1)
	for i := range trees {
		trees[i] = &pointed{fstest.MapFS{}}
	}
	first, fresh := s.of(trees[0])
	if !fresh {
		t.Error("a new tree is known")
	}
	for _, tree := range trees[1:mostTrees] {
		if slot, fresh := s.of(tree); !fresh || slot == first {
			t.Errorf("another tree is in slot %d, fresh %v", slot, fresh)
		}
	}
	if slot, fresh := s.of(trees[0]); fresh || slot != first {
		t.Error("a known tree was forgotten")
	}
	if slot, fresh := s.of(trees[mostTrees]); !fresh || slot == first {
		t.Error("the latest tree made room")
	}
	if _, fresh := s.of(trees[1]); !fresh {
		t.Error("a tree whose slot was taken is known")
	}
	for range 2 { // a map has no address to be known by
		if _, fresh := s.of(fstest.MapFS{}); !fresh {
			t.Error("a tree without an address is known")
		}
	}
}

func TestMemoryHasBounds(t *testing.T) {
	m := &memory{parsed: &sync.Map{}}
	tree := m.tree(order{Slot: 0, Fresh: true}, nil)
	built := 0
	recall := func(key string, weight int) {
		if got := tree.Recall(key, func() (any, int) { built++; return key, weight }); got != key {
			t.Fatalf("%s recalls %v", key, got)
		}
	}
	recall("a", 1)
	recall("a", 1)
	if built != 1 {
		t.Errorf("built %d times", built)
	}
	recall("huge", mostRecalled+1)
	recall("huge", mostRecalled+1)
	if built != 3 || m.weight != 1 {
		t.Errorf("what has no room was kept: built %d times, weight %d", built, m.weight)
	}
	for i := range 10 {
		recall(fmt.Sprint(i), mostRecalled/4)
		recall("a", 1) // asked for all the time, so never the oldest for long
	}
	if m.weight > mostRecalled || len(m.recalled) > 5 {
		t.Errorf("%d things of weight %d", len(m.recalled), m.weight)
	}
	if again := m.tree(order{Slot: 0}, nil); again != tree {
		t.Error("the tree was forgotten")
	}
	if m.tree(order{Slot: 0, Fresh: true}, nil) == tree || len(m.recalled) != 0 || m.weight != 0 {
		t.Error("what was made of another tree is kept")
	}
}

func TestAnswersHaveBounds(t *testing.T) {
	m := &memory{parsed: &sync.Map{}}
	asked := 0
	tree := m.tree(order{Fresh: true}, func(question) answer { asked++; return answer{Data: make([]byte, mostAnswered/2)} })
	for range 2 {
		for _, name := range []string{"a", "b"} {
			if _, err := tree.ReadFile(name); err != nil {
				t.Fatal(err)
			}
		}
		m.forget(tree)
	}
	if asked != 2 {
		t.Errorf("asked %d times", asked)
	}
	if _, err := tree.ReadFile("c"); err != nil {
		t.Fatal(err)
	}
	if m.forget(tree); len(tree.known) != 0 {
		t.Error("answers over the bound are kept")
	}
}
