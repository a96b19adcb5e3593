package render

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"

	"github.com/rendergate/rendergate/render/lock"
)

// maxNesting bounds charts in charts.
const maxNesting = 16

// assembly puts a chart together: its own files, what it vendors, and what the
// tree has of the rest. Charts are known by their first raw file, which the
// copies that helm makes of them share.
type assembly struct {
	tree    fs.FS
	budget  int64                       // what archives may still unpack to
	origins map[*chart.File]chartOrigin // of all charts but stand-ins
	parts   map[*chart.File]Part        // of those that were found outside of their parent
	missing map[*chart.File]Missing     // of the stand-ins
	guesses map[*chart.File]string      // what stand-ins have their values from
	notes   []string
}

// chartOrigin is where a chart's files are: a folder of the tree, or an archive.
type chartOrigin struct{ name, dir, archive string }

func newAssembly(tree fs.FS) *assembly {
	return &assembly{
		tree: tree, budget: MaxUnpacked,
		origins: map[*chart.File]chartOrigin{}, parts: map[*chart.File]Part{}, missing: map[*chart.File]Missing{},
		guesses: map[*chart.File]string{},
	}
}

func assemble(tree fs.FS, dir string) (*assembly, *chart.Chart, error) {
	a := newAssembly(tree)
	c, err := a.chartIn(dir, []string{dir})
	return a, c, err
}

// assemblePacked is assemble for a chart in an archive of the tree.
func assemblePacked(tree fs.FS, archive string) (*assembly, *chart.Chart, error) {
	a := newAssembly(tree)
	data, err := fs.ReadFile(tree, archive)
	if err != nil {
		return nil, nil, err
	}
	files, err := unpack(data, &a.budget)
	if err != nil {
		return nil, nil, err
	}
	c, err := a.load(files, chartOrigin{archive: archive}, 0)
	if err != nil {
		return nil, nil, err
	}
	return a, c, a.complete(c, nil)
}

// chartIn loads the chart of a folder with all its dependencies. The chain is
// the folders that led here, itself included.
func (a *assembly) chartIn(dir string, chain []string) (*chart.Chart, error) {
	files, err := chartFiles(a.tree, dir)
	if err != nil {
		return nil, err
	}
	c, err := a.load(files, chartOrigin{dir: dir}, 0)
	if err != nil {
		return nil, err
	}
	return c, a.complete(c, chain)
}

// load makes a chart of its files as helm does, but in order, with bounds, and
// keeping in mind where each subchart came from.
func (a *assembly) load(files []*loader.BufferedFile, at chartOrigin, depth int) (*chart.Chart, error) {
	if depth > maxNesting {
		return nil, errTooDeep
	}
	own, parts := split(files)
	c, err := loader.LoadFiles(own)
	if err != nil {
		return nil, err
	}
	at.name = c.Name()
	a.origins[c.Raw[0]] = at
	for _, name := range sortedKeys(parts) {
		sub, err := a.part(name, parts[name], at, depth+1)
		if err != nil {
			return nil, fmt.Errorf("error unpacking subchart %s in %s: %w", name, c.Name(), err)
		}
		c.AddDependency(sub)
	}
	return c, nil
}

// part loads one vendored subchart: a folder or an archive.
func (a *assembly) part(name string, files []*loader.BufferedFile, parent chartOrigin, depth int) (*chart.Chart, error) {
	at := chartOrigin{archive: parent.archive}
	if parent.archive == "" {
		at.dir = path.Join(parent.dir, "charts", name)
	}
	if strings.HasSuffix(name, ".tgz") {
		if parent.archive == "" {
			at.archive, at.dir = at.dir, ""
		}
		var err error
		if files, err = unpack(files[0].Data, &a.budget); err != nil {
			return nil, err
		}
	}
	return a.load(files, at, depth)
}

// complete adds to a chart what it declares and does not vendor; for what the
// tree does not have, a stand-in, on which conditions can be judged and whose
// name has its values.
func (a *assembly) complete(c *chart.Chart, chain []string) error {
	for _, sub := range c.Dependencies() {
		if err := a.complete(sub, chain); err != nil {
			return err
		}
	}
	at := a.origins[c.Raw[0]]
	version := a.versions(c)
	for i, dep := range c.Metadata.Dependencies {
		if vendored(c, dep) {
			continue
		}
		found, from, err := a.find(at.dir, dep, chain)
		if err != nil {
			return err
		}
		wanted := Missing{Parent: at.name, Name: dep.Name, Version: version(i), Wanted: dep.Version, Repository: dep.Repository, At: at.dir}
		if found == nil {
			if found, err = a.standIn(at.dir, dep, i); err != nil {
				return err
			}
			a.missing[found.Raw[0]] = wanted
		} else {
			a.parts[found.Raw[0]] = Part{
				Parent: at.name, Name: dep.Name, Version: found.Metadata.Version, Wanted: dep.Version, Repository: dep.Repository, From: from,
				Sibling: !strings.HasPrefix(dep.Repository, "file://"),
			}
		}
		c.AddDependency(found)
	}
	a.dropOutdated(c)
	return nil
}

// standIn is a chart without templates in place of a missing one, of a version
// that nothing else satisfies. The parent's templates read a subchart's values:
// where the tree has it in another version, that one's are the best guess.
func (a *assembly) standIn(dir string, dep *chart.Dependency, i int) (*chart.Chart, error) {
	dep.Version = fmt.Sprintf("0.0.0-missing.%d", i)
	c := &chart.Chart{
		Raw:      []*chart.File{{Name: "Chart.yaml"}},
		Metadata: &chart.Metadata{APIVersion: "v2", Name: dep.Name, Version: dep.Version},
	}
	at := ""
	if dir != "" {
		at = otherVersion(a.tree, dir, dep)
	}
	if at == "" {
		return c, nil
	}
	data, err := fs.ReadFile(a.tree, join(at, "values.yaml"))
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err == nil {
		c.Values, err = chartutil.ReadValues(data)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", join(at, "values.yaml"), err)
	}
	a.guesses[c.Raw[0]] = fmt.Sprintf("the values of %s stand in for those of %s, which is missing", at, dep.Name)
	return c, nil
}

func vendored(c *chart.Chart, dep *chart.Dependency) bool {
	return slices.ContainsFunc(c.Dependencies(), func(sub *chart.Chart) bool { return satisfies(sub, dep) })
}

func satisfies(c *chart.Chart, dep *chart.Dependency) bool {
	return c.Name() == dep.Name && chartutil.IsCompatibleRange(dep.Version, c.Metadata.Version)
}

// dropOutdated takes out vendored charts of another version than declared, as
// helm dependency build does, once there is one to take their place.
func (a *assembly) dropOutdated(c *chart.Chart) {
	keep := slices.DeleteFunc(slices.Clone(c.Dependencies()), func(sub *chart.Chart) bool {
		replaced := false
		for _, dep := range c.Metadata.Dependencies {
			if dep.Name != sub.Name() {
				continue
			}
			if satisfies(sub, dep) || !vendored(c, dep) || a.stoodInFor(c, dep) {
				return false
			}
			replaced = true
		}
		return replaced
	})
	c.SetDependencies(keep...)
}

func (a *assembly) stoodInFor(c *chart.Chart, dep *chart.Dependency) bool {
	return slices.ContainsFunc(c.Dependencies(), func(sub *chart.Chart) bool {
		_, missing := a.missing[sub.Raw[0]]
		return missing && satisfies(sub, dep)
	})
}

// find looks for a subchart in the tree, and tells its folder.
func (a *assembly) find(dir string, dep *chart.Dependency, chain []string) (*chart.Chart, string, error) {
	for _, at := range dependencyPaths(a.tree, dir, dep) {
		if slices.Contains(chain, at) || len(chain) > maxNesting {
			continue
		}
		c, err := a.chartIn(at, append(slices.Clone(chain), at))
		if err != nil {
			return nil, "", fmt.Errorf("dependency %s in %s: %w", dep.Name, at, err)
		}
		if satisfies(c, dep) {
			return c, at, nil
		}
	}
	return nil, "", nil
}

// dependencyPaths are the folders of the tree where a dependency of the chart
// in dir may stand, the best first.
func dependencyPaths(tree fs.FS, dir string, dep *chart.Dependency) []string {
	if dir == "" {
		return nil // a packed subchart has no place in the tree, and brings what it needs
	}
	if local, found := strings.CutPrefix(dep.Repository, "file://"); found {
		at := path.Join(dir, local)
		if !path.IsAbs(local) && fs.ValidPath(at) && exists(tree, join(at, "Chart.yaml")) {
			return []string{at}
		}
		return nil
	}
	return siblings(tree, dir, dep)
}

// versions tells which version of each dependency is wanted: the lock's where
// it agrees with the declarations, else what the declaration says.
func (a *assembly) versions(c *chart.Chart) func(i int) string {
	declared := make([]string, len(c.Metadata.Dependencies))
	for i, dep := range c.Metadata.Dependencies {
		declared[i] = dep.Version
	}
	locked := c.Lock
	agrees := locked != nil && agree(c.Metadata.Dependencies, locked)
	noted := false
	return func(i int) string {
		if locked != nil && !agrees && !noted {
			noted = true
			a.notes = append(a.notes, fmt.Sprintf("the lock file of chart %s does not belong to its dependencies, so it decides nothing; renew it with: helm dependency update", c.Name()))
		}
		if agrees && i < len(locked.Dependencies) && locked.Dependencies[i].Name == c.Metadata.Dependencies[i].Name {
			return locked.Dependencies[i].Version
		}
		return declared[i]
	}
}

// agree says that a lock file belongs to what a chart declares.
func agree(declared []*chart.Dependency, locked *chart.Lock) bool {
	if slices.Contains(locked.Dependencies, nil) || slices.Contains(declared, nil) {
		return false
	}
	plain := func(all []*chart.Dependency) []lock.Dependency {
		var same []lock.Dependency
		for _, d := range all {
			same = append(same, lock.Dependency(*d))
		}
		return same
	}
	return lock.Agrees(plain(declared), lock.Lock{Digest: locked.Digest, Dependencies: plain(locked.Dependencies)})
}

// enabled judges conditions, tags and imported values as helm does, and tells
// what is left: which file each template is in, and what is missing.
func (a *assembly) enabled(c *chart.Chart, values map[string]any) (paths map[string]string, result *Result, err error) {
	if err := chartutil.ProcessDependenciesWithMerge(c, values); err != nil {
		return nil, nil, err
	}
	paths, result = map[string]string{}, &Result{Notes: a.notes}
	a.collect(c, paths, result)
	return paths, result, nil
}

func (a *assembly) collect(c *chart.Chart, paths map[string]string, result *Result) {
	at := a.origins[c.Raw[0]]
	for _, t := range c.Templates {
		file := at.archive
		if file == "" {
			file = join(at.dir, t.Name)
		}
		paths[path.Join(c.ChartFullPath(), t.Name)] = file
	}
	for _, sub := range c.Dependencies() {
		if m, missing := a.missing[sub.Raw[0]]; missing {
			if !slices.Contains(result.Missing, m) {
				result.Missing = append(result.Missing, m)
			}
			if guess, guessed := a.guesses[sub.Raw[0]]; guessed && !slices.Contains(result.Notes, guess) {
				result.Notes = append(result.Notes, guess)
			}
			continue
		}
		part, outside := a.parts[sub.Raw[0]]
		if !outside {
			from := a.origins[sub.Raw[0]]
			part = Part{Parent: at.name, Name: from.name, Version: sub.Metadata.Version, From: orElse(from.archive, from.dir)}
			for _, dep := range c.Metadata.Dependencies {
				if dep.Name == from.name {
					part.Wanted, part.Repository = dep.Version, dep.Repository
				}
			}
		}
		result.Parts = append(result.Parts, part)
		a.collect(sub, paths, result)
	}
}
