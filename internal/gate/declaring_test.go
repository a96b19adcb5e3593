package gate

import "testing"

// What an unaffected file may name decides whether the releases that it declares
// are looked at.
func TestMayName(t *testing.T) {
	touched := touch{dirs: map[string]bool{"apps": true, "apps/web": true}, bases: map[string]bool{"values.yaml": true}}
	flux := "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nspec:\n"
	argo := "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n"
	for text, want := range map[string]bool{
		flux + "  path: ./apps\n":             true,
		flux + "  path: ./other\n":            false,
		flux + "  path: /apps/\n":             true,
		flux + "  path: ./clusters/../apps\n": true,
		flux + "  path: .//apps\n":            true,
		flux + "  path: ./\n":                 true,
		flux + "  path: \".\"\n":              true,
		flux + "  prune: true\n":              true,
		flux + "  patches:\n    - patch: |\n        - {op: add, path: /spec/a}\n":                               true,
		flux + "    path: other\n---\n" + flux + "    path: ./\n":                                               true,
		"kind: Kustomization\napiVersion: kustomize.toolkit.fluxcd.io/v1\nspec: {prune: true, path: ./other}\n": false,
		"kind: Kustomization\napiVersion: kustomize.toolkit.fluxcd.io/v1\nspec: {prune: true, path: ./apps}\n":  true,
		"kind: HelmRelease\nspec: {chart: {spec: {chart: ./apps/web}}}\n":                                       true,
		argo + "    path: .\n":                                  true,
		argo + "    path: ./\n":                                 true,
		argo + "    path: other\n    url: https://a.example/\n": false,
	} {
		if got := touched.mayName(text); got != want {
			t.Errorf("mayName is %v of:\n%s", got, text)
		}
	}
}
