package starter_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"go.yaml.in/yaml/v3"

	"github.com/rendergate/rendergate/internal/config"
	"github.com/rendergate/rendergate/internal/starter"
)

func proposed(t *testing.T, r starter.Repository, path string) (starter.Proposal, []string) {
	t.Helper()
	all, there, err := r.Proposals()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		if p.Path == path {
			return p, there
		}
	}
	return starter.Proposal{}, there
}

// TestHook adds to the list of repositories where that is safe.
func TestHook(t *testing.T) {
	const ours = "repo: https://github.com/rendergate/rendergate\n"
	for name, tc := range map[string]struct{ before, added string }{
		"indented":       {"repos:\n  - repo: local\n    hooks: []\n", "  - " + ours},
		"not indented":   {"default_stages: [pre-commit]\nrepos:\n- repo: local\n  hooks: []\n", "- " + ours},
		"no line break":  {"repos:\n  - repo: local\n    hooks: []", "\n  - " + ours},
		"a comment ends": {"repos:\n  - repo: local\n    hooks: []\n# the end\n", ""}, // whose it is nobody can say
		"not last":       {"repos:\n  - repo: local\n    hooks: []\nci: {}\n", ""},
		"in one line":    {"repos: [{repo: local, hooks: []}]\n", ""},
		"block at end":   {"repos:\n  - repo: local\n    hooks: []\n    note: |\n      text\n", "  - " + ours},
		"no YAML":        {"repos: [\n", ""},
		"empty":          {"", ""},
	} {
		p, _ := proposed(t, starter.Repository{Tree: fstest.MapFS{".pre-commit-config.yaml": {Data: []byte(tc.before)}}}, ".pre-commit-config.yaml")
		if (p.Manual != "") != (tc.added == "") || !strings.HasPrefix(p.Added, tc.added) {
			t.Errorf("%s: %+v", name, p)
		}
	}
	if p, there := proposed(t, starter.Repository{Tree: fstest.MapFS{".pre-commit-config.yaml": {Data: []byte("repos:\n- repo: https://github.com/rendergate/rendergate\n")}}}, ".pre-commit-config.yaml"); p.Path != "" || !strings.Contains(strings.Join(there, "\n"), "has the hook") {
		t.Errorf("%+v %v", p, there)
	}
}

// TestOwners asks those who are named, else those who own everything.
func TestOwners(t *testing.T) {
	for name, tc := range map[string]struct {
		file   string
		owners []string
		want   string
	}{
		"named":               {"", []string{"@acme/security"}, "/.rendergate.yaml @acme/security\n"},
		"of everything":       {"* @a\n/x @b\n* @acme/all @c\n", nil, "/.rendergate.yaml @acme/all @c\n"},
		"nobody":              {"/x @b\n", nil, ""},
		"a rule of their own": {"/.rendergate.yaml @b\n", []string{"@c"}, "/.rendergate-waivers.yaml @c\n"},
	} {
		tree := fstest.MapFS{}
		if tc.file != "" {
			tree[".github/CODEOWNERS"] = &fstest.MapFile{Data: []byte(tc.file)}
		}
		p, there := proposed(t, starter.Repository{Tree: tree, Owners: tc.owners}, ".github/CODEOWNERS")
		if got := p.Text + p.Added; !strings.Contains(got, tc.want) || (tc.want == "") != (got == "") {
			t.Errorf("%s: %q, %v", name, got, there)
		}
		if name == "a rule of their own" && strings.Contains(p.Added, "/.rendergate.yaml ") {
			t.Errorf("%s: %q", name, p.Added)
		}
	}
	if _, _, err := (starter.Repository{Tree: fstest.MapFS{}, Owners: []string{"a\n* @mallory"}}).Proposals(); !errors.Is(err, starter.ErrOwner) {
		t.Errorf("got %v", err)
	}
}

// TestConfigHolds reads every proposed configuration as the gate does.
func TestConfigHolds(t *testing.T) {
	broken := errors.New("fails\nhere: [\u2028x: y")
	for name, targets := range map[string][]starter.Target{
		"nothing":        nil,
		"a hostile name": {{Kind: "helm", Dir: "charts/a: b #c"}, {Kind: "helm", Dir: "charts/a: b #c", Values: []string{"values-\"x\".yaml"}, Guessed: true}},
		"all broken":     {{Kind: "helm", Dir: "web", Err: broken}, {Kind: "helm", Dir: "web", Values: []string{"values-a.yaml"}, Guessed: true, Err: broken}},
		"some broken":    {{Kind: "helm", Dir: "web"}, {Kind: "helm", Dir: "web", Values: []string{"values-a.yaml"}, Guessed: true, Err: broken}, {Kind: "manifests", Dir: "x", Err: broken}},
		"fixtures":       {{Kind: "helm", Dir: "testdata/web", Values: []string{"values-a.yaml"}, Guessed: true}},
	} {
		p, _ := proposed(t, starter.Repository{Tree: fstest.MapFS{}, Targets: targets}, ".rendergate.yaml")
		file, err := config.Parse(p.Path, []byte(p.Text), nil)
		if err != nil {
			t.Errorf("%s: %v\n%s", name, err, p.Text)
			continue
		}
		if want := map[string]int{"a hostile name": 1, "some broken": 1}[name]; len(file.Targets) != want {
			t.Errorf("%s: %d targets\n%s", name, len(file.Targets), p.Text)
		}
	}
}

// TestConfigOfHostilePath keeps folders' names in their comments.
func TestConfigOfHostilePath(t *testing.T) {
	r := starter.Repository{Tree: fstest.MapFS{}, Targets: []starter.Target{{Kind: "manifests", Dir: "a\nexclude: ['**']\n#"}}}
	p, _ := proposed(t, r, ".rendergate.yaml")
	if f, err := config.Parse(".rendergate.yaml", []byte(p.Text), nil); err != nil || len(f.Exclude) > 0 {
		t.Errorf("a folder's name is read as configuration: %v\n%s", err, p.Text)
	}
}

// TestWorkflow is the documented one, for a release without what only builds.
func TestWorkflow(t *testing.T) {
	documented, err := os.ReadFile("../../docs/workflows/basic.yml")
	if err != nil {
		t.Fatal(err)
	}
	if p, _ := proposed(t, starter.Repository{Tree: fstest.MapFS{}}, ".github/workflows/rendergate.yml"); p.Text != string(documented) {
		t.Error("internal/starter/workflow.yml is not docs/workflows/basic.yml: copy it")
	}
	p, _ := proposed(t, starter.Repository{Tree: fstest.MapFS{}, Version: "v0.3.0", Branch: "trunk"}, ".github/workflows/rendergate.yml")
	if strings.Contains(p.Text, "setup-go") || !strings.Contains(p.Text, "rendergate/rendergate@v0.3.0 # pin its commit") || !strings.Contains(p.Text, "branches: [trunk]") {
		t.Error(p.Text)
	}
	var any map[string]any
	if err := yaml.Unmarshal([]byte(p.Text), &any); err != nil {
		t.Error(err)
	}
	tree := fstest.MapFS{".github/workflows/ci.yaml": {Data: []byte("uses: rendergate/rendergate@abc")}}
	if p, there := proposed(t, starter.Repository{Tree: tree}, ".github/workflows/rendergate.yml"); p.Path != "" || len(there) == 0 {
		t.Errorf("%+v %v", p, there)
	}
}

// TestWrite overwrites nothing and follows no link.
func TestWrite(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	put := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	put("there", "old\n")
	if err := os.Symlink(outside, filepath.Join(dir, ".github")); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		p  starter.Proposal
		ok bool
	}{
		"new":            {starter.Proposal{Path: "a/b", Text: "x"}, true},
		"there":          {starter.Proposal{Path: "there", Text: "x"}, false},
		"through a link": {starter.Proposal{Path: ".github/CODEOWNERS", Text: "x"}, false},
		"added":          {starter.Proposal{Path: "there", Before: []byte("old\n"), At: 4, Added: "new\n"}, true},
	} {
		if err := starter.Write(dir, tc.p); (err == nil) != tc.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := starter.Write(dir, starter.Proposal{Path: "there", Before: []byte("other"), Added: "new\n"}); err == nil {
		t.Error("a file that changed was written")
	}
	if data, err := os.ReadFile(filepath.Join(dir, "there")); err != nil || string(data) != "old\nnew\n" {
		t.Errorf("%q %v", data, err)
	}
	if entries, err := os.ReadDir(outside); err != nil || len(entries) > 0 {
		t.Errorf("%v %v", entries, err)
	}
}

// TestLaterRuleCounts proposes lines again where a rule behind them takes them back,
// and reads over lines that are no rules, as GitHub does.
func TestLaterRuleCounts(t *testing.T) {
	const own = "/.rendergate.yaml @acme/security\n/.rendergate-waivers.yaml @acme/security\n/.github/workflows/rendergate.yml @acme/security\n/.github/CODEOWNERS @acme/security\n"
	for name, tc := range map[string]struct {
		text  string
		lines int
	}{
		"guarded":        {"* @acme/all\n" + own, 0},
		"no rule":        {"* @acme/all\n[bad @acme/all\n" + own, 0},
		"all of it":      {own + "* @acme/all\n", 4},
		"its folder":     {own + "/.github/ @acme/all\n", 2},
		"without owners": {own + "/.rendergate.yaml\n* @acme/all\n", 4},
	} {
		p, _ := proposed(t, starter.Repository{Tree: fstest.MapFS{".github/CODEOWNERS": {Data: []byte(tc.text)}}, Owners: []string{"@acme/security"}}, ".github/CODEOWNERS")
		if got := strings.Count(p.Added, "\n/"); got != tc.lines {
			t.Errorf("%s: %d lines, want %d:\n%s", name, got, tc.lines, p.Added)
		}
	}
}
