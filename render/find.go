package render

import (
	"bytes"
	"io/fs"
	"maps"
	"path"
	"slices"
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
// each with its default and its conventional variants, kustomizations that nothing in the tree builds upon, folders of plain
// manifests and of CloudFormation templates for which plainIn says yes, and Terraform modules that no other one calls.
func Find(tree Lister, plainIn func(dir string) bool) Found {
	at := layoutOf(tree)
	found := Found{Targets: make([]Target, 0, len(at.charts)+8), Part: map[string]bool{}}
	for _, dir := range at.charts {
		if !at.nested(dir) && !isLibrary(tree, dir) {
			found.Targets = append(found.Targets, Target{Kind: Helm, Dir: dir})
			if at.varied[dir] {
				found.Targets = append(found.Targets, Variants(tree, dir)...)
			}
		}
	}
	reached := map[string]bool{}
	read := loading(tree)
	var overlays []string
	for _, name := range at.kustomizations {
		if at.inTemplates(name) {
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
	found.Targets = append(found.Targets, plainTargets(tree, at, reached, plainIn)...)
	found.Targets = append(found.Targets, terraformTargets(tree, at)...)
	found.Targets = append(found.Targets, stackTargets(tree, at, plainIn)...)
	return found
}

func markClosure(read *reading, dir string, reached map[string]bool) {
	for name := range read.closure(dir).inputs {
		reached[name] = true
	}
}

// isLibrary says that a chart deploys nothing by itself. Most are not, which
// their text tells without being parsed.
func isLibrary(tree fs.FS, dir string) bool {
	return glanceAt(tree, dir).library && readMetadata(tree, dir).Type == "library"
}

// glance is what a look at the text of a Chart.yaml tells, without a parse.
type glance struct {
	library bool // may be one
	depends bool // may declare dependencies, or cannot be read
}

func glanceAt(tree fs.FS, dir string) glance {
	d, ok := tree.(deriver)
	if !ok || !layoutOf(tree).isChart[dir] {
		return newGlance(tree, dir)
	}
	return glancesOf(d)[dir]
}

func newGlance(tree fs.FS, dir string) glance {
	data, err := fs.ReadFile(tree, join(dir, "Chart.yaml"))
	return glance{bytes.Contains(data, []byte("library")), err != nil || bytes.Contains(data, []byte("dependencies"))}
}

// glancesOf are those at all charts of a tree. Where it is a change of another
// one, only the charts whose description differs are looked at again.
func glancesOf(tree deriver) map[string]glance {
	return tree.Derive("glances", func() any {
		if before, differ := since(tree); before != nil {
			all := glancesOf(before)
			for _, name := range differ {
				if dir, base := splitPath(name); base == "Chart.yaml" {
					all = maps.Clone(all)
					all[dir] = newGlance(tree, dir)
				}
			}
			return all
		}
		prefetchCharts(tree)
		all := make(map[string]glance, len(layoutOf(tree).charts))
		for _, dir := range layoutOf(tree).charts {
			all[dir] = newGlance(tree, dir)
		}
		return all
	}).(map[string]glance)
}

// since is what a tree is a change of, where nothing but the paths that differ
// can make a difference: behind a link another path may.
func since(tree fs.FS) (before deriver, differ []string) {
	known, ok := tree.(interface{ Since() (fs.FS, []string) })
	if links, linked := tree.(linker); !ok || linked && links.Linked(".") {
		return nil, nil
	}
	from, differ := known.Since()
	before, _ = from.(deriver)
	return before, differ
}

// Foreseen says of a file, by its name, that Find will read it.
func Foreseen(name string) bool {
	_, base := splitPath(name)
	return base == "Chart.yaml"
}

// Anticipate reads what Find will ask for, so that it can be done while there
// is something else to do.
func Anticipate(tree fs.FS) {
	if d, ok := tree.(deriver); ok {
		glancesOf(d)
	}
}

// plainTargets are the folders with manifests that belong to no chart and that
// no kustomization reads.
func plainTargets(tree fs.FS, at *layout, reached map[string]bool, plainIn func(string) bool) []Target {
	var targets []Target
	for _, dir := range at.manifests {
		if !plainIn(dir) || hidden(dir) || at.inChart(dir) || allReached(tree, dir, reached) {
			continue
		}
		if Exists(tree, Target{Kind: Manifests, Dir: dir}) && kustomizationFile(tree, dir) == "" {
			targets = append(targets, Target{Kind: Manifests, Dir: dir, Except: readElsewhere(tree, dir, reached)})
		}
	}
	return targets
}

// allReached says that kustomizations read all YAML of a folder.
func allReached(tree fs.FS, dir string, reached map[string]bool) bool {
	list, err := fs.ReadDir(tree, dir)
	return err == nil && !slices.ContainsFunc(list, func(entry fs.DirEntry) bool {
		name := join(dir, entry.Name())
		return !entry.IsDir() && isYAML(name) && !reached[name]
	})
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

// Marks says that a file of that name makes its folder a target of a kind.
func Marks(kind Kind, name string) bool {
	switch kind {
	case Helm:
		return name == "Chart.yaml"
	case Kustomize:
		return slices.Contains(kustomizationNames, name)
	case Terraform:
		return name == "main.tf"
	}
	return false
}

// KindOf is how a folder is rendered; empty when there is nothing to render.
func KindOf(tree fs.FS, dir string) Kind {
	for _, kind := range []Kind{Helm, Kustomize, Manifests, Terraform, CloudFormation} {
		if Exists(tree, Target{Kind: kind, Dir: dir}) {
			return kind
		}
	}
	return ""
}

// Deployable says that a target can be rendered by itself: it is there, and no
// component, which is only a part for others.
func Deployable(tree fs.FS, t Target) bool {
	return Buildable(tree, t) && !isComponent(tree, t)
}

// Buildable says that a target is there to be rendered. Kustomize builds a
// component alone, too, where somebody asks for it.
func Buildable(tree fs.FS, t Target) bool {
	if !Exists(tree, t) {
		return false
	}
	if t.Kind != Kustomize {
		return true
	}
	k, err := readKustomization(tree, kustomizationFile(tree, t.Dir))
	return err != nil || k.own()
}

func isComponent(tree fs.FS, t Target) bool {
	if t.Kind != Kustomize {
		return false
	}
	k, err := readKustomization(tree, kustomizationFile(tree, t.Dir))
	return err == nil && k.component()
}
