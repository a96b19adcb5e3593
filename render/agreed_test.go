package render

import (
	"testing"

	"github.com/rendergate/rendergate/render/manifest"
)

// What comes out the same is known, what only carries a stand-in is known in
// part, and everything else is unknown.
func TestAgreed(t *testing.T) {
	render := func(text string) *Result {
		objects, err := manifest.Parse([]byte("apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n"+text), manifest.Origin{Path: "pod.yaml"})
		if err != nil {
			t.Fatal(err)
		}
		return &Result{Objects: objects}
	}
	objects := agreed([]*Result{
		render("same: 1\nrole: arn/rga0000z\nsum: abc\nlist: [a, b]\nonly: 1\n"),
		render("same: 1\nrole: arn/rgb0000z\nsum: def\nlist: [a, b]\nonly: 1\n"),
		render("same: 1\nrole: arn/\nsum: \"\"\nlist: [a]\n"),
	}, []string{"module.role.arn"})
	root := objects[0].Root
	if got := root.Get("same").Text(); got != "1" {
		t.Errorf("same is %q", got)
	}
	if at := root.Get("role"); !at.Unknown() || at.Partly() != "arn/${module.role.arn}" {
		t.Errorf("role is %v, partly %q", at, at.Partly())
	}
	for _, name := range []string{"sum", "only"} {
		if at := root.Get(name); !at.Unknown() || at.Partly() != "" {
			t.Errorf("%v is known", at)
		}
	}
	if at := root.Get("list"); !at.Undecided() || at.Item(0).Text() != "a" {
		t.Errorf("list is %v", at)
	}
}
