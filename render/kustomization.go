package render

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/api/types"
)

// kustomizationNames are the file names that kustomize recognises.
var kustomizationNames = []string{"kustomization.yaml", "kustomization.yml", "Kustomization"}

// IsKustomization says that kustomize recognises a file by its name.
func IsKustomization(name string) bool { return slices.Contains(kustomizationNames, path.Base(name)) }

// kustomizationFile is the kustomization of a folder, empty when it has none.
func kustomizationFile(tree fs.FS, dir string) string {
	for _, name := range kustomizationNames {
		if exists(tree, join(dir, name)) {
			return join(dir, name)
		}
	}
	return ""
}

// kustomization is one parsed kustomization file.
type kustomization struct {
	file, dir string
	data      []byte
	root      *yaml.Node
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

// meaning is the file as kustomize itself reads it: anchors followed, keys in
// any case, deprecated fields moved to their successors.
func (k kustomization) meaning() (*types.Kustomization, error) {
	var meant types.Kustomization
	if err := meant.Unmarshal(k.data); err != nil {
		return nil, fmt.Errorf("%s: %w", k.file, err)
	}
	meant.FixKustomization()
	return &meant, nil
}

// folderFields are those that may name another kustomization.
var folderFields = []string{"resources", "bases", "components"}

// folders are the folders of the tree that the kustomization builds upon.
func (k kustomization) folders(tree fs.FS) []string {
	var dirs []string
	for _, name := range folderFields {
		for _, text := range texts(field(k.root, name)) {
			dir := path.Join(k.dir, text)
			if fs.ValidPath(dir) && kustomizationFile(tree, dir) != "" {
				dirs = append(dirs, dir)
			}
		}
	}
	return dirs
}

// own says that the file is for kustomize itself.
func (k kustomization) own() bool {
	apiVersion := field(k.root, "apiVersion")
	return apiVersion == nil || strings.HasPrefix(apiVersion.Value, "kustomize.config.k8s.io/") || apiVersion.Value == "v1beta1" || apiVersion.Value == ""
}

// component says that the kustomization is meant as a part of others.
func (k kustomization) component() bool {
	kind := field(k.root, "kind")
	return kind != nil && kind.Value == "Component"
}

// isKustomization says that a file is kustomize's own, not a Flux object that
// happens to share its name.
func isKustomization(tree fs.FS, name string) bool {
	for _, known := range kustomizationNames {
		if path.Base(name) == known {
			k, err := readKustomization(tree, name)
			return err != nil || k.own()
		}
	}
	return false
}

// field is the value of a key, anchors followed; nil when there is none.
func field(m *yaml.Node, name string) *yaml.Node {
	if m = followed(m); m == nil || m.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(m.Content); i += 2 {
		if m.Content[i].Value == name {
			return followed(m.Content[i+1])
		}
	}
	return nil
}

func followed(n *yaml.Node) *yaml.Node {
	if n != nil && n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// texts are the scalars of a list or of a single scalar.
func texts(n *yaml.Node) []string {
	if n = followed(n); n == nil {
		return nil
	}
	if n.Kind == yaml.ScalarNode {
		return []string{n.Value}
	}
	var out []string
	for _, c := range n.Content {
		if c = followed(c); c.Kind == yaml.ScalarNode {
			out = append(out, c.Value)
		}
	}
	return out
}

// scalars adds all scalar values below a node. What an alias stands for is
// below its anchor already.
func scalars(n *yaml.Node, found map[string]bool) {
	if n.Kind == yaml.ScalarNode {
		found[n.Value] = true
		var text string
		if n.Tag == "!!binary" && n.Decode(&text) == nil {
			found[text] = true
		}
	}
	for _, c := range n.Content {
		scalars(c, found)
	}
}
