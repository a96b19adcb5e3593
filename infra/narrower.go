package infra

import (
	"slices"
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// together are the lists all of whose items must hold; of any other list one is
// enough.
var together = map[string]bool{"matchExpressions": true, "matchConditions": true, "all": true, "preconditions": true, "celPreconditions": true}

// Narrower says that a filter lets less through than it did, and where: what it
// selects now is not known to hold all that it selected. Without a filter,
// everything is selected.
func Narrower(was, is manifest.Node) (at manifest.Node, narrower bool) {
	return lessThan(was, is, "")
}

func lessThan(was, is manifest.Node, key string) (at manifest.Node, narrower bool) {
	switch {
	case !is.Set() || is.Len() == 0 && (is.IsMap() || is.IsList()):
		return is, false // everything
	case is.Unknown():
		return is, !was.Unknown()
	case !was.Set():
		return is, true
	case was.IsMap() && is.IsMap():
		for name, value := range is.Fields() {
			if at, less := lessThan(was.Get(name), value, name); less {
				return at, true
			}
		}
		return is, false
	case was.IsList() && is.IsList() && together[key]:
		return added(was, is)
	case was.IsList() && is.IsList():
		return lost(was, is)
	case was.Text() == is.Text() || is.Text() == "*" || is.Text() == "*/*":
		return is, false
	}
	return is, true
}

// added is an item of a list that must hold as well, and did not before.
func added(was, is manifest.Node) (manifest.Node, bool) {
	for item := range is.Items() {
		if !hasEqual(was, item) {
			return item, true
		}
	}
	return is, false
}

// lost is an alternative that none of what is there now stands for.
func lost(was, is manifest.Node) (manifest.Node, bool) {
	now := slices.Collect(is.Items())
	for i, item := range slices.Collect(was.Items()) {
		if slices.ContainsFunc(now, func(n manifest.Node) bool { _, less := lessThan(item, n, ""); return !less }) {
			continue
		}
		if was.Len() == is.Len() {
			at, _ := lessThan(item, now[i], "")
			return at, true
		}
		return item, true
	}
	return is, false
}

func hasEqual(list, item manifest.Node) bool {
	for one := range list.Items() {
		if equal(one, item) {
			return true
		}
	}
	return false
}

// equal says that two values are the same, whatever their layout.
func equal(a, b manifest.Node) bool {
	switch {
	case a.IsMap() && b.IsMap():
		if a.Len() != b.Len() {
			return false
		}
		for key, value := range a.Fields() {
			if !equal(value, b.Get(key)) {
				return false
			}
		}
		return true
	case a.IsList() && b.IsList():
		if a.Len() != b.Len() {
			return false
		}
		for i, value := range slices.Collect(a.Items()) {
			if !equal(value, b.Item(i)) {
				return false
			}
		}
		return true
	}
	return a.Exists() && b.Exists() && a.Text() == b.Text() && a.IsMap() == b.IsMap() && a.IsList() == b.IsList()
}

// Freed is what a list of exemptions holds that it did not hold before.
func Freed(was, is manifest.Node) (manifest.Node, bool) {
	switch {
	case !is.Set() || is.Len() == 0:
		return is, false
	case !was.Set() || is.Unknown():
		return is, true
	case is.IsList():
		for item := range is.Items() {
			if strings.EqualFold(item.Get("action").Text(), "enforce") {
				continue // an override that holds all the same
			}
			if !slices.ContainsFunc(slices.Collect(was.Items()), func(w manifest.Node) bool { _, less := lessThan(item, w, ""); return !less }) {
				return item, true
			}
		}
		return is, false
	}
	if _, less := lessThan(is, was, ""); less {
		return is, true
	}
	return is, false
}

// Dropped is a demand that is made no more: an item of base's list of which head
// has none, nor one in its place; one of head that always holds; or all of them
// where nobody knows what head demands.
func Dropped(was, is manifest.Node) (manifest.Node, bool) {
	for item := range is.Items() {
		if strings.TrimSpace(item.Get("expression").Text()) == "true" && !hasEqual(was, item) {
			return item, true
		}
	}
	switch {
	case is.Unknown():
		return is, was.Len() > 0 // what base demanded is not known to be demanded
	case was.Len() <= is.Len():
		return was, false
	case !is.Set():
		return was, true
	}
	for item := range was.Items() {
		if !hasEqual(is, item) {
			return item, true
		}
	}
	return was, false
}
