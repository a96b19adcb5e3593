package engine

import (
	"encoding/base64"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/gobwas/glob"
	"helm.sh/helm/v3/pkg/chart"
)

// files is .Files of a template: what a chart holds beside its templates. Its
// methods are helm's.
type files map[string][]byte

func newFiles(list []*chart.File) files {
	f := files{}
	for _, file := range list {
		f[file.Name] = file.Data
	}
	return f
}

// GetBytes is a file's content, empty when there is no such file.
func (f files) GetBytes(name string) []byte {
	if data, ok := f[name]; ok {
		return data
	}
	return []byte{}
}

// Get is GetBytes as text.
func (f files) Get(name string) string { return string(f.GetBytes(name)) }

// Glob keeps the files that match; a pattern that is none keeps all.
func (f files) Glob(pattern string) files {
	g, err := glob.Compile(pattern, '/')
	if err != nil {
		g = glob.MustCompile("**")
	}
	kept := files{}
	for name, data := range f {
		if g.Match(name) {
			kept[name] = data
		}
	}
	return kept
}

// AsConfig is the data of a ConfigMap, by base names.
func (f files) AsConfig() string {
	return f.byBase(func(data []byte) string { return string(data) })
}

// AsSecrets is the data of a Secret, by base names.
func (f files) AsSecrets() string { return f.byBase(base64.StdEncoding.EncodeToString) }

// byBase goes in order, since of two files of one base name the last one stays;
// helm leaves it to chance which.
func (f files) byBase(text func([]byte) string) string {
	if f == nil {
		return ""
	}
	m := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(f)) {
		m[path.Base(name)] = text(f[name])
	}
	return toYAML(m)
}

// Lines are a file's lines.
func (f files) Lines(name string) []string {
	if len(f[name]) == 0 {
		return []string{}
	}
	return strings.Split(strings.TrimSuffix(string(f[name]), "\n"), "\n")
}
