package render

import (
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/rendergate/rendergate/render/manifest"
)

// agreed are the objects that a chart renders to whatever stands for its unknown
// values: fields that come out differently are unknown. An object that only
// some of them make may be deployed, and is judged; a resource of which nobody
// knows how many there are is as well.
func agreed(all []*Result, names []string) manifest.Objects {
	var order []string
	found := map[string][]*manifest.Object{}
	for _, result := range all {
		seen := map[string]int{}
		for _, o := range result.Objects {
			key := strings.Join([]string{o.Origin.Path, o.GroupKind(), standsFor(o.Namespace, names), standsFor(o.Name, names), standsFor(o.GenerateName, names)}, "\x00")
			seen[key]++
			key += "\x00" + strconv.Itoa(seen[key])
			if found[key] == nil {
				order = append(order, key)
			}
			found[key] = append(found[key], o)
		}
	}
	m := merger{names}
	var objects manifest.Objects
	for _, key := range order {
		objects = append(objects, m.object(found[key]))
	}
	return objects
}

// merger makes one of several renders of a thing.
type merger struct{ names []string }

func (m merger) object(all []*manifest.Object) *manifest.Object {
	first := all[0]
	var roots []*yaml.Node
	for _, o := range all {
		budget := mostText
		if root := plainCopy(o.Root.YAML(), &budget); budget >= 0 {
			roots = append(roots, root)
		}
	}
	root := manifest.NewUnknown(first.Root.Line())
	if len(roots) == len(all) {
		root = m.merge(roots)
	}
	ref := first.Ref
	ref.Name, ref.Namespace = standsFor(ref.Name, m.names), standsFor(ref.Namespace, m.names)
	o := manifest.NewObject(ref, first.Origin, root)
	o.GenerateName, o.Written = standsFor(first.GenerateName, m.names), first.Written
	return o
}

// merge is what several renders have in common. Of one alone, as of an object
// that only one makes, the stand-ins are still unknown.
func (m merger) merge(all []*yaml.Node) *yaml.Node {
	first := all[0]
	for _, other := range all[1:] {
		if other.Kind != first.Kind {
			return manifest.NewUnknown(first.Line)
		}
	}
	switch first.Kind {
	case yaml.MappingNode:
		return m.mapping(all)
	case yaml.SequenceNode:
		return m.list(all)
	}
	return m.scalar(all)
}

func (m merger) scalar(all []*yaml.Node) *yaml.Node {
	first := all[0]
	shown := standsFor(first.Value, m.names)
	differs := func(y *yaml.Node) bool { return y.Value != first.Value || y.Tag != first.Tag }
	switch {
	case len(all) == 1 && shown == first.Value, len(all) > 1 && !slices.ContainsFunc(all, differs):
		return first
	case shown == first.Value:
		return manifest.NewUnknown(first.Line) // a number, or changed beyond recognition
	}
	for _, y := range all[1:] {
		if tokens.MatchString(y.Value) && standsFor(y.Value, m.names) != shown {
			return manifest.NewUnknown(first.Line)
		}
	}
	return manifest.NewPartly(first.Line, shown)
}

func (m merger) mapping(all []*yaml.Node) *yaml.Node {
	out := *all[0]
	out.Content = nil
	seen := map[string]bool{}
	for i, y := range all {
		for at := 0; at+1 < len(y.Content); at += 2 {
			key := y.Content[at]
			name := standsFor(key.Value, m.names)
			if seen[name] {
				continue
			}
			seen[name] = true
			values := m.under(all, name)
			line := y.Content[at+1].Line
			if i > 0 {
				line = out.Line
			}
			shown := *key
			shown.Value, shown.Line = name, line
			if i == 0 {
				shown.Line = key.Line
			}
			value := manifest.NewUnknown(line)
			if len(values) == len(all) {
				value = m.merge(values)
			}
			out.Content = append(out.Content, &shown, value)
		}
	}
	return &out
}

// under are the values of a key in all mappings that have it.
func (m merger) under(all []*yaml.Node, name string) []*yaml.Node {
	var values []*yaml.Node
	for _, y := range all {
		for at := len(y.Content) - 2; at >= 0; at -= 2 {
			if standsFor(y.Content[at].Value, m.names) == name {
				values = append(values, y.Content[at+1])
				break
			}
		}
	}
	return values
}

// list pairs items by their names where they have some, else by their text, or
// by their order where all lists are as long. What only some lists have may or
// may not be there.
func (m merger) list(all []*yaml.Node) *yaml.Node {
	out := *all[0]
	out.Content = nil
	inOrder := !slices.ContainsFunc(all, func(y *yaml.Node) bool {
		return len(y.Content) != len(all[0].Content) || !slices.EqualFunc(y.Content, all[0].Content, func(a, b *yaml.Node) bool { return m.name(a) == m.name(b) })
	})
	open, paired := false, 0
	for at, item := range all[0].Content {
		group := []*yaml.Node{item}
		for _, y := range all[1:] {
			j := at
			if !inOrder {
				j = slices.IndexFunc(y.Content, func(other *yaml.Node) bool { return m.like(item, other) })
			}
			if j >= 0 {
				group = append(group, y.Content[j])
			}
		}
		if len(group) < len(all) {
			open = true
			continue
		}
		paired++
		out.Content = append(out.Content, m.merge(group))
	}
	open = open || slices.ContainsFunc(all, func(y *yaml.Node) bool { return len(y.Content) != paired })
	if open {
		out.Content = append(out.Content, manifest.NewUnknown(out.Line))
	}
	return &out
}

func (m merger) like(a, b *yaml.Node) bool {
	if name := m.name(a); name != "" {
		return m.name(b) == name
	}
	return sameNode(a, b)
}

func (m merger) name(item *yaml.Node) string {
	if item.Kind != yaml.MappingNode {
		return ""
	}
	for at := 0; at+1 < len(item.Content); at += 2 {
		if item.Content[at].Value == "name" && item.Content[at+1].Kind == yaml.ScalarNode {
			return standsFor(item.Content[at+1].Value, m.names)
		}
	}
	return ""
}

func sameNode(a, b *yaml.Node) bool {
	return a.Kind == b.Kind && a.Tag == b.Tag && a.Value == b.Value && slices.EqualFunc(a.Content, b.Content, sameNode)
}
