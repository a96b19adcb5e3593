package render_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/rendergate/rendergate/render"
	"github.com/rendergate/rendergate/render/manifest"
)

const layered = `
-- file app/Chart.yaml
apiVersion: v2
name: app
version: 1.0.0
dependencies:
  - name: sub
    alias: web
    version: 1.0.0
    repository: file://../sub
    condition: web.enabled
    import-values:
      - child: shared
        parent: shared
-- file app/values.yaml
global:
  region: north
web:
  enabled: true
  size: 2
own: 1
gone: here
list: [one, two]
-- file app/prod.yaml
own: 2
gone: null
list:
  - three
-- file app/templates/cm.yaml
kind: ConfigMap
apiVersion: v1
metadata: {name: app}
data:
  own: {{ .Values.own | quote }}
  gone: {{ .Values.gone | default "none" }}
  first: {{ index .Values.list 0 }}
  imported: {{ .Values.shared.word }}
-- file sub/Chart.yaml
apiVersion: v2
name: sub
version: 1.0.0
-- file sub/values.yaml
size: 1
colour: red
global:
  region: south
  zone: a
shared:
  word: said
-- file sub/templates/cm.yaml
kind: ConfigMap
apiVersion: v1
metadata: {name: sub}
data:
  size: {{ .Values.size | quote }}
  colour: {{ .Values.colour }}
  region: {{ .Values.global.region }}
  zone: {{ .Values.global.zone }}
`

// sitesOf are the sites of a field as text, without those of templates.
func sitesOf(o *manifest.Object, keys ...string) string {
	var all []string
	for _, s := range o.Root.Get(keys...).Sites() {
		if s.Kind != manifest.SiteTemplate && s.Kind != manifest.SiteCall {
			all = append(all, fmt.Sprintf("%s %s:%d %s", s.Kind, s.Path, s.Line, s.Field))
		}
	}
	return strings.Join(all, ", ")
}

// TestDecidingLayer: of all layers that have a value, the one that decides.
func TestDecidingLayer(t *testing.T) {
	const on = ", condition app/values.yaml:4 web.enabled"
	for _, tc := range []struct {
		values, set       []string
		object, key, want string
	}{
		{nil, nil, "app", "own", "values app/values.yaml:6 own"},
		{[]string{"prod.yaml"}, nil, "app", "own", "values app/prod.yaml:1 own"},
		{[]string{"prod.yaml"}, []string{"own=3"}, "app", "own", ""}, // it stands in no file
		{[]string{"prod.yaml"}, nil, "app", "gone", "values app/prod.yaml:2 gone"},
		{nil, nil, "app", "first", "values app/values.yaml:8 list.0"},
		{[]string{"prod.yaml"}, nil, "app", "first", "values app/prod.yaml:4 list.0"},
		{nil, nil, "app", "imported", "values sub/values.yaml:7 shared.word"},
		{nil, nil, "sub", "size", "values app/values.yaml:5 web.size" + on},
		{nil, nil, "sub", "colour", "values sub/values.yaml:2 colour" + on},
		{nil, nil, "sub", "region", "values app/values.yaml:2 global.region" + on},
		{nil, nil, "sub", "zone", "values sub/values.yaml:5 global.zone" + on},
	} {
		objects := rendered(t, files(layered), render.Target{Kind: render.Helm, Dir: "app", Values: tc.values, Set: tc.set, Traced: true})
		if got := sitesOf(objects["ConfigMap/"+tc.object], "data", tc.key); got != tc.want {
			t.Errorf("%s of %s with %v %v comes from %q, want %q", tc.key, tc.object, tc.values, tc.set, got, tc.want)
		}
	}
}

// TestUntracedKnowsNothing: nobody pays for what was not asked for.
func TestUntracedKnowsNothing(t *testing.T) {
	for name, o := range rendered(t, files(layered), render.Target{Kind: render.Helm, Dir: "app"}) {
		if o.Written != nil {
			t.Errorf("%s is traced", name)
		}
	}
}

// TestApplicationLayers: files, values in place and parameters of an
// Application, the last one of which decides.
func TestApplicationLayers(t *testing.T) {
	const app = `
-- file apps/web.yaml
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web, namespace: argocd}
spec:
  source:
    path: sub
    helm:
      valueFiles: [more.yaml]
      values: |
        # in place
        colour: blue
      parameters:
        - name: global.zone
          value: c
-- file sub/more.yaml
size: 7
colour: green
`
	in := render.Target{Kind: render.Manifests, Dir: "apps", Traced: true}
	tree := files(layered + app)
	result, err := render.Render(tree, in)
	if err != nil || len(result.Releases) != 1 {
		t.Fatal(result, err)
	}
	target := result.Releases[0].Target(in)
	target.Traced = true
	o := rendered(t, tree, target)["ConfigMap/sub"]
	got := []string{sitesOf(o, "data", "size"), sitesOf(o, "data", "colour"), sitesOf(o, "data", "zone"), sitesOf(o, "data", "region")}
	want := []string{"values sub/more.yaml:1 size", "values apps/web.yaml:11 colour", "values apps/web.yaml:14 global.zone", "values sub/values.yaml:4 global.region"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
