package render

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// Render renders a target of a tree. An error means that nothing is known of
// what would be deployed; a result beside it says what was missing.
func Render(tree fs.FS, t Target) (result *Result, err error) {
	defer func() {
		if r := recover(); r != nil {
			result, err = nil, fmt.Errorf("rendering gave up: %v", r)
		}
	}()
	if t.Repository != nil && t.Kind != HelmRelease && t.Kind != TerraformRelease {
		result, err = recalled(tree, t)
	} else {
		result, err = objectsOf(tree, t)
	}
	if err == nil {
		addReleases(tree, t, result)
	}
	return result, err
}

// objectsOf renders a target without asking what it deploys in turn.
func objectsOf(tree fs.FS, t Target) (*Result, error) {
	switch t.Kind {
	case Helm:
		return helm(tree, t)
	case Kustomize:
		return kustomize(tree, t)
	case Manifests:
		return plain(tree, t)
	case Terraform:
		return terraformModule(tree, t)
	case CloudFormation:
		return stack(tree, t)
	case HelmRelease, FluxKustomization, Application, TerraformRelease:
		return declared(tree, t)
	}
	return nil, fmt.Errorf("no renderer for targets of kind %q", t.Kind)
}

// Exists says that a target's folder holds what its kind needs.
func Exists(tree fs.FS, t Target) bool {
	if t.Declared != nil {
		return Exists(tree, t.Declared.In)
	}
	switch t.Kind {
	case Helm:
		return exists(tree, join(t.Dir, "Chart.yaml"))
	case Kustomize:
		return kustomizationFile(tree, t.Dir) != ""
	case Manifests:
		files, err := manifestFiles(tree, t.Dir)
		return len(files) > 0 || err != nil && !errors.Is(err, fs.ErrNotExist)
	case Terraform:
		return hasTerraform(tree, t.Dir)
	case CloudFormation:
		return hasTemplates(tree, t.Dir)
	}
	return false
}

// Inputs are the files that a target's render reads, sorted: those it is known
// to read, and those that it may.
func Inputs(tree fs.FS, t Target) []string {
	inputs := map[string]bool{}
	if t.Declared != nil {
		return append(Inputs(tree, t.Declared.In), OwnInputs(tree, t)...)
	}
	switch t.Kind {
	case Helm:
		chartInputs(tree, t.Dir, inputs, 0)
		for _, name := range Layers(tree, t) {
			inputs[name] = true
		}
	case Kustomize:
		inputs = closureOf(tree, t.Dir).inputs
	case Terraform:
		inputs = terraformInputs(tree, t)
	case CloudFormation:
		inputs = stackInputs(tree, t)
	case Manifests:
		if list, err := fs.ReadDir(tree, t.Dir); err == nil {
			for _, entry := range list {
				if name := join(t.Dir, entry.Name()); !entry.IsDir() && isYAML(name) {
					inputs[name] = true
				}
			}
		}
	}
	return withReal(tree, inputs)
}

// linker is a tree that has symbolic links.
type linker interface {
	Through(name string) []string
	Linked(dir string) bool
}

// withReal adds to what is read the files that links lead to: those are what
// changes.
func withReal(tree fs.FS, inputs map[string]bool) []string {
	if links, ok := tree.(linker); ok {
		for _, name := range sortedKeys(inputs) {
			for _, real := range links.Through(name) {
				inputs[real] = true
			}
		}
	}
	return sortedKeys(inputs)
}

// Reads says that a target's render reads one of some files, given sorted. It
// is what Inputs would say, without listing what most charts of a repository
// have nothing to do with.
func Reads(tree fs.FS, t Target, files []string) bool {
	if t.Kind == Helm {
		if known, reads := readsQuick(tree, t.Dir, files); known && (reads || len(t.Values) == 0) {
			return reads
		}
	}
	return slices.ContainsFunc(Inputs(tree, t), func(name string) bool {
		_, found := slices.BinarySearch(files, name)
		return found
	})
}

// ChartReads is Reads for charts with nothing but their own values. What it asks
// of the tree it asks once for all of them.
func ChartReads(tree fs.FS, files []string) func(dir string) bool {
	at, glances := layoutOf(tree), map[string]glance{}
	if d, ok := tree.(deriver); ok {
		if links, linked := tree.(linker); !linked || !links.Linked(".") {
			glances = glancesOf(d)
		}
	}
	return func(dir string) bool {
		if glance, known := glances[dir]; known && !glance.depends && !at.parts[dir] {
			return anyUnder(files, dir)
		}
		return Reads(tree, Target{Kind: Helm, Dir: dir}, files)
	}
}

// readsQuick tells without a list whether a chart with its own values reads
// one of some files; not known where links or dependencies lead out of its folder.
func readsQuick(tree fs.FS, dir string, files []string) (known, reads bool) {
	if anyUnder(files, dir) {
		return true, true
	}
	links, ok := tree.(linker)
	return (!ok || !links.Linked(dir)) && !declaresDependencies(tree, dir), false
}

// anyUnder says that one of some sorted paths lies in a folder.
func anyUnder(files []string, dir string) bool {
	if dir == "." {
		return len(files) > 0
	}
	at, _ := slices.BinarySearch(files, dir+"/")
	return at < len(files) && under(files[at], dir)
}

// declaresDependencies says that a chart, whose folder no link leads through,
// may be made of parts that are not in its own folder.
func declaresDependencies(tree fs.FS, dir string) bool {
	return layoutOf(tree).parts[dir] || glanceAt(tree, dir).depends
}

// chartInputs adds a chart's folder and the folders of its dependencies, and
// of those of the charts that it vendors.
func chartInputs(tree fs.FS, dir string, inputs map[string]bool, depth int) {
	if depth > maxNesting {
		return
	}
	files, err := filesBelow(tree, dir)
	for _, name := range files {
		inputs[name] = true
	}
	if err != nil {
		inputs[dir] = true
	}
	for _, name := range files {
		if path.Base(name) != "Chart.yaml" || path.Dir(name) != dir && !under(name, join(dir, "charts")) {
			continue
		}
		for _, dep := range readMetadata(tree, path.Dir(name)).Dependencies {
			paths := dependencyPaths(tree, path.Dir(name), dep)
			if other := otherVersion(tree, path.Dir(name), dep); len(paths) == 0 && other != "" {
				inputs[join(other, "values.yaml")] = true
			}
			for _, at := range paths {
				if !inputs[join(at, "Chart.yaml")] {
					chartInputs(tree, at, inputs, depth+1)
				}
			}
		}
	}
}

// Anchor is the file that stands for a whole target.
func Anchor(tree fs.FS, t Target) string {
	if t.Declared != nil {
		return t.Declared.File
	}
	switch t.Kind {
	case Helm:
		return join(t.Dir, "Chart.yaml")
	case Kustomize:
		return kustomizationFile(tree, t.Dir)
	case Terraform:
		return terraformAnchor(tree, t.Dir)
	case CloudFormation:
		if files, err := templateFiles(tree, t.Dir); err == nil && len(files) > 0 {
			return files[0].name
		}
		return t.Dir
	}
	if files, err := manifestFiles(tree, t.Dir); err == nil && len(files) > 0 {
		return files[0].name
	}
	return t.Dir
}

// Folders are the kustomizations that a kustomization builds upon, all the way
// down; none for other kinds.
func Folders(tree fs.FS, t Target) []string {
	if t.Kind != Kustomize {
		return nil
	}
	var dirs []string
	for _, k := range closureOf(tree, t.Dir).kustomizations {
		if k.dir != t.Dir {
			dirs = append(dirs, k.dir)
		}
	}
	return dirs
}

// ValuesFiles are the values files that a chart is rendered with, its own one
// and those of its vendored parts included.
func ValuesFiles(tree fs.FS, t Target) []string {
	if t.Declared != nil {
		return []string{t.Declared.File} // whose values stand in the object
	}
	var names []string
	for _, name := range Inputs(tree, t) {
		if base := path.Base(name); base == "values.yaml" || base == "values.yml" {
			names = append(names, name)
		}
	}
	return append(names, Layers(tree, t)...)
}

// Lacks says that a values file which the target names is not in the tree.
func Lacks(tree fs.FS, t Target) bool {
	return slices.ContainsFunc(t.Values, func(layer string) bool {
		_, err := valuesPath(tree, t.Dir, layer)
		return err != nil
	})
}
