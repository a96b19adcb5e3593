package render_test

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rendergate/rendergate/render"
	"github.com/rendergate/rendergate/render/manifest"
)

// tree is a tree in memory; it knows its files as a git tree does.
type tree struct{ fstest.MapFS }

func (t tree) Files() []string {
	var names []string
	for name := range t.MapFS {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// files reads "-- name --" sections.
func files(text string) tree {
	m := fstest.MapFS{}
	for _, part := range strings.Split(text, "-- file ")[1:] {
		name, data, _ := strings.Cut(part, "\n")
		m[name] = &fstest.MapFile{Data: []byte(data)}
	}
	return tree{m}
}

func rendered(t *testing.T, in fs.FS, target render.Target) map[string]*manifest.Object {
	t.Helper()
	result, err := render.Render(in, target)
	if err != nil {
		t.Fatal(err)
	}
	objects := map[string]*manifest.Object{}
	for _, o := range result.Objects {
		objects[o.Kind+"/"+o.Name] = o
	}
	return objects
}

const chart = `
-- file app/Chart.yaml
apiVersion: v2
name: app
version: 1.0.0
dependencies:
  - {name: lib, version: 1.x.x, repository: "file://../lib"}
  - {name: cache, version: 1.0.0, repository: https://charts.example.com, condition: cache.enabled}
-- file app/values.yaml
name: default
list: [a]
cache: {enabled: false}
-- file app/prod.yaml
name: prod
-- file extra.yaml
list: [b, c]
-- file app/templates/all.yaml
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Values.name }}
  namespace: {{ .Release.Namespace }}
data:
  release: {{ .Release.Name }}
  kube: {{ .Capabilities.KubeVersion.Version }}
  list: {{ .Values.list | join "," }}
  has: {{ .Capabilities.APIVersions.Has "monitoring.coreos.com/v1" | quote }}
  lookup: {{ lookup "v1" "Secret" "" "" | toJson | quote }}
  host: {{ getHostByName "example.com" | quote }}
  lib: {{ include "lib.name" . }}
---
apiVersion: v1
kind: Pod
metadata:
  name: test
  annotations: {helm.sh/hook: test}
-- file app/templates/NOTES.txt
kind: Pod
-- file app/crds/crd.yaml
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.example.com}
-- file lib/Chart.yaml
apiVersion: v2
name: lib
type: library
version: 1.2.3
-- file lib/templates/_lib.tpl
{{- define "lib.name" }}from-lib{{ end }}
`

func TestHelm(t *testing.T) {
	in := files(chart)
	objects := rendered(t, in, render.Target{Kind: render.Helm, Dir: "app"})
	config := objects["ConfigMap/default"]
	if config == nil || objects["Pod/test"] == nil {
		t.Fatalf("objects %v", objects)
	}
	if config.Namespace != "" || config.Origin.Path != "app/templates/all.yaml" || config.Origin.Exact {
		t.Errorf("namespace %q, origin %+v", config.Namespace, config.Origin)
	}
	for field, want := range map[string]string{
		"release": "release-name", "kube": render.DefaultKubeVersion, "list": "a", "has": "false", "lookup": "{}", "host": "", "lib": "from-lib",
	} {
		if got := config.Root.Get("data", field).Text(); got != want {
			t.Errorf("%s is %q, want %q", field, got, want)
		}
	}
	objects = rendered(t, in, render.Target{
		Kind: render.Helm, Dir: "app", Values: []string{"prod.yaml", "extra.yaml"}, Set: []string{"cache.enabled=false"}, Release: "r", Namespace: "shop",
		KubeVersion: "1.30.2", APIVersions: []string{"monitoring.coreos.com/v1"}, SkipTests: true,
	})
	config = objects["ConfigMap/prod"]
	if config == nil || objects["Pod/test"] != nil || config.Namespace != "shop" {
		t.Fatalf("objects %v", objects)
	}
	for field, want := range map[string]string{"release": "r", "kube": "v1.30.2", "list": "b,c", "has": "true"} {
		if got := config.Root.Get("data", field).Text(); got != want {
			t.Errorf("%s is %q, want %q", field, got, want)
		}
	}
}

func TestHelmFails(t *testing.T) {
	for name, tc := range map[string]struct{ template, want string }{
		"environment":  {`{{ env "HOME" }}`, `function "env" not defined`},
		"expansion":    {`{{ expandenv "$HOME" }}`, `function "expandenv" not defined`},
		"required":     {`{{ required "say a name" .Values.missing }}`, "say a name"},
		"broken YAML":  {"kind: Pod\n a: [", "app/templates/t.yaml"},
		"values layer": {"", "neither at app/missing.yaml nor at the root"},
	} {
		in := files("-- file app/Chart.yaml\napiVersion: v2\nname: app\nversion: 1.0.0\n")
		in.MapFS["app/templates/t.yaml"] = &fstest.MapFile{Data: []byte(tc.template)}
		target := render.Target{Kind: render.Helm, Dir: "app"}
		if name == "values layer" {
			target.Values = []string{"missing.yaml"}
		}
		if _, err := render.Render(in, target); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q", name, err, tc.want)
		}
	}
}

func TestHelmMissingDependency(t *testing.T) {
	in := files(chart)
	in.MapFS["app/values.yaml"] = &fstest.MapFile{Data: []byte("name: default\nlist: [a]\ncache: {enabled: true}\n")}
	result, err := render.Render(in, render.Target{Kind: render.Helm, Dir: "app"})
	if err != nil {
		t.Fatal(err)
	}
	if len(result.Missing) != 1 || result.Missing[0].Name != "cache" {
		t.Errorf("missing %v", result.Missing)
	}
}

const overlays = `
-- file base/kustomization.yaml
resources: [deployment.yaml]
-- file base/deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers: [{name: a, image: a}, {name: b, image: b}]
-- file prod/kustomization.yaml
namespace: prod
namePrefix: p-
resources: [../base]
components: [../component]
configMapGenerator: [{name: settings, literals: [a=b]}]
-- file component/kustomization.yaml
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
patches:
  - patch: |-
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: web}
      spec: {template: {spec: {containers: [{name: b, image: patched}]}}}
`

func TestKustomize(t *testing.T) {
	in := files(overlays)
	found := render.Find(in, func(string) bool { return true })
	var ids []string
	for _, target := range found.Targets {
		ids = append(ids, string(target.Kind)+" "+target.ID())
	}
	if !slices.Equal(ids, []string{"kustomize prod"}) {
		t.Errorf("targets %v: a base is part of its overlay, a component is none", ids)
	}
	objects := rendered(t, in, render.Target{Kind: render.Kustomize, Dir: "prod"})
	web := objects["Deployment/p-web"]
	if web == nil || web.Namespace != "prod" || web.Origin.Path != "base/deployment.yaml" {
		t.Fatalf("objects %v", objects)
	}
	var images []string
	for c := range web.Containers() {
		images = append(images, c.Get("image").Text())
	}
	if !slices.Equal(images, []string{"patched", "a"}) {
		t.Errorf("images %v", images)
	}
	inputs := render.Inputs(in, render.Target{Kind: render.Kustomize, Dir: "prod"})
	for _, name := range []string{"base/deployment.yaml", "component/kustomization.yaml", "prod/kustomization.yaml"} {
		if !slices.Contains(inputs, name) {
			t.Errorf("%s is no input: %v", name, inputs)
		}
	}
}

// TestKustomizeSchemaStaysInItsOverlay: kyaml keeps its schema in a global, and
// one overlay's schema must not change how the next one's lists merge.
func TestKustomizeSchemaStaysInItsOverlay(t *testing.T) {
	in := files(overlays + `
-- file hostile/kustomization.yaml
resources: [deployment.yaml]
openapi: {path: schema.json}
-- file hostile/deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata: {name: other}
-- file hostile/schema.json
{"definitions": {"io.k8s.api.apps.v1.Deployment": {"type": "object", "x-kubernetes-group-version-kind": [{"group": "apps", "version": "v1", "kind": "Deployment"}],
 "properties": {"spec": {"type": "object", "properties": {"template": {"type": "object", "properties": {"spec": {"type": "object", "properties": {"containers": {"type": "array", "items": {"type": "object"}}}}}}}}}}}}
`)
	rendered(t, in, render.Target{Kind: render.Kustomize, Dir: "hostile"})
	web := rendered(t, in, render.Target{Kind: render.Kustomize, Dir: "prod"})["Deployment/p-web"]
	n := 0
	for range web.Containers() {
		n++
	}
	if n != 2 {
		t.Errorf("%d containers after a foreign schema, want 2", n)
	}
}

func TestKustomizeReachesNothingOutside(t *testing.T) {
	for name, kustomization := range map[string]string{
		"remote patch":  "patches: [{path: 'https://example.com/patch.yaml'}]\n",
		"remote schema": "openapi: {path: 'http://169.254.169.254/latest'}\n",
		"root":          "resources: [../../../etc]\n",
		"absolute":      "resources: [/etc/passwd]\n",
		"exec plugin":   "generators: [generator.yaml]\n",
	} {
		in := files("-- file a/kustomization.yaml\n" + kustomization + `
-- file a/generator.yaml
apiVersion: example.com/v1
kind: Exec
metadata: {name: x, annotations: {config.kubernetes.io/function: "exec: {path: /bin/true}"}}
`)
		if result, err := render.Render(in, render.Target{Kind: render.Kustomize, Dir: "a"}); err == nil {
			t.Errorf("%s renders: %v", name, result.Objects)
		}
	}
}

func TestPlain(t *testing.T) {
	in := files(`
-- file k8s/a.yaml
# A comment.
apiVersion: v1
kind: Pod
metadata: {name: a}
-- file k8s/notes.yaml
just: notes
-- file k8s/values.yaml
apiVersion: is not one
-- file docs/readme.md
apiVersion: v1
-- file .github/x.yaml
apiVersion: v1
kind: Pod
`)
	objects := rendered(t, in, render.Target{Kind: render.Manifests, Dir: "k8s"})
	if len(objects) != 1 || !objects["Pod/a"].Origin.Exact || objects["Pod/a"].Root.Get("kind").Line() != 3 {
		t.Errorf("objects %v", objects)
	}
	found := render.Find(in, func(string) bool { return true })
	if len(found.Targets) != 1 || found.Targets[0].Dir != "k8s" {
		t.Errorf("targets %+v", found.Targets)
	}
}
