package cloudformation

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/rendergate/rendergate/render/manifest"
)

// naming is what names the resources of a template; nil where macros,
// loops and aliases make text that does not stand where it counts. Any text with
// the name in it counts: a function, a dependency or a transform may be meant.
func (t *Template) naming() naming {
	if indirect(t.root) || !expandsPlainly(field(t.root, "Transform")) {
		return nil
	}
	all := naming{}
	resources := field(t.root, "Resources")
	for name := range fields(resources) {
		all[name] = nil
	}
	for name, y := range fields(resources) {
		by := manifest.Reference{Name: name}
		if typ := field(y, "Type"); typ != nil {
			by.Kind = typ.Value
		}
		for key, value := range fields(y) {
			if by.Field = key; key != "Type" && key != "Properties" {
				all.look(value, by)
			}
		}
		for key, value := range fields(field(y, "Properties")) {
			by.Field = key
			all.look(value, by)
		}
	}
	for section, y := range fields(t.root) {
		if section != "Resources" && section != "Parameters" && section != "Description" {
			all.look(y, manifest.Reference{Kind: section})
		}
	}
	return all
}

// naming is what names resources, by their names.
type naming map[string][]manifest.Reference

func (n naming) look(y *yaml.Node, by manifest.Reference) {
	if y.Kind == yaml.ScalarNode {
		for _, word := range strings.FieldsFunc(y.Value, func(r rune) bool {
			return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
		}) {
			known, is := n[word]
			if is && word != by.Name && (len(known) == 0 || known[len(known)-1] != by) {
				n[word] = append(known, by)
			}
		}
	}
	for _, c := range y.Content {
		n.look(c, by)
	}
}

// indirect says that a text is put together of others: by an alias, a loop or a
// macro.
func indirect(y *yaml.Node) bool {
	made := y.Kind == yaml.AliasNode || y.Tag == "!Transform"
	made = made || y.Kind == yaml.ScalarNode && (strings.HasPrefix(y.Value, loopPrefix) || y.Value == "Fn::Transform")
	return made || slices.ContainsFunc(y.Content, indirect)
}

// expandsPlainly says that transforms add resources and take none, as Amazon's
// own for serverless applications.
func expandsPlainly(transform *yaml.Node) bool {
	if transform == nil {
		return true
	}
	names := append(items(transform), transform)
	return !slices.ContainsFunc(names, func(y *yaml.Node) bool {
		plain := []string{"AWS::Serverless-2016-10-31", "AWS::LanguageExtensions"}
		return y.Kind != yaml.SequenceNode && !(y.Kind == yaml.ScalarNode && slices.Contains(plain, y.Value))
	})
}
