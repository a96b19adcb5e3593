package main

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
)

// open stands for a value that no two renders agree on.
type open struct{}

// mask is what two renders agree on.
func mask(a, b any) any {
	switch a := a.(type) {
	case map[string]any:
		other, ok := b.(map[string]any)
		if !ok || !slices.Equal(slices.Sorted(maps.Keys(a)), slices.Sorted(maps.Keys(other))) {
			return open{}
		}
		masked := map[string]any{}
		for key := range a {
			masked[key] = mask(a[key], other[key])
		}
		return masked
	case []any:
		other, ok := b.([]any)
		if !ok || len(a) != len(other) {
			return open{}
		}
		masked := make([]any, len(a))
		for i := range a {
			masked[i] = mask(a[i], other[i])
		}
		return masked
	}
	if reflect.DeepEqual(a, b) {
		return a
	}
	return open{}
}

// compare matches objects one to one in any order and says what the first
// difference is, or nothing.
func compare(theirs, ours []any) string {
	left := slices.Clone(ours)
	var unmatched []any
	for _, want := range theirs {
		i := slices.IndexFunc(left, func(got any) bool { return difference("", want, got) == "" })
		if i < 0 {
			unmatched = append(unmatched, want)
			continue
		}
		left = slices.Delete(left, i, i+1)
	}
	if len(unmatched) == 0 && len(left) == 0 {
		return ""
	}
	if len(unmatched) == 0 {
		return fmt.Sprintf("%d objects are ours alone, such as %s", len(left), name(left[0]))
	}
	for _, got := range left {
		if name(got) == name(unmatched[0]) {
			return name(got) + ": " + difference("", unmatched[0], got)
		}
	}
	return fmt.Sprintf("%d of their objects are not ours, such as %s", len(unmatched), name(unmatched[0]))
}

func name(object any) string {
	root, ok := object.(map[string]any)
	metadata, hasName := root["metadata"].(map[string]any)
	if !ok || !hasName {
		return fmt.Sprintf("%.80v", object)
	}
	return fmt.Sprintf("%v %v/%v", root["kind"], metadata["namespace"], metadata["name"])
}

// difference is where two values part, or nothing.
func difference(at string, want, got any) string {
	switch w := want.(type) {
	case open:
		return ""
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			break
		}
		for _, key := range slices.Sorted(maps.Keys(w)) {
			if _, there := g[key]; !there {
				return fmt.Sprintf("%s.%s is not ours", at, key)
			}
			if text := difference(at+"."+key, w[key], g[key]); text != "" {
				return text
			}
		}
		for _, key := range slices.Sorted(maps.Keys(g)) {
			if _, there := w[key]; !there {
				return fmt.Sprintf("%s.%s is ours alone", at, key)
			}
		}
		return ""
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			break
		}
		for i := range w {
			if text := difference(fmt.Sprintf("%s[%d]", at, i), w[i], g[i]); text != "" {
				return text
			}
		}
		return ""
	}
	if reflect.DeepEqual(want, got) {
		return ""
	}
	a, b := fmt.Sprintf("%#v", got), fmt.Sprintf("%#v", want)
	from := 0
	for from < len(a) && from < len(b) && a[from] == b[from] {
		from++
	}
	from = max(0, from-20)
	return fmt.Sprintf("%s is …%.100s, theirs …%.100s", at, a[from:], b[from:])
}
