package engine

import (
	"slices"
	"strconv"
	"strings"
	"text/template/parse"
)

type markKind int

const (
	textMark markKind = iota
	actionMark
	branchMark // if, with, range
	callMark   // {{template}}
)

// mark is a node of a template that writes, or decides over others that do.
type mark struct {
	kind     markKind
	place    Place // without a template: of a text that tpl was given
	pipe     *parse.PipeNode
	uses     []int   // the variables that it is told of
	declares []int   // the variables that it declares or assigns
	dot      *mark   // the with or range whose body it is in
	within   []*mark // the branches around it, innermost first
	loop     bool    // range
}

// callSite is a call of include or tpl: a command of a pipeline.
type callSite struct {
	pipe  *parse.PipeNode
	index int
}

// tracedData is the argument of a call that the template gets; it is missing
// where the pipeline gives it.
const tracedData = 3

// instrument returns copies of templates with actions in between that tell the
// tracer where execution is. The ones given stay as they are.
func (t *tracer) instrument(file, text string, units []unit) []unit {
	out := slices.Clone(units)
	for i, u := range units {
		if parse.IsEmptyTree(u.tree.Root) {
			continue // it would replace an earlier definition otherwise
		}
		tree := u.tree.Copy()
		w := &walker{tracer: t, file: file, text: text}
		tree.Root.Nodes = w.list(tree.Root.Nodes)
		out[i].tree = tree
	}
	return out
}

// instrumentText is instrument for what tpl was given: the same text often.
func (t *tracer) instrumentText(text string, units []unit) []unit {
	if known, ok := t.texts[text]; ok {
		return known
	}
	out := t.instrument("", text, units)
	if t.texts == nil {
		t.texts = map[string][]unit{}
	}
	t.texts[text] = out
	return out
}

// walker instruments one template.
type walker struct {
	*tracer
	file, text string
	names      []variable // in scope
	within     []*mark    // innermost first
	dot        *mark
}

type variable struct {
	name string
	id   int
}

func (w *walker) list(nodes []parse.Node) []parse.Node {
	var out []parse.Node
	for _, node := range nodes {
		switch n := node.(type) {
		case *parse.TextNode:
			out = append(out, w.mark(&mark{kind: textMark, place: w.at(n.Pos)}), n)
		case *parse.ActionNode:
			if guards(n) {
				out = append(out, n)
				continue
			}
			m := &mark{kind: actionMark, place: w.line(n.Line), pipe: n.Pipe}
			w.pipe(n.Pipe, m)
			out = append(out, w.mark(m), n)
		case *parse.TemplateNode:
			m := &mark{kind: callMark, place: w.line(n.Line), pipe: n.Pipe}
			w.pipe(n.Pipe, m)
			out = append(out, w.mark(m), n, call(returnFunction))
		case *parse.IfNode:
			out = append(out, w.branch(&n.BranchNode, false), n)
		case *parse.WithNode:
			out = append(out, w.branch(&n.BranchNode, false), n)
		case *parse.RangeNode:
			out = append(out, w.branch(&n.BranchNode, true), n)
		default:
			out = append(out, n)
		}
	}
	return out
}

// branch instruments if, with and range, and returns what goes before it.
func (w *walker) branch(n *parse.BranchNode, loop bool) parse.Node {
	m := &mark{kind: branchMark, place: w.line(n.Line), pipe: n.Pipe, loop: loop}
	outside := len(w.names)
	w.pipe(n.Pipe, m)
	id := len(w.marks)
	before := w.mark(m)
	inside, within, dot := len(w.names), w.within, w.dot
	w.within = append([]*mark{m}, within...)
	if n.NodeType != parse.NodeIf {
		w.dot = m
	}
	n.List.Nodes = w.list(n.List.Nodes)
	if loop {
		n.List.Nodes = append([]parse.Node{call(itemFunction, number(id), &parse.DotNode{NodeType: parse.NodeDot})}, n.List.Nodes...)
	}
	w.names, w.dot = w.names[:inside], dot
	if n.ElseList != nil {
		n.ElseList.Nodes = w.list(n.ElseList.Nodes)
	}
	w.names, w.within = w.names[:outside], within
	return before
}

// mark registers a mark and returns the action that tells of it.
func (w *walker) mark(m *mark) parse.Node {
	m.within, m.dot = w.within, w.dot
	args := []parse.Node{number(len(w.marks)), &parse.DotNode{NodeType: parse.NodeDot}}
	for _, id := range m.uses {
		at := slices.IndexFunc(w.names, func(v variable) bool { return v.id == id })
		args = append(args, &parse.VariableNode{NodeType: parse.NodeVariable, Ident: []string{w.names[at].name}})
	}
	w.marks = append(w.marks, m)
	return call(atFunction, args...)
}

// pipe notes the variables that a pipeline uses and declares, and names its
// calls of include and tpl.
func (w *walker) pipe(p *parse.PipeNode, m *mark) {
	if p == nil {
		return
	}
	for i, command := range p.Cmds {
		for _, arg := range command.Args {
			w.argument(arg, m)
		}
		w.call(p, i, command)
	}
	for _, v := range p.Decl {
		id, known := w.variable(v.Ident[0])
		if !p.IsAssign || !known {
			id = w.vars
			w.vars++
			w.names = append(w.names, variable{v.Ident[0], id})
		}
		m.declares = append(m.declares, id)
	}
}

func (w *walker) argument(arg parse.Node, m *mark) {
	switch n := arg.(type) {
	case *parse.PipeNode:
		w.pipe(n, m)
	case *parse.ChainNode:
		w.argument(n.Node, m)
	case *parse.VariableNode:
		id, known := w.variable(n.Ident[0])
		if !known {
			return // $ itself
		}
		w.tracer.names[n] = id
		if !slices.Contains(m.uses, id) {
			m.uses = append(m.uses, id)
		}
	}
}

func (w *walker) variable(name string) (id int, known bool) {
	for _, v := range slices.Backward(w.names) {
		if v.name == name {
			return v.id, true
		}
	}
	return 0, false
}

// call gives calls of include and tpl a number, so that what they return can be
// found again in what the action writes.
func (w *walker) call(p *parse.PipeNode, i int, command *parse.CommandNode) {
	function, ok := command.Args[0].(*parse.IdentifierNode)
	if !ok {
		return
	}
	traced := map[string]string{"include": includeTraced, "tpl": tplTraced}[function.Ident]
	if traced == "" {
		return
	}
	named := parse.NewIdentifier(traced).SetPos(function.Pos)
	command.Args = append([]parse.Node{named, number(len(w.sites))}, command.Args[1:]...)
	w.sites = append(w.sites, &callSite{p, i})
}

func (w *walker) at(pos parse.Pos) Place {
	return w.line(1 + strings.Count(w.text[:min(int(pos), len(w.text))], "\n"))
}

func (w *walker) line(line int) Place {
	if w.file == "" {
		return Place{}
	}
	return Place{w.file, line}
}

// guards says that an action is one that guard made.
func guards(n *parse.ActionNode) bool {
	function, ok := n.Pipe.Cmds[0].Args[0].(*parse.IdentifierNode)
	return ok && (function.Ident == enterFunction || function.Ident == leaveFunction)
}

func call(function string, args ...parse.Node) *parse.ActionNode {
	command := &parse.CommandNode{NodeType: parse.NodeCommand, Args: append([]parse.Node{parse.NewIdentifier(function)}, args...)}
	return &parse.ActionNode{NodeType: parse.NodeAction, Pipe: &parse.PipeNode{NodeType: parse.NodePipe, Cmds: []*parse.CommandNode{command}}}
}

func number(n int) *parse.NumberNode {
	return &parse.NumberNode{NodeType: parse.NodeNumber, IsInt: true, Int64: int64(n), Text: strconv.Itoa(n)}
}
