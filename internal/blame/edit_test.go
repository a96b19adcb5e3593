package blame

import (
	"testing"

	"github.com/rendergate/rendergate/internal/delta"
	"github.com/rendergate/rendergate/internal/git"
	"github.com/rendergate/rendergate/render/manifest"
)

// TestEmptied holds that what is left of an object without its containers is told
// apart from one that never had any.
func TestEmptied(t *testing.T) {
	object := func(containers string) *manifest.Object {
		all, err := manifest.Parse([]byte("apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: "+containers+"}\n"), manifest.Origin{})
		if err != nil {
			t.Fatal(err)
		}
		return all[0]
	}
	one, none := object("[{name: a, image: a}]"), object("{image: a}")
	for pair, want := range map[delta.Pair]bool{{Base: none, Head: one}: true, {Base: one, Head: one}: false, {Base: none, Head: none}: false, {Head: one}: false, {Base: none}: false} {
		if emptied(pair) != want {
			t.Errorf("%v: want %v", pair, want)
		}
	}
}

// FuzzTakeBack holds that a hunk taken back gives base again to the byte, and
// that each part of it is an edit of head's lines.
func FuzzTakeBack(f *testing.F) {
	for _, pair := range [][2]string{
		{"a: 1\nb: 2\n", "a: 1\nb: 3\n"}, {"a: 1\n", "a: 1\nb: 2"}, {"a: 1\nb: 2", "a: 1\n"}, {"", "a\n"}, {"a\r\nb\r\n", "a\r\n"},
		{"x:\n  y:\n    - z\n", "x: {}\n"}, {"x: {}\n", "x:\n  y:\n\n    - z\n"}, {"a", "a\n"}, {"{{ if }}\n  a: 1\n{{ end }}\n", "  a: 1\n"},
	} {
		f.Add(pair[0], pair[1])
	}
	f.Fuzz(func(t *testing.T, before, after string) {
		base, head := splitLines([]byte(before)), splitLines([]byte(after))
		if before == after || len(base)+len(head) > 200 {
			return
		}
		file := git.FileDiff{OldPath: "f", NewPath: "f", Hunks: []git.Hunk{hunkBetween(base, head)}}
		whole := hunkEdit(file, 0, base)
		if got := string(apply(head, []edit{whole})); got != before {
			t.Fatalf("%q to %q, taken back: %q", before, after, got)
		}
		for _, e := range lineEdits(file, 0, base, head) {
			if e.start < whole.start || e.end > whole.end || e.start > e.end {
				t.Fatalf("%q to %q: %+v leaves the hunk %+v", before, after, e, whole)
			}
			apply(head, []edit{e})
		}
	})
}

// hunkBetween is what lies between the lines that two texts begin and end with,
// as git counts it.
func hunkBetween(base, head []string) git.Hunk {
	first := 0
	for first < min(len(base), len(head)) && base[first] == head[first] {
		first++
	}
	last := 0
	for last < min(len(base), len(head))-first && base[len(base)-1-last] == head[len(head)-1-last] {
		last++
	}
	h := git.Hunk{OldStart: first + 1, OldLines: len(base) - last - first, NewStart: first + 1, NewLines: len(head) - last - first}
	if h.OldLines == 0 {
		h.OldStart--
	}
	if h.NewLines == 0 {
		h.NewStart--
	}
	return h
}
