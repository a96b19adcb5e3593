package manifest

import (
	"fmt"
	"iter"
	"slices"
	"strings"
)

// place is a way from an object's root to where a pod is described.
type place struct {
	name  string // of the pod, where the kind has several places
	links []link
}

// link is a field of a way; of a list or a mapping, it leads into each item.
type link struct {
	field string
	by    string // of a list: the items' field that tells them apart
	each  bool   // of a mapping: into each of its fields
}

// many says that the way may lead to several places.
func (p place) many() bool {
	return slices.ContainsFunc(p.links, func(l link) bool { return l.by != "" || l.each })
}

// parsePlace reads a way such as spec.groups[name].template: fields by dots,
// lists with the field that tells their items apart, mappings of any keys with
// braces (spec.replicaSpecs{}.template).
func parsePlace(name, text string) (place, error) {
	p := place{name: name}
	if text == "" {
		return p, nil
	}
	for part := range strings.SplitSeq(text, ".") {
		l := link{field: part}
		if field, each := strings.CutSuffix(part, "{}"); each {
			l.field, l.each = field, true
		} else if field, by, listed := strings.Cut(part, "["); listed {
			var closed bool
			if l.by, closed = strings.CutSuffix(by, "]"); !closed || l.by == "" {
				return p, fmt.Errorf("%q names no field that tells the items apart, such as %s[name]", part, field)
			}
			l.field = field
		}
		if l.field == "" || strings.ContainsAny(l.field+l.by, "[]{}/ *") {
			return p, fmt.Errorf("%q is no field", part)
		}
		p.links = append(p.links, l)
	}
	return p, nil
}

// mustPlace is parsePlace for the table of this package.
func mustPlace(name, text string) place {
	p, err := parsePlace(name, text)
	if err != nil {
		panic(err)
	}
	return p
}

// in leads to the places of an object, with the names of their pods.
func (p place) in(root Node) iter.Seq2[Node, string] {
	return func(yield func(Node, string) bool) { p.follow(root, p.name, p.links, yield) }
}

func (p place) follow(at Node, name string, links []link, yield func(Node, string) bool) bool {
	if len(links) == 0 {
		return yield(at, name)
	}
	l, next := links[0], at.Get(links[0].field)
	named := func(item string) string { return strings.TrimPrefix(name+"/"+l.field+"["+item+"]", "/") }
	switch {
	case l.each:
		for key, value := range next.Fields() {
			if !p.follow(value, named(key), links[1:], yield) {
				return false
			}
		}
		return true
	case l.by != "":
		for item := range next.Items() {
			if !p.follow(item, named(item.Get(l.by).Text()), links[1:], yield) {
				return false
			}
		}
		return true
	}
	return p.follow(next, name, links[1:], yield)
}
