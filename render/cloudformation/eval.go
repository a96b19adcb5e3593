package cloudformation

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// scope are the names of a loop's or of Fn::Sub's own.
type scope struct {
	outer *scope
	name  string
	value *yaml.Node
	loop  bool // names may be written in keys as well
}

func (s *scope) with(name string, value *yaml.Node, loop bool) *scope {
	return &scope{s, name, value, loop}
}

func (s *scope) get(name string) (*yaml.Node, bool) {
	for ; s != nil; s = s.outer {
		if s.name == name {
			return s.value, true
		}
	}
	return nil, false
}

func (s *scope) loops() int {
	count := 0
	for ; s != nil; s = s.outer {
		if s.loop {
			count++
		}
	}
	return count
}

// filled is a key with the names of loops filled in. Nobody knows the key where
// nobody knows what is looped over.
func (s *scope) filled(key string) string {
	for ; s != nil; s = s.outer {
		if !s.loop {
			continue
		}
		value, ok := known(s.value)
		if !ok {
			value = "*"
		}
		key = strings.ReplaceAll(key, "${"+s.name+"}", value)
		key = strings.ReplaceAll(key, "&{"+s.name+"}", value)
	}
	return key
}

// value is a node with every function in it replaced by what it gives; nil for
// what AWS::NoValue takes away.
func (e *evaluator) value(y *yaml.Node, s *scope) *yaml.Node {
	e.step()
	if e.deep++; e.deep > mostDeep {
		panic(limit{errTooLarge})
	}
	defer func() { e.deep-- }()
	y = resolve(y)
	if name, argument := call(y); name != "" {
		return e.call(name, argument, y, s)
	}
	next := *y
	next.Anchor, next.Content = "", nil
	next.HeadComment, next.LineComment, next.FootComment = "", "", ""
	switch y.Kind {
	case yaml.MappingNode:
		if field(y, "Fn::Transform") != nil {
			return unknown(y, "") // what a macro brings in may be any field
		}
		e.mapping(y, &next, s)
	case yaml.SequenceNode:
		for _, item := range y.Content {
			if value := e.value(item, s); value != nil {
				next.Content = append(next.Content, value)
			}
		}
	case yaml.ScalarNode:
		converted(&next)
	}
	return &next
}

// mapping evaluates the fields of a mapping.
func (e *evaluator) mapping(y, next *yaml.Node, s *scope) {
	for i := 0; i+1 < len(y.Content); i += 2 {
		key := *y.Content[i]
		if strings.HasPrefix(key.Value, loopPrefix) {
			e.loop(resolve(y.Content[i+1]), s, func(body *yaml.Node, s *scope) {
				if body.Kind == yaml.MappingNode {
					e.mapping(body, next, s)
				}
			})
			continue
		}
		value := e.value(y.Content[i+1], s)
		if value == nil {
			continue
		}
		if s.loops() > 0 {
			key.Value = s.filled(key.Value)
		}
		key.HeadComment, key.LineComment, key.FootComment = "", "", ""
		next.Content = append(next.Content, &key, value)
	}
}

// loopPrefix is what the keys of loops begin with.
const loopPrefix = "Fn::ForEach::"

// loop makes the body of a loop for each item of its list: once, of which nobody
// knows the name, where nobody knows the list.
func (e *evaluator) loop(y *yaml.Node, s *scope, body func(*yaml.Node, *scope)) {
	parts := items(y)
	if len(parts) != 3 {
		return // CloudFormation would refuse it
	}
	over := e.value(parts[1], s)
	if over == nil || over.Kind != yaml.SequenceNode {
		body(parts[2], s.with(parts[0].Value, unknown(y, ""), true))
		return
	}
	for _, item := range over.Content {
		e.step()
		body(parts[2], s.with(parts[0].Value, item, true))
	}
}

// truth is what is known of a condition.
type truth int

const (
	maybe truth = iota
	yes
	no
)

// condition is what a named condition says.
func (e *evaluator) condition(name string) truth {
	if known, done := e.conditions[name]; done {
		return known
	}
	y := field(field(e.t.root, "Conditions"), name)
	if y == nil || e.deciding[name] {
		return maybe
	}
	e.deciding[name] = true
	defer delete(e.deciding, name)
	e.conditions[name] = e.decide(y)
	return e.conditions[name]
}

// decide evaluates a condition's expression.
func (e *evaluator) decide(y *yaml.Node) truth {
	e.step()
	if e.deep++; e.deep > mostDeep {
		panic(limit{errTooLarge})
	}
	defer func() { e.deep-- }()
	y = resolve(y)
	name, argument := call(y)
	if name == "" {
		if name, argument = "Condition", field(y, "Condition"); argument == nil {
			return maybe
		}
	}
	switch name {
	case "Condition":
		return e.condition(argument.Value)
	case "Fn::Equals":
		return e.equal(items(argument))
	case "Fn::Not":
		return e.all(items(argument), no)
	case "Fn::And":
		return e.all(items(argument), yes)
	case "Fn::Or":
		return e.some(items(argument))
	}
	return maybe
}

// all says whether all of some conditions are as wanted.
func (e *evaluator) all(conditions []*yaml.Node, wanted truth) truth {
	result := yes
	for _, y := range conditions {
		switch got := e.decide(y); {
		case got == maybe:
			result = maybe
		case got != wanted:
			return no
		}
	}
	return result
}

func (e *evaluator) some(conditions []*yaml.Node) truth {
	result := no
	for _, y := range conditions {
		switch e.decide(y) {
		case yes:
			return yes
		case maybe:
			result = maybe
		}
	}
	return result
}

// equal compares two texts. Which partition a stack is deployed to nobody knows.
func (e *evaluator) equal(two []*yaml.Node) truth {
	if len(two) != 2 {
		return maybe
	}
	var texts []string
	for _, y := range two {
		if name, argument := call(y); name == "Ref" && strings.HasPrefix(argument.Value, "AWS::") {
			return maybe
		}
		value, ok := known(e.value(y, nil))
		if !ok {
			return maybe
		}
		texts = append(texts, value)
	}
	if texts[0] == texts[1] {
		return yes
	}
	return no
}
