package render

import (
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/rendergate/rendergate/render/manifest"
)

// closure is what a kustomization reaches inside the tree, read without
// building it.
type closure struct {
	tree           fs.FS
	kustomizations []kustomization
	inputs         map[string]bool // files, and folders that are read as a whole
	fault          error           // the first kustomization file that cannot be read
}

// kustomization is one parsed kustomization file.
type kustomization struct {
	file, dir string
	data      []byte
	root      *yaml.Node
}

// pathFields are the fields of a kustomization whose values kustomize loads,
// from the tree, from a URL or by running git: the field itself, or the named
// field of its items. Source: the kustomization reference, api/types v0.21.
var pathFields = map[string][]string{
	"resources": nil, "bases": nil, "components": nil, "crds": nil, "configurations": nil,
	"transformers": nil, "generators": nil, "validators": nil, "patchesStrategicMerge": nil,
	"patches": {"path"}, "patchesJson6902": {"path"}, "replacements": {"path"},
	"configMapGenerator": {"files", "envs", "env"}, "secretGenerator": {"files", "envs", "env"},
	"openapi": {"path"}, "helmCharts": {"valuesFile", "additionalValuesFiles"},
	"helmChartInflationGenerator": {"values"},
	"helmGlobals":                 {"chartHome"},
}

// folderFields are those that may name another kustomization.
var folderFields = []string{"resources", "bases", "components"}

func closureOf(tree fs.FS, dir string) *closure {
	c := &closure{tree: tree, inputs: map[string]bool{}}
	c.follow(dir, 0)
	return c
}

// follow adds the kustomization of a folder and all that it names. A file that
// cannot be read is left to the build, which says what is wrong with it.
func (c *closure) follow(dir string, depth int) {
	file := kustomizationFile(c.tree, dir)
	if file == "" || depth > 64 || c.inputs[file] {
		return
	}
	c.inputs[file] = true
	k, err := readKustomization(c.tree, file)
	if err != nil {
		if c.fault == nil {
			c.fault = err
		}
		return
	}
	c.kustomizations = append(c.kustomizations, k)
	for text := range k.scalars() {
		c.reach(k.dir, text, depth)
	}
	if k.has("helmCharts") {
		c.addFolder(join(dir, "charts"))
	}
}

// reach adds what a scalar names if it happens to be a path: reading too much
// only renders a target once too often, reading too little hides a change.
func (c *closure) reach(dir, text string, depth int) {
	candidates := []string{text}
	if _, file, found := strings.Cut(text, "="); found {
		candidates = append(candidates, file)
	}
	for _, candidate := range candidates {
		if candidate == "" || len(candidate) > 1024 || strings.ContainsAny(candidate, "\n\x00") || path.IsAbs(candidate) {
			continue
		}
		name := path.Join(dir, candidate)
		if !fs.ValidPath(name) {
			continue
		}
		info, err := fs.Stat(c.tree, name)
		switch {
		case err != nil:
			continue
		case !info.IsDir():
			c.inputs[name] = true
		case kustomizationFile(c.tree, name) != "":
			c.follow(name, depth+1)
		case name != dir && !under(dir, name):
			c.addFolder(name)
		}
	}
}

func (c *closure) addFolder(dir string) {
	err := walk(c.tree, dir, func(name string, info fs.FileInfo) error {
		if !info.IsDir() {
			c.inputs[join(dir, name)] = true
		}
		return nil
	})
	if err != nil {
		c.inputs[dir] = true
	}
}

func readKustomization(tree fs.FS, file string) (kustomization, error) {
	k := kustomization{file: file, dir: path.Dir(file)}
	var err error
	if k.data, err = fs.ReadFile(tree, file); err != nil {
		return k, err
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(k.data, &doc); err != nil {
		return k, fmt.Errorf("%s: not valid YAML: %s", file, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if len(doc.Content) > 0 {
		k.root = doc.Content[0]
	} else {
		k.root = &yaml.Node{Kind: yaml.MappingNode}
	}
	return k, nil
}

func (k kustomization) field(name string) *yaml.Node { return field(k.root, name) }

func (k kustomization) has(name string) bool { return k.field(name) != nil }

func field(m *yaml.Node, name string) *yaml.Node {
	if m == nil || m.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(m.Content); i += 2 {
		if m.Content[i].Value == name {
			return m.Content[i+1]
		}
	}
	return nil
}

// scalars are all distinct scalar values of the file.
func (k kustomization) scalars() map[string]bool {
	found := map[string]bool{}
	var into func(*yaml.Node)
	into = func(n *yaml.Node) {
		if n.Kind == yaml.ScalarNode {
			found[n.Value] = true
		}
		for _, c := range n.Content {
			into(c)
		}
	}
	into(k.root)
	return found
}

// folders are the folders of the tree that the kustomization builds upon.
func (k kustomization) folders(tree fs.FS) []string {
	var dirs []string
	for _, name := range folderFields {
		for _, text := range texts(k.field(name)) {
			dir := path.Join(k.dir, text)
			if fs.ValidPath(dir) && kustomizationFile(tree, dir) != "" {
				dirs = append(dirs, dir)
			}
		}
	}
	return dirs
}

// texts are the scalars of a list or of a single scalar.
func texts(n *yaml.Node) []string {
	if n == nil {
		return nil
	}
	if n.Kind == yaml.ScalarNode {
		return []string{n.Value}
	}
	var out []string
	for _, c := range n.Content {
		if c.Kind == yaml.ScalarNode {
			out = append(out, c.Value)
		}
	}
	return out
}

// loaded are the values that kustomize would load.
func (k kustomization) loaded() []string {
	var out []string
	for name, inner := range pathFields {
		at := k.field(name)
		if at == nil {
			continue
		}
		if inner == nil {
			out = append(out, texts(at)...)
			continue
		}
		items := at.Content
		if at.Kind == yaml.MappingNode {
			items = []*yaml.Node{at}
		}
		for _, item := range items {
			for _, sub := range inner {
				out = append(out, texts(field(item, sub))...)
			}
		}
	}
	slices.Sort(out)
	return out
}

// refuseRemote fails before the build where a field names something outside of
// the tree, because kustomize would fetch it.
func (c *closure) refuseRemote() error {
	if c.fault != nil {
		return c.fault
	}
	for _, k := range c.kustomizations {
		for _, text := range k.loaded() {
			named := text
			if key, file, keyed := strings.Cut(text, "="); keyed && !strings.ContainsAny(key, "/:") {
				named = file // a generator's key=file
			}
			if looksRemote(named) && !exists(c.tree, path.Join(k.dir, named)) {
				return fmt.Errorf("%s: %q is outside of the tree, and rendergate fetches nothing; vendor it into the tree", k.file, text)
			}
		}
	}
	return nil
}

// looksRemote recognises what kustomize takes for a URL or a git repository.
func looksRemote(text string) bool {
	if strings.Contains(text, "\n") {
		return false // an inline patch
	}
	if u, err := url.Parse(text); err == nil && u.Scheme != "" && (u.Host != "" || u.Opaque != "") {
		return true
	}
	for _, sign := range []string{"://", "git::", "git@", "?ref=", "?version=", "_git/"} {
		if strings.Contains(text, sign) {
			return true
		}
	}
	host, _, found := strings.Cut(text, "/")
	return found && strings.Contains(strings.Trim(host, "."), ".") && !strings.HasPrefix(text, ".") ||
		strings.HasPrefix(text, "github.com:") || strings.HasPrefix(text, "gh:")
}

// customSchema says that a kustomization changes kyaml's process-wide schema.
func (c *closure) customSchema() bool {
	return slices.ContainsFunc(c.kustomizations, func(k kustomization) bool { return k.has("openapi") || k.has("crds") })
}

// sources are the kustomization files as objects.
func (c *closure) sources() ([]*manifest.Object, error) {
	var objects []*manifest.Object
	for _, k := range c.kustomizations {
		ref := manifest.Ref{APIVersion: "kustomize.config.k8s.io/v1beta1", Kind: "Kustomization", Name: k.dir}
		o, err := manifest.ParseSource(k.data, ref, manifest.Origin{Path: k.file, Exact: true})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", k.file, err)
		}
		objects = append(objects, o)
	}
	return objects, nil
}
