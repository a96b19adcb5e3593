package render

import (
	"cmp"
	"io/fs"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chartutil"
)

// deriver is a tree that remembers what was made of it; one that does not is
// read again each time.
type deriver interface {
	fs.FS
	Derive(key string, build func() any) any
	DeriveFrom(key, name string, build func() any) any
}

// metadata is the part of a chart's description that finding targets needs.
type metadata struct {
	Name         string              `yaml:"name"`
	Version      string              `yaml:"version"`
	Type         string              `yaml:"type"`
	Dependencies []*chart.Dependency `yaml:"dependencies"`
}

// readMetadata reads Chart.yaml, and requirements.yaml, where charts of the old
// format have their dependencies. What cannot be read is empty: the render says
// what is wrong with it.
func readMetadata(tree fs.FS, dir string) metadata {
	m := parsedMetadata(tree, join(dir, "Chart.yaml"))
	if old := parsedMetadata(tree, join(dir, requirements)); old.Dependencies != nil {
		m.Dependencies = old.Dependencies
	}
	return m
}

func parsedMetadata(tree fs.FS, name string) metadata {
	parse := func() any {
		var m metadata
		data, err := fs.ReadFile(tree, name)
		if err != nil || yaml.Unmarshal(data, &m) != nil {
			return metadata{}
		}
		m.Dependencies = slices.DeleteFunc(m.Dependencies, func(d *chart.Dependency) bool { return d == nil })
		return m
	}
	if d, ok := tree.(deriver); ok && exists(tree, name) {
		return d.DeriveFrom("chart", name, parse).(metadata)
	}
	return parse().(metadata)
}

// chartAt is a chart of the tree, by its folder.
type chartAt struct{ dir, version string }

// chartIndex lists the charts of a tree by name.
func chartIndex(tree fs.FS) map[string][]chartAt {
	build := func() any {
		index := map[string][]chartAt{}
		prefetchCharts(tree)
		for _, dir := range layoutOf(tree).charts {
			if m := parsedMetadata(tree, join(dir, "Chart.yaml")); m.Name != "" {
				index[m.Name] = append(index[m.Name], chartAt{dir, m.Version})
			}
		}
		return index
	}
	if d, ok := tree.(deriver); ok {
		return d.Derive("charts", build).(map[string][]chartAt)
	}
	return build().(map[string][]chartAt)
}

// HasChart says that a tree has a chart of that name.
func HasChart(tree fs.FS, name string) bool { return len(chartIndex(tree)[name]) > 0 }

// ChartName is what the chart in a folder calls itself; empty where none does.
func ChartName(tree fs.FS, dir string) string {
	return parsedMetadata(tree, join(dir, "Chart.yaml")).Name
}

// siblings are the folders of the tree, nearest first, with a chart that
// satisfies a dependency of the chart in dir.
func siblings(tree fs.FS, dir string, dep *chart.Dependency) []string {
	return namesakes(tree, dir, dep.Name, func(version string) bool { return chartutil.IsCompatibleRange(dep.Version, version) })
}

// otherVersion is the nearest chart of a dependency's name, whatever its
// version; empty when there is none.
func otherVersion(tree fs.FS, dir string, dep *chart.Dependency) string {
	for _, at := range namesakes(tree, dir, dep.Name, func(string) bool { return true }) {
		return at
	}
	return ""
}

// namesakes are the folders, nearest first, of charts of a name and of accepted
// versions. A chart that holds the one in dir, and what that one vendors, are
// none.
func namesakes(tree fs.FS, dir, name string, accepted func(version string) bool) []string {
	var dirs []string
	for _, at := range chartIndex(tree)[name] {
		if !under(dir, at.dir) && !under(at.dir, join(dir, "charts")) && accepted(at.version) {
			dirs = append(dirs, at.dir)
		}
	}
	slices.SortStableFunc(dirs, func(a, b string) int {
		return cmp.Or(distance(dir, a)-distance(dir, b), strings.Compare(a, b))
	})
	return dirs
}

// distance counts the steps from one folder to another.
func distance(from, to string) int {
	a, b := strings.Split(path.Clean(from), "/"), strings.Split(path.Clean(to), "/")
	same := 0
	for same < len(a) && same < len(b) && a[same] == b[same] {
		same++
	}
	return len(a) + len(b) - 2*same
}
