package render

import (
	"fmt"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/rendergate/rendergate/render/manifest"
)

// edits are what Flux or Argo CD add to a kustomization before it is built.
type edits struct{ list []edit }

type edit struct {
	field string
	value any
	how   editKind
	at    manifest.Node // that says it
}

type editKind int

const (
	setField editKind = iota
	addItem
	mergeFields
)

func (e *edits) set(field string, at manifest.Node) {
	if value := at.Text(); value != "" {
		e.list = append(e.list, edit{field, value, setField, at})
	}
}

func (e *edits) add(field string, item any, at manifest.Node) {
	e.list = append(e.list, edit{field, item, addItem, at})
}

func (e *edits) merge(field string, values map[string]any, at manifest.Node) {
	if len(values) > 0 {
		e.list = append(e.list, edit{field, values, mergeFields, at})
	}
}

// editsOf reads the lists that Flux's objects, and post renderers, share with a
// kustomization.
func editsOf(from manifest.Node) (edits, error) {
	var e edits
	for _, field := range []string{"patches", "patchesStrategicMerge", "patchesJson6902", "images", "components"} {
		for item := range from.Get(field).Items() {
			var value any
			if err := yaml.Unmarshal(text(item), &value); err != nil {
				return e, fmt.Errorf("%s: %w", field, err)
			}
			e.add(field, inlined(field, value), item)
		}
	}
	return e, nil
}

// inlined turns patches that are written as values, which Flux allows, into
// the text that kustomize wants.
func inlined(field string, value any) any {
	asText := func(v any) any {
		if _, done := v.(string); done {
			return v
		}
		out, err := yaml.Marshal(v)
		if err != nil {
			return v
		}
		return string(out)
	}
	table, ok := value.(map[string]any)
	switch {
	case field == "patchesStrategicMerge":
		return asText(value)
	case field == "patchesJson6902" && ok && table["patch"] != nil:
		table["patch"] = asText(table["patch"])
	}
	return value
}

// texts are the items of a field that are texts.
func (e *edits) texts(field string) []string {
	var all []string
	for _, one := range e.list {
		if item, ok := one.value.(string); ok && one.field == field {
			all = append(all, item)
		}
	}
	return all
}

// apply makes a kustomization of some fields and the edits.
func (e edits) apply(fields map[string]any) ([]byte, error) {
	var root yaml.Node
	if err := root.Encode(fields); err != nil {
		return nil, err
	}
	return e.applyTo(&root)
}

// applyTo writes a kustomization out with the edits.
func (e edits) applyTo(kustomization *yaml.Node) ([]byte, error) {
	budget := mostText
	root := plainCopy(kustomization, &budget)
	if root.Kind != yaml.MappingNode || budget < 0 {
		return nil, fmt.Errorf("the kustomization is no mapping, or too large")
	}
	for _, one := range e.list {
		var value yaml.Node
		if err := value.Encode(one.value); err != nil {
			return nil, err
		}
		at := field(root, one.field)
		switch {
		case at == nil && one.how == addItem:
			list := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Content: []*yaml.Node{&value}}
			root.Content = append(root.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: one.field}, list)
		case at == nil:
			root.Content = append(root.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: one.field}, &value)
		case one.how == addItem && at.Kind == yaml.SequenceNode:
			if one.field != "images" || !replacedImage(at, &value) {
				at.Content = append(at.Content, &value)
			}
		case one.how == mergeFields && at.Kind == yaml.MappingNode:
			at.Content = append(withoutKeys(at, &value), value.Content...)
		default:
			*at = value
		}
	}
	return yaml.Marshal(root)
}

// replacedImage puts an image in the place of the entry of that name, false where
// there is none: of two entries the second would find nothing of the name any
// more. A star keeps what the entry has.
func replacedImage(list, image *yaml.Node) bool {
	name := field(image, "name")
	for i, item := range list.Content {
		known := field(item, "name")
		if name == nil || known == nil || known.Value != name.Value {
			continue
		}
		for _, key := range []string{"newName", "newTag", "digest"} {
			if now, before := field(image, key), field(item, key); now != nil && now.Value == "*" && before != nil {
				now.Value = before.Value
			}
		}
		list.Content[i] = image
		return true
	}
	return false
}

// withoutKeys are the fields of a mapping that another does not set.
func withoutKeys(m, other *yaml.Node) []*yaml.Node {
	var kept []*yaml.Node
	for i := 0; i+1 < len(m.Content); i += 2 {
		if field(other, m.Content[i].Value) == nil {
			kept = append(kept, m.Content[i], m.Content[i+1])
		}
	}
	return kept
}

// variable is what Flux's postBuild replaces: ${NAME}, with a default after
// := :- = or -. A doubled dollar stands for itself.
var variable = regexp.MustCompile(`\$\$?\{([_A-Za-z][_A-Za-z0-9]*)(?:(:?[-=])([^{}]*))?\}`)

// otherForms are those of Flux that take a variable's value apart, which are not
// evaluated here.
var otherForms = regexp.MustCompile(`(?:^|[^$])\$\{#?([_A-Za-z][_A-Za-z0-9]*)(?::[^-=]|[^_A-Za-z0-9}:=-])`)

// substitute fills variables into the objects. What nobody knows stays as it
// is, and is told.
func (p *overlayPlan) substitute(result *Result) {
	unknown := map[string]bool{}
	fill := func(in string) string {
		return variable.ReplaceAllStringFunc(in, func(found string) string {
			if strings.HasPrefix(found, "$$") {
				return found[1:]
			}
			parts := variable.FindStringSubmatch(found)
			value, known := p.variables[parts[1]]
			empty := value == "" && strings.HasPrefix(parts[2], ":")
			switch {
			case known && !empty:
				return value
			case parts[2] != "":
				return parts[3]
			case !known:
				unknown[parts[1]] = true
				return found
			}
			return value
		})
	}
	told := func(in string) string {
		out := fill(in)
		for _, form := range otherForms.FindAllStringSubmatch(out, -1) {
			unknown[form[1]] = true
		}
		return out
	}
	for i, o := range result.Objects {
		const off = "kustomize.toolkit.fluxcd.io/substitute"
		meta := o.Root.Get("metadata")
		if meta.Get("annotations", off).Text() == "disabled" || meta.Get("labels", off).Text() == "disabled" {
			continue
		}
		budget := mostText
		root := plainCopy(o.Root.YAML(), &budget)
		if budget < 0 {
			result.Notes = append(result.Notes, fmt.Sprintf("variables in %s stay as they are: it is too large", o.Ref))
			continue
		}
		fillNode(root, told, false)
		if filled := manifest.FromYAML(root, o.Origin); len(filled) == 1 {
			filled[0].InNamespace(p.namespace)
			filled[0].Written = o.Written
			result.Objects[i] = filled[0]
		}
	}
	if len(unknown) > 0 {
		result.Notes = append(result.Notes, fmt.Sprintf("variables that the tree does not know stay as they are: %s", strings.Join(sortedKeys(unknown), ", ")))
	}
}

// fillNode fills a value and all below it. What was one word becomes whatever
// YAML makes of the new one, a mapping too, as the text of the manifest would.
func fillNode(n *yaml.Node, fill func(string) string, isKey bool) {
	for i, c := range n.Content {
		isKey := n.Kind == yaml.MappingNode && i%2 == 0
		fillNode(c, fill, isKey)
	}
	if n.Kind != yaml.ScalarNode || !strings.Contains(n.Value, "${") {
		return
	}
	filled := fill(n.Value)
	if filled == n.Value {
		return
	}
	n.Value = filled
	if strings.Contains(filled, "\n") || n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		return
	}
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(filled), &doc); err != nil || len(doc.Content) != 1 || manifest.Bounded(&doc) != nil {
		return
	}
	if !isKey || doc.Content[0].Kind == yaml.ScalarNode {
		line, column := n.Line, n.Column
		*n = *doc.Content[0]
		onLine(n, line, column)
	}
}

func onLine(n *yaml.Node, line, column int) {
	n.Line, n.Column = line, column
	for _, c := range n.Content {
		onLine(c, line, column)
	}
}
