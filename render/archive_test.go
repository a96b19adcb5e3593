package render

import (
	"maps"
	"testing"
	"testing/fstest"
)

// TestSameFolder holds that a vendored folder is what its archive holds only where it
// has all files of it, as they are, and no others.
func TestSameFolder(t *testing.T) {
	archive := []byte(packedEcho(t))
	tree := treeOf(nil)
	with := func(name, text string) fstest.MapFS {
		other := maps.Clone(tree)
		if text == "" {
			delete(other, name)
		} else {
			other[name] = &fstest.MapFile{Data: []byte(text)}
		}
		return other
	}
	for what, c := range map[string]struct {
		tree fstest.MapFS
		want bool
	}{
		"the same":       {tree, true},
		"beside it":      {with("charts/other/values.yaml", "a: 1\n"), true},
		"a file edited":  {with("charts/echo/values.yaml", "own: edited\n"), false},
		"a file more":    {with("charts/echo/templates/more.yaml", "a: 1\n"), false},
		"a file is gone": {with("charts/echo/values.yaml", ""), false},
		"a part more":    {with("charts/echo/charts/x/Chart.yaml", "name: x\n"), false},
	} {
		if same, err := SameFolder(archive, c.tree, "charts/echo"); err != nil || same != c.want {
			t.Errorf("%s: %v, %v", what, same, err)
		}
	}
	if same, err := SameFolder([]byte("no archive"), tree, "charts/echo"); err == nil || same {
		t.Errorf("no archive: %v, %v", same, err)
	}
}
