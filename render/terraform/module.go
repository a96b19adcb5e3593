package terraform

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// module is one module, as one call of it sees it.
type module struct {
	e       *evaluator
	dir     string
	address string // module.net, empty for the root
	depth   int

	variables map[string]*block
	locals    map[string]attr
	outputs   map[string]*block
	managed   map[string]*block // resources by type and name
	data      map[string]*block
	calls     map[string]*block
	order     []*block // resources, data sources and calls, in the order of the files
	blocks    []*block // all of its files
	partial   bool     // some of its text nobody reads

	given    map[string]given // values of variables, from whoever calls it
	opaque   bool             // a value that is not given is given all the same: nobody knows by whom
	known    map[string]cty.Value
	children map[string]*module
	made     map[*block][]instance
}

// given is the value that a variable gets, and where it is written.
type given struct {
	expr hcl.Expression
	in   *scope // nil: of a variable file, which refers to nothing
	file string
	line int
}

// module reads a module's folder.
func (e *evaluator) module(dir, address string, parent *module) (*module, error) {
	m := &module{
		e: e, dir: dir, address: address, variables: map[string]*block{}, locals: map[string]attr{}, outputs: map[string]*block{},
		managed: map[string]*block{}, data: map[string]*block{}, calls: map[string]*block{}, known: map[string]cty.Value{}, children: map[string]*module{},
		made: map[*block][]instance{},
	}
	if parent != nil {
		m.depth = parent.depth + 1
	}
	if e.modules++; e.modules > mostModules || m.depth > mostNested {
		return nil, fmt.Errorf("%w: its modules call each other more than %d deep or %d times", errTooLarge, mostNested, mostModules)
	}
	blocks, err := e.blocksOf(dir)
	if err != nil {
		return nil, err
	}
	m.blocks, m.partial = blocks, e.readInPart(dir)
	for _, b := range blocks {
		m.add(b)
	}
	return m, nil
}

func (m *module) add(b *block) {
	name := strings.Join(b.labels, ".")
	if labels, known := topLevel[b.typ]; !known || labels != len(b.labels) {
		return // terraform, provider, moved and the like deploy nothing
	}
	switch b.typ {
	case "variable":
		m.variables[name] = b
	case "output":
		m.outputs[name] = b
	case "locals":
		for _, a := range b.attrs {
			m.locals[a.name] = a
		}
	case "resource":
		m.managed[name] = b
		m.order = append(m.order, b)
	case "data":
		m.data[name] = b
		m.order = append(m.order, b)
	case "module":
		m.calls[name] = b
		m.order = append(m.order, b)
	}
}

// localSource is the folder that a call names, empty where the module comes
// from elsewhere or nobody knows from where.
func (m *module) localSource(b *block) string {
	source := literal(b.attr("source"))
	if !strings.HasPrefix(source, "./") && !strings.HasPrefix(source, "../") {
		return ""
	}
	return path.Join(m.dir, source)
}

// literal is the text of an expression that refers to nothing.
func literal(expr hcl.Expression) string {
	if expr == nil || len(expr.Variables()) > 0 {
		return ""
	}
	v, diags := expr.Value(nil)
	if diags.HasErrors() || v.IsNull() || !v.IsKnown() || v.Type() != cty.String {
		return ""
	}
	return v.AsString()
}

// child is the module that a call makes, in one instance; nil where it comes
// from elsewhere or is not there.
func (m *module) child(b *block, at instance) *module {
	name := b.labels[0] + at.key
	if known, asked := m.children[name]; asked {
		return known
	}
	m.children[name] = nil // while it is made, and where it cannot be
	dir := m.localSource(b)
	if dir == "" {
		return nil
	}
	if !fs.ValidPath(dir) {
		m.e.skip(b.file, "module %q is outside of the repository", b.labels[0])
		return nil
	}
	next, err := m.e.module(dir, strings.TrimPrefix(m.address+".module."+name, "."), m)
	if errors.Is(err, errTooLarge) {
		panic(limit{err})
	}
	if err != nil {
		m.e.skip(b.file, "module %q cannot be read: %v", b.labels[0], err)
		return nil
	}
	next.given = map[string]given{}
	for _, a := range b.attrs {
		next.given[a.name] = given{a.expr, &scope{m: m, vars: at.vars}, a.file, a.line}
	}
	m.children[name] = next
	return next
}

// childOf is the module that a call makes in an instance that is known.
func (m *module) childOf(b *block, at instance, known bool) *module {
	if !known {
		return nil
	}
	return m.child(b, at)
}

// Sources are the folders, from the root of the tree, that the modules of a
// file are taken from. A file that cannot be read names none, so that they are
// looked at by themselves.
func Sources(tree fs.FS, name string) (all []string) {
	defer func() {
		if recover() != nil {
			all = nil // a parser that gives up over a hostile file must not end the run
		}
	}()
	m := &module{dir: path.Dir(name)}
	for _, b := range parse(tree, name).blocks {
		if b.typ != "module" || len(b.labels) != 1 {
			continue
		}
		if dir := m.localSource(b); dir != "" && fs.ValidPath(dir) {
			all = append(all, dir)
		}
	}
	return all
}
