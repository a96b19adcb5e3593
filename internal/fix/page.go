package fix

import (
	"errors"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/rendergate/rendergate/render/manifest"
)

// page is a file on its way to another text. Lines keep their ends.
type page struct {
	lines  []string
	shape  []string // the same lines, with the actions of a template masked
	depths []int    // of a template; nil for plain YAML
	json   bool
	end    string // of lines
}

func newPage(text string, json bool) *page {
	p := &page{lines: splitLines(text), shape: splitLines(shapeOf(text)), json: json, end: "\n"}
	if strings.Contains(text, "\r\n") {
		p.end = "\r\n"
	}
	if strings.Contains(text, "{{") {
		p.depths = depths(text, len(p.lines))
	}
	return p
}

func splitLines(text string) []string {
	lines := strings.SplitAfter(text, "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// link is one step of the way to a node: the key, where it is a field, and the
// value.
type link struct {
	key, value *yaml.Node
	parent     *yaml.Node
	index      int // in the parent's content
}

// walk follows keys as far as the text has them, and returns what is left.
func walk(root *yaml.Node, keys []manifest.Key) (way []link, rest []manifest.Key) {
	at := root
	for i, key := range keys {
		next, ok := childOf(at, key, 0)
		if !ok {
			return way, keys[i:]
		}
		way = append(way, next)
		at = next.value
	}
	return way, nil
}

func childOf(at *yaml.Node, key manifest.Key, depth int) (link, bool) {
	if key.Index >= 0 {
		if at.Kind != yaml.SequenceNode || key.Index >= len(at.Content) {
			return link{}, false
		}
		return link{value: resolved(at.Content[key.Index]), parent: at, index: key.Index}, true
	}
	if at.Kind != yaml.MappingNode || depth > 32 {
		return link{}, false
	}
	for i := len(at.Content) - 2; i >= 0; i -= 2 {
		if at.Content[i].Value == key.Name {
			return link{at.Content[i], resolved(at.Content[i+1]), at, i}, true
		}
	}
	for i := 0; i+1 < len(at.Content); i += 2 {
		if at.Content[i].Tag == "!!merge" {
			if found, ok := childOf(resolved(at.Content[i+1]), key, depth+1); ok {
				return found, true
			}
		}
	}
	return link{}, false
}

func resolved(y *yaml.Node) *yaml.Node {
	for i := 0; y.Kind == yaml.AliasNode && y.Alias != nil && i < 32; i++ {
		y = y.Alias
	}
	return y
}

var errShape = errors.New("the text is not written in a way that can be edited safely")

// offset is where a node starts: its line, from 0, and the byte in it.
func (p *page) offset(y *yaml.Node) (line, at int, err error) {
	line = y.Line - 1
	if line < 0 || line >= len(p.lines) {
		return 0, 0, errShape
	}
	column := y.Column - 1
	for at < len(p.lines[line]) && column > 0 {
		_, size := utf8.DecodeRuneInString(p.lines[line][at:])
		at += size
		column--
	}
	if column > 0 {
		return 0, 0, errShape
	}
	return line, at, nil
}

// shapeAt is the rest of a line's shape from a byte of the line itself.
func (p *page) shapeAt(line, at int) string {
	skip := utf8.RuneCountInString(p.lines[line][:at])
	text := strings.TrimRight(p.shape[line], "\r\n")
	for i := range text {
		if skip == 0 {
			return text[i:]
		}
		skip--
	}
	return ""
}

// token is the text of a scalar that stands on one line: where it starts and
// ends in it.
func (p *page) token(y *yaml.Node, flow bool) (line, start, end int, err error) {
	line, start, err = p.offset(y)
	if err != nil || y.Kind != yaml.ScalarNode || y.Anchor != "" || y.Style&(yaml.LiteralStyle|yaml.FoldedStyle|yaml.TaggedStyle) != 0 {
		return 0, 0, 0, errShape
	}
	shape := p.shapeAt(line, start)
	text := shape[:tokenLength(shape, flow)]
	read, err := scalarOf(text)
	if err != nil || read.Value != y.Value || text == "" {
		return 0, 0, 0, errShape
	}
	return line, start, p.along(line, start, utf8.RuneCountInString(text)), nil
}

// along is the byte so many characters further in a line.
func (p *page) along(line, at, runes int) int {
	for range runes {
		_, size := utf8.DecodeRuneInString(p.lines[line][at:])
		at += size
	}
	return at
}

// tokenLength is how much of a line a scalar takes that starts it.
func tokenLength(text string, flow bool) int {
	if text != "" && (text[0] == '"' || text[0] == '\'') {
		for i := 1; i < len(text); i++ {
			switch {
			case text[0] == '"' && text[i] == '\\':
				i++
			case text[i] == text[0] && text[0] == '\'' && i+1 < len(text) && text[i+1] == '\'':
				i++
			case text[i] == text[0]:
				return i + 1
			}
		}
		return 0
	}
	end := len(text)
	if i := strings.Index(text, " #"); i >= 0 {
		end = i
	}
	if flow {
		if i := strings.IndexAny(text[:end], ",]}"); i >= 0 {
			end = i
		}
	}
	return len(strings.TrimRight(text[:end], " \t"))
}

func scalarOf(text string) (*yaml.Node, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		return nil, err
	}
	if len(doc.Content) != 1 || doc.Content[0].Kind != yaml.ScalarNode {
		return nil, errShape
	}
	return doc.Content[0], nil
}

// flowing says that a way leads through a collection in brackets.
func flowing(root *yaml.Node, way []link) bool {
	if root.Style&yaml.FlowStyle != 0 {
		return true
	}
	for _, l := range way {
		if l.parent.Style&yaml.FlowStyle != 0 {
			return true
		}
	}
	return false
}

func (p *page) text() string { return strings.Join(p.lines, "") }

// splice replaces a part of a line.
func (p *page) splice(line, start, end int, text string) {
	p.lines[line] = p.lines[line][:start] + text + p.lines[line][end:]
}

// insert puts whole lines before a line.
func (p *page) insert(line int, texts []string) {
	if line > 0 && line <= len(p.lines) && !strings.HasSuffix(p.lines[line-1], "\n") {
		p.lines[line-1] += p.end
	}
	var made []string
	for _, text := range texts {
		made = append(made, text+p.end)
	}
	p.lines = append(p.lines[:line:line], append(made, p.lines[line:]...)...)
}

// indentOf is the number of spaces that a line's shape starts with; -1 for one
// that is blank or a comment.
func (p *page) indentOf(line int) int {
	text := strings.TrimRight(p.shape[line], " \t\r\n")
	trimmed := strings.TrimLeft(text, " ")
	if trimmed == "" || trimmed[0] == '#' {
		return -1
	}
	return len(text) - len(trimmed)
}

// blockEnd is the line after the last one of a block that starts at a line and
// whose lines are indented deeper than a column (from 0), comments included. A
// list may stand as deep as its key.
func (p *page) blockEnd(line, column int, list bool) int {
	end := line + 1
	for i := line + 1; i < len(p.lines); i++ {
		depth := p.indentOf(i)
		if depth < 0 {
			if comment := strings.TrimLeft(p.shape[i], " "); strings.HasPrefix(comment, "#") && len(p.shape[i])-len(comment) > column {
				end = i + 1
			}
			continue
		}
		dash := list && depth == column && isDash(p.shape[i][depth:])
		if depth <= column && !dash {
			break
		}
		end = i + 1
	}
	return end
}

func isDash(text string) bool {
	return strings.HasPrefix(text, "- ") || strings.TrimRight(text, "\r\n") == "-"
}
