package fix

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// remove takes a field or an item out of the text. What would be empty then is
// written as empty.
func (p *page) remove(root *yaml.Node, way []link) error {
	last := way[len(way)-1]
	if last.parent.Style&yaml.FlowStyle != 0 {
		return p.removeFlow(last)
	}
	size := 2
	if last.key == nil {
		size = 1
	}
	if len(last.parent.Content) == size {
		return p.empty(way)
	}
	if last.key == nil {
		return p.removeItem(last)
	}
	return p.removeField(last)
}

// empty writes the collection as empty whose only member goes.
func (p *page) empty(way []link) error {
	if len(way) < 2 || way[len(way)-2].key == nil {
		return errShape
	}
	holder, last := way[len(way)-2], way[len(way)-1]
	first := last.parent.Line - 1
	column := holder.key.Column - 1
	if first == holder.key.Line-1 || p.depths != nil && p.depths[first] != p.depths[holder.key.Line-1] {
		return errShape
	}
	end := p.blockEnd(holder.key.Line-1, column, last.key == nil)
	if err := p.whole(first, end); err != nil {
		return err
	}
	brackets := " {}"
	if last.key == nil {
		brackets = " []"
	}
	if err := p.afterKey(holder.key, brackets); err != nil {
		return err
	}
	p.cut(first, end)
	return nil
}

// whole says that lines of a template can go together: no condition starts or
// ends among them.
func (p *page) whole(first, end int) error {
	if p.depths == nil {
		return nil
	}
	for i := first; i <= end && i < len(p.depths); i++ {
		if p.depths[i] != p.depths[first] {
			return errShape
		}
	}
	return nil
}

func (p *page) cut(first, end int) {
	p.lines = append(p.lines[:first:first], p.lines[end:]...)
}

func (p *page) removeItem(l link) error {
	column := l.parent.Column - 1
	first := l.value.Line - 1
	if depth := p.indentOf(first); depth != column || !isDash(p.shape[first][depth:]) {
		return errShape
	}
	end := p.blockEnd(first, column, false)
	if err := p.whole(first, end); err != nil {
		return err
	}
	p.cut(first, end)
	return nil
}

// removeField takes an entry's lines out. The first field of a list item leaves
// its dash to the next one.
func (p *page) removeField(l link) error {
	column := l.key.Column - 1
	first := l.key.Line - 1
	end := p.blockEnd(first, column, l.value.Kind == yaml.SequenceNode)
	if err := p.whole(first, end); err != nil {
		return err
	}
	if p.indentOf(first) == column {
		p.cut(first, end)
		return nil
	}
	if l.index+2 >= len(l.parent.Content) || end >= len(p.lines) {
		return errShape
	}
	next := l.parent.Content[l.index+2]
	_, at, err := p.offset(l.key)
	if err != nil || next.Line-1 != end || strings.TrimSpace(p.lines[first][:at]) != "-" {
		return errShape
	}
	_, begin, err := p.offset(next)
	if err != nil {
		return err
	}
	p.lines[end] = p.lines[first][:at] + p.lines[end][begin:]
	p.cut(first, end)
	return nil
}

// removeFlow takes a member of a collection in brackets out, with one comma.
func (p *page) removeFlow(l link) error {
	begin, after := l.value, l.index+1
	before := l.index - 1
	if l.key != nil {
		begin, after, before = l.key, l.index+2, l.index-2
	}
	line, start, err := p.offset(begin)
	if err != nil {
		return err
	}
	if after < len(l.parent.Content) {
		to, end, err := p.offset(l.parent.Content[after])
		if err != nil || to != line {
			return errShape
		}
		p.splice(line, start, end, "")
		return nil
	}
	valueLine, _, end, err := p.token(l.value, true)
	if err != nil || valueLine != line {
		return errShape
	}
	if before < 0 {
		p.splice(line, start, end, "")
		return nil
	}
	comma := strings.LastIndex(p.lines[line][:start], ",")
	if comma < 0 || strings.TrimSpace(p.lines[line][comma+1:start]) != "" {
		return errShape
	}
	p.splice(line, comma, end, "")
	return nil
}
