package render

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"path"
	"slices"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/ignore"
	"helm.sh/helm/v3/pkg/strvals"

	"github.com/rendergate/rendergate/render/engine"
	"github.com/rendergate/rendergate/render/manifest"
)

// Names that stand in where nobody configured any. The namespace must not be
// "default": nobody said that the release goes there.
const (
	defaultRelease   = "release-name"
	unknownNamespace = manifest.UnknownNamespace
)

// helm renders a chart as `helm template` does: hooks included, crds/ and
// NOTES.txt not.
func helm(tree fs.FS, t Target) (*Result, error) { return helmFrom(tree, t, nil) }

// helmFrom is helm for values that a trace finds elsewhere than in the files
// that the target names.
func helmFrom(tree fs.FS, t Target, from *valuesFrom) (*Result, error) {
	assembly, c, err := assemble(tree, t.Dir)
	if err != nil {
		return nil, err
	}
	if c.Metadata.Type == "library" {
		return nil, errors.New("is a library chart, which deploys nothing by itself")
	}
	values, err := chartValues(tree, t)
	if err != nil {
		return nil, err
	}
	paths, result, err := assembly.enabled(c, values)
	if err != nil {
		return nil, err
	}
	how := executing{partial: len(result.Missing) > 0, loose: from != nil && from.loose}
	rendered, err := renderChart(c, values, t, how, &result.Drawn)
	if err != nil {
		return &Result{Missing: result.Missing}, withMissing(err, result.Missing)
	}
	if result.Sources, err = chartSources(tree, t.Dir, c.Name()); err != nil {
		return nil, err
	}
	vendored, err := vendoredSources(t.Dir, c.Name(), result.Parts)
	if err != nil {
		return nil, err
	}
	signed, err := provenances(tree, result.Parts)
	if err != nil {
		return nil, err
	}
	result.Sources = slices.Concat(result.Sources, vendored, signed)
	traced := provenanceOf(tree, t, assembly, c, values, from, rendered, paths)
	for _, name := range sortedKeys(rendered) {
		objects, err := chartObjects(t, orElse(paths[name], join(t.Dir, "Chart.yaml")), name, rendered[name], traced.writers(name))
		if err != nil {
			return nil, err
		}
		result.Objects = append(result.Objects, objects...)
	}
	return result, nil
}

// withMissing explains an error that a missing dependency may have caused.
func withMissing(err error, missing []Missing) error {
	if len(missing) == 0 {
		return err
	}
	var names []string
	for _, m := range missing {
		names = append(names, m.String())
	}
	return fmt.Errorf("%w (%s; vendor it with: helm dependency build)", err, strings.Join(names, ", "))
}

// chartSources are the files that say what a chart is made of, as objects.
func chartSources(tree fs.FS, dir, chartName string) ([]*manifest.Object, error) {
	var sources []*manifest.Object
	for _, file := range []struct{ name, kind string }{
		{"Chart.yaml", "Chart"}, {"requirements.yaml", "Chart"}, {"Chart.lock", "Lock"}, {"requirements.lock", "Lock"},
	} {
		name := file.name
		data, err := fs.ReadFile(tree, join(dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		ref := manifest.Ref{APIVersion: "helm.sh/v2", Kind: file.kind, Name: chartName}
		source, err := manifest.ParseSource(data, ref, manifest.Origin{Path: join(dir, name), Exact: true})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", join(dir, name), err)
		}
		sources = append(sources, source)
	}
	return sources, nil
}

// VendoredChart is the kind of the object that stands for an archive in charts/.
const VendoredChart = "VendoredChart"

// vendoredSources are the archives that lie in a chart's own charts/ folder, each
// as an object that says its name and version.
func vendoredSources(dir, chartName string, parts []Part) ([]*manifest.Object, error) {
	var sources []*manifest.Object
	for _, p := range parts {
		if p.Parent != chartName || path.Dir(p.From) != join(dir, "charts") || path.Ext(p.From) != ".tgz" {
			continue
		}
		data, err := yaml.Marshal(map[string]string{"chart": chartName, "name": p.Name, "version": p.Version})
		if err != nil {
			return nil, err
		}
		ref := manifest.Ref{APIVersion: "helm.sh/v2", Kind: VendoredChart, Name: p.Name}
		source, err := manifest.ParseSource(data, ref, manifest.Origin{Path: p.From})
		if err != nil {
			return nil, err
		}
		sources = append(sources, source)
	}
	return sources, nil
}

// provenances are the signed files beside the archives of some parts, each as an
// object with the archive's sum.
func provenances(tree fs.FS, parts []Part) ([]*manifest.Object, error) {
	var sources []*manifest.Object
	seen := map[string]bool{}
	for _, p := range parts {
		if path.Ext(p.From) != ".tgz" || seen[p.From] || !exists(tree, p.From+".prov") {
			continue
		}
		seen[p.From] = true
		archive, err := fs.ReadFile(tree, p.From)
		if err != nil {
			return nil, err
		}
		text, err := fs.ReadFile(tree, p.From+".prov")
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(archive)
		data, err := yaml.Marshal(map[string]string{"archive": path.Base(p.From), "sha256": hex.EncodeToString(sum[:]), "text": string(text)})
		if err != nil {
			return nil, err
		}
		ref := manifest.Ref{APIVersion: "helm.sh/v2", Kind: "Provenance", Name: p.Name}
		source, err := manifest.ParseSource(data, ref, manifest.Origin{Path: p.From + ".prov"})
		if err != nil {
			return nil, err
		}
		sources = append(sources, source)
	}
	return sources, nil
}

// chartFiles reads a chart's folder as helm's own loader does, .helmignore
// included.
func chartFiles(tree fs.FS, dir string) ([]*loader.BufferedFile, error) {
	rules := ignore.Empty()
	if data, err := fs.ReadFile(tree, join(dir, ignore.HelmIgnore)); err == nil {
		if rules, err = ignore.Parse(bytes.NewReader(data)); err != nil {
			return nil, fmt.Errorf("%s: %w", join(dir, ignore.HelmIgnore), err)
		}
	}
	rules.AddDefaults()
	var files []*loader.BufferedFile
	err := walk(tree, dir, func(name string, info fs.FileInfo) error {
		if rules.Ignore(name, info) {
			if info.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if info.IsDir() || isPicture(name) {
			return nil
		}
		data, err := fs.ReadFile(tree, join(dir, name))
		if err != nil {
			return err
		}
		files = append(files, &loader.BufferedFile{Name: name, Data: bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))})
		return nil
	})
	return files, err
}

// isPicture names files that charts carry for their readers: no template can
// make a manifest of them, and they are often Git LFS pointers.
func isPicture(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".png", ".jpg", ".jpeg", ".gif", ".svg", ".ico", ".webp", ".pdf", ".mp4":
		return true
	}
	return false
}

// walk visits a folder in order, links followed; names are relative to it.
func walk(tree fs.FS, dir string, visit func(name string, info fs.FileInfo) error) error {
	var into func(rel string, depth int) error
	into = func(rel string, depth int) error {
		if depth > 64 {
			return fmt.Errorf("%s: folders nest too deeply, or link in a circle", join(dir, rel))
		}
		list, err := fs.ReadDir(tree, join(dir, rel))
		if err != nil {
			return err
		}
		for _, entry := range list {
			name := path.Join(rel, entry.Name())
			info, err := fs.Stat(tree, join(dir, name))
			if err != nil {
				return err
			}
			err = visit(name, info)
			if errors.Is(err, fs.SkipDir) {
				continue
			}
			if err != nil {
				return err
			}
			if info.IsDir() {
				if err := into(name, depth+1); err != nil {
					return err
				}
			}
		}
		return nil
	}
	return into("", 0)
}

// chartValues merges the layers as helm's -f and --set do: later ones win,
// maps merge, lists are replaced.
func chartValues(tree fs.FS, t Target) (map[string]any, error) {
	values := map[string]any{}
	for _, layer := range t.Values {
		name, err := valuesPath(tree, t.Dir, layer)
		if err != nil {
			return nil, err
		}
		data, err := fs.ReadFile(tree, name)
		if err != nil {
			return nil, err
		}
		parsed, err := chartutil.ReadValues(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		values = mergeValues(values, parsed)
	}
	for _, set := range t.Set {
		if err := strvals.ParseInto(set, values); err != nil {
			return nil, fmt.Errorf("set %q: %w", set, err)
		}
	}
	return values, nil
}

// valuesPath finds a layer beside the chart, else from the root.
func valuesPath(tree fs.FS, dir, layer string) (string, error) {
	beside := join(dir, layer)
	for _, name := range []string{beside, path.Clean(layer)} {
		if !fs.ValidPath(name) {
			continue
		}
		if _, err := fs.Stat(tree, name); !errors.Is(err, fs.ErrNotExist) {
			return name, nil
		}
	}
	return "", fmt.Errorf("values file %q is neither at %s nor at the root of the tree: %w", layer, beside, fs.ErrNotExist)
}

func mergeValues(into, over map[string]any) map[string]any {
	out := make(map[string]any, len(into))
	for k, v := range into {
		out[k] = v
	}
	for k, v := range over {
		if table, ok := v.(map[string]any); ok {
			if below, ok := out[k].(map[string]any); ok {
				out[k] = mergeValues(below, table)
				continue
			}
		}
		out[k] = v
	}
	return out
}

// executing says how templates are executed.
type executing struct {
	partial bool // parts are missing, so that templates that deploy nothing may fail: they often want what only the missing part defines
	loose   bool // the chart's schema is not asked
}

// renderChart executes the templates. What is drawn by chance is added to drawn.
func renderChart(c *chart.Chart, values map[string]any, t Target, exe executing, drawn *[]string) (map[string]string, error) {
	all, err := renderValues(c, values, t)
	if err != nil {
		return nil, err
	}
	effective, err := all.Table("Values")
	if err != nil {
		return nil, err
	}
	if err := validate(c, effective); err != nil && !exe.loose {
		return nil, err
	}
	how := engine.Options{Drawn: func(text string) { *drawn = append(*drawn, text) }}
	if exe.partial {
		how.MayFail = deploysNothing
	}
	return engine.Render(c, all, how)
}

// renderValues are what the templates see, as fresh as each render needs them.
func renderValues(c *chart.Chart, values map[string]any, t Target) (chartutil.Values, error) {
	caps, err := capabilities(t)
	if err != nil {
		return nil, err
	}
	if want := c.Metadata.KubeVersion; want != "" && !chartutil.IsCompatibleRange(want, caps.KubeVersion.Version) {
		return nil, fmt.Errorf("the chart wants Kubernetes %s and is rendered for %s: set targets[].kube-version in .rendergate.yaml", want, caps.KubeVersion.Version)
	}
	options := chartutil.ReleaseOptions{
		Name: orElse(t.Release, defaultRelease), Namespace: orElse(t.Namespace, unknownNamespace), Revision: 1, IsInstall: true,
	}
	return chartutil.ToRenderValuesWithSchemaValidation(c, values, options, caps, true)
}

// deploysNothing says that a template is shown, or run by helm test, at most.
func deploysNothing(name string) bool {
	return path.Base(name) == "NOTES.txt" || strings.Contains(name, "/templates/tests/")
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

func capabilities(t Target) (*chartutil.Capabilities, error) {
	caps := chartutil.DefaultCapabilities.Copy()
	version, err := chartutil.ParseKubeVersion(orElse(t.KubeVersion, DefaultKubeVersion))
	if err != nil {
		return nil, fmt.Errorf("kube-version %q: %w", t.KubeVersion, err)
	}
	caps.KubeVersion = *version
	caps.APIVersions = slices.Concat(caps.APIVersions, t.APIVersions)
	return caps, nil
}

// chartObjects parses one rendered template. Lines count in the rendered file;
// written tells who wrote them, and is nil where nobody knows.
func chartObjects(t Target, file, name, text string, written func(line int) []manifest.Site) ([]*manifest.Object, error) {
	if path.Base(name) == "NOTES.txt" || strings.TrimSpace(text) == "" {
		return nil, nil
	}
	origin := manifest.Origin{Path: file}
	var objects []*manifest.Object
	start := 0
	cut := func(end int) error {
		// Helm trims each document and writes it with one newline, which decides
		// how a block of text at its end is read.
		document := strings.TrimLeftFunc(text[start:end], unicode.IsSpace)
		first := 1 + strings.Count(text[:end-len(document)], "\n")
		found, err := manifest.ParseAt([]byte(strings.TrimRightFunc(document, unicode.IsSpace)+"\n"), origin, first)
		note(found, written, first, strings.Count(document, "\n"))
		objects = append(objects, found...)
		if err != nil {
			return fmt.Errorf("%s rendered to text that is %w", origin.Path, err)
		}
		return nil
	}
	for at := nextMarker(text, 0); at >= 0; at = nextMarker(text, start) {
		if err := cut(at); err != nil {
			return nil, err
		}
		start = at + len(marker)
	}
	if err := cut(len(text)); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(objects, func(o *manifest.Object) bool {
		o.InNamespace(t.Namespace)
		o.WithoutNamespace(unknownNamespace)
		return t.SkipTests && isTest(o)
	}), nil
}

// note tells objects who wrote their lines: those from the first on, and some
// more.
func note(objects []*manifest.Object, written func(line int) []manifest.Site, first, more int) {
	if written == nil || len(objects) == 0 {
		return
	}
	lines := map[int][]manifest.Site{}
	for line := first; line <= first+more; line++ {
		if sites := written(line); len(sites) > 0 {
			lines[line] = sites
		}
	}
	for _, o := range objects {
		o.Written = lines
	}
}

// marker begins a document. As helm has it, text may follow right behind it.
const marker = "---"

// documents are the texts between a rendered file's markers.
func documents(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		start := 0
		for at := nextMarker(text, 0); at >= 0; at = nextMarker(text, start) {
			if !yield(text[start:at]) {
				return
			}
			start = at + len(marker)
		}
		yield(text[start:])
	}
}

// nextMarker is where the next document marker begins a line, -1 when there is
// none.
func nextMarker(text string, from int) int {
	for from <= len(text) {
		at := strings.Index(text[from:], marker)
		if at < 0 {
			return -1
		}
		if at += from; at == 0 || text[at-1] == '\n' {
			return at
		}
		from = at + 1
	}
	return -1
}

// isTest says that an object is only a test hook, which `helm test` deploys.
func isTest(o *manifest.Object) bool {
	for hook := range strings.SplitSeq(o.Root.Get("metadata", "annotations", "helm.sh/hook").Text(), ",") {
		switch strings.TrimSpace(hook) {
		case "test", "test-success", "test-failure":
			return true
		}
	}
	return false
}

func exists(tree fs.FS, name string) bool {
	_, err := fs.Stat(tree, name)
	return err == nil
}
