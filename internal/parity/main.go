// Command parity renders the targets of checked-out trees with rendergate and
// with the command lines of helm and kustomize, and compares the objects.
//
//	go run ./internal/parity -helm PATH -kustomize PATH DIR…
//
// It ends with 1 when a target differs, or only the command line renders it.
// With -trace it compares traced renders with untraced ones instead, and with
// -oracle N it tries N fields of each target: it changes the lines that they
// are said to come from, and looks whether they change.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/rendergate/rendergate/render"
)

func main() {
	var p parity
	flag.StringVar(&p.helm, "helm", "helm", "helm's command line; empty: no charts")
	flag.StringVar(&p.kustomize, "kustomize", "kustomize", "kustomize's command line; empty: no kustomizations")
	flag.DurationVar(&p.budget, "budget", 2*time.Minute, "how long one command may take")
	flag.BoolVar(&p.verbose, "v", false, "list every target")
	trace := flag.Bool("trace", false, "compare traced renders with untraced ones")
	samples := flag.Int("oracle", 0, "how many fields of each target to try with -trace")
	flag.Parse()
	p.out = os.Stdout
	if *trace {
		if err := p.traceAll(flag.Args(), *samples); err != nil {
			fmt.Fprintln(os.Stderr, "parity:", err)
			os.Exit(1)
		}
		return
	}
	total, err := p.all(context.Background(), flag.Args())
	if err != nil {
		fmt.Fprintln(os.Stderr, "parity:", err)
		os.Exit(2)
	}
	if total[differs]+total[onlyTheirs] > 0 {
		os.Exit(1)
	}
}

// parity is one run.
type parity struct {
	helm, kustomize string
	budget          time.Duration
	verbose         bool
	out             io.Writer
}

// outcome is what became of one target.
type outcome string

const (
	equal      outcome = "equal"
	differs    outcome = "differs"
	onlyOurs   outcome = "only rendergate renders it"
	onlyTheirs outcome = "only the command line renders it"
	neither    outcome = "neither renders it"
)

// all compares the targets of each tree and prints the figures.
func (p parity) all(ctx context.Context, dirs []string) (map[outcome]int, error) {
	if len(dirs) == 0 {
		return nil, fmt.Errorf("name the folders to compare")
	}
	total := map[outcome]int{}
	for _, dir := range dirs {
		counts, err := p.tree(ctx, dir)
		if err != nil {
			return nil, err
		}
		p.print(filepath.Base(dir), counts)
		for o, n := range counts {
			total[o] += n
		}
	}
	if len(dirs) > 1 {
		p.print("all", total)
	}
	return total, nil
}

func (p parity) print(name string, n map[outcome]int) {
	theirs := n[equal] + n[differs] + n[onlyTheirs]
	fmt.Fprintf(p.out, "%s: %d targets, the command line renders %d, of these equal %d, different %d, not rendered by us %d; only rendergate renders %d; neither %d\n",
		name, theirs+n[onlyOurs]+n[neither], theirs, n[equal], n[differs], n[onlyTheirs], n[onlyOurs], n[neither])
}

func (p parity) tree(ctx context.Context, dir string) (map[outcome]int, error) {
	tree, err := openTree(dir)
	if err != nil {
		return nil, err
	}
	counts := map[outcome]int{}
	for _, t := range p.targets(tree) {
		result, why := p.target(ctx, tree, dir, t)
		counts[result]++
		if p.verbose || result == differs || result == onlyTheirs {
			fmt.Fprintf(p.out, "  %s %s %s: %s%s\n", t.Kind, t.Dir, strings.Join(t.Values, ","), result, why)
		}
	}
	return counts, nil
}

// targets are those that rendergate finds, and each chart with each of its ci
// values.
func (p parity) targets(tree folder) []render.Target {
	var all []render.Target
	seen := map[string]bool{}
	add := func(t render.Target) {
		t.Release, t.Namespace, t.KubeVersion = "release-name", "parity", render.DefaultKubeVersion
		if key := string(t.Kind) + t.Dir + "@" + strings.Join(t.Values, ","); !seen[key] {
			seen[key] = true
			all = append(all, t)
		}
	}
	for _, t := range render.Find(tree, func(string) bool { return false }).Targets {
		if t.Kind == render.Helm && p.helm == "" || t.Kind == render.Kustomize && p.kustomize == "" || t.Kind != render.Helm && t.Kind != render.Kustomize {
			continue
		}
		add(t)
		for _, name := range tree.files {
			if t.Kind == render.Helm && path.Dir(name) == path.Join(t.Dir, "ci") && strings.HasSuffix(name, ".yaml") {
				t.Values = []string{"ci/" + path.Base(name)}
				add(t)
			}
		}
	}
	return all
}

// target compares one. Why begins with a separator unless it is empty.
func (p parity) target(ctx context.Context, tree folder, dir string, t render.Target) (outcome, string) {
	theirs, theirErr := p.theirs(ctx, tree, dir, t)
	ours, ourErr := render.Render(tree, t)
	switch {
	case theirErr != nil && ourErr != nil:
		return neither, fmt.Sprintf("\n    ours: %s\n    theirs: %s", ourErr, theirErr)
	case theirErr != nil:
		return onlyOurs, ": " + theirErr.Error()
	case ourErr != nil:
		return onlyTheirs, ": " + ourErr.Error()
	}
	got, err := ourObjects(ours)
	if err != nil {
		return differs, ": " + err.Error()
	}
	if difference := compare(theirs, got); difference != "" {
		return differs, ": " + difference
	}
	return equal, ""
}

// folder is a checked-out tree.
type folder struct {
	fs.FS
	files []string
}

// Files lists the tree's files, as a git tree does.
func (f folder) Files() []string { return f.files }

func openTree(dir string) (folder, error) {
	tree := folder{FS: os.DirFS(dir)}
	err := fs.WalkDir(tree.FS, ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Name() == ".git" {
			return fs.SkipDir
		}
		if err == nil && !entry.IsDir() {
			tree.files = append(tree.files, name)
		}
		return err
	})
	slices.Sort(tree.files)
	return tree, err
}
