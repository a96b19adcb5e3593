package render

import (
	"io/fs"
	"path"
	"strings"

	"github.com/Masterminds/semver/v3"
	"go.yaml.in/yaml/v3"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chartutil"
)

// completeDependencies adds the subcharts that a chart declares and does not
// vendor, from file:// paths and from sibling charts of the same tree, and
// returns those that are enabled and cannot be had.
func completeDependencies(tree fs.FS, dir string, c *chart.Chart, values map[string]any) ([]Missing, error) {
	missing, err := addDependencies(tree, dir, c, 0)
	if err != nil || len(missing) == 0 {
		return nil, err
	}
	return enabled(tree, dir, mergeValues(nil, values))
}

// addDependencies does the work; what it cannot find it adds as an empty
// stand-in chart, so that conditions can be judged on it, and returns.
func addDependencies(tree fs.FS, dir string, c *chart.Chart, depth int) ([]Missing, error) {
	var all []Missing
	for _, sub := range c.Dependencies() {
		inner, err := addDependencies(tree, "", sub, depth+1)
		if err != nil {
			return nil, err
		}
		all = append(all, inner...)
	}
	for _, dep := range c.Metadata.Dependencies {
		if dep == nil || vendored(c, dep) {
			continue
		}
		found, at, err := findDependency(tree, dir, dep)
		if err != nil {
			return nil, err
		}
		if found != nil && depth < 8 {
			inner, err := addDependencies(tree, at, found, depth+1)
			if err != nil {
				return nil, err
			}
			all = append(all, inner...)
			c.AddDependency(found)
			continue
		}
		all = append(all, Missing{Parent: c.Name(), Name: dep.Name, Version: dep.Version, Repository: dep.Repository})
		stub := &chart.Chart{Metadata: &chart.Metadata{APIVersion: "v2", Name: dep.Name, Version: "0.0.0"}}
		dep.Version = "*" // so that the stand-in satisfies it
		c.AddDependency(stub)
	}
	return all, nil
}

func vendored(c *chart.Chart, dep *chart.Dependency) bool {
	for _, sub := range c.Dependencies() {
		if sub.Name() == dep.Name && chartutil.IsCompatibleRange(dep.Version, sub.Metadata.Version) {
			return true
		}
	}
	return false
}

// findDependency looks for a subchart in the tree: at its file:// path, else
// among the sibling folders of the chart.
func findDependency(tree fs.FS, dir string, dep *chart.Dependency) (*chart.Chart, string, error) {
	for _, at := range dependencyPaths(tree, dir, dep) {
		c, _, err := loadChart(tree, at)
		if err != nil {
			return nil, "", err
		}
		if c.Name() == dep.Name && (dep.Version == "" || chartutil.IsCompatibleRange(dep.Version, c.Metadata.Version)) {
			return c, at, nil
		}
	}
	return nil, "", nil
}

// dependencyPaths are the folders of the tree where a dependency may stand.
func dependencyPaths(tree fs.FS, dir string, dep *chart.Dependency) []string {
	if dir == "" {
		return nil // a packed subchart has no place in the tree
	}
	if local, found := strings.CutPrefix(dep.Repository, "file://"); found {
		at := path.Join(dir, local)
		if fs.ValidPath(at) && exists(tree, join(at, "Chart.yaml")) {
			return []string{at}
		}
		return nil
	}
	sibling := path.Join(path.Dir(dir), dep.Name)
	if dir == "." || sibling == dir || !fs.ValidPath(sibling) || chartName(tree, sibling) != dep.Name {
		return nil
	}
	if _, err := semver.NewConstraint(dep.Version); err != nil {
		return nil
	}
	return []string{sibling}
}

// chartName is the name in a folder's Chart.yaml, empty when there is none.
func chartName(tree fs.FS, dir string) string { return readMetadata(tree, dir).Name }

// metadata is the part of Chart.yaml that finding targets needs.
type metadata struct {
	Name         string              `yaml:"name"`
	Type         string              `yaml:"type"`
	Dependencies []*chart.Dependency `yaml:"dependencies"`
}

func readMetadata(tree fs.FS, dir string) metadata {
	var m metadata
	data, err := fs.ReadFile(tree, join(dir, "Chart.yaml"))
	if err != nil {
		return m
	}
	if err := yaml.Unmarshal(data, &m); err != nil {
		return metadata{} // the render says what is wrong with it
	}
	return m
}

// enabled keeps the stand-ins that the values leave switched on. Conditions
// and tags are helm's to judge, on a chart of its own, since judging changes it.
func enabled(tree fs.FS, dir string, values map[string]any) ([]Missing, error) {
	c, _, err := loadChart(tree, dir)
	if err != nil {
		return nil, err
	}
	all, err := addDependencies(tree, dir, c, 0)
	if err != nil {
		return nil, err
	}
	if err := chartutil.ProcessDependenciesWithMerge(c, values); err != nil {
		return nil, err
	}
	on := map[string]bool{}
	collect(c, on)
	var missing []Missing
	for _, m := range all {
		if on[m.Name] {
			missing = append(missing, m)
		}
	}
	return missing, nil
}

// collect names the stand-ins that are still there.
func collect(c *chart.Chart, on map[string]bool) {
	for _, sub := range c.Dependencies() {
		if sub.Metadata.Version == "0.0.0" && len(sub.Templates) == 0 && len(sub.Raw) == 0 {
			on[sub.Name()] = true
			for _, dep := range c.Metadata.Dependencies {
				if dep.Alias == sub.Name() {
					on[dep.Name] = true
				}
			}
		}
		collect(sub, on)
	}
}
