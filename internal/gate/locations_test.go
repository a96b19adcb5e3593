package gate

import (
	"slices"
	"testing"

	"github.com/rendergate/rendergate/internal/config"
	"github.com/rendergate/rendergate/internal/git"
)

func TestLocations(t *testing.T) {
	base := git.EmptyTree().With(map[string][]byte{
		"a/Chart.yaml":         []byte("name: a\ndependencies:\n  - {name: x, repository: https://charts.example.com/a}\n  - {name: y, repository: 'file://../y'}\n"),
		"a/Chart.lock":         []byte("dependencies:\n  - {name: x, repository: oci://registry.example.com/locked}\n"),
		"b/requirements.yaml":  []byte("dependencies:\n  - {name: x, repository: https://charts.example.com/b}\n  - {name: z, repository: '@mine'}\n"),
		"k/kustomization.yaml": []byte("helmCharts:\n  - {name: x, repo: https://charts.example.com/k}\n"),
		"k/base/kustomization.yaml": []byte("resources: ['https://github.com/acme/base//a?ref=v1', 'https://git.example.com/base/repo//x?ref=v2', 'git@github.com:acme/ssh']\n" +
			"commonAnnotations: {docs: 'https://docs.example.com/a/'}\npatches: [{path: 'https://files.example.com/team/v1.2.3/x.yaml'}]\n"),
		"flux/all.yaml":            []byte("kind: HelmRepository\nspec: {url: https://charts.example.com/flux}\n---\nkind: GitRepository\nspec: {url: https://git.example.com/acme/app}\n"),
		"argo/app.yaml":            []byte("kind: Application\nspec:\n  sources:\n    - {repoURL: registry.example.com/argo, chart: x}\n    - {repoURL: 'http://plain.example.com'}\n"),
		"other/config.yaml":        []byte("url: https://elsewhere.example.com/\n"),
		"broken/app.yaml":          []byte("kind: Application\nspec: {repoURL: https://broken.example.com\n"),
		"a/templates/release.yaml": []byte("kind: HelmRepository\nspec: {url: {{ .Values.url }}}\n"),
	})
	all, err := locations(base, &config.File{Network: config.Network{Allow: []string{"https://allowed.example.com/x/"}}})
	if err != nil {
		t.Fatal(err)
	}
	for repository, want := range map[string]bool{
		"https://charts.example.com/a": true, "https://charts.example.com/b/": true, "https://charts.example.com/k": true, "https://charts.example.com/flux": true,
		"https://charts.example.com": false, "https://charts.example.com/c": false, "oci://registry.example.com/locked": true, "oci://registry.example.com/argo": true,
		"oci://registry.example.com/evil": false, "https://git.example.com/acme/app": true, "http://plain.example.com": false, "https://elsewhere.example.com/": false,
		"https://broken.example.com": false, "https://github.com/acme/base": true, "https://raw.githubusercontent.com/acme/base/v9/x.yaml": true, "https://github.com/acme/base2": false,
		"https://github.com/acme": false, "https://git.example.com/base/repo": true, "https://git.example.com/base/": false, "https://github.com/acme/ssh": false, "https://docs.example.com/a/": false,
		"https://files.example.com/team/v2.0.0/x.yaml": true, "https://files.example.com/other/v1.2.3/x.yaml": false, "https://allowed.example.com/x/y": true, "https://allowed.example.com/": false,
	} {
		if got := all.Allows(repository); got != want {
			t.Errorf("%s is allowed: %t", repository, got)
		}
	}
}

func TestDeclarationsTellOneStateFromAnother(t *testing.T) {
	tree := git.EmptyTree().With(map[string][]byte{"a/Chart.yaml": []byte("name: a\nversion: 1\n"), "a/values.yaml": []byte("a: 1\n")})
	s := &supply{mu: newSupply(&git.Change{Base: tree}, Options{}, &config.File{}).mu, before: map[string][]supplied{}}
	files := map[string][]byte{"a/charts/x-1.tgz": []byte("x")}
	s.keep(tree, "a", nil, files)
	if got := s.again(tree.With(map[string][]byte{"a/values.yaml": []byte("a: 2\n")}), "a"); !slices.Equal(sorted(got), sorted(files)) {
		t.Errorf("other values: %v", got)
	}
	for name, data := range map[string][]byte{"a/Chart.yaml": []byte("name: a\nversion: 2\n"), "a/Chart.lock": []byte("digest: x\n")} {
		if got := s.again(tree.With(map[string][]byte{name: data}), "a"); len(got) != 0 {
			t.Errorf("another %s: %v", name, got)
		}
	}
}
