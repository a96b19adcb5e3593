package render

import (
	"slices"
	"strings"
	"testing"
)

// application is an Application of a folder.
func application(spec string) string {
	return "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: r, namespace: argocd}\nspec:\n  project: p\n" +
		"  destination: {namespace: ns, server: https://kubernetes.default.svc}\n" + spec
}

const chartSource = "  source:\n    repoURL: https://example.com/own.git\n    path: charts/echo\n    targetRevision: HEAD\n"

func TestApplicationValues(t *testing.T) {
	files := map[string]string{
		"charts/echo/env/a.yaml": "a: 1\nb: 1\n", "charts/echo/env/b.yaml": "b: 2\n", "charts/echo/env/r.yaml": "r: 1\n",
	}
	for _, test := range []struct{ name, helm, override, want string }{
		{"a pattern", "    helm: {valueFiles: ['env/*.yaml']}\n", "", `{"a":1,"b":2,"own":"default","r":1}`},
		{"a pattern, and one of its files by name", "    helm: {valueFiles: ['env/*.yaml', env/a.yaml]}\n", "", `{"a":1,"b":1,"own":"default","r":1}`},
		{"a pattern that nothing matches", "    helm: {valueFiles: ['none/*.yaml'], ignoreMissingValueFiles: true}\n", "", `{"own":"default"}`},
		{"the build environment", "    helm: {valueFiles: ['env/$ARGOCD_APP_NAME.yaml'], parameters: [{name: a, value: '${ARGOCD_APP_NAMESPACE}-$$-$other'}]}\n", "",
			`{"a":"ns-$-","own":"default","r":1}`},
		{"an override in the folder", "    helm: {parameters: [{name: a, value: x}], values: 'b: 1'}\n", "helm: {parameters: [{name: c, value: why}]}\npath: elsewhere\n",
			`{"b":1,"c":"why","own":"default"}`},
		{"an override that takes away", "    helm: {values: 'b: 1'}\n", "helm: {values: null}\n", `{"own":"default"}`},
	} {
		for _, name := range []string{".argocd-source.yaml", ".argocd-source-r.yaml"} {
			tree := treeOf(files)
			tree["apps/r.yaml"] = treeOf(map[string]string{"f": application(chartSource + test.helm)})["f"]
			if test.override != "" {
				tree["charts/echo/"+name] = treeOf(map[string]string{"f": test.override})["f"]
			}
			_, got := deployed(t, tree, "apps", "r")
			if want := "ConfigMap/ns/r " + test.want; !slices.Contains(got, want) {
				t.Errorf("%s, %s: deploys %q, not %q", test.name, name, got, want)
			}
		}
	}
}

func TestApplicationOverrideIsAnInput(t *testing.T) {
	tree := treeOf(map[string]string{
		"apps/r.yaml":          application("  source: {repoURL: https://example.com/own.git, path: k}\n"),
		"k/kustomization.yaml": "resources: [pod.yaml]\n",
		"k/pod.yaml":           "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: web}]}\n",
	})
	in := Target{Kind: Manifests, Dir: "apps", Repository: &Repository{}}
	around, err := Render(tree, in)
	if err != nil {
		t.Fatal(err)
	}
	if reads := around.Releases[0].Reads; !slices.Contains(reads, "k/.argocd-source-r.yaml") || !slices.Contains(reads, "k/.argocd-source.yaml") {
		t.Errorf("a file that would override the source is no input: %q", reads)
	}
}

// images are those of the containers of a result.
func images(r *Result) string {
	var all []string
	for _, o := range r.Objects {
		for c := range o.Containers() {
			all = append(all, c.Get("image").Text())
		}
	}
	return strings.Join(all, " ")
}

func TestImagesReplaceThoseOfTheKustomization(t *testing.T) {
	flux := "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: r, namespace: ns}\nspec:\n" +
		"  path: k\n  sourceRef: {kind: GitRepository, name: own}\n  images: "
	for declared, want := range map[string]string{
		flux + "[{name: web, newName: new/web, newTag: v2}]\n": "new/web:v2",
		flux + "[{name: web, newTag: v2}]\n":                   "web:v2",
		application("  source: {repoURL: https://example.com/own.git, path: k, kustomize: {images: ['web=new/web:v2']}}\n"): "new/web:v2",
		application("  source: {repoURL: https://example.com/own.git, path: k, kustomize: {images: ['web=*:v2']}}\n"):       "old/web:v2",
		application("  source: {repoURL: https://example.com/own.git, path: k, kustomize: {images: ['other:v2']}}\n"):       "old/web:v1",
	} {
		tree := treeOf(map[string]string{
			"apps/r.yaml":          declared,
			"k/kustomization.yaml": "resources: [pod.yaml]\nimages: [{name: web, newName: old/web, newTag: v1}]\n",
			"k/pod.yaml":           "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: web}]}\n",
		})
		if result, _ := deployed(t, tree, "apps", "r"); images(result) != want {
			t.Errorf("%s\ndeploys %q, not %q", declared, images(result), want)
		}
	}
}

func TestApplicationTools(t *testing.T) {
	kustomization := map[string]string{"charts/echo/kustomization.yaml": "resources: [extra/pod.yaml]\n",
		"charts/echo/extra/pod.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: extra}\n"}
	for _, test := range []struct{ name, source, want string }{
		{"a kustomization beside a chart", chartSource, "Pod/ns/extra"},
		{"a chart that is asked for", chartSource + "    helm: {skipTests: true}\n", `ConfigMap/ns/r {"own":"default"}`},
		{"a folder that is asked for", chartSource + "    directory: {recurse: true, include: 'extra/*'}\n", "Pod/ns/extra"},
		{"files of any ending", "  source: {repoURL: https://example.com/own.git, path: odd, directory: {disableExtensionFilter: true}}\n", "Pod/ns/odd"},
		{"what a hydrator reads", "  sourceHydrator:\n    drySource: {repoURL: https://example.com/own.git, path: charts/echo/extra}\n    syncSource: {targetBranch: env, path: a}\n", "Pod/ns/extra"},
		{"a component that may be missing", "  source: {repoURL: https://example.com/own.git, path: charts/echo, kustomize: {components: [../none], ignoreMissingComponents: true}}\n", "Pod/ns/extra"},
	} {
		tree := treeOf(kustomization)
		tree["odd/pod.tmpl"] = treeOf(map[string]string{"f": "apiVersion: v1\nkind: Pod\nmetadata: {name: odd}\n"})["f"]
		tree["apps/r.yaml"] = treeOf(map[string]string{"f": application(test.source)})["f"]
		if _, got := deployed(t, tree, "apps", "r"); !slices.Equal(got, []string{test.want}) {
			t.Errorf("%s: deploys %q, not %q", test.name, got, test.want)
		}
	}
}

func TestKustomizationVariables(t *testing.T) {
	tree := treeOf(map[string]string{
		"apps/r.yaml": `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: r, namespace: ns}
spec:
  path: k
  sourceRef: {kind: GitRepository, name: own}
  postBuild: {substitute: {ctx: '{privileged: true}', caps: '[SYS_ADMIN]', bomb: '{a: &a [1,1], b: *a}', two: "a\nb", key: '{a: b}'}}
`,
		"k/pod.yaml": `apiVersion: v1
kind: Pod
metadata: {name: a, annotations: {note: 'of {{ .Values.x }}', two: '${two}', part: '${two:0:1}', '${key}': x}}
spec: {containers: [{name: a, securityContext: "${ctx}", args: "${caps}"}]}
`,
	})
	result, got := deployed(t, tree, "apps", "r")
	if !slices.Equal(got, []string{"Pod//a"}) {
		t.Fatalf("a manifest with braces in a text is left out: %q", got)
	}
	for c := range result.Objects[0].Containers() {
		if !c.Get("securityContext", "privileged").IsTrue() || c.Get("args").Len() != 1 {
			t.Error("a variable that is a mapping or a list stays a text")
		}
	}
	if text := result.Objects[0].Root.Get("metadata", "annotations", "two").Text(); text != "ab" {
		t.Errorf("a line break stays in a variable: %q", text)
	}
	if notes := strings.Join(result.Notes, "\n"); !strings.Contains(notes, "stay as they are: two") {
		t.Errorf("nothing is said of a form that is not evaluated: %q", notes)
	}
}

func TestHelmReleaseOfOldAPI(t *testing.T) {
	tree := treeOf(map[string]string{"env/a.yaml": "a: 1\nb: 1\n", "env/b.yaml": "b: 2\n", "apps/r.yaml": `apiVersion: helm.toolkit.fluxcd.io/v2beta1
kind: HelmRelease
metadata: {name: r, namespace: ns}
spec:
  chart: {spec: {chart: charts/echo, valuesFile: env/a.yaml, valuesFiles: [env/b.yaml], sourceRef: {kind: GitRepository, name: own}}}
`})
	if _, got := deployed(t, tree, "apps", "r"); !slices.Equal(got, []string{`ConfigMap/ns/r {"a":1,"b":2}`}) {
		t.Errorf("deploys %q", got)
	}
}
