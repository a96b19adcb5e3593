package render_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rendergate/rendergate/render"
	"github.com/rendergate/rendergate/render/manifest"
)

func plainly(t *testing.T, in fs.FS) (names string, skipped map[string]render.Skipped) {
	t.Helper()
	result, err := render.Render(in, render.Target{Kind: render.Manifests, Dir: "k8s"})
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, o := range result.Objects {
		all = append(all, orKind(o))
	}
	skipped = map[string]render.Skipped{}
	for _, s := range result.Skipped {
		skipped[strings.TrimPrefix(s.Path, "k8s/")] = s
	}
	return strings.Join(all, " "), skipped
}

func TestPlainFormsOfYAML(t *testing.T) {
	names, skipped := plainly(t, files(`
-- file k8s/a.yaml
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: ConfigMap, metadata: &m {name: a1}}
- apiVersion: v1
  kind: Pod
  metadata: *m
-- file k8s/b.json
{
	"apiVersion": "v1",
	"kind": "Pod",
	"metadata": {"name": "b"}
}
-- file k8s/c.yml
apiVersion: v1
kind: Pod
metadata: {name: c1}
---
# Nothing.
---
{apiVersion: v1, kind: Pod, metadata: {name: c2}}
...
-- file k8s/d.yaml
apiVersion: v1
kind: Pod
metadata: {name: "d-${NAME}"}
spec:
  priority: ${PRIORITY}
`))
	if names != "a1 a1 b c1 c2 d-${NAME}" || len(skipped) != 0 {
		t.Errorf("objects %s, skipped %v", names, skipped)
	}
}

const brokenFolder = `
-- file k8s/broken.yaml
apiVersion: v1
kind: Pod
metadata: {name: before}
---
apiVersion: v1
kind: Pod
metadata: {name: [}
---
apiVersion: v1
kind: Pod
metadata: {name: behind}
-- file k8s/good.yaml
apiVersion: v1
kind: Pod
metadata: {name: good}
-- file k8s/jinja.yaml
apiVersion: v1
kind: Pod
{% if x %}
metadata: {name: jinja}
{% endif %}
-- file k8s/helm.yaml
apiVersion: v1
kind: Pod
metadata:
  name: {{ .Values.name }}
---
apiVersion: v1
kind: Pod
metadata: {name: plain}
-- file k8s/quoted.yaml
apiVersion: v1
kind: Pod
metadata: {name: quoted, annotations: {summary: "{{ $labels.pod }}"}}
-- file k8s/env.yaml
{apiVersion: v1, kind: Pod, metadata: {name: ${NAME}}}
-- file k8s/ytt.yaml
#@ load("@ytt:data", "data")
apiVersion: v1
kind: Pod
metadata:
  name: #@ data.values.name
`

// TestPlainTellsWhatItCannotLookAt: one file does not hide the others, nor one
// document.
func TestPlainTellsWhatItCannotLookAt(t *testing.T) {
	in := files(brokenFolder)
	in.MapFS["k8s/link.yaml"] = &fstest.MapFile{Data: []byte("../../../etc/passwd"), Mode: fs.ModeSymlink}
	names, skipped := plainly(t, in)
	if names != "before behind good Pod plain quoted Pod" {
		t.Errorf("objects %s", names)
	}
	for name, want := range map[string]render.Skipped{
		"broken.yaml": {Why: "not valid YAML: line 6", Broken: true}, "link.yaml": {Broken: true}, "jinja.yaml": {Why: "template"}, "helm.yaml": {Why: "judged as far"}, "env.yaml": {Why: "template"}, "ytt.yaml": {Why: "judged as far"},
	} {
		got, found := skipped[name]
		if !found || got.Broken != want.Broken || !strings.Contains(got.Why, want.Why) {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
	if len(skipped) != 6 {
		t.Errorf("skipped %v", skipped)
	}
}

func orKind(o *manifest.Object) string {
	if o.Name == "" {
		return o.Kind
	}
	return o.Name
}

// What YAML spells in another way is what Kubernetes reads.
func TestPlainSpellings(t *testing.T) {
	wide := "\xff\xfe"
	for _, c := range "apiVersion: v1\nkind: Pod\nmetadata: {name: wide}\nspec: {hostPID: true}\n" {
		wide += string([]byte{byte(c), byte(c >> 8)})
	}
	tree := fstest.MapFS{
		"k8s/a.yaml": {Data: []byte(wide)},
		"k8s/b.yaml": {Data: []byte("apiVersion: v1\nkind: Pod\nmetadata: {name: tagged}\nspec: {hostPID: !!bool \"true\"}\n")},
		"k8s/c.yaml": {Data: []byte("!!binary YXBpVmVyc2lvbg==: v1\n!!binary a2luZA==: Pod\nmetadata: {name: spelled}\nspec: {!!binary aG9zdFBJRA==: true}\n")},
	}
	result, err := render.Render(tree, render.Target{Kind: render.Manifests, Dir: "k8s"})
	if err != nil || len(result.Objects) != 3 {
		t.Fatalf("%d objects, %v", len(result.Objects), err)
	}
	for _, o := range result.Objects {
		if !o.Root.Get("spec", "hostPID").IsTrue() {
			t.Errorf("%s: hostPID is not read as true", o.Name)
		}
	}
	quoted := fstest.MapFS{"k8s/a.yaml": {Data: []byte("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {hostPID: !!str true}\n")}}
	if result, err = render.Render(quoted, render.Target{Kind: render.Manifests, Dir: "k8s"}); err != nil || result.Objects[0].Root.Get("spec", "hostPID").IsTrue() {
		t.Errorf("a text is read as true, %v", err)
	}
}
