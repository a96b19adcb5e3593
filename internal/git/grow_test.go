package git_test

import (
	"context"
	"encoding/hex"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/rendergate/rendergate/internal/git"
)

// listed is what git itself says that a revision holds.
func (r repository) listed(revision string) []string {
	r.Helper()
	return strings.FieldsFunc(r.git("ls-tree", "-r", "-z", "--name-only", revision), func(c rune) bool { return c == 0 })
}

// forge writes a tree that git would not write.
func (r repository) forge(entries ...[3]string) string {
	r.Helper()
	var data strings.Builder
	for _, e := range entries {
		id, err := hex.DecodeString(e[2])
		if err != nil {
			r.Fatal(err)
		}
		data.WriteString(e[0] + " " + e[1] + "\x00" + string(id))
	}
	cmd := exec.Command("git", "hash-object", "-t", "tree", "-w", "--literally", "--stdin")
	cmd.Dir, cmd.Stdin = r.dir, strings.NewReader(data.String())
	out, err := cmd.Output()
	if err != nil {
		r.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// What no git writes is either read as git reads it or not at all.
func TestForgedTrees(t *testing.T) {
	r := newRepository(t)
	r.write(map[string]string{"a": "1", "d/b": "2"})
	r.commit("base")
	file, dir := r.git("rev-parse", "base:a"), r.git("rev-parse", "base:d")
	wide := r.forge(manyOf(1000, "100644", file)...)
	for range 3 {
		wide = r.forge(manyOf(1000, "40000", wide)...)
	}
	repo := r.open()
	for name, test := range map[string]struct {
		tree  string
		files string // or
		wrong string
	}{
		"out of order": {tree: r.forge([3]string{"100644", "b", file}, [3]string{"100644", "a", file}, [3]string{"40000", "c-d", dir}, [3]string{"40000", "c", dir}), files: "a b c-d/b c/b"},
		"old modes":    {tree: r.forge([3]string{"0100664", "a", file}, [3]string{"040755", "d", dir}, [3]string{"0120000", "l", file}), files: "a d/b l"},
		"a file twice": {tree: r.forge([3]string{"100644", "a", file}, [3]string{"100755", "a", file}), wrong: `holds "a" twice`},
		"file, folder": {tree: r.forge([3]string{"100644", "a", file}, [3]string{"40000", "a", dir}), wrong: `holds "a" twice`},
		"a path":       {tree: r.forge([3]string{"100644", "a/b", file}), wrong: `holds the name "a/b"`},
		"upwards":      {tree: r.forge([3]string{"40000", "..", dir}), wrong: `holds the name ".."`},
		"no mode":      {tree: r.forge([3]string{"x", "a", file}), wrong: `mode "x"`},
		"cut off":      {tree: r.forge([3]string{"100644", "a", file[:20]}), wrong: "breaks off"},
		"no end":       {tree: wide, wrong: "more than"},
		"not there":    {tree: strings.Repeat("1", 40), wrong: "is not in this clone"},
		"no tree":      {tree: "main", wrong: "cannot be listed"},
	} {
		tree, err := repo.Tree(context.Background(), git.Revision{Name: name, Tree: test.tree})
		switch {
		case test.wrong != "":
			if err == nil || !strings.Contains(err.Error(), test.wrong) {
				t.Errorf("%s: %v, want %q", name, err, test.wrong)
			}
		case err != nil:
			t.Errorf("%s: %v", name, err)
		case strings.Join(tree.Files(), " ") != test.files || !slices.IsSorted(tree.Files()):
			t.Errorf("%s: %q, want %q", name, tree.Files(), test.files)
		}
	}
	// What was asked for in vain, or refused, leaves the others readable.
	r.readsBothFrom(repo)
}

func manyOf(n int, mode, id string) (entries [][3]string) {
	for i := range n {
		entries = append(entries, [3]string{mode, fmt.Sprintf("n%04d", i), id})
	}
	return entries
}
