package render

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

type variantPlace struct {
	dir     string
	fixture bool
	named   func(stem string) bool
}

// variantPlaces are the folders of a chart where values files stand by
// convention, with the names that they have there.
var variantPlaces = []variantPlace{
	{"ci", true, func(stem string) bool { return strings.Contains(stem, "values") }},
	{".", true, func(stem string) bool { return stem == "test" || stem == "values-test" || stem == "test-values" }},
	{".", false, func(stem string) bool {
		return strings.HasPrefix(stem, "values-") || strings.HasPrefix(stem, "values.") && stem != "values.schema" ||
			strings.HasSuffix(stem, "-values") || strings.HasSuffix(stem, ".values")
	}},
	{"values", false, func(string) bool { return true }},
	{"environments", false, func(string) bool { return true }},
	{"environments/*", false, func(stem string) bool { return stem == "values" }},
}

// Variants are the chart's values files by convention, as targets: those of
// ci/, chart-testing's fixtures, and those named after an environment. Nobody
// said that they are deployed, so each is Guessed.
func Variants(tree fs.FS, dir string) []Target {
	var found []Target
	var seen map[string]bool
	own, err := fs.ReadDir(tree, dir)
	if err != nil {
		return nil // there is nothing to have variants of
	}
	for _, place := range variantPlaces {
		if folder, _, _ := strings.Cut(place.dir, "/"); folder != "." && !named(own, folder) {
			continue // as in most charts
		}
		for _, layer := range yamlNames(tree, dir, place.dir) {
			if seen[layer] || !place.named(stemOf(layer)) || path.Ext(layer) == ".json" {
				continue
			}
			if seen == nil {
				seen = map[string]bool{}
			}
			seen[layer] = true
			if holdsValues(tree, join(dir, layer)) {
				found = append(found, Variant(dir, layer))
			}
		}
	}
	return found
}

// Variant is the guessed variant of a chart with one values file.
func Variant(dir, layer string) Target {
	name := strings.TrimSuffix(layer, path.Ext(layer))
	if strings.HasPrefix(name, "environments/") {
		name = strings.TrimSuffix(name, "/values")
	}
	_, fixture := Conventional(dir, join(dir, layer))
	return Target{Kind: Helm, Dir: dir, Values: []string{layer}, Variant: name, Guessed: true, Fixture: fixture}
}

// Conventional says by its name alone that a file would be a variant of the
// chart, and whether it would be a fixture.
func Conventional(dir, name string) (conventional, fixture bool) {
	layer := name
	if dir != "." {
		var inside bool
		if layer, inside = strings.CutPrefix(name, dir+"/"); !inside {
			return false, false
		}
	}
	for _, place := range variantPlaces {
		// The places hold no pattern that could be malformed.
		if matched, err := path.Match(place.dir, path.Dir(layer)); err == nil && matched && isYAML(layer) && place.named(stemOf(layer)) {
			return true, place.fixture
		}
	}
	return false, false
}

func stemOf(name string) string { return strings.TrimSuffix(path.Base(name), path.Ext(name)) }

// yamlNames are the YAML files of a chart's folder, or of each folder in it
// where the place ends in a star; from the chart.
func yamlNames(tree fs.FS, dir, place string) []string {
	parent, each := strings.CutSuffix(place, "/*")
	// A folder that is not there, or that nobody can read, has no conventions to offer.
	list, err := fs.ReadDir(tree, join(dir, parent))
	if err != nil {
		return nil
	}
	var names []string
	for _, entry := range list {
		if !each && !isYAML(entry.Name()) {
			continue
		}
		name, isDir := path.Join(parent, entry.Name()), entry.IsDir()
		if entry.Type()&fs.ModeSymlink != 0 {
			info, err := fs.Stat(tree, join(dir, name))
			if err != nil {
				continue
			}
			isDir = info.IsDir()
		}
		switch {
		case each && isDir:
			names = append(names, yamlNames(tree, dir, name)...)
		case !each && !isDir:
			names = append(names, name)
		}
	}
	return names
}

// named says that a list has an entry of that name.
func named(list []fs.DirEntry, name string) bool {
	return slices.ContainsFunc(list, func(entry fs.DirEntry) bool { return entry.Name() == name })
}

// holdsValues says that a file may be a chart's values: neither a manifest, nor
// another tool's template, nor empty, which would be the default once more. One
// that is broken counts, so that its render tells.
func holdsValues(tree fs.FS, name string) bool {
	data, err := fs.ReadFile(tree, name)
	if err != nil {
		return true
	}
	var doc yaml.Node
	if err := yaml.NewDecoder(bytes.NewReader(data)).Decode(&doc); err != nil {
		return !errors.Is(err, io.EOF) && !bytes.Contains(data, []byte("{{"))
	}
	root := doc.Content[0]
	isManifest := field(root, "apiVersion") != nil && field(root, "kind") != nil
	isKustomization := slices.Contains(kustomizationNames, path.Base(name))
	return namesKeys(root) && !isManifest && !isKustomization
}

// namesKeys says that a document is a mapping of names: {{ }} is YAML as well,
// a mapping whose key is a mapping.
func namesKeys(root *yaml.Node) bool {
	for i := 0; i < len(root.Content); i += 2 {
		if root.Content[i].Kind != yaml.ScalarNode {
			return false
		}
	}
	return root.Kind == yaml.MappingNode && len(root.Content) > 0
}

// Layers are the paths of the values files that a target names, where they are.
func Layers(tree fs.FS, t Target) []string {
	var names []string
	for _, layer := range t.Values {
		if name, err := valuesPath(tree, t.Dir, layer); err == nil {
			names = append(names, name)
		}
	}
	return names
}

// ReadsFiles says that a chart's templates may read any file of its folder, so
// that a values file of another variant is an input too.
func ReadsFiles(tree fs.FS, dir string) bool {
	reads := false
	err := walk(tree, join(dir, "templates"), func(name string, info fs.FileInfo) error {
		if reads || info.IsDir() {
			return nil
		}
		data, err := fs.ReadFile(tree, join(dir, path.Join("templates", name)))
		reads = err != nil || bytes.Contains(data, []byte("Files"))
		return nil
	})
	return reads || err != nil && !errors.Is(err, fs.ErrNotExist)
}

// NeedsValues says that a chart itself refused to render with the values that
// it got: by required, fail or its schema.
func NeedsValues(err error) bool {
	if err == nil {
		return false
	}
	text := err.Error()
	return strings.Contains(text, "execution error at (") || strings.Contains(text, "values don't meet the specifications of the schema")
}

// NeedsPlan says that a release of a Terraform module did not render because only
// a plan knows what it is made of.
func NeedsPlan(err error) bool { return err != nil && strings.Contains(err.Error(), onlyPlan) }

// onlyPlan begins what is said of it.
const onlyPlan = "only a plan knows"
