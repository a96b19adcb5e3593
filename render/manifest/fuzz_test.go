package manifest_test

import (
	"testing"

	"github.com/rendergate/rendergate/render/manifest"
)

// FuzzParse visits every place of whatever parses.
func FuzzParse(f *testing.F) {
	f.Add([]byte("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: b}]}\n---\nkind: List\nitems: [{kind: Pod}]\n"))
	f.Add([]byte("a: &a {b: *a}\n<<: [*a, {c: d}]\n"))
	f.Add([]byte("a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		objects, err := manifest.Parse(data, manifest.Origin{Path: "a.yaml"})
		if err != nil {
			return
		}
		for _, o := range objects {
			visit(t, o.Root, 0)
			for c := range o.Containers() {
				_, _ = c.Subject(), c.Effective("runAsUser").Path()
			}
		}
		manifest.NewRedactor(manifest.Secrets(objects)).Text(string(data))
		manifest.SecretValues(data)
	})
}

func visit(t *testing.T, n manifest.Node, depth int) {
	if depth > 40 {
		return
	}
	if n.Exists() && n.Line() < 0 {
		t.Errorf("%s is on line %d", n.Path(), n.Line())
	}
	for _, child := range n.Fields() {
		visit(t, child, depth+1)
	}
	for child := range n.Items() {
		visit(t, child, depth+1)
	}
}
