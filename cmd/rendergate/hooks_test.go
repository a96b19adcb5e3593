package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// hookManifest is what .pre-commit-hooks.yaml says of one hook.
type hookManifest struct {
	ID             string
	Entry          string
	Language       string
	Files, Exclude string
	Types          []string
	PassFilenames  bool `yaml:"pass_filenames"`
	RequireSerial  bool `yaml:"require_serial"`
}

func hookManifests(t *testing.T) []hookManifest {
	t.Helper()
	data, err := os.ReadFile("../../.pre-commit-hooks.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var hooks []hookManifest
	if err := yaml.Unmarshal(data, &hooks); err != nil {
		t.Fatal(err)
	}
	return hooks
}

// verbose takes Python's way of writing long expressions apart, which Go's has
// not: a space means nothing in it.
func verbose(t *testing.T, expression string) *regexp.Regexp {
	t.Helper()
	text, found := strings.CutPrefix(expression, "(?x)")
	if !found {
		t.Fatalf("%q does not begin with (?x)", expression)
	}
	return regexp.MustCompile(strings.Join(strings.Fields(text), ""))
}

func TestHooksAreAlike(t *testing.T) {
	hooks := hookManifests(t)
	for i, want := range []struct{ id, language string }{{"rendergate", "golang"}, {"rendergate-system", "system"}, {"rendergate-docker", "docker_image"}} {
		if i >= len(hooks) || hooks[i].ID != want.id || hooks[i].Language != want.language {
			t.Fatalf("hook %d is not %s in %s: %+v", i, want.id, want.language, hooks)
		}
		h := hooks[i]
		if h.Files != hooks[0].Files || h.Exclude != hooks[0].Exclude || h.PassFilenames || !h.RequireSerial || h.Types == nil || len(h.Types) > 0 {
			t.Errorf("%s is started otherwise than the first: %+v", h.ID, h)
		}
	}
	if len(hooks) != 3 {
		t.Errorf("there are %d hooks, want 3", len(hooks))
	}
	// What the program reads of the environment must get into the container.
	for _, name := range []string{"GIT_INDEX_FILE", "PRE_COMMIT_FROM_REF", "PRE_COMMIT_TO_REF", "PRE_COMMIT_LOCAL_BRANCH"} {
		if !strings.Contains(hooks[2].Entry, "-e "+name+" ") {
			t.Errorf("the container is not told %s: %s", name, hooks[2].Entry)
		}
	}
}

func TestHookFiles(t *testing.T) {
	starts := map[bool][]string{
		true: {
			// Charts: what they are made of, wherever they lie, and what they read.
			"Chart.yaml", "charts/web/Chart.yaml", "deploy/helm/web/Chart.lock", "web/requirements.lock", "web/.helmignore",
			"values.yaml", "web/values-prod.yml", "web/environments/prod/values.yaml.gotmpl", "web/values.schema.json",
			"templates/deployment.yaml", "web/templates/_helpers.tpl", "web/templates/NOTES.txt", "web/templates/tests/run.sh", "web/templates/nginx.lua",
			"web/crds/crd.yaml", "web/charts/redis-1.2.3.tgz", "web/charts/redis/templates/a.yaml", "web/files/init.sql", "web/dashboards/main.json",
			// kustomize, and what generators read.
			"kustomization.yaml", "overlays/prod/kustomization.yml", "overlays/prod/Kustomization", "overlays/prod/patch.json", "overlays/prod/app.properties",
			"overlays/prod/.env", "overlays/prod/prod.env", "base/nginx.conf", "base/settings.ini", "base/my.cnf.yaml", "base/tls.crt",
			// GitOps and plain manifests.
			"clusters/prod/apps.yaml", "argocd/application.yml", "k8s/pod.json", "manifests/namespace.yaml",
			// Infrastructure.
			"main.tf", "modules/eks/variables.tf.json", "prod.tfvars", "prod.auto.tfvars.json", "modules/node/user-data.sh.tftpl", "modules/node/userdata/boot",
			"modules/node/user_data/boot", "templates/boot.cfg", "scripts/bootstrap.sh", "stack.template", "cloudformation/eks.yaml", "cloudformation/eks.json", "terragrunt.hcl", ".terraform.lock.hcl", "bottlerocket.toml",
			// What decides.
			".rendergate.yaml", ".rendergate-waivers.yaml", "policies/no-latest.yaml",
			"a path/with blanks/ünïcode.yaml",
		},
		false: {
			"main.go", "internal/values/values.go", "go.mod", "go.sum", "app.py", "src/index.ts", "Makefile", "Dockerfile", "LICENSE", "CODEOWNERS",
			"README.md", "charts/web/README.md", "charts/web/templates/README.md", "charts/web/icon.png", "docs/picture.svg", "docs/charts.rst", "docs/kustomization.txt",
			"package.json", "ui/package-lock.json", "ui/pnpm-lock.yaml", "tsconfig.json", "renovate.json", "Cargo.toml", "pyproject.toml",
			".github/workflows/ci.yml", ".github/dependabot.yaml", ".gitlab/agents/a/config.yaml", ".pre-commit-config.yaml", ".golangci.yml", "mkdocs.yml",
			"yaml", "src/yaml/parse.c", "templates", "mycharts/a.c", "Kustomization.bak", "values.yaml.orig", "values.yaml~", "chart.lock.bak", "terraform.tfstate",
		},
	}
	for _, h := range hookManifests(t) {
		files, exclude := verbose(t, h.Files), verbose(t, h.Exclude)
		for want, names := range starts {
			for _, name := range names {
				if got := files.MatchString(name) && !exclude.MatchString(name); got != want {
					t.Errorf("%s: a change of %s starts it: %v, want %v", h.ID, name, got, want)
				}
			}
		}
	}
}
