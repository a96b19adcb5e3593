package render_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rendergate/rendergate/render"
)

// cache is a chart beside a kustomization.
const cache = `
-- file o/charts/cache/Chart.yaml
apiVersion: v2
name: cache
version: 1.2.3
-- file o/charts/cache/values.yaml
size: 1
list: [a, b]
nested: {one: 1, two: 2}
-- file o/charts/cache/crds/crd.yaml
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.example.com}
-- file o/charts/cache/templates/NOTES.txt
Thank you.
-- file o/charts/cache/templates/all.yaml
# A comment alone.
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-cache
  {{- if ne .Release.Namespace "default" }}
  namespace: {{ .Release.Namespace }}
  {{- end }}
data:
  values: {{ toJson (pick .Values "size" "list" "nested" "extra") | quote }}
  kube: {{ .Capabilities.KubeVersion.Minor | quote }}
  has: {{ .Capabilities.APIVersions.Has "example.com/v1" | quote }}
---
apiVersion: v1
kind: Service
metadata: {name: {{ .Release.Name }}}
-- file o/charts/cache/templates/hooks.yaml
apiVersion: v1
kind: Pod
metadata: {name: test, annotations: {helm.sh/hook: test}}
---
apiVersion: batch/v1
kind: Job
metadata: {name: before, annotations: {helm.sh/hook: pre-install}}
-- file o/values.yaml
size: 2
nested: {two: 3}
-- file o/more.yaml
list: [c]
extra: true
`

var inflations = map[string]string{
	"defaults":               "namespace: there\nhelmCharts: [{name: cache, KUBE}]",
	"release and namespace":  "namespace: there\nhelmCharts: [{name: cache, releaseName: r, namespace: other, KUBE}]",
	"name template":          "namespace: there\nhelmCharts: [{name: cache, nameTemplate: 'a-{{ \"B\" | lower }}', KUBE}]",
	"values file":            "namespace: there\nhelmCharts: [{name: cache, valuesFile: values.yaml, additionalValuesFiles: [more.yaml], KUBE}]",
	"in place":               "namespace: there\nhelmCharts: [{name: cache, valuesInline: {size: 5, nested: {two: 9}, list: [z]}, KUBE}]",
	"in place over a file":   "namespace: there\nhelmCharts: [{name: cache, valuesFile: values.yaml, valuesInline: {size: 5, extra: 1}, valuesMerge: override, KUBE}]",
	"in place below a file":  "namespace: there\nhelmCharts: [{name: cache, valuesFile: values.yaml, valuesInline: {size: 5, extra: 1}, valuesMerge: merge, KUBE}]",
	"in place only":          "namespace: there\nhelmCharts: [{name: cache, valuesFile: values.yaml, valuesInline: {extra: 1}, valuesMerge: replace, KUBE}]",
	"null in place":          "namespace: there\nhelmCharts: [{name: cache, valuesInline: {list: null}, KUBE}]",
	"definitions":            "namespace: there\nhelmCharts: [{name: cache, includeCRDs: true, KUBE}]",
	"no hooks":               "namespace: there\nhelmCharts: [{name: cache, skipHooks: true, KUBE}]",
	"no tests":               "namespace: there\nhelmCharts: [{name: cache, skipTests: true, KUBE}]",
	"API versions":           "namespace: there\nhelmCharts: [{name: cache, apiVersions: [example.com/v1], KUBE}]",
	"transformed":            "namespace: there\nnamePrefix: p-\nhelmCharts: [{name: cache, releaseName: r, KUBE}]\npatches: [{patch: '{apiVersion: v1, kind: Service, metadata: {name: r}, spec: {type: NodePort}}'}]",
	"with generators":        "namespace: there\nhelmCharts: [{name: cache, KUBE}]\nconfigMapGenerator: [{name: settings, literals: [a=b]}]",
	"legacy":                 "namespace: there\nhelmChartInflationGenerator: [{chartName: cache, releaseName: old, values: values.yaml, valuesLocal: {size: 8}}]",
	"settings in place":      "generators: ['{apiVersion: builtin, kind: HelmChartInflationGenerator, metadata: {name: x}, name: cache, releaseName: r, namespace: there, KUBE}']",
	"settings in a file":     "generators: [generators.yaml]",
	"two releases":           "namespace: there\nhelmCharts: [{name: cache, releaseName: a, skipHooks: true, KUBE}, {name: cache, releaseName: b, skipHooks: true, KUBE}]",
	"from a repository":      "namespace: there\nhelmCharts: [{name: other, version: 2.0.0, repo: 'https://charts.example.com', KUBE}]",
	"a base under namespace": "namespace: there\nresources: [below]",
	"origins":                "namespace: there\nbuildMetadata: [originAnnotations]\nhelmCharts: [{name: cache, KUBE}]",
}

func inflation(overlay string) tree {
	in := files(cache + "-- file o/kustomization.yaml\n" + strings.ReplaceAll(overlay, "KUBE", "kubeVersion: 1.30.0") + "\n" + `
-- file o/generators.yaml
apiVersion: builtin
kind: HelmChartInflationGenerator
metadata: {name: x}
name: cache
releaseName: r
namespace: there
kubeVersion: 1.30.0
chartHome: charts
---
apiVersion: builtin
kind: ConfigMapGenerator
metadata: {name: g}
name: generated
literals: [a=b]
-- file o/charts/other-2.0.0/other/Chart.yaml
apiVersion: v2
name: other
version: 2.0.0
-- file o/charts/other-2.0.0/other/values.yaml
{}
-- file o/charts/other-2.0.0/other/templates/a.yaml
{apiVersion: v1, kind: Pod, metadata: {name: other, namespace: {{ .Release.Namespace }}}}
-- file o/below/kustomization.yaml
helmCharts: [{name: inner, kubeVersion: 1.30.0}]
-- file o/below/charts/inner/Chart.yaml
apiVersion: v2
name: inner
version: 2.0.0
-- file o/below/charts/inner/values.yaml
{}
-- file o/below/charts/inner/templates/a.yaml
{apiVersion: v1, kind: Pod, metadata: {name: inner, namespace: {{ .Release.Namespace }}}}
`)
	return in
}

// TestInflatedChartsEqualKustomize compares with the programs where they are
// installed.
func TestInflatedChartsEqualKustomize(t *testing.T) {
	for _, name := range []string{"kustomize", "helm"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skip("needs the programs kustomize and helm")
		}
	}
	for name, overlay := range inflations {
		t.Run(name, func(t *testing.T) {
			in := inflation(overlay)
			out, err := exec.Command("kustomize", "build", "--enable-helm", "--helm-kube-version", "1.30.0", filepath.Join(onDisk(t, in), "o")).Output()
			if err != nil {
				t.Fatal(err, string(err.(*exec.ExitError).Stderr))
			}
			result, err := render.Render(in, render.Target{Kind: render.Kustomize, Dir: "o", KubeVersion: "1.30.0"})
			if err != nil {
				t.Fatal(err)
			}
			got, want := documents(yamlOf(t, result)), documents(normal(t, string(out)))
			if !slices.Equal(got, want) {
				t.Errorf("rendered\n%s\nand kustomize:\n%s", strings.Join(got, "---\n"), strings.Join(want, "---\n"))
			}
		})
	}
}

// documents are in the order of their text: kustomize sorts what it prints.
func documents(text string) []string {
	all := strings.Split(text, "---\n")
	slices.Sort(all)
	return all
}

// TestChartsOfAKustomization holds what the programs print, for where they are
// not installed.
func TestChartsOfAKustomization(t *testing.T) {
	values := func(t *testing.T, overlay string) string {
		t.Helper()
		for key, o := range rendered(t, inflation(overlay), render.Target{Kind: render.Kustomize, Dir: "o"}) {
			if strings.HasSuffix(key, "-cache") {
				return o.Root.Get("data", "values").Text()
			}
		}
		return ""
	}
	for name, want := range map[string]string{
		"defaults":              `{"list":["a","b"],"nested":{"one":1,"two":2},"size":1}`,
		"values file":           `{"extra":true,"list":["c"],"nested":{"one":1,"two":3},"size":2}`,
		"in place":              `{"list":["z"],"nested":{"one":1,"two":9},"size":5}`,
		"in place over a file":  `{"extra":1,"list":["a","b"],"nested":{"one":1,"two":3},"size":5}`,
		"in place below a file": `{"extra":1,"list":["a","b"],"nested":{"one":1,"two":3},"size":2}`,
		"in place only":         `{"extra":1,"list":["a","b"],"nested":{"one":1,"two":2},"size":1}`,
		"legacy":                `{"list":["a","b"],"nested":{"one":1,"two":3},"size":8}`,
	} {
		if got := values(t, inflations[name]); got != want {
			t.Errorf("%s: values %s, want %s", name, got, want)
		}
	}
	objects := rendered(t, inflation(inflations["transformed"]), render.Target{Kind: render.Kustomize, Dir: "o"})
	service, config := objects["Service/p-r"], objects["ConfigMap/p-r-cache"]
	if service == nil || config == nil || service.Root.Get("spec", "type").Text() != "NodePort" || config.Namespace != "there" {
		t.Fatalf("objects %v", objects)
	}
	if service.Origin.Path != "o/charts/cache/templates/all.yaml" || service.Root.Get("metadata", "annotations").Exists() {
		t.Errorf("origin %+v, %v", service.Origin, service.Root.Get("metadata", "annotations"))
	}
	inputs := render.Inputs(inflation(inflations["settings in a file"]), render.Target{Kind: render.Kustomize, Dir: "o"})
	for _, name := range []string{"o/generators.yaml", "o/charts/cache/values.yaml", "o/charts/cache/templates/all.yaml"} {
		if !slices.Contains(inputs, name) {
			t.Errorf("%s is no input: %v", name, inputs)
		}
	}
}

func TestChartThatIsOnlyPackedOrRemote(t *testing.T) {
	in := files("-- file o/kustomization.yaml\nnamespace: there\nhelmCharts: [{name: cache, version: 1.2.3, repo: 'https://charts.example.com'}]\n" +
		"configMapGenerator: [{name: c, literals: [a=b]}]\n")
	target := render.Target{Kind: render.Kustomize, Dir: "o"}
	result, err := render.Render(in, target)
	if err != nil {
		t.Fatal(err)
	}
	want := render.Missing{Kind: render.MissingChart, Name: "cache", Version: "1.2.3", Repository: "https://charts.example.com"}
	if len(result.Missing) != 1 || !result.Missing[0].Same(want) || len(result.Objects) != 1 {
		t.Fatalf("%+v", result)
	}
	if got := result.Missing[0].Vendor("o"); got != "vendor it with: helm pull cache --repo https://charts.example.com --version 1.2.3 --untar --untardir o/charts" {
		t.Error(got)
	}
	in.MapFS["o/charts/cache-1.2.3.tgz"] = &fstest.MapFile{Data: packed(t, "cache", map[string]string{
		"Chart.yaml": "apiVersion: v2\nname: cache\nversion: 1.2.3\n", "templates/a.yaml": "{apiVersion: v1, kind: Pod, metadata: {name: packed, namespace: {{ .Release.Namespace }}}}",
	})}
	pod := rendered(t, in, target)["Pod/packed"]
	if pod == nil || pod.Origin.Path != "o/charts/cache-1.2.3.tgz" || pod.Namespace != "there" {
		t.Errorf("%+v", pod)
	}
}

func TestChartThatCannotBeInflated(t *testing.T) {
	for name, tc := range map[string]struct{ overlay, want string }{
		"absent":         {"helmCharts: [{name: none}]", "o/kustomization.yaml: helmCharts: chart none is not at o/charts/none"},
		"outside":        {"helmCharts: [{name: x}]\nhelmGlobals: {chartHome: ../../charts}", "outside of the tree"},
		"merge":          {"helmCharts: [{name: cache, valuesMerge: sometimes}]", "valuesMerge"},
		"two names":      {"helmCharts: [{name: cache, releaseName: a, nameTemplate: b}]", "nameTemplate are both set"},
		"values":         {"helmCharts: [{name: cache, valuesFile: none.yaml}]", "none.yaml"},
		"two namespaces": {"resources: [../a, ../b]", "goes to two namespaces of one build"},
	} {
		in := inflation(tc.overlay)
		for _, dir := range []string{"a", "b"} {
			in.MapFS[dir+"/kustomization.yaml"] = &fstest.MapFile{Data: []byte("namespace: " + dir + "\nresources: [../o/below]")}
		}
		if _, err := render.Render(in, render.Target{Kind: render.Kustomize, Dir: "o"}); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q", name, err, tc.want)
		}
	}
}

func packed(t *testing.T, dir string, content map[string]string) []byte {
	t.Helper()
	var out bytes.Buffer
	zip := gzip.NewWriter(&out)
	archive := tar.NewWriter(zip)
	for name, data := range content {
		if err := archive.WriteHeader(&tar.Header{Name: dir + "/" + name, Mode: 0o644, Size: int64(len(data)), Typeflag: tar.TypeReg}); err != nil {
			t.Fatal(err)
		}
		if _, err := archive.Write([]byte(data)); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
