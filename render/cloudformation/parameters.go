package cloudformation

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/rendergate/rendergate/render/manifest"
)

// Values are the values of parameters that a file gives.
type Values struct {
	File  string
	names []string
	byKey map[string]*yaml.Node // nil: the value that the stack has already
}

// of is the value of a parameter. One that a stack keeps from before is given,
// and nobody knows it.
func (v *Values) of(name string) (value *yaml.Node, given bool) {
	if v == nil {
		return nil, false
	}
	value, given = v.byKey[name]
	return value, given
}

// ReadValues reads a parameter file in one of the forms that AWS's tools take:
// a list of keys and values, a list of texts KEY=VALUE, or a mapping under
// Parameters. It is nil for anything else.
func ReadValues(file string, data []byte) *Values {
	var doc yaml.Node
	if len(data) > mostFile || yaml.Unmarshal(data, &doc) != nil || len(doc.Content) != 1 || manifest.Bounded(&doc) != nil {
		return nil
	}
	v := &Values{File: file, byKey: map[string]*yaml.Node{}}
	root := doc.Content[0]
	for _, item := range items(root) {
		if !v.pair(item) {
			return nil
		}
	}
	parameters := field(root, "Parameters")
	if field(root, "Resources") == nil {
		for name, value := range fields(parameters) {
			if value.Kind == yaml.MappingNode {
				return nil // the section of a template
			}
			v.give(name, value)
		}
	}
	if len(v.names) == 0 {
		return nil
	}
	return v
}

// pair takes one item of a list, false where it is none.
func (v *Values) pair(item *yaml.Node) bool {
	if key, value, is := strings.Cut(item.Value, "="); is && item.Kind == yaml.ScalarNode {
		v.give(key, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value, Line: item.Line})
		return true
	}
	key := field(item, "ParameterKey")
	if key == nil || key.Kind != yaml.ScalarNode {
		return false
	}
	v.give(key.Value, field(item, "ParameterValue"))
	return true
}

func (v *Values) give(name string, value *yaml.Node) {
	if _, twice := v.byKey[name]; !twice {
		v.names = append(v.names, name)
	}
	v.byKey[name] = value
}

// Then are the values with those of another file over them.
func (v *Values) Then(over *Values) *Values {
	if v == nil {
		return over
	}
	all := &Values{File: over.File, byKey: map[string]*yaml.Node{}}
	for _, part := range []*Values{v, over} {
		for _, name := range part.names {
			all.give(name, part.byKey[name])
		}
	}
	return all
}

// For says that the values are for a template: it has all of the parameters.
func (v *Values) For(t *Template) bool {
	declared := t.Parameters()
	return !slices.ContainsFunc(v.names, func(name string) bool { return !slices.Contains(declared, name) })
}
