package render_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"

	//lint:ignore SA1019 the only door to the types of the plugins, for as long as this version is pinned
	"sigs.k8s.io/kustomize/api/builtins"
	"sigs.k8s.io/kustomize/api/types"

	"github.com/rendergate/rendergate/render"
)

// outside is a loopback server and a git program that count who comes.
type outside struct {
	url   string
	asked atomic.Int32
	calls string
}

func newOutside(t *testing.T) *outside {
	t.Helper()
	o := &outside{calls: filepath.Join(t.TempDir(), "calls")}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		o.asked.Add(1)
		w.WriteHeader(http.StatusNotFound)
	}))
	t.Cleanup(server.Close)
	o.url = server.URL
	bin := t.TempDir()
	script := "#!/bin/sh\necho called >> " + o.calls + "\nexit 1\n"
	if err := os.WriteFile(filepath.Join(bin, "git"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin)
	return o
}

func (o *outside) reached(t *testing.T) bool {
	t.Helper()
	if o.asked.Swap(0) > 0 {
		return true
	}
	if _, err := os.Stat(o.calls); err == nil {
		if err := os.Remove(o.calls); err != nil {
			t.Fatal(err)
		}
		return true
	}
	return false
}

// leaf is a position of a kustomize type that holds text, as a document with a
// value there.
type leaf struct {
	position string
	with     func(value string) any
}

// leaves walks a type of kustomize's by its JSON names, so that a field which a
// new version of the library brings is tested without being listed here.
func leaves(of reflect.Type, position string, wrap func(any) any, depth int) []leaf {
	if depth > 8 {
		return nil
	}
	switch of.Kind() {
	case reflect.Pointer:
		return leaves(of.Elem(), position, wrap, depth+1)
	case reflect.String:
		return []leaf{{position, func(value string) any { return wrap(value) }}}
	case reflect.Interface:
		return []leaf{{position, func(value string) any { return wrap(value) }}}
	case reflect.Slice:
		return leaves(of.Elem(), position, func(v any) any { return wrap([]any{v}) }, depth+1)
	case reflect.Map:
		var all []leaf
		for _, key := range []string{"path", "version"} {
			all = append(all, leaves(of.Elem(), position+"."+key, func(v any) any { return wrap(map[string]any{key: v}) }, depth+1)...)
		}
		return all
	case reflect.Struct:
		var all []leaf
		for i := range of.NumField() {
			field := of.Field(i)
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			switch {
			case name == "-" || !field.IsExported():
			case name == "" && field.Anonymous:
				all = append(all, leaves(field.Type, position, wrap, depth+1)...)
			default:
				if name == "" {
					name = strings.ToLower(field.Name)
				}
				below := strings.TrimPrefix(position+"."+name, ".")
				all = append(all, leaves(field.Type, below, func(v any) any { return wrap(map[string]any{name: v}) }, depth+1)...)
			}
		}
		return all
	}
	return nil
}

// loads are the positions that kustomize 0.21 loads files or folders from; the
// test fails where one is not refused, and where another one is.
var loads = []string{
	"resources", "bases", "components", "crds", "configurations", "generators", "transformers", "validators", "openapi.path",
	"patches.path", "patchesJson6902.path", "patchesStrategicMerge", "replacements.path",
	"configMapGenerator.files", "configMapGenerator.envs", "configMapGenerator.env", "secretGenerator.files", "secretGenerator.envs", "secretGenerator.env",
	"helmGlobals.chartHome", "helmGlobals.configHome", "helmCharts.valuesFile", "helmCharts.additionalValuesFiles",
	"helmChartInflationGenerator.values", "helmChartInflationGenerator.chartHome", "helmChartInflationGenerator.helmHome",
}

func document(t *testing.T, of any) string {
	t.Helper()
	data, err := json.Marshal(of)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestNoFieldOfAKustomizationIsFetched tries a URL and a repository in every
// field that kustomize's own type has.
func TestNoFieldOfAKustomizationIsFetched(t *testing.T) {
	o := newOutside(t)
	tried := map[string]bool{}
	for _, l := range leaves(reflect.TypeFor[types.Kustomization](), "", func(v any) any { return v }, 0) {
		for _, value := range []string{
			o.url + "/x.yaml", strings.ToUpper(o.url[:4]) + o.url[4:] + "/org/repo//base?ref=v1", "github.com/org/repo//base?ref=v1",
			"git@" + strings.TrimPrefix(o.url, "http://") + "/org/repo", "git::" + o.url + "/org/repo", "file:///org/repo",
		} {
			tried[l.position] = true
			kustomization := document(t, l.with(value))
			in := tree{fstest.MapFS{"a/kustomization.yaml": {Data: []byte(kustomization)}}}
			result, err := render.Render(in, render.Target{Kind: render.Kustomize, Dir: "a"})
			if o.reached(t) {
				t.Errorf("%s: %s: something outside was reached", l.position, value)
			}
			refused := err != nil && strings.Contains(err.Error(), "outside of the tree, and was not fetched")
			switch {
			case l.position == "resources" || l.position == "bases" || l.position == "components":
				if err != nil || len(result.Missing) != 1 || result.Missing[0].In != "a/kustomization.yaml" {
					t.Errorf("%s: %s: %+v, %v; want a missing base", l.position, value, result, err)
				}
			case slices.Contains(loads, l.position):
				if isHTTP := strings.HasPrefix(strings.ToLower(value), "http"); isHTTP && !refused {
					t.Errorf("%s: %s: not refused: %v", l.position, value, err)
				}
				if refused && (!strings.Contains(err.Error(), "a/kustomization.yaml: ") || !strings.Contains(err.Error(), value)) {
					t.Errorf("%s: the error names not all: %v", l.position, err)
				}
			case refused:
				t.Errorf("%s: %s is refused, and kustomize never loads it: %v", l.position, value, err)
			}
		}
	}
	if left := untried(loads, tried); len(left) > 0 {
		t.Errorf("%v are no fields of a kustomization", left)
	}
}

// TestNoPluginFetches does the same with the settings of each built-in plugin,
// written in place, in a file and in a folder.
func TestNoPluginFetches(t *testing.T) {
	o := newOutside(t)
	tried := map[string]bool{}
	paths := []string{"path", "paths", "files", "envs", "env", "targetFilePath", "valuesFile", "additionalValuesFiles", "chartHome", "configHome", "replacements.path"}
	for kind, plugin := range map[string]any{
		"AnnotationsTransformer": builtins.AnnotationsTransformerPlugin{}, "ConfigMapGenerator": builtins.ConfigMapGeneratorPlugin{},
		"HashTransformer": builtins.HashTransformerPlugin{}, "HelmChartInflationGenerator": builtins.HelmChartInflationGeneratorPlugin{},
		"IAMPolicyGenerator": builtins.IAMPolicyGeneratorPlugin{}, "ImageTagTransformer": builtins.ImageTagTransformerPlugin{},
		"LabelTransformer": builtins.LabelTransformerPlugin{}, "NamespaceTransformer": builtins.NamespaceTransformerPlugin{},
		"PatchJson6902Transformer": builtins.PatchJson6902TransformerPlugin{}, "PatchStrategicMergeTransformer": builtins.PatchStrategicMergeTransformerPlugin{},
		"PatchTransformer": builtins.PatchTransformerPlugin{}, "PrefixTransformer": builtins.PrefixTransformerPlugin{},
		"ReplacementTransformer": builtins.ReplacementTransformerPlugin{}, "ReplicaCountTransformer": builtins.ReplicaCountTransformerPlugin{},
		"SecretGenerator":   builtins.SecretGeneratorPlugin{},
		"SuffixTransformer": builtins.SuffixTransformerPlugin{}, "ValueAddTransformer": builtins.ValueAddTransformerPlugin{},
	} {
		for _, l := range leaves(reflect.TypeOf(plugin), "", func(v any) any { return v }, 0) {
			settings, ok := l.with(o.url + "/x.yaml").(map[string]any)
			if !ok || settings["kind"] != nil || settings["apiVersion"] != nil {
				continue
			}
			tried[l.position] = true
			settings["apiVersion"], settings["kind"] = "builtin", kind
			if settings["metadata"] == nil {
				settings["metadata"] = map[string]any{"name": "x"}
			}
			text := document(t, settings)
			for where, entry := range map[string]string{"in place": text, "file": "plugin.yaml", "folder": "../plugins"} {
				in := tree{fstest.MapFS{
					"a/kustomization.yaml":       {Data: []byte(document(t, map[string]any{"transformers": []string{entry}}))},
					"a/plugin.yaml":              {Data: []byte("# Settings.\n---\n" + text)},
					"plugins/kustomization.yaml": {Data: []byte("resources: [plugin.yaml]")},
					"plugins/plugin.yaml":        {Data: []byte(text)},
				}}
				_, err := render.Render(in, render.Target{Kind: render.Kustomize, Dir: "a"})
				if o.reached(t) {
					t.Errorf("%s %s, %s: something outside was reached", kind, l.position, where)
				}
				refused := err != nil && strings.Contains(err.Error(), "outside of the tree, and was not fetched")
				if want := slices.Contains(paths, l.position); refused != want {
					t.Errorf("%s %s, %s: refused is %v, want %v: %v", kind, l.position, where, refused, want, err)
				}
			}
		}
	}
	if left := untried(paths, tried); len(left) > 0 {
		t.Errorf("%v are no fields of any plugin", left)
	}
}

func untried(positions []string, tried map[string]bool) []string {
	return slices.DeleteFunc(slices.Clone(positions), func(position string) bool { return tried[position] })
}

// TestNothingIsFetchedInDisguise: forms that a look at the text of a
// kustomization alone would miss.
func TestNothingIsFetchedInDisguise(t *testing.T) {
	o := newOutside(t)
	for name, text := range map[string]string{
		"another case of the key":          "PATCHES: [{PATH: 'URL/x.yaml'}]",
		"an anchor":                        "namePrefix: &u 'URL/x.yaml'\npatches: [{path: *u}]",
		"a merge key":                      "commonAnnotations: &m {path: 'URL/x.yaml'}\npatches: [{<<: *m}]",
		"binary":                           "patches: [{path: !!binary BINARY}]",
		"a folder that is called like it":  "crds: ['URL/x.yaml']",
		"a keyed file":                     "configMapGenerator: [{name: x, files: ['key=URL/x.yaml']}]",
		"a nested base":                    "resources: [../b]",
		"a component":                      "components: [../c]",
		"settings that a patch makes":      "transformers: [../t]",
		"settings that a replacement made": "transformers: [../r]",
		"a newline":                        "generators: [\"URL/org/repo\\n\"]",
	} {
		text = strings.NewReplacer("URL", o.url, "BINARY", encoded(o.url+"/x.yaml")).Replace(text)
		in := files("-- file a/kustomization.yaml\n" + text + `
-- file b/kustomization.yaml
patches: [{path: '` + o.url + `/x.yaml'}]
-- file c/kustomization.yaml
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
transformers: [t.yaml]
-- file c/t.yaml
apiVersion: v1
kind: List
items:
- {apiVersion: builtin, kind: PatchTransformer, metadata: {name: x}, path: '` + o.url + `/x.yaml'}
-- file t/kustomization.yaml
resources: [t.yaml]
patches: [{patch: "- {op: replace, path: /path, value: '` + o.url + `/x.yaml'}", target: {kind: PatchTransformer}}]
-- file t/t.yaml
{apiVersion: builtin, kind: PatchTransformer, metadata: {name: x}, path: local.yaml}
-- file r/kustomization.yaml
resources: [t.yaml]
replacements:
- source: {kind: PatchTransformer, fieldPath: metadata.annotations.host}
  targets: [{select: {kind: PatchTransformer}, fieldPaths: [path], options: {delimiter: /, index: 2}}]
-- file r/t.yaml
{apiVersion: builtin, kind: PatchTransformer, metadata: {name: x, annotations: {host: '` + strings.TrimPrefix(o.url, "http://") + `'}}, path: http://x/x.yaml}
`)
		in.MapFS["a/"+strings.Replace(o.url, "//", "/", 1)+"/x.yaml"] = &fstest.MapFile{Data: []byte("{}")}
		_, err := render.Render(in, render.Target{Kind: render.Kustomize, Dir: "a"})
		if o.reached(t) {
			t.Errorf("%s: something outside was reached", name)
		}
		if err == nil || !strings.Contains(err.Error(), "outside of the tree, and was not fetched") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func encoded(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

// TestTextIsNoURL: what only looks like something remote is built.
func TestTextIsNoURL(t *testing.T) {
	in := files(`
-- file a/kustomization.yaml
resources: [pod.yaml, github.com.yaml]
images: [{name: github.com/org/app, newName: ghcr.io/org/app, newTag: v1}]
commonAnnotations: {docs: 'https://example.com/docs?ref=main'}
labels: [{pairs: {team: a}}]
configMapGenerator:
- {name: x, literals: ['url=https://example.com', 'repo=git@github.com:org/repo.git'], files: [key.example.com=github.com/file.txt, github.com/file.txt]}
patches:
- patch: |-
    [{"op": "add", "path": "/metadata/annotations/source", "value": "https://github.com/org/repo//x?ref=v1"}]
  target: {kind: Pod}
patchesStrategicMerge:
- |-
  {apiVersion: v1, kind: Pod, metadata: {name: a, annotations: {more: 'https://example.com'}}}
-- file a/pod.yaml
apiVersion: v1
kind: Pod
metadata: {name: a}
spec: {containers: [{name: a, image: github.com/org/app}]}
-- file a/github.com.yaml
apiVersion: v1
kind: ConfigMap
metadata: {name: b}
-- file a/github.com/file.txt
https://example.com
`)
	result, err := render.Render(in, render.Target{Kind: render.Kustomize, Dir: "a"})
	if err != nil || len(result.Objects) != 3 || len(result.Missing) != 0 {
		t.Fatalf("%+v, %v", result, err)
	}
}
