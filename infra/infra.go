// Package infra holds what checks ask of infrastructure, whoever describes it:
// one model an idea (Registry, Node, Cluster), and beside it one adapter a
// source, in a file that the source is named after (registry_terraform.go,
// registry_kubernetes.go). A check knows models only. A new source is a new
// adapter in the table of its model; no check changes.
//
// An adapter gives places, not values: what is unknown there stays unknown, and
// checks.Pass.Report makes of it what it is.
package infra

import (
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// Setting is a place that decides, and what it says: by the platform's default
// where it is absent. Of a place that nobody knows Weak is true, so that it is
// reported, and told as unprovable.
type Setting struct {
	At    manifest.Node
	Weak  bool
	Mends []manifest.Edit // what makes it strong; none where a person has to choose
	// Who is what the setting is about, where the object has several.
	Who string
}

// mended is a setting that a value of its own makes strong.
func mended(at manifest.Node, weak bool, value string) Setting {
	return Setting{At: at, Weak: weak, Mends: []manifest.Edit{manifest.SetTo(at, value)}}
}

// depending is a setting that other places decide as well: where nobody knows one
// of them it is reported there, and told as unprovable.
func (s Setting) depending(deciders ...manifest.Node) Setting {
	for _, n := range deciders {
		if s.Weak && !s.At.Unknown() && n.Undecided() {
			s.At, s.Mends = n, nil
		}
	}
	return s
}

// about is the setting with what it is about.
func (s Setting) about(who string) Setting {
	s.Who = who
	return s
}

// wanted is a setting that has to be there; which value is the author's choice.
func wanted(at manifest.Node) Setting {
	return Setting{At: at, Weak: !at.Set() || at.Text() == "" && !at.IsMap() && !at.IsList() || at.Len() == 0 && (at.IsMap() || at.IsList())}
}

// block is the first block of a type: an item of a list, or the mapping itself
// where the source has no list of it. Where it is missing it is the place where
// it could stand.
func block(n manifest.Node, name string) manifest.Node {
	at := n.Get(name)
	if at.IsMap() || at.Unknown() || at.Flat() && !at.IsList() {
		return at
	}
	return at.Item(0)
}

// has says that a list holds one of some texts.
func has(list manifest.Node, texts ...string) bool {
	for item := range list.Items() {
		for _, text := range texts {
			if strings.EqualFold(item.Text(), text) {
				return true
			}
		}
	}
	return false
}

// moduleFrom says that an object is the call of a module of the Terraform
// registry or of its repository, not of a module below it.
func moduleFrom(o *manifest.Object, name string) bool {
	if o.GroupKind() != "module" {
		return false
	}
	source, _, _ := strings.Cut(o.Root.Get("source").Text(), "?")
	namespace, rest, _ := strings.Cut(name, "/")
	module, provider, _ := strings.Cut(rest, "/")
	repository := namespace + "/terraform-" + provider + "-" + module
	return strings.HasSuffix("/"+source, "/"+name) || strings.HasSuffix(strings.TrimSuffix(source, ".git"), repository)
}

// moduleBelow is the name of the module below a registry's module that an object
// calls, false where it calls another one.
func moduleBelow(o *manifest.Object, name string) (string, bool) {
	source, _, _ := strings.Cut(o.Root.Get("source").Text(), "?")
	outer, inner, below := strings.Cut(source, "//modules/")
	if o.GroupKind() != "module" || !below {
		return "", false
	}
	namespace, rest, _ := strings.Cut(name, "/")
	module, provider, _ := strings.Cut(rest, "/")
	repository := namespace + "/terraform-" + provider + "-" + module
	return inner, strings.HasSuffix("/"+outer, "/"+name) || strings.HasSuffix(strings.TrimSuffix(outer, ".git"), repository)
}

// firstSet is the first of some nodes that is set, else the last.
func firstSet(nodes ...manifest.Node) manifest.Node {
	for _, n := range nodes {
		if n.Set() {
			return n
		}
	}
	return nodes[len(nodes)-1]
}
