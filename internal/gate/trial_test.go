package gate

import (
	"slices"
	"strings"
	"testing"

	"github.com/rendergate/rendergate/render/manifest"
)

// TestDifferences holds that what goes with a mapping or an item is told of as its
// fields, so that no edit of one of them stands for the others.
func TestDifferences(t *testing.T) {
	object := func(spec string) manifest.Node {
		all, err := manifest.Parse([]byte("apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: "+spec+"\n"), manifest.Origin{})
		if err != nil {
			t.Fatal(err)
		}
		return all[0].Root
	}
	for _, c := range []struct{ a, b, want string }{
		{"{a: 1}", "{a: 1}", ""},
		{"{a: 1}", "{a: 2}", "spec.a"},
		{"{a: {b: 1, c: [2]}}", "{}", "spec.a.b spec.a.c.[]"},
		{"{a: {b: 1}}", "{a: null}", "spec.a.b"},
		{"{}", "{a: {b: {}}}", "spec.a.b"},
		{"{a: [{n: 1, m: 2}, {n: 2}]}", "{a: [{n: 2}]}", "spec.a.[].n spec.a.[].m"},
		{"{a: [{n: 1}, {n: 2, m: 1}, {n: 3}]}", "{a: [{n: 1}, {n: 3}]}", "spec.a.[].n spec.a.[].m"},
		{"{a: [x, y]}", "{a: [y]}", "spec.a.[]"},
		{"{a: [{n: 1, m: 2}]}", "{a: [{n: 1, m: 3}]}", "spec.a.[].m"},
	} {
		var got []string
		for _, path := range differences(object(c.a), object(c.b)) {
			if text := strings.Join(path, "."); !slices.Contains(got, text) {
				got = append(got, text)
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s to %s: %q, want %q", c.a, c.b, strings.Join(got, " "), c.want)
		}
	}
}
