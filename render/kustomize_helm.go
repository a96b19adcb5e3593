package render

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chartutil"
	"sigs.k8s.io/kustomize/api/konfig"
	"sigs.k8s.io/kustomize/api/types"
	kyaml "sigs.k8s.io/kustomize/kyaml/yaml"
	"sigs.k8s.io/kustomize/kyaml/yaml/merge2"

	"github.com/rendergate/rendergate/render/manifest"
)

// inflatedDir holds, in memory only, what the charts of a kustomization render
// to. It lies beside the kustomization, where kustomize loads files from, as a
// component: components run where kustomize would run helm, after the resources
// and before the transformers.
const inflatedDir = ".rendergate-chart-"

// charts inflates the charts of a kustomization, and returns the components
// that replace them.
func (s *step) charts() ([]string, error) {
	if len(s.k.HelmCharts) == 0 {
		return nil, nil
	}
	var globals types.HelmGlobals
	if s.k.HelmGlobals != nil {
		globals = *s.k.HelmGlobals
	}
	var components []string
	for _, c := range s.k.HelmCharts {
		if c.Namespace == "" {
			c.Namespace = s.namespace
			s.inherits = s.inherits || s.k.Namespace == ""
		}
		more, err := s.chart(globals, c)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.file, err)
		}
		components = append(components, more...)
	}
	s.k.HelmCharts, s.k.HelmGlobals, s.changed = nil, nil, true
	return components, nil
}

// chart inflates one chart into a component, or none where the chart is not in
// the tree.
func (s *step) chart(globals types.HelmGlobals, c types.HelmChart) ([]string, error) {
	if c.Name == "" {
		return nil, errors.New("helmCharts: a chart has no name")
	}
	home := path.Join(s.dir, orElse(globals.ChartHome, types.HelmDefaultHome))
	loaded, err := findChart(s.tree, home, c)
	if beside := join(s.dir, types.HelmDefaultHome); loaded == nil && err == nil && home != beside {
		loaded, err = findChart(s.tree, beside, c) // what was fetched stands there
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("helmCharts: chart %s: %w", c.Name, err)
	case loaded == nil && c.Repo == "":
		return nil, fmt.Errorf("helmCharts: chart %s is not at %s, and no repo is named to have it from", c.Name, join(home, c.Name))
	case loaded == nil:
		s.lacks(Missing{Kind: MissingChart, Name: c.Name, Version: c.Version, Repository: c.Repo, In: s.file, At: s.dir})
		return nil, nil
	}
	files, err := s.inflate(loaded, c)
	if err != nil {
		return nil, fmt.Errorf("helmCharts: chart %s: %w", c.Name, err)
	}
	if c.Repo != "" {
		from := loaded.parts.origins[loaded.Raw[0]]
		s.parts = append(s.parts, Part{Kind: MissingChart, Name: c.Name, Version: loaded.Metadata.Version, Wanted: c.Version, Repository: c.Repo, From: orElse(from.archive, from.dir)})
	}
	name := inflatedDir + strconv.Itoa(s.inflated)
	s.inflated++
	dir := join(s.dir, name)
	listed := &types.Kustomization{TypeMeta: types.TypeMeta{APIVersion: types.ComponentVersion, Kind: types.ComponentKind}}
	for i, f := range files {
		resource := strconv.Itoa(i) + ".yaml"
		listed.Resources = append(listed.Resources, resource)
		s.files[join(dir, resource)] = f.text
		s.origins[join(dir, resource)] = f.origin
		if f.objects != nil {
			s.objects[join(dir, resource)] = f.objects
		}
	}
	return []string{name}, s.replace(join(dir, "kustomization.yaml"), listed)
}

// loadedChart is a chart that a kustomization inflates.
type loadedChart struct {
	*chart.Chart
	parts *assembly
}

// findChart looks where kustomize does, and for a packed chart beside it. A
// chart without a version's folder is taken when it is of that version.
func findChart(tree fs.FS, home string, c types.HelmChart) (*loadedChart, error) {
	pinned := c.Version != "" && c.Repo != ""
	folders := []string{join(home, c.Name)}
	if pinned {
		folders = []string{path.Join(home, c.Name+"-"+c.Version, c.Name), join(home, c.Name)}
	}
	for i, at := range folders {
		if !fs.ValidPath(at) {
			return nil, fmt.Errorf("%s is outside of the tree", at)
		}
		if !exists(tree, join(at, "Chart.yaml")) {
			continue
		}
		parts, loaded, err := assemble(tree, at)
		if err != nil {
			return nil, err
		}
		if i == 0 || loaded.Metadata.Version == c.Version {
			return &loadedChart{loaded, parts}, nil
		}
	}
	if c.Version == "" {
		return nil, nil
	}
	at := join(home, c.Name+"-"+c.Version+".tgz")
	if !exists(tree, at) {
		return nil, nil
	}
	parts, loaded, err := assemblePacked(tree, at)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", at, err)
	}
	return &loadedChart{loaded, parts}, nil
}

// inflated is a file of rendered objects.
type inflated struct {
	origin  string
	text    []byte
	objects []*manifest.Object // of a traced build
}

// inflate renders a chart as `helm template` does under the arguments that
// kustomize gives it.
func (s *step) inflate(c *loadedChart, args types.HelmChart) ([]inflated, error) {
	values, err := s.chartValues(c.Chart, args)
	if err != nil {
		return nil, err
	}
	t := Target{Kind: Helm, Namespace: args.Namespace, Traced: s.target.Traced, KubeVersion: orElse(args.KubeVersion, s.target.KubeVersion),
		APIVersions: slices.Concat(s.target.APIVersions, args.ApiVersions)}
	if t.Release, err = releaseName(args, t); err != nil {
		return nil, err
	}
	var crds []chart.CRD
	if args.IncludeCRDs {
		crds = c.CRDObjects()
	}
	paths, known, err := c.parts.enabled(c.Chart, values)
	if err != nil {
		return nil, err
	}
	for _, m := range known.Missing {
		s.lacks(m)
	}
	rendered, err := renderChart(c.Chart, values, t, executing{partial: len(known.Missing) > 0}, &s.drawn)
	if err != nil {
		return nil, err
	}
	for _, crd := range crds {
		rendered[join(c.Name(), strings.TrimPrefix(crd.Filename, c.Name()+"/"))] = string(crd.File.Data)
	}
	var from *valuesFrom
	if t.Traced {
		from = s.valuesFrom(args)
	}
	traced := provenanceOf(s.tree, t, c.parts, c.Chart, values, from, rendered, paths)
	return s.markedFiles(c, rendered, paths, args, traced)
}

// valuesFrom are the layers of what chartValues merges.
func (s *step) valuesFrom(args types.HelmChart) *valuesFrom {
	from := &valuesFrom{}
	file := func(name string) {
		if data, err := s.load(name); err == nil {
			from.layers = append(from.layers, fileLayer(data, inFile(path.Join(s.dir, name), false), nil))
		}
	}
	for _, name := range slices.Backward(args.AdditionalValuesFiles) {
		file(name)
	}
	if args.ValuesMerge != "merge" {
		s.inlineValues(args, from)
	}
	if args.ValuesFile != "" {
		file(args.ValuesFile)
	}
	if args.ValuesMerge == "merge" {
		s.inlineValues(args, from)
	}
	return from
}

func (s *step) inlineValues(args types.HelmChart, from *valuesFrom) {
	k, err := readKustomization(s.tree, s.file)
	if err != nil {
		return
	}
	list := field(k.root, "helmCharts")
	if list == nil {
		return
	}
	for _, c := range list.Content {
		if name, inline := field(c, "name"), field(c, "valuesInline"); name != nil && name.Value == args.Name && inline != nil {
			from.layers = append(from.layers, layer{root: inline, sites: inFile(s.file, false)})
			return
		}
	}
}

// markedFiles are the rendered files that hold objects, with where they are
// from.
func (s *step) markedFiles(c *loadedChart, rendered, paths map[string]string, args types.HelmChart, traced *provenance) ([]inflated, error) {
	at := c.parts.origins[c.Raw[0]]
	var files []inflated
	for _, name := range sortedKeys(rendered) {
		if path.Base(name) == "NOTES.txt" {
			continue
		}
		text, err := s.marked(rendered[name], args)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		_, below, _ := strings.Cut(name, "/")
		origin := orElse(paths[name], orElse(at.archive, join(at.dir, below)))
		if len(text) == 0 {
			continue
		}
		f := inflated{origin: origin, text: text}
		if writers := traced.writers(name); writers != nil {
			if f.objects, err = chartObjects(Target{}, origin, name, rendered[name], writers); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
		}
		files = append(files, f)
	}
	return files, nil
}

// releaseName is the name that helm gives the release: without any, helm's
// --generate-name falls back to its stand-in, as kustomize notes.
func releaseName(args types.HelmChart, t Target) (string, error) {
	switch {
	case args.NameTemplate == "":
		return args.ReleaseName, nil
	case args.ReleaseName != "":
		return "", errors.New("releaseName and nameTemplate are both set, which helm refuses")
	}
	namer := &chart.Chart{
		Metadata:  &chart.Metadata{APIVersion: "v2", Name: "name", Version: "0.0.0"},
		Templates: []*chart.File{{Name: "templates/name", Data: []byte(args.NameTemplate)}},
	}
	rendered, err := renderChart(namer, nil, t, executing{}, new([]string))
	if err != nil {
		return "", fmt.Errorf("nameTemplate: %w", err)
	}
	return rendered["name/templates/name"], nil
}

// chartValues are the values that kustomize hands to helm: a values file, by
// default the chart's own, merged with those written in place; then more files.
func (s *step) chartValues(c *chart.Chart, args types.HelmChart) (map[string]any, error) {
	var own []byte
	for _, f := range c.Raw {
		if f.Name == "values.yaml" {
			own = f.Data
		}
	}
	if args.ValuesFile != "" {
		var err error
		if own, err = s.load(args.ValuesFile); err != nil {
			return nil, err
		}
	}
	text, err := mergedValues(own, args)
	if err != nil {
		return nil, err
	}
	values, err := chartutil.ReadValues(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", orElse(args.ValuesFile, "values.yaml"), err)
	}
	merged := mergeValues(nil, values)
	for _, name := range args.AdditionalValuesFiles {
		data, err := s.load(name)
		if err != nil {
			return nil, err
		}
		layer, err := chartutil.ReadValues(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		merged = mergeValues(merged, layer)
	}
	return merged, nil
}

// load reads a file that a kustomization names.
func (s *step) load(name string) ([]byte, error) {
	at := path.Join(s.dir, name)
	if path.IsAbs(name) || !fs.ValidPath(at) {
		return nil, fmt.Errorf("%s is outside of the tree", name)
	}
	if data, planned := s.files[at]; planned {
		return data, nil
	}
	return fs.ReadFile(s.tree, at)
}

// mergedValues joins a values file and the values written in place, with the
// library that kustomize does it with.
func mergedValues(file []byte, args types.HelmChart) ([]byte, error) {
	merge := orElse(args.ValuesMerge, "override")
	if !slices.Contains([]string{"merge", "override", "replace"}, merge) {
		return nil, fmt.Errorf("valuesMerge is %q, and must be merge, override or replace", merge)
	}
	if len(args.ValuesInline) == 0 {
		return file, nil
	}
	inline, err := kyaml.FromMap(args.ValuesInline)
	if err != nil {
		return nil, err
	}
	if merge != "replace" && len(bytes.TrimSpace(file)) > 0 {
		below, err := kyaml.Parse(string(file))
		if err != nil {
			return nil, err
		}
		if merge == "merge" {
			inline, below = below, inline
		}
		if inline, err = merge2.Merge(inline, below, kyaml.MergeOptions{}); err != nil {
			return nil, err
		}
	}
	text, err := inline.String()
	return []byte(text), err
}

// marked are the objects of rendered text, marked as helm's so that kustomize
// leaves their namespace alone.
func (s *step) marked(text string, args types.HelmChart) ([]byte, error) {
	var out bytes.Buffer
	for doc := range documents(text) {
		if strings.TrimSpace(doc) == "" {
			continue
		}
		if err := unfolded("rendered text", []byte(doc)); err != nil {
			return nil, err
		}
		found, err := s.factory.SliceFromBytes([]byte(doc))
		if err != nil {
			return nil, fmt.Errorf("rendered to text that is not valid: %w", err)
		}
		for _, r := range found {
			hook := r.GetAnnotations()["helm.sh/hook"]
			if hook != "" && (args.SkipHooks || args.SkipTests && slices.ContainsFunc(manifest.FromYAML(r.YNode(), manifest.Origin{}), isTest)) {
				continue
			}
			if err := r.PipeE(kyaml.SetAnnotation(konfig.HelmGeneratedAnnotation, "true")); err != nil {
				return nil, err
			}
			object, err := r.AsYAML()
			if err != nil {
				return nil, err
			}
			out.WriteString("---\n" + string(object))
		}
	}
	return out.Bytes(), nil
}
