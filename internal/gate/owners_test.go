package gate

import (
	"strings"
	"testing"
	"testing/fstest"
)

func TestOwners(t *testing.T) {
	tree := fstest.MapFS{
		"CODEOWNERS":         {Data: []byte("* @root\n")}, // .github's comes first
		".github/CODEOWNERS": {Data: []byte("# ours\n*.yaml @acme/all a@example.com\n/charts/ @acme/charts\nbroken owner\n/charts/free/\n")},
	}
	o, notes := ownersOf(tree)
	if len(notes) != 1 || !strings.HasPrefix(notes[0], ".github/CODEOWNERS:4 ") {
		t.Errorf("notes are %q, want one of line 4", notes)
	}
	for file, want := range map[string]string{
		"a/b.yaml": "@acme/all a@example.com", "charts/x/values.yaml": "@acme/charts", "charts/free/a.yaml": "", "README.md": "", "": "",
	} {
		if got := strings.Join(o.of(file), " "); got != want {
			t.Errorf("%q is of %q, want %q", file, got, want)
		}
	}
	if none, notes := ownersOf(fstest.MapFS{}); len(notes) != 0 || len(none.of("a")) != 0 {
		t.Errorf("a tree without the file has owners: %q", notes)
	}
}
