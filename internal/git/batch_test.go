package git_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rendergate/rendergate/internal/git"
)

// Git before 2.36 answers one question at a time.
func TestAnOldGitServesBlobsToo(t *testing.T) {
	real, err := exec.LookPath("git")
	if err != nil {
		t.Fatal(err)
	}
	r := newRepository(t)
	r.write(map[string]string{"a": "1", "d/b": "2"})
	r.commit("base")
	old := t.TempDir()
	script := "#!/bin/sh\nfor a; do [ \"$a\" != --batch-command ] || { echo \"error: unknown option\" >&2; exit 129; }; done\nexec " + real + " \"$@\"\n"
	if err := os.WriteFile(filepath.Join(old, "git"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", old+string(os.PathListSeparator)+os.Getenv("PATH"))
	r.readsBoth()
}

func TestBlobsAreServed(t *testing.T) {
	r := newRepository(t)
	r.write(map[string]string{"a": "1", "d/b": "2"})
	r.commit("base")
	r.readsBoth()
}

func (r repository) readsBoth() { r.readsBothFrom(r.open()) }

func (r repository) readsBothFrom(repo *git.Repo) {
	r.Helper()
	v, err := repo.Resolve(context.Background(), "base")
	if err != nil {
		r.Fatal(err)
	}
	if want := r.git("rev-parse", "base^{tree}"); v.Tree != want || v.Commit != r.git("rev-parse", "base^{commit}") {
		r.Errorf("got %+v, want the tree %s", v, want)
	}
	tree, err := repo.Tree(context.Background(), v)
	if err != nil {
		r.Fatal(err)
	}
	tree.Prefetch([]string{"a", "none", "d/b"})
	for name, want := range map[string]string{"a": "1", "d/b": "2"} {
		if data, err := tree.ReadFile(name); err != nil || string(data) != want {
			r.Errorf("%s reads %q, %v", name, data, err)
		}
	}
}

// What a revision may be called, and what is none.
func TestResolve(t *testing.T) {
	r := newRepository(t)
	r.write(map[string]string{"a": "1"})
	r.commit("base")
	r.write(map[string]string{"a": "2"})
	r.commit("head")
	r.git("tag", "-a", "-m", "annotated", "annotated", "base")
	repo := r.open()
	base := r.git("rev-parse", "base^{commit}")
	for _, name := range []string{"base", "head~1", "HEAD^", "main@{1}", "annotated", base, base[:10]} {
		v, err := repo.Resolve(context.Background(), name)
		if err != nil || v.Commit != base || v.Tree != r.git("rev-parse", "base^{tree}") || v.Name != name {
			t.Errorf("%s is %+v, %v", name, v, err)
		}
	}
	for _, name := range []string{"none", "", "base\nhead", "base head", "base..head", "-x", "base:a", strings.Repeat("x", 100_000)} {
		if v, err := repo.Resolve(context.Background(), name); err == nil {
			t.Errorf("%.20q is %+v", name, v)
		}
	}
	if v, err := repo.Resolve(context.Background(), "base"); err != nil || v.Commit != base {
		t.Errorf("after all that base is %+v, %v", v, err)
	}
}
