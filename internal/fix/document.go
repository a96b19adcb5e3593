package fix

import (
	"fmt"
	"path"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/rendergate/rendergate/render/manifest"
)

// document is one YAML document of a file, or one that a block of text in
// another document holds.
type document struct {
	file  string
	text  string // of the whole file
	index int    // among the documents of the file
	outer *document
	at    []manifest.Key // the block of text in outer
	hcl   *spotHCL       // of a file in HCL: there is no YAML in it
	whole manifest.Node  // what the document holds as it is
}

// documentsOf are the documents of a file that are YAML, templates' shapes
// included. One that is not does not keep the others from being found.
func documentsOf(file, text string) []document {
	var all []document
	for i := range newPage(text, false).cuts() {
		if i == maxDocuments {
			break
		}
		d := document{file: file, text: text, index: i}
		var err error
		if d.whole, err = d.root(text); err == nil && d.whole.Exists() {
			all = append(all, d)
		}
	}
	return all
}

// cuts are the line ranges of the documents of a file. What a template defines
// under a name is a document of its own.
func (p *page) cuts() [][2]int {
	var all [][2]int
	start, defining := 0, false
	for i, line := range p.shape {
		marker := strings.HasPrefix(line, "---") && strings.TrimRight(line, "- \r\n\t") == ""
		if p.depths != nil && !marker {
			begins := p.depths[i] == 0 && p.depths[i+1] > 0 && strings.Contains(p.lines[i], "define ")
			ends := defining && p.depths[i+1] == 0
			marker, defining = begins || ends, (begins || defining) && !ends
		}
		if marker {
			all = append(all, [2]int{start, i})
			start = i + 1
		}
	}
	return append(all, [2]int{start, len(p.shape)})
}

// root parses the document out of a text of its file.
func (d document) root(text string) (manifest.Node, error) {
	if oddLines(text) {
		return manifest.Node{}, errShape
	}
	p := newPage(text, d.json())
	all := p.cuts()
	if d.index >= len(all) {
		return manifest.Node{}, fmt.Errorf("%s has no such document any more", d.file)
	}
	cut := all[d.index]
	data := strings.Repeat("\n", cut[0]) + strings.Join(p.shape[cut[0]:cut[1]], "")
	o, err := manifest.ParseSource([]byte(data), manifest.Ref{}, manifest.Origin{Path: d.file})
	if err != nil {
		return manifest.Node{}, err
	}
	budget := maxNodes
	if o.Root.Exists() && !small(o.Root.YAML(), &budget) {
		return manifest.Node{}, errShape
	}
	return o.Root, nil
}

// maxNodes bounds a document that is edited, its anchors followed, and
// maxDocuments those of a file: what is larger nobody wrote by hand.
const (
	maxNodes     = 50_000
	maxDocuments = 200
)

func small(y *yaml.Node, budget *int) bool {
	if *budget--; *budget < 0 {
		return false
	}
	if y.Kind == yaml.AliasNode {
		return small(y.Alias, budget)
	}
	for _, c := range y.Content {
		if !small(c, budget) {
			return false
		}
	}
	return true
}

// oddLines says that YAML counts the text's lines otherwise than editors do.
func oddLines(text string) bool {
	return strings.ContainsAny(text, "\u0085\u2028\u2029\ufeff") || strings.Count(text, "\r") != strings.Count(text, "\r\n")
}

// json also tells a template of CloudFormation, whose name need not say what it
// is written in.
func (d document) json() bool {
	switch path.Ext(d.file) {
	case ".json":
		return true
	case ".template", ".cfn":
		return strings.HasPrefix(strings.TrimSpace(d.text), "{")
	}
	return false
}

// edit makes some changes in the document, one by one, and holds each against
// what it should have made of the document's values. It returns the text of
// the file.
func (d document) edit(changes []change) (string, error) {
	if d.hcl != nil {
		return d.hcl.edit(d.file, d.text, changes)
	}
	if d.outer != nil {
		return d.outer.editInner(d, changes)
	}
	text, root := d.text, d.whole
	var err error
	if !root.Exists() {
		if root, err = d.root(text); err != nil {
			return "", err
		}
	}
	for _, c := range inOrder(changes) {
		if root.Exists() {
			p := newPage(text, d.json())
			if err := p.apply(root.YAML(), c); err != nil {
				return "", err
			}
			text = p.text()
		} else if text, err = begun(text, c); err != nil {
			return "", err
		}
		if root, err = d.check(root, c, text); err != nil {
			return "", err
		}
	}
	return text, nil
}

// begun writes fields into a document that has none.
func begun(text string, c change) (string, error) {
	p := newPage(text, false)
	for _, key := range c.keys {
		if key.Index >= 0 {
			return "", errShape
		}
	}
	if c.op == manifest.OpRemove || len(c.keys) == 0 {
		return "", errShape
	}
	p.insert(len(p.lines), p.block(&yaml.Node{Kind: yaml.MappingNode}, 0, c.keys, c))
	return p.text(), nil
}

// check reads a text's document, which has to hold what a change should make of it:
// an edit of text that reads as something else is none.
func (d document) check(before manifest.Node, c change, text string) (after manifest.Node, err error) {
	after, err = d.root(text)
	if err != nil || c.old != "" || !before.Exists() {
		return after, err // what it stands for is told by rendering
	}
	edit := manifest.Edit{At: before.Follow(c.keys), Op: c.op, Value: c.value}
	want, err := before.Object().Edited([]manifest.Edit{edit})
	if err != nil {
		return after, err
	}
	have, err := after.Object().Edited(nil)
	if err == nil && !alike(want.Root.YAML(), have.Root.YAML()) {
		err = errShape
	}
	return after, err
}

// alike compares values; the order of fields and the quotes of texts are
// nothing.
func alike(a, b *yaml.Node) bool {
	if a.Kind != b.Kind || len(a.Content) != len(b.Content) {
		return false
	}
	switch a.Kind {
	case yaml.ScalarNode:
		return a.Value == b.Value || isNull(a) && isNull(b)
	case yaml.MappingNode:
		values := map[string]*yaml.Node{}
		for i := 0; i+1 < len(b.Content); i += 2 {
			values[b.Content[i].Value] = b.Content[i+1]
		}
		for i := 0; i+1 < len(a.Content); i += 2 {
			if other := values[a.Content[i].Value]; other == nil || !alike(a.Content[i+1], other) {
				return false
			}
		}
		return true
	}
	for i := range a.Content {
		if !alike(a.Content[i], b.Content[i]) {
			return false
		}
	}
	return true
}

// inOrder puts removals of items last, from the end of each list: none then
// moves what another one names.
func inOrder(changes []change) []change {
	var first, last []change
	for _, c := range changes {
		if n := len(c.keys); c.op == manifest.OpRemove && n > 0 && c.keys[n-1].Index >= 0 {
			at := 0
			for at < len(last) && last[at].keys[len(last[at].keys)-1].Index > c.keys[n-1].Index {
				at++
			}
			last = append(last[:at], append([]change{c}, last[at:]...)...)
			continue
		}
		first = append(first, c)
	}
	return append(first, last...)
}

// inner is the document that a block of text holds, false where there is none.
func (d document) inner(at manifest.Node) (document, bool) {
	y := at.YAML()
	if y == nil || y.Style&yaml.LiteralStyle == 0 || d.outer != nil {
		return document{}, false
	}
	in := document{file: d.file, text: y.Value, outer: &d, at: at.Keys()}
	var err error
	in.whole, err = in.root(in.text)
	return in, err == nil && in.whole.Exists()
}

// editInner changes a block of text within the document.
func (d document) editInner(in document, changes []change) (string, error) {
	alone := in
	alone.outer = nil
	text, err := alone.edit(changes)
	if err != nil {
		return "", err
	}
	root, err := d.root(d.text)
	if err != nil {
		return "", err
	}
	block := root.Follow(in.at)
	p := newPage(d.text, false)
	key := block.Line() - 1
	if p.depths != nil || !block.Exists() || key >= len(p.lines) {
		return "", errShape
	}
	first := key + 1
	for first < len(p.lines) && strings.TrimSpace(p.lines[first]) == "" {
		first++
	}
	if first >= len(p.lines) {
		return "", errShape
	}
	indent := len(p.lines[first]) - len(strings.TrimLeft(p.lines[first], " "))
	end := first
	for i := first; i < len(p.lines); i++ {
		blank := strings.TrimSpace(p.lines[i]) == ""
		if !blank && len(p.lines[i])-len(strings.TrimLeft(p.lines[i], " ")) < indent {
			break
		}
		if !blank {
			end = i + 1
		}
	}
	var lines []string
	for _, line := range splitLines(strings.TrimRight(text, "\n") + "\n") {
		line = strings.TrimRight(line, "\r\n")
		if line != "" {
			line = strings.Repeat(" ", indent) + line
		}
		lines = append(lines, line)
	}
	p.cut(first, end)
	p.insert(first, lines)
	next := p.text()
	again, err := d.root(next)
	if err != nil || strings.TrimRight(again.Follow(in.at).Text(), "\n") != strings.TrimRight(text, "\n") {
		return "", errShape
	}
	return next, nil
}
