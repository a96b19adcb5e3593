package git_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"

	"github.com/rendergate/rendergate/internal/git"
)

// repository is a real one in a temporary folder.
type repository struct {
	*testing.T
	dir string
}

func newRepository(t *testing.T) repository {
	t.Helper()
	for key, value := range map[string]string{
		"GIT_CONFIG_GLOBAL": os.DevNull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.com",
		"GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.com",
	} {
		t.Setenv(key, value)
	}
	r := repository{t, t.TempDir()}
	r.git("init", "--quiet", "--initial-branch", "main")
	return r
}

func (r repository) git(args ...string) string {
	r.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = r.dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		r.Fatalf("git %v: %v: %s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func (r repository) write(files map[string]string) {
	r.Helper()
	for name, text := range files {
		path := filepath.Join(r.dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			r.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			r.Fatal(err)
		}
	}
}

func (r repository) commit(tag string) {
	r.Helper()
	r.git("add", "--all")
	r.git("commit", "--quiet", "--allow-empty", "-m", tag)
	r.git("tag", tag)
}

func (r repository) open() *git.Repo {
	r.Helper()
	repo, err := git.Open(context.Background(), r.dir)
	if err != nil {
		r.Fatal(err)
	}
	r.Cleanup(func() {
		if err := repo.Close(); err != nil {
			r.Error(err)
		}
	})
	return repo
}

func (r repository) change(base, head string) *git.Change {
	r.Helper()
	ctx, repo := context.Background(), r.open()
	b, err := repo.Resolve(ctx, base)
	if err != nil {
		r.Fatal(err)
	}
	h, err := repo.Resolve(ctx, head)
	if err != nil {
		r.Fatal(err)
	}
	change, err := repo.Change(ctx, b, h)
	if err != nil {
		r.Fatal(err)
	}
	return change
}

func TestTreeIsAFileSystem(t *testing.T) {
	r := newRepository(t)
	r.write(map[string]string{"a/b/c.yaml": "c", "a/d.yaml": "d", "e with space.yaml": "e", "ü.yaml": "u"})
	r.commit("one")
	tree := r.change("one", "one").Head
	if err := fstest.TestFS(tree, "a/b/c.yaml", "a/d.yaml", "e with space.yaml", "ü.yaml"); err != nil {
		t.Error(err)
	}
	probe := tree.With(map[string][]byte{"a/d.yaml": []byte("other"), "a/b/c.yaml": nil, "new/f": []byte("f")})
	if data, err := fs.ReadFile(probe, "a/d.yaml"); err != nil || string(data) != "other" {
		t.Errorf("replaced file reads %q, %v", data, err)
	}
	if _, err := fs.Stat(probe, "a/b"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder of a deleted file: %v", err)
	}
	if data, err := fs.ReadFile(tree, "a/d.yaml"); err != nil || string(data) != "d" {
		t.Errorf("the tree itself reads %q, %v", data, err)
	}
}

func TestWhatCannotBeLookedInto(t *testing.T) {
	r := newRepository(t)
	outside := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(outside, []byte("s"), 0o600); err != nil {
		t.Fatal(err)
	}
	r.write(map[string]string{"real.yaml": "x", "lfs.yaml": "version https://git-lfs.github.com/spec/v1\noid sha256:" + strings.Repeat("0", 64) + "\nsize 3\n"})
	for link, to := range map[string]string{"out": outside, "up": "../../../../etc/passwd", "in": "real.yaml", "loop": "loop"} {
		if err := os.Symlink(to, filepath.Join(r.dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	r.git("add", "--all")
	r.git("update-index", "--add", "--cacheinfo", "160000,"+strings.Repeat("1", 40)+",module")
	if err := os.WriteFile(outside, []byte("\x00remote/x"), 0o600); err != nil {
		t.Fatal(err)
	}
	r.git("update-index", "--add", "--cacheinfo", "120000,"+strings.TrimSpace(r.git("hash-object", "-w", outside))+",fetched")
	r.git("commit", "--quiet", "-m", "one")
	tree := r.change("HEAD", "HEAD").Head
	if data, err := fs.ReadFile(tree, "in"); err != nil || string(data) != "x" {
		t.Errorf("a link within the tree reads %q, %v", data, err)
	}
	for name, want := range map[string]error{"out": git.ErrOutside, "up": git.ErrOutside, "fetched": git.ErrOutside, "lfs.yaml": git.ErrLFS, "module": git.ErrSubmodule, "module/x": git.ErrSubmodule} {
		_, err := fs.ReadFile(tree, name)
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", name, err, want)
		}
		if errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s counts as absent", name)
		}
	}
	if _, err := fs.ReadFile(tree, "loop"); err == nil {
		t.Error("a link to itself reads")
	}
}

func TestDiff(t *testing.T) {
	r := newRepository(t)
	long := strings.Repeat("line\n", 20)
	r.write(map[string]string{"edit": "a\nb\nc\n-- d\n++ e\n", "gone": "x\n", "old name": long, "bytes": "\x00\x01", "typed": "t\n"})
	r.commit("base")
	r.git("rm", "--quiet", "gone", "typed")
	r.git("mv", "old name", "new\tname")
	r.write(map[string]string{"edit": "a\nB\nB2\nc\n--- d\n++ e\n", "come": "1\n2\n", "bytes": "\x00\x02"})
	if err := os.Symlink("edit", filepath.Join(r.dir, "typed")); err != nil {
		t.Fatal(err)
	}
	r.commit("head")
	change := r.change("base", "head")
	if got := change.Renames(); len(got) != 1 || got["old name"] != "new\tname" {
		t.Errorf("renames %v", got)
	}
	edit, _ := change.File("edit", "head")
	want := []git.Hunk{{OldStart: 2, OldLines: 1, NewStart: 2, NewLines: 2}, {OldStart: 4, OldLines: 1, NewStart: 5, NewLines: 1}}
	if !slices.Equal(edit.Hunks, want) {
		t.Errorf("hunks %v, want %v", edit.Hunks, want)
	}
	if !edit.Added(2) || !edit.Added(3) || edit.Added(1) || edit.Added(4) || !edit.Deleted(2) || edit.Deleted(3) {
		t.Error("added and deleted lines are wrong")
	}
	if gone, ok := change.File("gone", "base"); !ok || gone.NewPath != "" || !gone.Deleted(1) {
		t.Errorf("deleted file %+v", gone)
	}
	if come, ok := change.File("come", "head"); !ok || come.OldPath != "" || !come.Added(2) {
		t.Errorf("added file %+v", come)
	}
	if bytes, _ := change.File("bytes", "head"); !bytes.Binary {
		t.Errorf("binary file %+v", bytes)
	}
}

// TestDiffAsksNoAttributes holds that a pull request cannot hide the lines that
// it changes by calling its files binary.
func TestDiffAsksNoAttributes(t *testing.T) {
	r := newRepository(t)
	r.write(map[string]string{"a.yaml": "a: 1\n", "x.tgz": "\x00one"})
	r.git("add", "--all")
	r.git("commit", "--quiet", "-m", "base")
	r.write(map[string]string{"a.yaml": "a: 2\n", "x.tgz": "\x00two", ".gitattributes": "*.yaml -diff\n"})
	r.git("add", "--all")
	r.git("commit", "--quiet", "-m", "head")
	r.git("worktree", "add", "--quiet", filepath.Join(r.dir, "linked"))
	for _, dir := range []string{r.dir, filepath.Join(r.dir, "linked"), filepath.Join(r.dir, ".git")} {
		repo, err := git.Open(context.Background(), dir)
		if err != nil {
			t.Fatal(err)
		}
		base, err := repo.Resolve(context.Background(), "main^")
		if err != nil {
			t.Fatal(err)
		}
		head, err := repo.Resolve(context.Background(), "main")
		if err != nil {
			t.Fatal(err)
		}
		files, err := repo.Diff(context.Background(), base, head)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if f.Path() == "a.yaml" && (f.Binary || len(f.Hunks) != 1) || f.Path() == "x.tgz" && !f.Binary {
				t.Errorf("%s: %+v", dir, f)
			}
		}
		if err := repo.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestIndexAndWorktreeLeaveEverythingAlone(t *testing.T) {
	r := newRepository(t)
	r.write(map[string]string{"a": "1", ".gitignore": "ignored\n"})
	r.commit("base")
	r.write(map[string]string{"a": "2"})
	r.git("add", "a")
	r.write(map[string]string{"a": "3", "untracked": "u", "ignored": "i"})
	before := r.git("status", "--porcelain")
	ctx, repo := context.Background(), r.open()
	index, err := repo.Index(ctx)
	if err != nil {
		t.Fatal(err)
	}
	work, err := repo.Worktree(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.git("show", index.Tree+":a"); got != "2" {
		t.Errorf("the index holds %q", got)
	}
	if got := r.git("ls-tree", "--name-only", work.Tree); got != ".gitignore\na\nuntracked" {
		t.Errorf("the work tree holds %q", got)
	}
	if after := r.git("status", "--porcelain"); after != before {
		t.Errorf("status went from %q to %q", before, after)
	}
}

func TestParents(t *testing.T) {
	r := newRepository(t)
	r.write(map[string]string{"a": "1"})
	r.commit("root")
	ctx, repo := context.Background(), r.open()
	root, err := repo.Resolve(ctx, "root")
	if err != nil {
		t.Fatal(err)
	}
	if parents, err := repo.Parents(ctx, root.Commit); err != nil || len(parents) != 0 {
		t.Errorf("parents %v, %v", parents, err)
	}
	empty, err := repo.Before(ctx, root)
	if err != nil {
		t.Fatal(err)
	}
	change, err := repo.Change(ctx, empty, root)
	if err != nil || len(change.Files) != 1 || change.Files[0].OldPath != "" {
		t.Errorf("from nothing: %+v, %v", change, err)
	}
	if _, err := repo.Resolve(ctx, "--upload-pack=x"); err == nil {
		t.Error("an option passes as a revision")
	}
}

// Head's tree is made of base's and the diff; it must be what git itself lists.
func TestHeadIsWhatGitLists(t *testing.T) {
	r := newRepository(t)
	long := strings.Repeat("line\n", 20)
	r.write(map[string]string{
		"kept/a": "a", "kept/deep/b": "b", "gone/only": "x", "file": "was a file", "folder/x": "was a folder", "folder/y": "too",
		"swap1": long + "1", "swap2": long + "2\n2\n2", "moved/here/c": long, "typed": "t",
	})
	r.commit("base")
	r.git("rm", "--quiet", "-r", "gone", "file", "folder", "typed")
	r.git("mv", "moved", "elsewhere")
	r.git("mv", "swap1", "swap")
	r.git("mv", "swap2", "swap1")
	r.git("mv", "swap", "swap2")
	r.write(map[string]string{"file/inside": "is a folder", "folder": "is a file", "new/deep/er/d": "d", "kept/a": "A"})
	if err := os.Symlink("kept", filepath.Join(r.dir, "typed")); err != nil {
		t.Fatal(err)
	}
	r.commit("head")
	ctx, repo := context.Background(), r.open()
	for _, sides := range [][2]string{{"base", "head"}, {"head", "base"}} {
		to, err := repo.Resolve(ctx, sides[1])
		if err != nil {
			t.Fatal(err)
		}
		want, err := repo.Tree(ctx, to)
		if err != nil {
			t.Fatal(err)
		}
		got := r.change(sides[0], sides[1]).Head
		if !slices.Equal(got.Files(), want.Files()) {
			t.Fatalf("got %v\nwant %v", got.Files(), want.Files())
		}
		sameTrees(t, got, want)
	}
}

// The same for changes that nobody thought of, among names whose order in git
// is not that of their text.
func TestHeadOfAnyChangeIsWhatGitLists(t *testing.T) {
	r := newRepository(t)
	random := rand.New(rand.NewPCG(1, 2))
	parts := []string{"a", "a-b", "a.b", "a0", "b"}
	tags := []string{"none"}
	r.commit("none")
	for i := range 6 {
		for range 12 {
			name := parts[random.IntN(len(parts))]
			for range random.IntN(3) {
				name += "/" + parts[random.IntN(len(parts))]
			}
			if err := os.RemoveAll(filepath.Join(r.dir, name)); err != nil && !errors.Is(err, syscall.ENOTDIR) {
				t.Fatal(err)
			}
			if random.IntN(3) > 0 && os.MkdirAll(filepath.Dir(filepath.Join(r.dir, name)), 0o755) == nil {
				r.write(map[string]string{name: strings.Repeat("line\n", random.IntN(4))})
			}
		}
		tags = append(tags, fmt.Sprint("t", i))
		r.commit(tags[len(tags)-1])
	}
	ctx, repo := context.Background(), r.open()
	for i, from := range tags {
		for _, to := range tags[:i] {
			v, err := repo.Resolve(ctx, to)
			if err != nil {
				t.Fatal(err)
			}
			want, err := repo.Tree(ctx, v)
			if err != nil {
				t.Fatal(err)
			}
			if listed := r.listed(to); !slices.Equal(want.Files(), listed) {
				t.Fatalf("%s holds %v\nwant %v", to, want.Files(), listed)
			}
			got := r.change(from, to).Head
			if !slices.Equal(got.Files(), want.Files()) {
				t.Fatalf("%s to %s: got %v\nwant %v", from, to, got.Files(), want.Files())
			}
			sameTrees(t, got, want)
		}
	}
}

func sameTrees(t *testing.T, got, want *git.Tree) {
	t.Helper()
	got.Prefetch(got.Files())
	folders := map[string]bool{".": true}
	for _, name := range want.Files() {
		if got.ID(name) != want.ID(name) {
			t.Errorf("%s differs", name)
		}
		for dir := filepath.Dir(name); dir != "."; dir = filepath.Dir(dir) {
			folders[dir] = true
		}
		gotData, gotErr := got.ReadFile(name)
		wantData, wantErr := want.ReadFile(name)
		if string(gotData) != string(wantData) || (gotErr == nil) != (wantErr == nil) {
			t.Errorf("%s reads %q, %v", name, gotData, gotErr)
		}
	}
	for dir := range folders {
		if names(t, got, dir) != names(t, want, dir) {
			t.Errorf("%s lists %s, want %s", dir, names(t, got, dir), names(t, want, dir))
		}
	}
	for _, gone := range []string{"gone", "moved/here", "no"} {
		_, gotErr := fs.Stat(got, gone)
		_, wantErr := fs.Stat(want, gone)
		if errors.Is(gotErr, fs.ErrNotExist) != errors.Is(wantErr, fs.ErrNotExist) {
			t.Errorf("%s: %v, want %v", gone, gotErr, wantErr)
		}
	}
}

func names(t *testing.T, tree *git.Tree, dir string) string {
	t.Helper()
	list, err := tree.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, entry := range list {
		all = append(all, entry.Name())
	}
	return strings.Join(all, " ")
}
func TestDerive(t *testing.T) {
	tree := git.EmptyTree().With(map[string][]byte{"a": []byte("1"), "b": []byte("1")})
	count := 0
	build := func() any { count++; return count }
	for range 2 {
		tree.Derive("k", build)
		tree.DeriveFrom("k", "a", build)
	}
	if count != 2 {
		t.Errorf("built %d times", count)
	}
	other := tree.With(map[string][]byte{"b": []byte("2"), "c": nil})
	if got := other.Derive("k", build); got != 3 {
		t.Errorf("another tree was told %v", got)
	}
	if got := other.DeriveFrom("k", "a", build); got != 2 {
		t.Errorf("the same content was told %v", got)
	}
	if got := other.DeriveFrom("k", "b", build); got != 4 {
		t.Errorf("another content was told %v", got)
	}
	if !slices.Equal(other.Files(), []string{"a", "b"}) || !slices.Equal(tree.With(map[string][]byte{"c": {}}).Files(), []string{"a", "b", "c"}) {
		t.Error("files", other.Files())
	}
}

func TestThrough(t *testing.T) {
	r := newRepository(t)
	r.write(map[string]string{"real/file": "x", "plain/file": "y"})
	for name, to := range map[string]string{"one": "two", "two": "real/file", "folder": "real", "round": "round", "plain/out": "../../elsewhere"} {
		if err := os.Symlink(to, filepath.Join(r.dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	r.commit("head")
	tree := r.change("head", "head").Head
	for name, want := range map[string][]string{
		"plain/file": nil, "one": {"two", "real/file"}, "folder/file": {"real/file"}, "gone": nil, "plain/out": nil,
	} {
		if got := tree.Through(name); !slices.Equal(got, want) {
			t.Errorf("%s leads through %q, want %q", name, got, want)
		}
	}
	for dir, want := range map[string]bool{".": true, "real": false, "folder": true, "folder/below": true, "plain": true, "rea": false} {
		if got := tree.Linked(dir); got != want {
			t.Errorf("Linked(%s) = %t", dir, got)
		}
	}
}
