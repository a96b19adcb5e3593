package engine

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"text/template/parse"
)

// unit is one named template of a text.
type unit struct {
	name   string
	tree   *parse.Tree
	weight int // how deep its nodes nest: the stack that its execution takes
}

// builtins are the functions that text/template itself knows.
var builtins = nameSet("and", "call", "eq", "ge", "gt", "html", "index", "js", "le", "len", "lt", "ne", "not", "or", "print", "printf", "println", "slice", "urlquery")

// nameSet is what the parser wants to see: it asks only whether a name is there.
func nameSet(names ...string) map[string]any {
	set := map[string]any{}
	for _, name := range names {
		set[name] = true
	}
	return set
}

// read parses a text into the template of the given name, which comes first,
// and those that it defines. Functions are those that it may use.
func read(name, text string, functions map[string]any) ([]unit, error) {
	if n := strings.Count(text, "{{"); n > maxActions {
		return nil, fmt.Errorf("template: %s:1: %d actions in one template, more than %d", name, n, maxActions)
	}
	if units := trees.get(name, text); units != nil {
		return units, nil
	}
	parsed, err := parse.Parse(name, text, "", "", functions, builtins)
	if err != nil {
		return nil, err
	}
	main := parsed[name]
	delete(parsed, name)
	units := []unit{{name, main, nesting(main.Root)}}
	for _, defined := range slices.Sorted(maps.Keys(parsed)) {
		units = append(units, unit{defined, parsed[defined], nesting(parsed[defined].Root)})
	}
	for _, u := range units {
		if err := guard(u, name); err != nil {
			return nil, err
		}
	}
	trees.put(name, text, units)
	return units, nil
}

// guard makes a template with {{template}} in it count while it is executed:
// text/template lets such calls nest a hundred thousand deep, whatever stack
// each takes. Nobody can name the two functions, since the parser that reads
// charts does not know them.
func guard(u unit, file string) error {
	if !calls(u.tree.Root) {
		return nil
	}
	weight := strconv.Itoa(u.weight + 1)
	around, err := parse.Parse(file, "{{"+enterFunction+" "+weight+"}}{{"+leaveFunction+" "+weight+"}}", "", "", nameSet(enterFunction, leaveFunction))
	if err != nil {
		return err
	}
	nodes := around[file].Root.Nodes
	u.tree.Root.Nodes = slices.Concat(nodes[:1], u.tree.Root.Nodes, nodes[1:])
	return nil
}

// calls says that a {{template}} is among the nodes.
func calls(node parse.Node) bool {
	if _, ok := node.(*parse.TemplateNode); ok {
		return true
	}
	return slices.ContainsFunc(children(node), calls)
}

// nesting is how deep nodes lie in each other.
func nesting(node parse.Node) int {
	deepest := 0
	for _, child := range children(node) {
		deepest = max(deepest, nesting(child))
	}
	return deepest + 1
}

// children are the nodes below a node that take stack of their own.
func children(node parse.Node) []parse.Node {
	switch n := node.(type) {
	case *parse.ListNode:
		if n != nil {
			return n.Nodes
		}
	case *parse.IfNode:
		return branch(&n.BranchNode)
	case *parse.RangeNode:
		return branch(&n.BranchNode)
	case *parse.WithNode:
		return branch(&n.BranchNode)
	case *parse.ActionNode:
		return []parse.Node{n.Pipe}
	case *parse.TemplateNode:
		return []parse.Node{n.Pipe}
	case *parse.PipeNode:
		if n == nil {
			return nil
		}
		nodes := make([]parse.Node, len(n.Cmds))
		for i, command := range n.Cmds {
			nodes[i] = command
		}
		return nodes
	case *parse.CommandNode:
		return n.Args
	case *parse.ChainNode:
		return []parse.Node{n.Node}
	}
	return nil
}

func branch(n *parse.BranchNode) []parse.Node { return []parse.Node{n.Pipe, n.List, n.ElseList} }

// trees keeps what was read, since blame renders the same chart many times. A
// tree is never changed once it is in here: executing only reads it, and a
// template that is defined twice gets the other tree, not other nodes.
var trees = &cache{}

// cache is bounded by what trees are estimated to weigh. It has two
// generations: what is not asked for while one fills is forgotten.
type cache struct {
	sync.Mutex
	recent, older map[cacheKey][]unit
	size          int
}

type cacheKey struct{ name, text string }

// actionSize is about what one action weighs, parsed.
const actionSize = 1024

func (c *cache) get(name, text string) []unit {
	c.Lock()
	defer c.Unlock()
	key := cacheKey{name, text}
	units, ok := c.recent[key]
	if !ok {
		if units, ok = c.older[key]; ok {
			c.keep(key, units)
		}
	}
	return units
}

func (c *cache) put(name, text string, units []unit) {
	c.Lock()
	defer c.Unlock()
	c.keep(cacheKey{name, text}, units)
}

func (c *cache) keep(key cacheKey, units []unit) {
	size := len(key.text) + actionSize*(1+strings.Count(key.text, "{{"))
	if size > maxCached/4 {
		return
	}
	if c.recent == nil || c.size+size > maxCached {
		c.older, c.recent, c.size = c.recent, map[cacheKey][]unit{}, 0
	}
	c.recent[key] = units
	c.size += size
}
