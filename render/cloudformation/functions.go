package cloudformation

import (
	"encoding/json"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// call is what a function gives. What is not among these only a deployment
// tells: GetAZs, ImportValue, Cidr, macros.
func (e *evaluator) call(name string, argument, y *yaml.Node, s *scope) *yaml.Node {
	switch name {
	case "Ref":
		return e.ref(argument.Value, y, s)
	case "Fn::GetAtt":
		return e.attribute(argument, y, s)
	case "Fn::Sub":
		return e.sub(argument, s)
	case "Fn::Join":
		return e.join(argument, y, s)
	case "Fn::If":
		return e.choose(items(argument), y, s)
	case "Fn::FindInMap":
		return e.find(items(argument), y, s)
	case "Fn::Select":
		return e.pick(items(argument), y, s)
	case "Fn::Split":
		return e.split(items(argument), y, s)
	case "Fn::Base64", "Fn::ToJsonString":
		return e.value(argument, s)
	case "Fn::Length":
		if over := e.value(argument, s); over != nil && over.Kind == yaml.SequenceNode {
			return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: strconv.Itoa(len(over.Content)), Line: y.Line}
		}
	}
	return unknown(y, "")
}

// pseudo are the parameters of CloudFormation itself that are the same wherever
// a template is deployed, but for the names of China's and the governments'
// clouds: a policy is the same one there.
var pseudo = map[string]string{"AWS::Partition": "aws", "AWS::URLSuffix": "amazonaws.com"}

// ref is what a name stands for: a loop's, a parameter, or what a resource will
// be called.
func (e *evaluator) ref(name string, y *yaml.Node, s *scope) *yaml.Node {
	if value, own := s.get(name); own {
		return at(value, y)
	}
	if name == "AWS::NoValue" {
		return nil
	}
	if value, is := pseudo[name]; is {
		return text(value, y)
	}
	if declared := field(field(e.t.root, "Parameters"), name); declared != nil {
		return e.parameter(name, declared, y)
	}
	return e.refers(y, name)
}

// at is a value where it is used.
func at(value, y *yaml.Node) *yaml.Node {
	if value == nil || value.Kind != yaml.ScalarNode {
		return value
	}
	next := *value
	next.Line, next.Column = y.Line, y.Column
	return &next
}

// parameter is the value that a parameter file gives, else the default. Of a
// parameter that names one of the parameter store nobody knows the value.
func (e *evaluator) parameter(name string, declared, y *yaml.Node) *yaml.Node {
	typ := ""
	if t := field(declared, "Type"); t != nil {
		typ = t.Value
	}
	value, file := field(declared, "Default"), e.t.File
	if own, given := e.given.of(name); given {
		value, file = own, e.given.File
	}
	if value == nil || value.Kind == yaml.MappingNode || strings.HasPrefix(typ, "AWS::SSM::Parameter::Value") {
		return unknown(y, "${"+name+"}")
	}
	e.reads(y.Line, file, value.Line, "Parameters."+name)
	var parts []string
	if value.Kind == yaml.SequenceNode {
		for _, item := range items(value) {
			parts = append(parts, item.Value)
		}
	} else {
		parts = []string{value.Value}
	}
	if typ != "CommaDelimitedList" && !strings.HasPrefix(typ, "List<") {
		return scalar(strings.Join(parts, ","), typ, y)
	}
	if value.Kind == yaml.ScalarNode {
		parts = strings.Split(value.Value, ",")
	}
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return list(parts, y)
}

func scalar(value, typ string, at *yaml.Node) *yaml.Node {
	y := text(value, at)
	if _, err := strconv.ParseInt(value, 10, 64); err == nil && typ == "Number" {
		y.Tag, y.Style = "!!int", 0
	}
	return y
}

// attribute is what a resource will say of itself once it is there.
func (e *evaluator) attribute(argument, y *yaml.Node, s *scope) *yaml.Node {
	name := argument.Value
	if parts := items(argument); len(parts) == 2 {
		attribute, _, ok := partial(e.value(parts[1], s))
		if !ok {
			return unknown(y, "")
		}
		name = parts[0].Value + "." + attribute
	}
	return e.refers(y, s.filled(name))
}

// sub fills the names in a text. A text of lines keeps them as long as nothing
// that is filled in brings more.
func (e *evaluator) sub(argument *yaml.Node, s *scope) *yaml.Node {
	template := argument
	if parts := items(argument); len(parts) == 2 {
		template = parts[0]
		for name, y := range fields(parts[1]) {
			s = s.with(name, e.value(y, s), false)
		}
	}
	format, ok := known(e.value(template, s))
	if !ok {
		return unknown(argument, "")
	}
	m := maker{e: e, whole: true}
	for rest := format; rest != ""; {
		before, after, found := strings.Cut(rest, "${")
		m.add(before)
		if !found {
			break
		}
		name, after, closed := strings.Cut(after, "}")
		if !closed {
			m.add("${" + name)
			break
		}
		rest = after
		if literal, is := strings.CutPrefix(name, "!"); is {
			m.add("${" + literal + "}")
			continue
		}
		m.fill(strings.TrimSpace(name), template, s)
	}
	return m.made(template)
}

// maker puts a text together.
type maker struct {
	e     *evaluator
	text  strings.Builder
	only  *yaml.Node // the one value that it is made of
	parts int
	whole bool // all of it is known
	torn  bool // its lines are no longer those of the template
}

func (m *maker) add(part string) {
	if part != "" {
		m.parts++
	}
	m.e.grow(len(part))
	m.text.WriteString(part)
}

// fill adds what a name stands for.
func (m *maker) fill(name string, y *yaml.Node, s *scope) {
	m.e.step()
	value, own := s.get(name)
	switch {
	case own:
	case strings.Contains(name, "."):
		value = m.e.attribute(&yaml.Node{Kind: yaml.ScalarNode, Value: name}, y, s)
	default:
		value = m.e.ref(name, y, s)
	}
	m.value(value, name)
}

// value adds a value, or the name of one that nobody knows, marked.
func (m *maker) value(y *yaml.Node, name string) {
	part, whole, is := partial(y)
	if !is {
		part = "${" + name + "}"
	}
	if !whole {
		part = opens + part + closes
	}
	m.only, m.whole = y, m.whole && whole
	m.torn = m.torn || strings.Contains(part, "\n")
	m.add(part)
}

// opens and closes stand around the parts of a text that nobody knows, while it
// is made.
const (
	opens  = "\uf8fe"
	closes = "\uf8ff"
)

var marks = strings.NewReplacer(opens, "", closes, "")

// made is the text at a place. Where parts of it are unknown it may still be JSON
// of which only those parts are.
func (m *maker) made(at *yaml.Node) *yaml.Node {
	made := m.text.String()
	y := text(marks.Replace(made), at)
	if m.torn && y.Style != 0 {
		y.Style = yaml.DoubleQuotedStyle
	}
	if m.whole {
		return y
	}
	if m.parts == 1 && m.only != nil {
		return m.only
	}
	if trimmed := strings.TrimSpace(made); strings.HasPrefix(trimmed, "{") && json.Valid([]byte(trimmed)) {
		var doc yaml.Node
		if err := yaml.Unmarshal([]byte(strings.ReplaceAll(made, "\t", " ")), &doc); err == nil && len(doc.Content) == 1 {
			m.settle(doc.Content[0], at, y.Style == yaml.LiteralStyle)
			return doc.Content[0]
		}
	}
	part := unknown(at, y.Value)
	part.Style = y.Style
	return part
}

// settle gives the nodes of a text their lines in the template, and what is
// unknown of them.
func (m *maker) settle(y, at *yaml.Node, lines bool) {
	m.e.step()
	if lines {
		y.Line += at.Line
	} else {
		y.Line = at.Line
	}
	if y.Kind == yaml.ScalarNode && strings.Contains(y.Value, opens) {
		*y = *unknown(y, marks.Replace(y.Value))
	}
	for i, c := range y.Content {
		if y.Kind == yaml.MappingNode && i%2 == 0 {
			c.Value = marks.Replace(c.Value) // a name may be known in part
		}
		m.settle(c, at, lines)
	}
}

// join puts the items of a list together.
func (e *evaluator) join(argument, y *yaml.Node, s *scope) *yaml.Node {
	parts := items(argument)
	if len(parts) != 2 {
		return unknown(y, "")
	}
	over := e.value(parts[1], s)
	if over == nil || over.Kind != yaml.SequenceNode {
		if value, _, is := partial(over); is {
			return unknown(y, value) // a list that nobody knows, by its name
		}
		return unknown(y, "")
	}
	m := maker{e: e, whole: true}
	for i, item := range over.Content {
		if i > 0 {
			m.add(parts[0].Value)
		}
		m.value(item, "")
	}
	return m.made(&yaml.Node{Line: y.Line, Column: y.Column})
}

// choose is one of two values. Where nobody knows which, it is known only if both
// are the same.
func (e *evaluator) choose(parts []*yaml.Node, y *yaml.Node, s *scope) *yaml.Node {
	if len(parts) != 3 {
		return unknown(y, "")
	}
	e.decides(y.Line, parts[0].Value)
	switch e.condition(parts[0].Value) {
	case yes:
		return e.value(parts[1], s)
	case no:
		return e.value(parts[2], s)
	}
	first, second := e.value(parts[1], s), e.value(parts[2], s)
	one, whole := known(first)
	other, same := known(second)
	if whole && same && one == other {
		return first
	}
	return unknown(y, "")
}

// find looks a value up in a mapping.
func (e *evaluator) find(parts []*yaml.Node, y *yaml.Node, s *scope) *yaml.Node {
	if len(parts) < 3 {
		return unknown(y, "")
	}
	found := field(e.t.root, "Mappings")
	missing := false
	for _, part := range parts[:3] {
		key, ok := known(e.value(part, s))
		if !ok {
			return unknown(y, "")
		}
		if found = field(found, key); found == nil {
			missing = true
			break
		}
	}
	switch {
	case !missing:
		e.reads(y.Line, e.t.File, found.Line, "Mappings."+parts[0].Value)
		return at(e.value(found, s), y)
	case len(parts) > 3:
		if value := field(parts[3], "DefaultValue"); value != nil {
			return e.value(value, s)
		}
	}
	return unknown(y, "")
}

// pick is an item of a list.
func (e *evaluator) pick(parts []*yaml.Node, y *yaml.Node, s *scope) *yaml.Node {
	if len(parts) != 2 {
		return unknown(y, "")
	}
	index, ok := known(e.value(parts[0], s))
	number, err := strconv.Atoi(index)
	over := e.value(parts[1], s)
	if !ok || err != nil || over == nil || over.Kind != yaml.SequenceNode || number < 0 || number >= len(over.Content) {
		return unknown(y, "")
	}
	return over.Content[number]
}

// split makes a list of a text.
func (e *evaluator) split(parts []*yaml.Node, y *yaml.Node, s *scope) *yaml.Node {
	if len(parts) != 2 || parts[0].Value == "" {
		return unknown(y, "")
	}
	value, ok := known(e.value(parts[1], s))
	if !ok {
		return unknown(y, "")
	}
	e.grow(len(value))
	all := strings.Split(value, parts[0].Value)
	e.steps += len(all)
	e.step()
	return list(all, y)
}
