package blame

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/rendergate/rendergate/internal/git"
)

// bumps tries each dependency that the change adds or moves to another version
// as one: its entry, the lock and what is vendored belong together, and no part
// of it renders alone. The line with the version stands for it.
func (b *blamer) bumps(open []int, found map[int][]cause) {
	if len(open) == 0 {
		return
	}
	for _, file := range b.Change.Files {
		source, known := b.files[file.Path()]
		if !known || file.OldPath == "" || file.NewPath == "" || !listsDependencies(file.NewPath) {
			continue
		}
		before := dependenciesOf(b.Change.Base, file.OldPath)
		for _, dep := range dependenciesOf(b.Change.Head, file.NewPath) {
			if !slices.ContainsFunc(before, dep.same) {
				b.bump(source, dep, open, found)
			}
		}
	}
}

func listsDependencies(name string) bool {
	base := path.Base(name)
	return base == "Chart.yaml" || base == "requirements.yaml"
}

func (b *blamer) bump(s source, dep dependency, open []int, found map[int][]cause) {
	var entry []edit
	for index := range s.diff.Hunks {
		for _, e := range lineEdits(s.diff, index, s.base, s.head) {
			if !e.block && e.start < dep.end && e.end >= dep.start {
				entry = append(entry, e)
			}
		}
	}
	anchor := slices.IndexFunc(entry, func(e edit) bool { return e.added[0] == dep.version })
	if anchor < 0 {
		return
	}
	lock, vendored := b.vendored(path.Dir(s.diff.NewPath), dep.name)
	for _, parts := range [][]edit{slices.Concat(entry, lock, vendored), slices.Concat(entry, vendored)} {
		a := b.probe(parts)
		if !a.renders {
			continue
		}
		for _, i := range both(open, a.gone) {
			found[i] = append(found[i], cause{edit: entry[anchor], with: parts, traced: true, collateral: len(a.gone) - 1})
		}
		return
	}
}

// vendored are the changed files that belong to a dependency: the chart's lock,
// and the archives and folders with its name.
func (b *blamer) vendored(dir, name string) (lock, parts []edit) {
	for _, file := range b.Change.Files {
		if _, known := b.files[file.Path()]; !known {
			continue
		}
		at := file.Path()
		inside, below := strings.CutPrefix(at, path.Join(dir, "charts")+"/")
		switch {
		case at == path.Join(dir, "Chart.lock"), at == path.Join(dir, "requirements.lock"):
			lock = append(lock, wholeEdit(file))
		case below && (strings.HasPrefix(inside, name+"/") || isArchiveOf(inside, name)):
			parts = append(parts, wholeEdit(file))
		}
	}
	return lock, parts
}

// isArchiveOf says that a file is called like an archive of a chart: its name,
// a dash and a version.
func isArchiveOf(file, name string) bool {
	rest, ok := strings.CutPrefix(file, name+"-")
	return ok && strings.HasSuffix(rest, ".tgz") && rest[0] >= '0' && rest[0] <= '9'
}

// dependency is an entry of a chart's dependencies, with the lines it stands on.
type dependency struct {
	name, wanted, repository, alias string

	start, end, version int
}

func (d dependency) same(other dependency) bool {
	return d.name == other.name && d.alias == other.alias && d.wanted == other.wanted && d.repository == other.repository
}

func dependenciesOf(tree *git.Tree, name string) []dependency {
	data, err := fs.ReadFile(tree, name)
	if err != nil {
		return nil
	}
	var file struct {
		Dependencies []yaml.Node `yaml:"dependencies"`
	}
	if yaml.Unmarshal(data, &file) != nil {
		return nil // what cannot be read renders at no side
	}
	var all []dependency
	for _, entry := range file.Dependencies {
		if entry.Kind != yaml.MappingNode {
			continue
		}
		dep := dependency{start: entry.Line, end: entry.Line}
		for i := 0; i+1 < len(entry.Content); i += 2 {
			key, value := entry.Content[i], entry.Content[i+1]
			dep.end = max(dep.end, value.Line)
			switch key.Value {
			case "name":
				dep.name = value.Value
			case "version":
				dep.wanted, dep.version = value.Value, value.Line
			case "repository":
				dep.repository = value.Value
			case "alias":
				dep.alias = value.Value
			}
		}
		all = append(all, dep)
	}
	return all
}
