package render

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// echo is a chart that says what it was rendered with.
var echo = map[string]string{
	"Chart.yaml":  "apiVersion: v2\nname: echo\nversion: 1.0.0\n",
	"values.yaml": "own: default\n",
	"templates/echo.yaml": `apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}}
data:
  values: {{ .Values | toJson | quote }}
---
apiVersion: v1
kind: Pod
metadata: {name: check, annotations: {"helm.sh/hook": test}}
`,
}

func treeOf(files map[string]string) fstest.MapFS {
	tree := fstest.MapFS{}
	for name, text := range echo {
		tree["charts/echo/"+name] = &fstest.MapFile{Data: []byte(text)}
	}
	for name, text := range files {
		tree[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return tree
}

// deployed renders the one release of a plain folder, and gives its objects as
// Kind/namespace/name, with what a ConfigMap holds.
func deployed(t *testing.T, tree fstest.MapFS, dir, name string) (*Result, []string) {
	t.Helper()
	in := Target{Kind: Manifests, Dir: dir, Repository: &Repository{Files: []string{"shared.yaml"}}}
	around, err := Render(tree, in)
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(around.Releases, func(r Release) bool { return r.Object.Name == name })
	if at < 0 {
		t.Fatalf("%s declares no release %s, only %v", dir, name, around.Releases)
	}
	result, err := Render(tree, around.Releases[at].Target(in))
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, o := range result.Objects {
		all = append(all, strings.TrimSpace(o.Ref.String()+" "+o.Root.Get("data", "values").Text()))
	}
	return result, all
}

func TestHelmReleaseValues(t *testing.T) {
	release := `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: r, namespace: ns}
spec:
  chart: {spec: {chart: ./charts/echo, sourceRef: {kind: GitRepository, name: own}}}
`
	around := `---
apiVersion: v1
kind: ConfigMap
metadata: {name: vars-5k8m2b9t7c, namespace: ns}
data: {values.yaml: "a: 1\nb: {c: 2}\n", other: "a: 9\n", one: "'true'"}
---
apiVersion: v1
kind: Secret
metadata: {name: secret, namespace: ns}
data: {values.yaml: Yjoge2Q6IDN9}
---
apiVersion: v1
kind: Secret
metadata: {name: sealed, namespace: ns}
sops: {}
data: {values.yaml: RU5D}
`
	for _, test := range []struct{ name, spec, want, note string }{
		{"inline", "  values: {a: 5, own: mine}\n", `ConfigMap/ns/r {"a":5,"own":"mine"}`, ""},
		{"in order, inline last", "  valuesFrom: [{kind: ConfigMap, name: vars}, {kind: Secret, name: secret}]\n  values: {a: 7}\n",
			`ConfigMap/ns/r {"a":7,"b":{"c":2,"d":3},"own":"default"}`, ""},
		{"a key, a target path", "  valuesFrom: [{kind: ConfigMap, name: vars, valuesKey: other}, {kind: ConfigMap, name: vars, valuesKey: one, targetPath: x.y}]\n",
			`ConfigMap/ns/r {"a":9,"own":"default","x":{"y":"true"}}`, ""},
		{"from elsewhere in the tree", "  valuesFrom: [{kind: ConfigMap, name: shared}]\n", `ConfigMap/ns/r {"own":"shared"}`, ""},
		{"not there", "  valuesFrom: [{kind: Secret, name: nowhere}]\n", `ConfigMap/ns/r {"own":"default"}`, "Secret nowhere, key values.yaml, are left out: it is not in the tree"},
		{"encrypted", "  valuesFrom: [{kind: Secret, name: sealed}]\n", `ConfigMap/ns/r {"own":"default"}`, "it is encrypted"},
		{"names", "  targetNamespace: other\n", `ConfigMap/other/other-r {"own":"default"}`, ""},
		{"anchors", "  values: {a: &x {b: 1}, c: *x}\n", `ConfigMap/ns/r {"a":{"b":1},"c":{"b":1},"own":"default"}`, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			tree := treeOf(map[string]string{"apps/r.yaml": release + test.spec + around,
				"shared.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shared, namespace: ns}\ndata: {values.yaml: 'own: shared'}\n"})
			result, got := deployed(t, tree, "apps", "r")
			if !slices.Equal(got, []string{test.want}) {
				t.Errorf("deploys %q, not %q", got, test.want)
			}
			if notes := strings.Join(result.Notes, "\n"); !strings.Contains(notes, test.note) {
				t.Errorf("notes %q lack %q", notes, test.note)
			}
		})
	}
}

func TestHelmReleaseValuesFilesReplaceDefaults(t *testing.T) {
	tree := treeOf(map[string]string{"env/a.yaml": "a: 1\n", "apps/r.yaml": `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: r, namespace: ns}
spec:
  test: {enable: true}
  chart:
    spec:
      chart: charts/echo
      valuesFiles: [./env/a.yaml, env/none.yaml]
      ignoreMissingValuesFiles: true
      sourceRef: {kind: GitRepository, name: own}
`})
	if _, got := deployed(t, tree, "apps", "r"); !slices.Equal(got, []string{`ConfigMap/ns/r {"a":1}`, "Pod/ns/check"}) {
		t.Errorf("deploys %q", got)
	}
}

func TestHelmReleasePostRenderers(t *testing.T) {
	tree := treeOf(map[string]string{"apps/r.yaml": `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: r, namespace: ns}
spec:
  chart: {spec: {chart: charts/echo, sourceRef: {kind: GitRepository, name: own}}}
  postRenderers:
    - kustomize:
        patches:
          - target: {kind: ConfigMap}
            patch: |
              - {op: replace, path: /data/values, value: patched}
`})
	result, got := deployed(t, tree, "apps", "r")
	if !slices.Equal(got, []string{"ConfigMap/ns/r patched"}) {
		t.Errorf("deploys %q", got)
	}
	if at := result.Objects[0].Origin.Path; at != "charts/echo/templates/echo.yaml" {
		t.Errorf("comes from %s", at)
	}
}

func echoArchive(t *testing.T) string {
	t.Helper()
	var out bytes.Buffer
	zip := gzip.NewWriter(&out)
	w := tar.NewWriter(zip)
	for _, name := range slices.Sorted(maps.Keys(echo)) {
		if err := w.WriteHeader(&tar.Header{Name: "echo/" + name, Mode: 0o644, Size: int64(len(echo[name]))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(echo[name])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestReleaseChartsFromElsewhere(t *testing.T) {
	head := "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: r, namespace: ns}\nspec:\n"
	oci := "---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata: {name: echo, namespace: ns}\nspec: {url: oci://ghcr.example.com/acme/charts/echo, ref: {tag: 1.0.0}}\n"
	chart := "---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmChart\nmetadata: {name: c, namespace: ns}\nspec: {chart: echo, version: '>=1.0.0', sourceRef: {kind: HelmRepository, name: stable}}\n" +
		"---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata: {name: stable, namespace: ns}\nspec: {url: https://charts.example.com}\n"
	for _, test := range []struct {
		name, text string
		want       Missing
	}{
		{"OCIRepository", head + "  chartRef: {kind: OCIRepository, name: echo}\n" + oci,
			Missing{Kind: MissingRelease, Name: "echo", Version: "1.0.0", Repository: "oci://ghcr.example.com/acme/charts"}},
		{"HelmChart", head + "  chartRef: {kind: HelmChart, name: c}\n" + chart,
			Missing{Kind: MissingRelease, Name: "echo", Version: ">=1.0.0", Repository: "https://charts.example.com"}},
		{"Application", "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: r}\nspec: {destination: {namespace: ns}, source: {repoURL: ghcr.example.com/acme, chart: echo, targetRevision: 1.0.0}}\n",
			Missing{Kind: MissingRelease, Name: "echo", Version: "1.0.0", Repository: "oci://ghcr.example.com/acme"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			files := map[string]string{"apps/r.yaml": test.text}
			result, _ := deployed(t, treeOf(files), "apps", "r")
			if !result.Whole || len(result.Missing) != 1 || !result.Missing[0].Same(test.want) || result.Missing[0].At != "apps" {
				t.Fatalf("misses %+v, not %+v", result.Missing, test.want)
			}
			fetched := map[string]string{"apps/r.yaml": test.text, result.Missing[0].Archive: echoArchive(t)}
			if _, got := deployed(t, treeOf(fetched), "apps", "r"); len(got) == 0 || got[0] != `ConfigMap/ns/r {"own":"default"}` {
				t.Errorf("once fetched, deploys %q", got)
			}
			files["apps/charts/echo-1.0.0.tgz"] = echoArchive(t)
			result, got := deployed(t, treeOf(files), "apps", "r")
			if result.Whole || len(got) == 0 || got[0] != `ConfigMap/ns/r {"own":"default"}` {
				t.Fatalf("deploys %q", got)
			}
			if at := result.Objects[0].Origin.Path; at != "apps/r.yaml" {
				t.Errorf("an object of an archive comes from %s", at)
			}
		})
	}
}

// An archive inside of a chart would become a part of it.
func TestArchiveBesidesCharts(t *testing.T) {
	d := newDeployer(treeOf(map[string]string{"a/b.yaml": ""}), Target{}, &Result{})
	for file, want := range map[string]string{"charts/echo/templates/app.yaml": "charts", "charts/echo/app.yaml": "charts", "a/b.yaml": "a", "b.yaml": "."} {
		if got := d.besides(file); got != want {
			t.Errorf("besides %s: %s, not %s", file, got, want)
		}
	}
}

func TestKustomizationOfArtifact(t *testing.T) {
	tree := treeOf(map[string]string{
		"clusters/a.yaml": `apiVersion: source.extensions.fluxcd.io/v1beta1
kind: ArtifactGenerator
metadata: {name: x, namespace: flux}
spec:
  artifacts:
    - name: apps
      copy:
        - {from: "@repo/apps/base/**", to: "@artifact/base/"}
        - {from: "@repo/apps/production/**", to: "@artifact/production/"}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: apps, namespace: flux}
spec: {path: ./production, sourceRef: {kind: ExternalArtifact, name: apps}, targetNamespace: t, nameSuffix: -x}
`,
		"apps/production/kustomization.yaml": "resources: [../base]\n",
		"apps/base/kustomization.yaml":       "resources: [a.yaml]\n",
		"apps/base/a.yaml":                   "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
	})
	if _, got := deployed(t, tree, "clusters", "apps"); !slices.Equal(got, []string{"ConfigMap/t/a-x"}) {
		t.Errorf("deploys %q", got)
	}
}

func TestCanonicalURL(t *testing.T) {
	want := canonicalURL("https://github.com/acme/fleet")
	for _, url := range []string{"git@github.com:acme/fleet.git", "ssh://git@github.com:22/acme/fleet.git", "https://token@GitHub.com/Acme/fleet/", "git://github.com/acme/fleet"} {
		if got := canonicalURL(url); got != want {
			t.Errorf("%s is %s, not %s", url, got, want)
		}
	}
	if canonicalURL("https://github.com/acme/other") == want {
		t.Error("another repository is the same")
	}
}

func TestImageEdit(t *testing.T) {
	for text, want := range map[string]map[string]any{
		"nginx:1.2":              {"name": "nginx", "newTag": "1.2"},
		"a=example.com:5000/b:1": {"name": "a", "newName": "example.com:5000/b", "newTag": "1"},
		"a=b@sha256:00":          {"name": "a", "newName": "b", "digest": "sha256:00"},
		"example.com:5000/b":     {"name": "example.com:5000/b"},
		"b:1@sha256:00":          {"name": "b", "newTag": "1", "digest": "sha256:00"},
	} {
		if got := imageEdit(text); !maps.Equal(got, want) {
			t.Errorf("%s is %v, not %v", text, got, want)
		}
	}
}

func TestDeclaresReleases(t *testing.T) {
	for text, want := range map[string]bool{
		"apiVersion: argoproj.io/v1alpha1\nkind: Application\n":                                           true,
		`{"apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease"}`:                              true,
		"apiVersion: argoproj.io/v1alpha1\nkind: Workflow\n":                                              false,
		"apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nx: argoproj.io/Application": false,
	} {
		if got := DeclaresReleases([]byte(text)); got != want {
			t.Errorf("%v of %q", got, text)
		}
	}
}

func TestGlobbed(t *testing.T) {
	for _, test := range []struct {
		pattern, name string
		want          bool
	}{{"*.yaml", "a/b.yaml", true}, {"{a,b}.yaml", "b.yaml", true}, {"a/*", "b/c.yaml", false}, {"**/c.yaml", "a/b/c.yaml", true}} {
		if got := globbed(test.pattern, test.name); got != test.want {
			t.Errorf("%s on %s: %v", test.pattern, test.name, got)
		}
	}
}
