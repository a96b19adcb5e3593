package engine

import (
	"cmp"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chartutil"
)

// templateFile is a template's text with what it sees.
type templateFile struct {
	text     string
	basePath string
	scope    map[string]any // shared by the templates of one chart
}

// collect returns the templates of a chart and of its subcharts by name, and
// what those of the chart see.
func collect(c *chart.Chart, values chartutil.Values) (map[string]templateFile, map[string]any) {
	sources := map[string]templateFile{}
	scope := collectInto(sources, c, values)
	return sources, scope
}

// collectInto adds a chart's templates and returns their scope. The values of a
// subchart are those that its parent's hold under its name.
func collectInto(sources map[string]templateFile, c *chart.Chart, parent chartutil.Values) map[string]any {
	subcharts := map[string]any{}
	scope := map[string]any{
		// The type is helm's, since templates can print it.
		"Chart": struct {
			chart.Metadata
			IsRoot bool
		}{*c.Metadata, c.IsRoot()},
		"Files":        newFiles(c.Files),
		"Release":      parent["Release"],
		"Capabilities": parent["Capabilities"],
		"Values":       chartutil.Values{},
		"Subcharts":    subcharts,
	}
	if c.IsRoot() {
		scope["Values"] = parent["Values"]
	} else if values, err := parent.Table("Values." + c.Name()); err == nil {
		scope["Values"] = values
	}
	for _, sub := range c.Dependencies() {
		subcharts[sub.Name()] = collectInto(sources, sub, scope)
	}
	library := strings.EqualFold(c.Metadata.Type, "library")
	at := c.ChartFullPath()
	for _, t := range c.Templates {
		if t == nil || library && !strings.HasPrefix(filepath.Base(t.Name), "_") {
			continue
		}
		sources[path.Join(at, t.Name)] = templateFile{text: string(t.Data), basePath: path.Join(at, "templates"), scope: scope}
	}
	return scope
}

// order is helm's: the deepest first, so that a parent's definitions replace
// those of its subcharts, and backwards within one depth.
func order(sources map[string]templateFile) []string {
	names := make([]string, 0, len(sources))
	for name := range sources {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(strings.Count(b, "/"), strings.Count(a, "/")), strings.Compare(b, a))
	})
	return names
}
