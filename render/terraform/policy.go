package terraform

import (
	"regexp"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"go.yaml.in/yaml/v3"

	"github.com/rendergate/rendergate/render/manifest"
)

// document is the policy of a data aws_iam_policy_document that another block
// refers to.
func (b *builder) document(m *module, t hcl.Traversal) *yaml.Node {
	blk := m.data["aws_iam_policy_document."+step(t, 2)]
	if blk == nil {
		return nil
	}
	one, at, ok := m.chosen(blk, t, 3)
	if !ok || step(t, at) != "json" {
		return nil
	}
	line := b.line
	defer func() { b.line = line }()
	s := &scope{m: m, vars: one.vars}
	body := b.body(s, blk)
	return b.policy(s, body)
}

// policy is what the data source makes of its arguments: the JSON that AWS
// reads, in the one form that all policies have here.
func (b *builder) policy(_ *scope, body *yaml.Node) *yaml.Node {
	line := body.Line
	statements := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Line: line}
	for _, name := range []string{"source_json", "source_policy_documents"} {
		join(statements, field(body, name), false)
	}
	if own := field(body, "statement"); own != nil {
		for _, item := range own.Content {
			override(statements, statement(item))
		}
	}
	for _, name := range []string{"override_json", "override_policy_documents"} {
		join(statements, field(body, name), true)
	}
	root := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: line}
	put(root, "Version", line, scalar("!!str", "2012-10-17", line))
	put(root, "Statement", line, statements)
	return root
}

// join takes in the statements of other documents; of one that nobody knows
// there may be any.
func join(statements, documents *yaml.Node, replaces bool) {
	if documents == nil {
		return
	}
	list := []*yaml.Node{documents}
	if documents.Kind == yaml.SequenceNode {
		list = documents.Content
	}
	for _, document := range list {
		theirs := field(document, "Statement")
		switch {
		case theirs == nil && (document.Kind == yaml.ScalarNode && document.Value == "" || document.Kind == yaml.MappingNode):
		case theirs == nil:
			statements.Content = append(statements.Content, manifest.NewUnknown(document.Line))
		case theirs.Kind == yaml.MappingNode:
			override(statements, theirs)
		default:
			for _, s := range theirs.Content {
				if replaces {
					override(statements, s)
				} else {
					statements.Content = append(statements.Content, s)
				}
			}
		}
	}
}

// override adds a statement; one of the same Sid gives way to it.
func override(statements, s *yaml.Node) {
	if sid := field(s, "Sid"); sid != nil && sid.Value != "" {
		for i, other := range statements.Content {
			if own := field(other, "Sid"); own != nil && own.Value == sid.Value {
				statements.Content[i] = s
				return
			}
		}
	}
	statements.Content = append(statements.Content, s)
}

// statement is a statement block as JSON.
func statement(body *yaml.Node) *yaml.Node {
	if body.Kind != yaml.MappingNode {
		return body
	}
	root := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: body.Line}
	if effect := field(body, "effect"); effect != nil {
		put(root, "Effect", effect.Line, effect)
	} else {
		put(root, "Effect", body.Line, scalar("!!str", "Allow", body.Line))
	}
	for _, names := range [][2]string{{"sid", "Sid"}, {"actions", "Action"}, {"not_actions", "NotAction"}, {"resources", "Resource"}, {"not_resources", "NotResource"}} {
		if value := field(body, names[0]); value != nil {
			put(root, names[1], value.Line, value)
		}
	}
	for _, names := range [][2]string{{"principals", "Principal"}, {"not_principals", "NotPrincipal"}} {
		if list := field(body, names[0]); list != nil {
			put(root, names[1], list.Line, principals(list))
		}
	}
	if list := field(body, "condition"); list != nil {
		put(root, "Condition", list.Line, conditions(list))
	}
	return root
}

func principals(list *yaml.Node) *yaml.Node {
	root := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: list.Line}
	for _, item := range list.Content {
		typ, identifiers := field(item, "type"), field(item, "identifiers")
		if typ == nil || identifiers == nil || typ.Kind != yaml.ScalarNode {
			return manifest.NewUnknown(list.Line)
		}
		if typ.Value == "*" {
			return scalar("!!str", "*", identifiers.Line)
		}
		if known := field(root, typ.Value); known != nil && known.Kind == yaml.SequenceNode {
			known.Content = append(known.Content, identifiers.Content...)
			continue
		}
		copied := *identifiers
		put(root, typ.Value, identifiers.Line, &copied)
	}
	return root
}

func conditions(list *yaml.Node) *yaml.Node {
	root := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: list.Line}
	for _, item := range list.Content {
		test, variable, values := field(item, "test"), field(item, "variable"), field(item, "values")
		if test == nil || variable == nil || values == nil || test.Kind != yaml.ScalarNode || !named(variable) {
			return manifest.NewUnknown(list.Line)
		}
		operator := field(root, test.Value)
		if operator == nil {
			operator = &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: item.Line}
			put(root, test.Value, item.Line, operator)
		}
		put(operator, variable.Value, values.Line, values)
	}
	return root
}

// named says that one knows which variable a condition is about, or how its
// name ends.
func named(variable *yaml.Node) bool {
	return variable.Kind == yaml.ScalarNode || strings.Contains(reference.ReplaceAllString(variable.Value, ""), ":")
}

// reference is an unknown part of a text as it is shown.
var reference = regexp.MustCompile(`\$\{[^}]*\}`)
