package manifest_test

import (
	"bytes"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/rendergate/rendergate/render/manifest"
)

func unknownObject(t *testing.T) *manifest.Object {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte("a: {b: x}\nlist: [1, x]\nknown: [1]\n"), &doc); err != nil {
		t.Fatal(err)
	}
	root := doc.Content[0]
	*root.Content[1].Content[1] = *manifest.NewUnknown(1)
	*root.Content[3].Content[1] = *manifest.NewUnknown(2)
	o := manifest.NewObject(manifest.Ref{APIVersion: "terraform", Kind: "thing", Name: "a"}, manifest.Origin{Path: "main.tf", Exact: true}, root)
	o.Address = manifest.Ref{APIVersion: "terraform", Kind: "other", Name: "b"}
	o.Mentions = manifest.Mentions{Known: true, By: []manifest.Reference{{Kind: "user", Name: "c", Field: "d"}}}
	return o
}

func TestUnknownStaysUnknownWhereverItTravels(t *testing.T) {
	o := unknownObject(t)
	data, err := manifest.Objects{o}.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	var back manifest.Objects
	if err := back.UnmarshalBinary(data); err != nil {
		t.Fatal(err)
	}
	if got := back[0].Mentions; !got.Known || len(got.By) != 1 || got.By[0] != o.Mentions.By[0] {
		t.Errorf("what names the object came back as %v", got)
	}
	for _, o := range []*manifest.Object{o, back[0]} {
		below := o.Root.Get("a", "b", "c", "d")
		for _, n := range []manifest.Node{o.Root.Get("a", "b"), below, o.Root.Get("a", "b").Item(3)} {
			if !n.Unknown() || !n.Undecided() || n.Text() != "" || n.IsTrue() || n.IsFalse() || n.IsMap() || n.IsList() || n.Len() != 0 {
				t.Errorf("%s is known", n.Path())
			}
		}
		if below.Line() != 1 || below.Path() != "a.b.c.d" {
			t.Errorf("%s on line %d", below.Path(), below.Line())
		}
		if !o.Root.Get("list").Undecided() || o.Root.Get("list").Unknown() || o.Root.Get("known").Undecided() || o.Root.Get("a").Undecided() || !o.Root.HasUnknown() {
			t.Error("a list with an unknown item is undecided, and only that")
		}
		if o.Identity().Name != "b" {
			t.Errorf("goes by %v", o.Identity())
		}
	}
	var text bytes.Buffer
	if err := yaml.NewEncoder(&text).Encode(o.Root.Shown()); err != nil || !bytes.Contains(text.Bytes(), []byte("(known after apply)")) {
		t.Errorf("shown as %q: %v", &text, err)
	}
}

// TestNoTextIsUnknown: nothing that a manifest says hides a value.
func TestNoTextIsUnknown(t *testing.T) {
	for _, text := range []string{"!unknown true", "!!unknown true", "!<unknown> true", `"(known after apply)"`, "!<%00unknown> x"} {
		objects, err := manifest.Parse([]byte("apiVersion: v1\nkind: Pod\nspec: {privileged: "+text+"}\n"), manifest.Origin{})
		if err == nil && len(objects) == 1 && objects[0].Root.HasUnknown() {
			t.Errorf("%s is unknown", text)
		}
	}
}
