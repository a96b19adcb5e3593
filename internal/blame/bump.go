package blame

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/rendergate/rendergate/internal/git"
)

// bump is a dependency that the change adds or moves to another version.
type bump struct {
	source source // the file that lists it
	dependency
}

// findBumps lists them.
func (b *blamer) findBumps() []bump {
	var all []bump
	for _, file := range b.Change.Files {
		source, known := b.files[file.Path()]
		if !known || file.OldPath == "" || file.NewPath == "" || !listsDependencies(file.NewPath) {
			continue
		}
		before := dependenciesOf(b.Change.Base, file.OldPath)
		for _, dep := range dependenciesOf(b.Change.Head, file.NewPath) {
			if !slices.ContainsFunc(before, dep.same) {
				all = append(all, bump{source, dep})
			}
		}
	}
	return all
}

// brings says that a file belongs to what the bump vendors: no line of it is a
// cause of its own.
func (u bump) brings(name string) bool {
	inside, below := strings.CutPrefix(name, path.Join(path.Dir(u.source.diff.NewPath), "charts")+"/")
	return below && (strings.HasPrefix(inside, u.name+"/") || isArchiveOf(inside, u.name))
}

// alongBumps tries each bump as one: its entry, the lock and what is vendored
// belong together, and no part of it renders alone. The line with the version
// stands for it.
func (b *blamer) alongBumps(open []int, found map[int][]cause) {
	for _, u := range b.bumps {
		if len(open) > 0 {
			b.bump(u, open, found)
		}
	}
}

func listsDependencies(name string) bool {
	base := path.Base(name)
	return base == "Chart.yaml" || base == "requirements.yaml"
}

func (b *blamer) bump(u bump, open []int, found map[int][]cause) {
	var entry []edit
	s := u.source
	for index := range s.diff.Hunks {
		for _, e := range lineEdits(s.diff, index, s.base, s.head) {
			if !e.block && e.start < u.end && e.end >= u.start {
				entry = append(entry, e)
			}
		}
	}
	anchor := slices.IndexFunc(entry, func(e edit) bool { return e.added[0] == u.version })
	if anchor < 0 {
		return
	}
	lock, vendored := b.vendored(u)
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
func (b *blamer) vendored(u bump) (lock, parts []edit) {
	dir := path.Dir(u.source.diff.NewPath)
	for _, file := range b.Change.Files {
		if _, known := b.files[file.Path()]; !known {
			continue
		}
		switch at := file.Path(); {
		case at == path.Join(dir, "Chart.lock"), at == path.Join(dir, "requirements.lock"):
			lock = append(lock, wholeEdit(file))
		case u.brings(at):
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
