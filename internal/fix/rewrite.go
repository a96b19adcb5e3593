package fix

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/rendergate/rendergate/render/manifest"
)

// change is an edit of a text: where, below a document's root, and what.
type change struct {
	keys     []manifest.Key
	op       manifest.Op
	value    string
	old, new string
}

// apply makes one change in the page's text, whose document has this root.
func (p *page) apply(root *yaml.Node, c change) error {
	if len(c.keys) == 0 {
		return errShape
	}
	way, rest := walk(root, c.keys)
	switch c.op {
	case manifest.OpRemove:
		if len(rest) > 0 || len(way) == 0 {
			return fmt.Errorf("there is nothing to remove")
		}
		return p.remove(root, way)
	case manifest.OpAppend:
		if len(rest) == 0 && len(way) > 0 && way[len(way)-1].value.Kind == yaml.SequenceNode {
			return p.appendTo(root, way, c.value)
		}
		if len(rest) == 0 && !isNull(way[len(way)-1].value) {
			return errShape
		}
		if len(rest) == 0 {
			return p.fillNull(root, way, c)
		}
		return p.add(root, way, rest, c)
	}
	if len(rest) == 0 {
		return p.setScalar(root, way, c)
	}
	return p.add(root, way, rest, c)
}

func isNull(y *yaml.Node) bool { return y.Kind == yaml.ScalarNode && y.Tag == "!!null" }

// fillNull gives a key without a value its list.
func (p *page) fillNull(root *yaml.Node, way []link, c change) error {
	last := way[len(way)-1]
	if last.key == nil || flowing(root, way) {
		return errShape
	}
	return p.under(last, p.items(root, last.key.Column-1, c.value))
}

// items are the lines of a list of one item below a key at a column.
func (p *page) items(root *yaml.Node, column int, value string) []string {
	return []string{strings.Repeat(" ", column+listStep(root)) + "- " + p.item(value)}
}

// item is a scalar, or a mapping of one field, on a line of its own in a list.
func (p *page) item(value string) string {
	text := p.written(value)
	if fields, err := manifest.Pairs(value); err == nil && fields != nil && len(fields.Content) == 2 {
		return text[1 : len(text)-1]
	}
	return text
}

// setScalar replaces a value on its line. Quotes stay as they are.
func (p *page) setScalar(root *yaml.Node, way []link, c change) error {
	last := way[len(way)-1]
	flow := flowing(root, way)
	if isNull(last.value) && last.value.Value == "" {
		if last.key == nil || flow {
			return errShape
		}
		return p.afterKey(last.key, " "+p.written(c.value))
	}
	line, start, end, err := p.token(last.value, flow)
	if err != nil {
		return err
	}
	token := p.lines[line][start:end]
	if c.old != "" && strings.Contains(token, c.old) && !strings.Contains(token, "{{") {
		p.splice(line, start, end, strings.Replace(token, c.old, c.new, 1))
		return nil
	}
	text := p.written(c.value)
	if token[0] == '"' || token[0] == '\'' {
		plain, err := scalarOf(c.value)
		if err != nil || strings.ContainsAny(plain.Value, `"'\`) {
			return errShape
		}
		text = token[:1] + plain.Value + token[:1]
	}
	p.splice(line, start, end, text)
	return nil
}

// written is a scalar, or a mapping of some, as the file writes it.
func (p *page) written(value string) string {
	if fields, err := manifest.Pairs(value); err == nil && fields != nil {
		var parts []string
		for i := 0; i+1 < len(fields.Content); i += 2 {
			parts = append(parts, p.name(fields.Content[i].Value)+": "+p.written(fields.Content[i+1].Value))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	read, err := scalarOf(value)
	if p.json && err == nil && read.Tag == "!!str" && !strings.HasPrefix(value, `"`) {
		return `"` + read.Value + `"`
	}
	return value
}

func (p *page) name(key string) string {
	if p.json {
		return `"` + key + `"`
	}
	return key
}

// afterKey puts text behind a key's colon.
func (p *page) afterKey(key *yaml.Node, text string) error {
	line, at, err := p.colon(key)
	if err != nil {
		return err
	}
	p.splice(line, at, at, text)
	return nil
}

// colon is where a key's colon ends.
func (p *page) colon(key *yaml.Node) (line, at int, err error) {
	line, at, err = p.offset(key)
	if err != nil {
		return 0, 0, err
	}
	shape := p.shapeAt(line, at)
	length := len(key.Value)
	if shape != "" && (shape[0] == '"' || shape[0] == '\'') {
		length = tokenLength(shape, false)
	}
	if length > len(shape) {
		return 0, 0, errShape
	}
	rest := strings.TrimLeft(shape[length:], " ")
	if !strings.HasPrefix(rest, ":") {
		return 0, 0, errShape
	}
	return line, p.along(line, at, len([]rune(shape[:len(shape)-len(rest)+1]))), nil
}

// add makes the fields that are missing below the deepest one that is there.
func (p *page) add(root *yaml.Node, way []link, rest []manifest.Key, c change) error {
	for _, key := range rest {
		if key.Index >= 0 {
			return fmt.Errorf("there is no such list item")
		}
	}
	at, flow := root, flowing(root, way)
	if len(way) > 0 {
		at = way[len(way)-1].value
	}
	empty := at.Kind == yaml.MappingNode && len(at.Content) == 0
	switch {
	case at.Kind == yaml.MappingNode && !empty && at.Style&yaml.FlowStyle == 0:
		begins := at.Line - 1
		if len(way) > 0 && way[len(way)-1].key != nil {
			begins = min(begins, way[len(way)-1].key.Line-1)
		}
		return p.addToBlock(root, at, begins, rest, c)
	case at.Kind == yaml.MappingNode && (!empty || flow || p.json):
		return p.addToFlow(at, rest, c)
	case (empty || isNull(at)) && len(way) > 0 && way[len(way)-1].key != nil && !flow:
		last := way[len(way)-1]
		return p.under(last, p.block(root, last.key.Column-1+step(root), rest, c))
	}
	return errShape
}

// block are the lines of some nested fields at a column.
func (p *page) block(root *yaml.Node, column int, keys []manifest.Key, c change) []string {
	var lines []string
	for i, key := range keys {
		text := strings.Repeat(" ", column) + key.Name + ":"
		if i == len(keys)-1 && c.op == manifest.OpSet {
			text += " " + p.written(c.value)
		}
		lines = append(lines, text)
		if i == len(keys)-1 && c.op == manifest.OpAppend {
			lines = append(lines, p.items(root, column, c.value)...)
		}
		column += step(root)
	}
	return lines
}

// flow is the same in brackets.
func (p *page) flow(keys []manifest.Key, c change) string {
	text := p.written(c.value)
	if c.op == manifest.OpAppend {
		text = "[" + text + "]"
	}
	for i := len(keys) - 1; i >= 0; i-- {
		text = p.name(keys[i].Name) + ": " + text
		if i > 0 {
			text = "{" + text + "}"
		}
	}
	return text
}

// addToBlock adds fields to a mapping of lines that begins on one: at its end, or in
// a template behind its last line that nothing else can hang on.
func (p *page) addToBlock(root, at *yaml.Node, begins int, rest []manifest.Key, c change) error {
	column := at.Content[0].Column - 1
	line, last := -1, begins
	for i := 0; i+1 < len(at.Content); i += 2 {
		key, value := at.Content[i], at.Content[i+1]
		end := p.blockEnd(key.Line-1, column, value.Kind == yaml.SequenceNode)
		last = max(last, end)
		if p.depths == nil || p.closed(begins, key, value) {
			line = max(line, end)
		}
	}
	if line < 0 || p.depths != nil && slices.Min(p.depths[begins:last]) < p.depths[begins] {
		return errShape // no such line, or the mapping goes on where its condition ended
	}
	p.insert(line, p.block(root, column, rest, c))
	return nil
}

// closed says that a template's entry is one whole line under the same
// conditions as the line where the mapping begins that it is in.
func (p *page) closed(begins int, key, value *yaml.Node) bool {
	line := key.Line - 1
	if p.depths[line] != p.depths[begins] || line+1 < len(p.depths) && p.depths[line+1] != p.depths[line] || value.Line != key.Line {
		return false
	}
	switch value.Kind {
	case yaml.ScalarNode:
		_, _, end, err := p.token(value, false)
		return err == nil && strings.TrimSpace(p.lines[line][end:]) == "" && !strings.Contains(p.lines[line], "toYaml") && !strings.Contains(p.lines[line], "nindent")
	case yaml.MappingNode, yaml.SequenceNode:
		return value.Style&yaml.FlowStyle != 0 && strings.HasSuffix(strings.TrimRight(p.shape[line], " \r\n"), map[yaml.Kind]string{yaml.MappingNode: "}", yaml.SequenceNode: "]"}[value.Kind])
	}
	return false
}

// addToFlow adds fields to a mapping in braces, at its beginning.
func (p *page) addToFlow(at *yaml.Node, rest []manifest.Key, c change) error {
	line, start, err := p.offset(at)
	if err != nil || !strings.HasPrefix(p.lines[line][start:], "{") {
		return errShape
	}
	text := p.flow(rest, c)
	if len(at.Content) == 0 {
		closing := strings.Index(p.lines[line][start:], "}")
		if closing < 0 {
			return errShape
		}
		p.splice(line, start, start+closing+1, "{"+text+"}")
		return nil
	}
	first, begin, err := p.offset(at.Content[0])
	if err != nil {
		return err
	}
	between := ", "
	if first != line {
		between = "," + p.end + p.lines[first][:begin]
	}
	p.splice(first, begin, begin, text+between)
	return nil
}

// under puts lines below a key that has no value, or an empty one, which goes.
func (p *page) under(l link, lines []string) error {
	line, at, err := p.colon(l.key)
	if err != nil {
		return err
	}
	rest := strings.TrimRight(p.shapeAt(line, at), " \t")
	trimmed := strings.TrimLeft(rest, " ")
	for _, empty := range []string{"{}", "null", "~", "[]"} {
		if after, found := strings.CutPrefix(trimmed, empty); found && (after == "" || strings.HasPrefix(after, " ")) {
			p.splice(line, at, at+len(rest)-len(after), "")
			trimmed = strings.TrimLeft(after, " ")
			break
		}
	}
	if trimmed != "" && !strings.HasPrefix(trimmed, "#") {
		return errShape
	}
	if p.depths != nil && (line+1 >= len(p.depths) || p.depths[line+1] != p.depths[line] || p.outputs(line+1)) {
		return errShape
	}
	p.insert(line+1, lines)
	return nil
}

// outputs says that a template's line holds only actions, which may write what
// the key before it lacks.
func (p *page) outputs(line int) bool {
	return line < len(p.lines) && strings.Contains(p.lines[line], "{{") && strings.TrimSpace(p.shape[line]) == ""
}

// appendTo adds an item to a list.
func (p *page) appendTo(root *yaml.Node, way []link, value string) error {
	list := way[len(way)-1].value
	if list.Style&yaml.FlowStyle == 0 && len(list.Content) > 0 {
		column := list.Column - 1
		last := list.Content[len(list.Content)-1].Line - 1
		if p.depths != nil && p.depths[last] != p.depths[list.Line-1] {
			return errShape
		}
		p.insert(p.blockEnd(last, column, false), []string{strings.Repeat(" ", column) + "- " + p.item(value)})
		return nil
	}
	if len(list.Content) == 0 {
		line, start, err := p.offset(list)
		if err != nil || !strings.HasPrefix(p.lines[line][start:], "[") {
			return errShape
		}
		closing := strings.Index(p.lines[line][start:], "]")
		if closing < 0 {
			return errShape
		}
		p.splice(line, start, start+closing+1, "["+p.written(value)+"]")
		return nil
	}
	last := list.Content[len(list.Content)-1]
	if last.Kind != yaml.ScalarNode {
		return p.afterItem(list, last, value)
	}
	line, _, end, err := p.token(last, true)
	if err != nil {
		return err
	}
	p.splice(line, end, end, ", "+p.written(value))
	return nil
}

// afterItem adds an item to a list in brackets whose last one is no scalar: on
// its own lines where that one has its own.
func (p *page) afterItem(list, last *yaml.Node, value string) error {
	line, at, err := p.closing(list)
	if err != nil {
		return err
	}
	for strings.TrimSpace(p.lines[line][:at]) == "" {
		if line--; line < last.Line-1 {
			return errShape
		}
		at = len(strings.TrimRight(p.lines[line], " \t\r\n"))
	}
	at = len(strings.TrimRight(p.lines[line][:at], " \t"))
	if at == 0 || !strings.ContainsAny(p.lines[line][at-1:at], "}]") {
		return errShape // a comment, or a comma, which needs none
	}
	first, begin, err := p.offset(last)
	if err != nil {
		return err
	}
	between := ", "
	if strings.TrimSpace(p.lines[first][:begin]) == "" {
		between = "," + p.end + p.lines[first][:begin]
	}
	p.splice(line, at, at, between+p.written(value))
	return nil
}

// closing is where the bracket stands that ends a list in brackets.
func (p *page) closing(list *yaml.Node) (line, at int, err error) {
	line, at, err = p.offset(list)
	if err != nil || p.depths != nil {
		return 0, 0, errShape
	}
	depth := 0
	for ; line < len(p.lines); line, at = line+1, 0 {
		text := p.lines[line]
		for ; at < len(text); at++ {
			switch c := text[at]; {
			case c == '"' || c == '\'':
				length := tokenLength(text[at:], true)
				if length == 0 {
					return 0, 0, errShape
				}
				at += length - 1
			case c == '#' && !p.json:
				return 0, 0, errShape
			case c == '[' || c == '{':
				depth++
			case c == ']' || c == '}':
				if depth--; depth == 0 {
					return line, at, nil
				}
			}
		}
	}
	return 0, 0, errShape
}

// step is how much deeper the file writes what hangs below a key.
func step(root *yaml.Node) int { return common(root, yaml.MappingNode, 2) }

// listStep is the same for lists.
func listStep(root *yaml.Node) int { return common(root, yaml.SequenceNode, 2) }

func common(root *yaml.Node, kind yaml.Kind, otherwise int) int {
	counts := map[int]int{}
	var into func(y *yaml.Node, depth int)
	into = func(y *yaml.Node, depth int) {
		for i, c := range y.Content {
			if y.Kind == yaml.MappingNode && i%2 == 1 && c.Kind == kind && c.Style&yaml.FlowStyle == 0 && c.Line > y.Content[i-1].Line && len(c.Content) > 0 {
				if by := c.Column - y.Content[i-1].Column; by >= 0 && by <= 8 {
					counts[by]++
				}
			}
			if depth < 100 {
				into(c, depth+1)
			}
		}
	}
	into(root, 0)
	best := otherwise
	for by, n := range counts {
		if n > counts[best] || n == counts[best] && by < best {
			best = by
		}
	}
	return best
}
