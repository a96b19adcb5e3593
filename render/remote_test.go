package render_test

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rendergate/rendergate/render"
)

// named is what a kustomization names with one resource.
func named(t *testing.T, text string) render.Remote {
	t.Helper()
	data, err := json.Marshal(map[string]any{"resources": []string{text}})
	if err != nil {
		t.Fatal(err)
	}
	result, err := render.Render(tree{fstest.MapFS{"kustomization.yaml": {Data: data}}}, render.Target{Kind: render.Kustomize, Dir: "."})
	if err != nil || len(result.Missing) != 1 || result.Missing[0].Remote == nil {
		t.Fatalf("%s: %+v, %v", text, result, err)
	}
	return *result.Missing[0].Remote
}

// TestAddressesOfRepositories are the forms that kustomize 0.21 documents and
// tests, as the repository, the folder in it and the ref.
func TestAddressesOfRepositories(t *testing.T) {
	for text, want := range map[string][3]string{
		"github.com/org/repo":                                            {"https://github.com/org/repo", ".", ""},
		"gitHub.com/org/repo/foo/krusty?ref=group/version":               {"https://github.com/org/repo", "foo/krusty", "group/version"},
		"github.com:org/repo/foo?ref=v0.1.0":                             {"https://github.com/org/repo", "foo", "v0.1.0"},
		"http://github.com/org/repo.git/dir":                             {"https://github.com/org/repo.git", "dir", ""},
		"hTTps://github.com/org/repo//dir/?ref=v1.0.6":                   {"https://github.com/org/repo", "dir", "v1.0.6"},
		"git::https://git.example.com/org/repo?ref=main":                 {"https://git.example.com/org/repo", ".", "main"},
		"https://git-codecommit.us-east-2.amazonaws.com/a/b/c?ref=x":     {"https://git-codecommit.us-east-2.amazonaws.com/a/b", "c", "x"},
		"https://itfs.example.com/a/b/_git/repos/dir?version=v1.0.0":     {"https://itfs.example.com/a/b/_git/repos", "dir", "v1.0.0"},
		"https://user@dev.azure.com/a/b/_git/repo/path?ref=x":            {"https://dev.azure.com/a/b/_git/repo", "path", "x"},
		"https://bitbucket.example.com/scm/project/repository.git":       {"https://bitbucket.example.com/scm/project/repository.git", ".", ""},
		"https://example.org/path/to/repo//a/b?ref=v1&timeout=90s":       {"https://example.org/path/to/repo", "a/b", "v1"},
		"https://example.org/path/to/repo//a?version=v1&ref=v2":          {"https://example.org/path/to/repo", "a", "v2"},
		"https://example.org/path/to/repo//a?submodules=false&ref=v%2F2": {"https://example.org/path/to/repo", "a", "v/2"},
		"https://github.com/org/repo//a/x.yaml?ref=v1":                   {"https://github.com/org/repo", "a/x.yaml", "v1"},
	} {
		r := named(t, text)
		if got := [3]string{r.Repository, r.Dir, r.Ref}; got != want || r.File != "" || r.Never != "" {
			t.Errorf("%s: %+v, want %v", text, r, want)
		}
	}
}

func TestAddressesOfFiles(t *testing.T) {
	for text, repository := range map[string]string{
		"https://raw.githubusercontent.com/org/repo/v1/deploy/x.yaml":     "",
		"https://github.com/org/repo/releases/download/v1/install.yaml":   "",
		"https://github.com/org/repo/releases/latest/download/crds.yml":   "",
		"https://github.com/org/repo/raw/main/x":                          "https://github.com/org/repo",
		"https://storage.example.com/releases/pipeline/v0.5/release.yaml": "",
		"https://example.com/x.yaml":                                      "",
		"https://example.com/org/repo/x":                                  "https://example.com/org/repo",
		"https://example.com/api?file=x.yaml":                             "",
	} {
		r := named(t, text)
		if r.File != text || r.Repository != repository || r.Never != "" {
			t.Errorf("%s: %+v", text, r)
		}
	}
}

func TestAddressesThatNobodyFetches(t *testing.T) {
	for text, want := range map[string]string{
		"git@github.com:org/repo//p?ref=v1": "ssh", "git@github.com/org/repo": "ssh", "org-12345@github.com:org/repo": "ssh",
		"git::git@github.com:org/repo": "ssh", "ssh://git.example.com:7999/org/repo": "ssh", "ssh://git@github.com/org/repo": "ssh",
		"git@bitbucket.org:company/project.git//path?ref=branch": "ssh", "https://git@github.com/org/repo": "ssh",
		"file:///a/b/repo.git/path": "machine", "git://example.com/org/repo": "https",
		"https://github.com/org/repo.git//path/../../out": "leads out", "https://example.com/org/repo//..": "leads out",
	} {
		if r := named(t, text); r.Never == "" || !strings.Contains(r.Never, want) || r.Repository+r.File != "" {
			t.Errorf("%s: %+v", text, r)
		}
	}
}

// fetchedTree is a tree that uses a repository, which was fetched.
func fetchedTree(t *testing.T, use string, own, remote map[string]string) tree {
	t.Helper()
	in := tree{fstest.MapFS{"prod/kustomization.yaml": {Data: []byte(use)}}}
	for name, text := range own {
		in.MapFS[name] = &fstest.MapFile{Data: []byte(text)}
	}
	at := render.Remote{Repository: "https://example.com/org/app", Ref: "v1"}.TreePlace()
	for name, text := range remote {
		in.MapFS[at+"/"+name] = &fstest.MapFile{Data: []byte(text)}
	}
	return in
}

const useApp = "resources: ['https://example.com/org/app//a?ref=v1']\n"

// TestWhatIsFetchedKeepsToItself: also where a build may read files anywhere, as
// Flux's builds may, a fetched kustomization reads its own repository alone.
func TestWhatIsFetchedKeepsToItself(t *testing.T) {
	own := map[string]string{"prod/secret.yaml": "password", "charts/x/Chart.yaml": "apiVersion: v2\nname: x\nversion: 1.0.0\n", "prod/values.yaml": "a: b"}
	for name, text := range map[string]string{
		"resources":  "resources: [../../../prod/secret.yaml]",
		"a patch":    "resources: [x.yaml]\npatches: [{path: ../../../prod/secret.yaml}]",
		"generator":  "configMapGenerator: [{name: x, files: ['key=../../../prod/secret.yaml']}]",
		"envs":       "configMapGenerator: [{name: x, envs: [../../../prod/secret.yaml]}]",
		"too far up": "configMapGenerator: [{name: x, files: ['../../../../../../prod/secret.yaml']}]",
		"a base":     "resources: [../../../prod]",
		"a plugin":   "transformers: [plugin.yaml]",
		"in place":   "transformers: ['{apiVersion: builtin, kind: PatchTransformer, metadata: {name: x}, path: ../../../prod/secret.yaml}']",
		"charts":     "helmGlobals: {chartHome: ../../../charts}\nhelmCharts: [{name: x}]",
		"values":     "helmCharts: [{name: x, valuesFile: ../../../prod/values.yaml}]",
	} {
		in := fetchedTree(t, useApp, own, map[string]string{
			"a/kustomization.yaml": text, "a/x.yaml": "{apiVersion: v1, kind: Pod, metadata: {name: x}}",
			"a/plugin.yaml": "{apiVersion: builtin, kind: PatchTransformer, metadata: {name: x}, path: ../../../prod/secret.yaml}",
		})
		for _, unrestricted := range []bool{false, true} {
			_, err := render.Render(in, render.Target{Kind: render.Kustomize, Dir: "prod", Unrestricted: unrestricted})
			if err == nil || !strings.Contains(err.Error(), "leads out of its repository") || strings.ContainsRune(err.Error(), 0) {
				t.Errorf("%s, unrestricted %t: %v", name, unrestricted, err)
			}
		}
	}
}

// TestNothingStandsInForWhatIsFetched: a tree has no way to name the place.
func TestNothingStandsInForWhatIsFetched(t *testing.T) {
	at := render.Remote{Repository: "https://example.com/org/app", Ref: "v1"}.TreePlace()
	place, err := json.Marshal("../" + at + "/a")
	if err != nil {
		t.Fatal(err)
	}
	for _, use := range []string{"resources: [" + string(place) + "]", "components: [" + string(place) + "]", "configMapGenerator: [{name: x, files: [" + string(place) + "]}]"} {
		in := fetchedTree(t, use, nil, map[string]string{"a/kustomization.yaml": "namePrefix: x"})
		if _, err := render.Render(in, render.Target{Kind: render.Kustomize, Dir: "prod"}); err == nil || !strings.Contains(err.Error(), "is no path") {
			t.Errorf("%s: %v", use, err)
		}
	}
}

// TestObjectsOfWhatIsFetched stand where it is named, and say as kustomize does
// where they come from when the user asks.
func TestObjectsOfWhatIsFetched(t *testing.T) {
	remote := map[string]string{
		"a/kustomization.yaml": "resources: [x.yaml, ../b]\nhelmCharts: [{name: c, releaseName: r}]", "a/x.yaml": "{apiVersion: v1, kind: Pod, metadata: {name: x}}",
		"a/charts/c/Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\n", "a/charts/c/templates/a.yaml": "{apiVersion: v1, kind: Pod, metadata: {name: c}}",
		"b/kustomization.yaml": "configMapGenerator: [{name: b, literals: [a=b]}]",
	}
	result, err := render.Render(fetchedTree(t, useApp, nil, remote), render.Target{Kind: render.Kustomize, Dir: "prod"})
	if err != nil || len(result.Objects) != 3 || len(result.Missing) != 0 {
		t.Fatalf("%+v, %v", result, err)
	}
	for _, o := range result.Objects {
		if o.Origin.Path != "prod/kustomization.yaml" {
			t.Errorf("%s is from %q", o.Name, o.Origin.Path)
		}
	}
	if len(result.Parts) != 1 || result.Parts[0].Name != "https://example.com/org/app//a" || result.Parts[0].Version != "v1" {
		t.Errorf("parts: %+v", result.Parts)
	}
	result, err = render.Render(fetchedTree(t, useApp+"buildMetadata: [originAnnotations]", nil, remote), render.Target{Kind: render.Kustomize, Dir: "prod"})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range result.Objects {
		origin := o.Root.Get("metadata", "annotations", "config.kubernetes.io/origin").Text()
		if strings.ContainsRune(origin, 0) || !strings.Contains(origin, "repo: https://example.com/org/app\n") || !strings.Contains(origin, "ref: v1") {
			t.Errorf("%s: origin %q", o.Name, origin)
		}
	}
}

// TestSettingsOutOfARepository are looked at like those of the tree.
func TestSettingsOutOfARepository(t *testing.T) {
	use := "resources: [x.yaml]\ntransformers: ['https://example.com/org/app//a?ref=v1']\n"
	own := map[string]string{"prod/x.yaml": "{apiVersion: v1, kind: Pod, metadata: {name: x}}"}
	settings := "{apiVersion: builtin, kind: PrefixTransformer, metadata: {name: x}, prefix: of-, fieldSpecs: [{path: metadata/name}]}"
	result, err := render.Render(fetchedTree(t, use, own, map[string]string{"a/kustomization.yaml": "resources: [t.yaml]", "a/t.yaml": settings}), render.Target{Kind: render.Kustomize, Dir: "prod"})
	if err != nil || len(result.Objects) != 1 || result.Objects[0].Name != "of-x" {
		t.Fatalf("%+v, %v", result, err)
	}
	greedy := "{apiVersion: builtin, kind: PatchTransformer, metadata: {name: x}, path: 'http://169.254.169.254/x.yaml'}"
	_, err = render.Render(fetchedTree(t, use, own, map[string]string{"a/kustomization.yaml": "resources: [t.yaml]", "a/t.yaml": greedy}), render.Target{Kind: render.Kustomize, Dir: "prod"})
	if err == nil || !strings.Contains(err.Error(), "was not fetched") {
		t.Errorf("%v", err)
	}
}
