package terraform

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/json"
)

// parsed is a file of a module.
type parsed struct {
	blocks []*block
	err    error // it is there, and cannot be read
}

// block is a block of a module, whichever syntax it is written in.
type block struct {
	typ    string
	labels []string
	attrs  []attr
	blocks []*block
	file   string
	line   int
}

type attr struct {
	name string
	expr hcl.Expression
	file string
	line int
}

// attr is an attribute of the block, nil where it has none.
func (b *block) attr(name string) hcl.Expression {
	for _, a := range b.attrs {
		if a.name == name {
			return a.expr
		}
	}
	return nil
}

// Deepest bounds how deeply expressions nest: the parser calls itself for each
// level.
const deepest = 400

// vast is a number whose digits would fill the memory when it is written out.
var vast = regexp.MustCompile(`[0-9][eE]\+?[0-9_]*[1-9][0-9_]{3}`)

var errDeep = errors.New("it nests too deeply")

// guard refuses a text before a parser that calls itself gets to see it.
func guard(src []byte) error {
	if len(src) > mostFile {
		return fmt.Errorf("it is larger than %d bytes", mostFile)
	}
	depth, run, branches := 0, 0, 0
	for _, c := range src {
		switch c {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth = max(0, depth-1)
		case '?':
			branches++
		}
		switch c {
		case '!', '-', '~':
			run++
		case ' ', '\t', '\n', '\r':
		default:
			run = 0
		}
		if depth > deepest || branches > 5000 || run > 2000 {
			return errDeep
		}
	}
	if vast.Match(src) && hasVast(src) {
		return errors.New("it has a number that nobody could write out")
	}
	return nil
}

// hasVast says that one of the numbers is vast: digests and identifiers in texts
// look like them.
func hasVast(src []byte) bool {
	tokens, _ := hclsyntax.LexConfig(src, "", hcl.InitialPos)
	return slices.ContainsFunc(tokens, func(t hclsyntax.Token) bool { return t.Type == hclsyntax.TokenNumberLit && vast.Match(t.Bytes) })
}

// read parses a file once.
func (e *evaluator) read(name string) *parsed {
	known, ok := e.files[name]
	if !ok {
		known = parse(e.tree, name)
		e.files[name] = known
	}
	return known
}

func parse(tree fs.FS, name string) *parsed {
	data, err := fs.ReadFile(tree, name)
	if err != nil {
		return &parsed{err: err}
	}
	if err := guard(data); err != nil {
		return &parsed{err: err}
	}
	if strings.HasSuffix(name, ".json") {
		return parseJSON(data, name)
	}
	file, diags := hclsyntax.ParseConfig(data, name, hcl.InitialPos)
	if diags.HasErrors() {
		return &parsed{err: fault(diags)}
	}
	return &parsed{blocks: native(file.Body.(*hclsyntax.Body), name).blocks}
}

func fault(diags hcl.Diagnostics) error {
	for _, d := range diags {
		if d.Severity == hcl.DiagError && d.Subject != nil {
			return fmt.Errorf("line %d: %s", d.Subject.Start.Line, strings.TrimSuffix(d.Summary, "."))
		}
	}
	return diags
}

func native(body *hclsyntax.Body, file string) *block {
	b := &block{file: file}
	for name, a := range body.Attributes {
		b.attrs = append(b.attrs, attr{name, a.Expr, file, a.NameRange.Start.Line})
	}
	slices.SortFunc(b.attrs, func(x, y attr) int { return x.expr.Range().Start.Byte - y.expr.Range().Start.Byte })
	for _, inner := range body.Blocks {
		next := native(inner.Body, file)
		next.typ, next.labels, next.line = inner.Type, inner.Labels, inner.TypeRange.Start.Line
		b.blocks = append(b.blocks, next)
	}
	return b
}

// topLevel are the blocks of a module, with how many labels each has.
var topLevel = map[string]int{"resource": 2, "data": 2, "module": 1, "variable": 1, "output": 1, "locals": 0}

func parseJSON(data []byte, name string) *parsed {
	file, diags := json.Parse(data, name)
	if diags.HasErrors() {
		return &parsed{err: fault(diags)}
	}
	schema := &hcl.BodySchema{}
	for typ, labels := range topLevel {
		schema.Blocks = append(schema.Blocks, hcl.BlockHeaderSchema{Type: typ, LabelNames: []string{"type", "name"}[:labels]})
	}
	content, rest, diags := file.Body.PartialContent(schema)
	if diags.HasErrors() {
		return &parsed{err: fault(diags)}
	}
	var p parsed
	others, diags := rest.JustAttributes() // which deploy nothing, and may name what does
	if diags.HasErrors() {
		return &parsed{err: fault(diags)}
	}
	for _, a := range others {
		line := a.NameRange.Start.Line
		p.blocks = append(p.blocks, &block{typ: a.Name, file: name, line: line, attrs: []attr{{a.Name, a.Expr, name, line}}})
	}
	for _, b := range content.Blocks {
		attrs, diags := b.Body.JustAttributes()
		if diags.HasErrors() {
			return &parsed{err: fault(diags)}
		}
		next := &block{typ: b.Type, labels: b.Labels, file: name, line: b.DefRange.Start.Line}
		for _, a := range attrs {
			next.attrs = append(next.attrs, attr{a.Name, a.Expr, name, a.NameRange.Start.Line})
		}
		slices.SortFunc(next.attrs, func(x, y attr) int { return x.line - y.line })
		p.blocks = append(p.blocks, next)
	}
	slices.SortStableFunc(p.blocks, func(x, y *block) int { return x.line - y.line })
	return &p
}

// tfvars are the values of a variable file.
func (e *evaluator) tfvars(name string) ([]attr, error) {
	data, err := fs.ReadFile(e.tree, name)
	if err != nil {
		return nil, err
	}
	if err := guard(data); err != nil {
		return nil, err
	}
	var file *hcl.File
	var diags hcl.Diagnostics
	if strings.HasSuffix(name, ".json") {
		file, diags = json.Parse(data, name)
	} else {
		file, diags = hclsyntax.ParseConfig(data, name, hcl.InitialPos)
	}
	if diags.HasErrors() {
		return nil, fault(diags)
	}
	attrs, diags := file.Body.JustAttributes()
	if diags.HasErrors() {
		err = fault(diags)
	}
	var all []attr
	for _, a := range attrs {
		all = append(all, attr{a.Name, a.Expr, name, a.NameRange.Start.Line})
	}
	return all, err
}

// blocksOf are the blocks of a folder's files, with what override files make
// of them.
func (e *evaluator) blocksOf(dir string) ([]*block, error) {
	list, err := fs.ReadDir(e.tree, dir)
	if err != nil {
		return nil, err
	}
	var plain, overrides []*block
	found := 0
	for _, entry := range list {
		name := path.Join(dir, entry.Name())
		if entry.IsDir() || !IsConfig(name) || replaced(list, entry.Name()) {
			continue
		}
		found++
		file := e.read(name)
		if file.err != nil {
			e.skip(name, "%v", file.err)
			continue
		}
		if isOverride(name) {
			overrides = append(overrides, file.blocks...)
		} else {
			plain = append(plain, file.blocks...)
		}
	}
	if found == 0 {
		return nil, errors.New("it has no Terraform files")
	}
	for _, over := range overrides {
		i := slices.IndexFunc(plain, func(b *block) bool {
			return b.typ == over.typ && slices.Equal(b.labels, over.labels) && (b.typ != "locals" || sharesName(b, over))
		})
		if i < 0 {
			plain = append(plain, over)
			continue
		}
		plain[i] = overridden(plain[i], over)
	}
	return plain, nil
}

// replaced says that a file for OpenTofu stands beside one for Terraform and
// takes its place.
// Source: the OpenTofu documentation, Files and Directories.
func replaced(list []fs.DirEntry, name string) bool {
	stem, end := strings.TrimSuffix(name, ".json"), ""
	if stem != name {
		end = ".json"
	}
	stem, terraform := strings.CutSuffix(stem, ".tf")
	return terraform && slices.ContainsFunc(list, func(other fs.DirEntry) bool { return !other.IsDir() && other.Name() == stem+".tofu"+end })
}

func isOverride(name string) bool {
	stem, _, _ := strings.Cut(path.Base(name), ".")
	return stem == "override" || strings.HasSuffix(stem, "_override")
}

func sharesName(a, b *block) bool {
	return slices.ContainsFunc(a.attrs, func(x attr) bool { return b.attr(x.name) != nil })
}

// overridden is a block with what an override file says instead: single
// attributes, and all nested blocks of a type.
func overridden(b, over *block) *block {
	next := *b
	next.attrs = slices.Clone(b.attrs)
	for _, a := range over.attrs {
		if i := slices.IndexFunc(next.attrs, func(own attr) bool { return own.name == a.name }); i >= 0 {
			next.attrs[i] = a
		} else {
			next.attrs = append(next.attrs, a)
		}
	}
	next.blocks = slices.DeleteFunc(slices.Clone(b.blocks), func(own *block) bool {
		return slices.ContainsFunc(over.blocks, func(o *block) bool { return kindOf(o) == kindOf(own) })
	})
	next.blocks = append(next.blocks, over.blocks...)
	return &next
}

// kindOf is the type of a nested block, also of one that is made of a dynamic
// one.
func kindOf(b *block) string {
	if b.typ == "dynamic" && len(b.labels) == 1 {
		return b.labels[0]
	}
	return b.typ
}
