package render

import (
	"bytes"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Lister is a tree that knows all its files.
type Lister interface {
	fs.FS
	Files() []string
}

// Found is what a tree deploys, as its files alone say.
type Found struct {
	Targets []Target
	// Part holds kustomizations that others build upon: they are no targets by
	// themselves, unless the other side or configuration says so.
	Part map[string]bool
}

// Find lists the targets of a tree: charts that are not part of another chart,
// each with its default and its conventional variants, kustomizations that nothing in the tree builds upon, and folders of plain
// manifests for which plainIn says yes.
func Find(tree Lister, plainIn func(dir string) bool) Found {
	files := tree.Files()
	charts := chartDirs(tree, files)
	nested := map[string]bool{}
	for _, dir := range charts {
		nested[dir] = true
	}
	varied := mayVary(files)
	found := Found{Part: map[string]bool{}}
	for _, dir := range charts {
		if !insideChart(dir, nested) && !isLibrary(tree, dir) {
			found.Targets = append(found.Targets, Target{Kind: Helm, Dir: dir})
			if varied[dir] {
				found.Targets = append(found.Targets, Variants(tree, dir)...)
			}
		}
	}
	reached := map[string]bool{}
	read := newReading(tree)
	var overlays []string
	for _, name := range files {
		if !slices.Contains(kustomizationNames, path.Base(name)) || inTemplates(name, charts) {
			continue
		}
		k := read.of(name)
		if k.err == nil && (!k.own() || k.component()) {
			if k.own() {
				markClosure(read, path.Dir(name), reached)
			}
			continue
		}
		if k.err == nil {
			for _, dir := range k.folders(tree) {
				found.Part[dir] = true
			}
		}
		overlays = append(overlays, path.Dir(name))
		markClosure(read, path.Dir(name), reached)
	}
	for _, dir := range slices.Compact(overlays) {
		if !found.Part[dir] {
			found.Targets = append(found.Targets, Target{Kind: Kustomize, Dir: dir})
		}
	}
	found.Targets = append(found.Targets, plainTargets(tree, files, charts, reached, plainIn)...)
	return found
}

func markClosure(read *reading, dir string, reached map[string]bool) {
	for name := range read.closure(dir).inputs {
		reached[name] = true
	}
}

func chartDirs(tree fs.FS, files []string) []string {
	var names, dirs []string
	for _, name := range files {
		if strings.HasSuffix(name, "Chart.yaml") && path.Base(name) == "Chart.yaml" {
			names, dirs = append(names, name), append(dirs, path.Dir(name))
		}
	}
	if many, ok := tree.(interface{ Prefetch([]string) }); ok {
		many.Prefetch(names)
	}
	return dirs
}

// isLibrary says that a chart deploys nothing by itself. Most are not, which
// their text tells without being parsed.
func isLibrary(tree fs.FS, dir string) bool {
	data, err := fs.ReadFile(tree, join(dir, "Chart.yaml"))
	return err == nil && bytes.Contains(data, []byte("library")) && readMetadata(tree, dir).Type == "library"
}

// insideChart says that a chart is a vendored part of another.
func insideChart(dir string, charts map[string]bool) bool {
	for at := path.Dir(dir); ; at = path.Dir(at) {
		if path.Base(at) == "charts" && charts[path.Dir(at)] {
			return true
		}
		if at == "." {
			return false
		}
	}
}

// inTemplates says that a file is part of a chart, whatever it looks like.
func inTemplates(name string, charts []string) bool {
	for _, dir := range charts {
		if under(name, join(dir, "templates")) || under(name, join(dir, "charts")) {
			return true
		}
	}
	return false
}

// plainTargets are the folders with manifests that belong to no chart and that
// no kustomization reads.
func plainTargets(tree fs.FS, files, charts []string, reached map[string]bool, plainIn func(string) bool) []Target {
	var targets []Target
	seen := map[string]bool{}
	for _, name := range files {
		dir := path.Dir(name)
		if seen[dir] || !isYAML(name) || reached[name] || hidden(dir) || !plainIn(dir) || inChart(dir, charts) {
			continue
		}
		seen[dir] = true
		if Exists(tree, Target{Kind: Manifests, Dir: dir}) && kustomizationFile(tree, dir) == "" {
			targets = append(targets, Target{Kind: Manifests, Dir: dir, Except: readElsewhere(tree, dir, reached)})
		}
	}
	return targets
}

// readElsewhere are the files of a folder that a kustomization of another
// folder reads: patches and parts, which are not deployed as they are.
func readElsewhere(tree fs.FS, dir string, reached map[string]bool) []string {
	var names []string
	if list, err := fs.ReadDir(tree, dir); err == nil {
		for _, entry := range list {
			if name := join(dir, entry.Name()); reached[name] {
				names = append(names, name)
			}
		}
	}
	return names
}

// inChart says that a folder belongs to a chart. A chart at the root of the
// tree does not own the whole repository.
func inChart(dir string, charts []string) bool {
	return slices.ContainsFunc(charts, func(chart string) bool {
		if chart != "." {
			return under(dir, chart)
		}
		first, _, _ := strings.Cut(dir, "/")
		return slices.Contains([]string{".", "templates", "charts", "crds", "ci"}, first)
	})
}

// hidden folders hold the settings of tools, such as .github, not manifests.
func hidden(dir string) bool {
	return strings.HasPrefix(dir, ".") && dir != "." || strings.Contains(dir, "/.")
}

// Marks says that a file of that name makes its folder a target of a kind.
func Marks(kind Kind, name string) bool {
	switch kind {
	case Helm:
		return name == "Chart.yaml"
	case Kustomize:
		return slices.Contains(kustomizationNames, name)
	}
	return false
}

// KindOf is how a folder is rendered; empty when there is nothing to render.
func KindOf(tree fs.FS, dir string) Kind {
	for _, kind := range []Kind{Helm, Kustomize, Manifests} {
		if Exists(tree, Target{Kind: kind, Dir: dir}) {
			return kind
		}
	}
	return ""
}

// Deployable says that a target can be rendered by itself: it is there, and no
// component, which is only a part for others.
func Deployable(tree fs.FS, t Target) bool {
	if !Exists(tree, t) {
		return false
	}
	if t.Kind != Kustomize {
		return true
	}
	k, err := readKustomization(tree, kustomizationFile(tree, t.Dir))
	return err != nil || k.own() && !k.component()
}
