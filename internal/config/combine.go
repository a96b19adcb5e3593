package config

import (
	"path"
	"reflect"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// Entry is a target as configuration describes it, with its folder at both
// sides. One Entry is one variant.
type Entry struct {
	Base, Head string
	Target     Target   // its Path and Values are not used
	BaseValues []string // the variant's layers as they are called at base
	HeadValues []string // and at head
	FromBase   bool     // base's configuration has it, so it takes the place of what is found
	Given      bool     // its values are given, so conventional variants are not looked at
}

// Moves says where files went; a path that did not move is itself.
type Moves struct {
	Files map[string]string   // old to new, files only
	Dir   func(string) string // where a folder of base is at head; itself when it stayed
	Back  func(string) string // where a folder of head was at base
}

// Entries combines the targets of both sides' files: base's entries follow
// renames, head's additions describe base too, and where head changes a
// description both are kept. Either file may be nil.
func Entries(base, head *File, m Moves) []Entry {
	var all []Entry
	for _, t := range variants(base) {
		dir := path.Clean(t.Path)
		all = append(all, entry(t, dir, m.Dir(dir), t.layers, follow(t.layers, dir, m.Dir(dir), m.Files), true))
	}
	back := inverse(m.Files)
	for _, t := range variants(head) {
		dir := path.Clean(t.Path)
		e := entry(t, m.Back(dir), dir, follow(t.layers, dir, m.Back(dir), back), t.layers, false)
		if !slices.ContainsFunc(all, e.same) {
			all = append(all, e)
		}
	}
	return all
}

func (e Entry) same(other Entry) bool {
	e.FromBase = other.FromBase
	return reflect.DeepEqual(e, other)
}

type variant struct {
	Target
	layers []string
}

func variants(f *File) []variant {
	var all []variant
	if f == nil {
		return nil
	}
	for _, t := range f.Targets {
		if len(t.Values) == 0 {
			all = append(all, variant{Target: t})
		}
		for _, layers := range t.Values {
			all = append(all, variant{t, append([]string(nil), layers...)}) // no layers are nil, as when followed
		}
	}
	return all
}

func entry(t variant, base, head string, baseValues, headValues []string, fromBase bool) Entry {
	given := len(t.Target.Values) > 0
	t.Target.Path, t.Target.Values = "", nil
	return Entry{Given: given, Base: base, Head: head, Target: t.Target, BaseValues: baseValues, HeadValues: headValues, FromBase: fromBase}
}

// follow renames values files: those named from the chart and those named from
// the root.
func follow(layers []string, from, to string, files map[string]string) []string {
	var renamed []string
	for _, layer := range layers {
		switch now := files[path.Join(from, layer)]; {
		case now == "":
			if moved := files[path.Clean(layer)]; moved != "" {
				layer = moved
			}
		case strings.HasPrefix(now, to+"/"):
			layer = strings.TrimPrefix(now, to+"/")
		default:
			layer = now
		}
		renamed = append(renamed, layer)
	}
	return renamed
}

func inverse(files map[string]string) map[string]string {
	back := map[string]string{}
	for old, now := range files {
		back[now] = old
	}
	return back
}

// Excluded says that a folder, or a variant's values file, is not looked at.
func (f *File) Excluded(dir string) bool { return named(f.Exclude, dir) }

// GroupsOf are the groups of deployed-together that a folder is in, by their
// place in the list.
func (f *File) GroupsOf(dir string) []int {
	var in []int
	for i, patterns := range f.Together {
		if named(patterns, dir) {
			in = append(in, i)
		}
	}
	return in
}

// named says that one of some globs names a folder, with all that it holds.
func named(patterns []string, dir string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		pattern = strings.TrimSuffix(strings.TrimPrefix(pattern, "./"), "/")
		for at := dir; ; at = path.Dir(at) {
			if doublestar.MatchUnvalidated(pattern, at) {
				return true
			}
			if at == "." || at == "/" {
				return false
			}
		}
	})
}

func local(dir string) bool {
	clean := path.Clean(dir)
	return dir != "" && !path.IsAbs(dir) && clean != ".." && !strings.HasPrefix(clean, "../") && !strings.Contains(dir, "\\")
}

// Matches says that a target is in the environment, by its folder or its id.
func (e Environment) Matches(dir, id string) bool {
	return named([]string{e.Match}, dir) || doublestar.MatchUnvalidated(strings.TrimPrefix(e.Match, "./"), id)
}
