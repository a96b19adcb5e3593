package render

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/rendergate/rendergate/render/manifest"
)

// closure is what a kustomization reaches inside the tree, read without
// building it.
type closure struct {
	read           *reading
	kustomizations []kustomization
	inputs         map[string]bool // files, and folders that are read as a whole
}

// reading is what is known of the kustomizations of one tree, so that one that
// many overlays share is parsed once.
type reading struct {
	tree   fs.FS
	loads  bool // only what kustomize loads counts, not all that happens to be called as a file is
	known  map[string]*reached
	beside map[[2]string][]string // what settings in a folder name, beside a kustomization's folder
}

// reached is what one kustomization file names in the tree.
type reached struct {
	kustomization
	err      error
	files    []string
	upon     []string // folders that hold kustomizations
	settings []string // of these, those that hold the settings of plugins
}

func newReading(tree fs.FS) *reading {
	return &reading{tree: tree, known: map[string]*reached{}, beside: map[[2]string][]string{}}
}

// loading is a reading for what is left to others: a namespace that is called as
// a folder takes no manifest out of that folder.
func loading(tree fs.FS) *reading {
	r := newReading(tree)
	r.loads = true
	return r
}

func closureOf(tree fs.FS, dir string) *closure { return newReading(tree).closure(dir) }

func (r *reading) closure(dir string) *closure {
	c := &closure{read: r, inputs: map[string]bool{}}
	c.follow(dir, 0)
	return c
}

// maxOverlays bounds how deeply kustomizations build upon each other.
const maxOverlays = 64

// follow adds the kustomization of a folder and all that it names. A file that
// cannot be read is left to the build, which says what is wrong with it.
func (c *closure) follow(dir string, depth int) {
	file := kustomizationFile(c.read.tree, dir)
	if file == "" || depth > maxOverlays || c.inputs[file] {
		return
	}
	c.inputs[file] = true
	k := c.read.of(file)
	if k.err != nil {
		return
	}
	c.kustomizations = append(c.kustomizations, k.kustomization)
	for _, name := range k.files {
		c.inputs[name] = true
	}
	for _, at := range k.upon {
		c.follow(at, depth+1)
	}
	for _, at := range k.settings {
		c.settings(at, k, depth)
	}
}

// settings adds what the settings of plugins in a folder name: paths that
// start at the kustomization which names the folder. Folders of settings may
// name each other in a circle, so each is looked at once.
func (c *closure) settings(dir string, k *reached, depth int) {
	key := [2]string{dir, k.dir}
	if _, known := c.read.beside[key]; !known {
		c.read.beside[key] = nil
		inner := &closure{read: c.read, inputs: map[string]bool{}}
		inner.follow(dir, depth+1)
		beside := &reached{kustomization: kustomization{dir: k.dir}}
		for _, name := range sortedKeys(inner.inputs) {
			c.read.scan(name, beside)
		}
		c.read.beside[key] = beside.files
	}
	for _, name := range c.read.beside[key] {
		c.inputs[name] = true
	}
}

// of reads one kustomization file and what it names.
func (r *reading) of(file string) *reached {
	if k, known := r.known[file]; known {
		return k
	}
	k := &reached{}
	r.known[file] = k
	if k.kustomization, k.err = readKustomization(r.tree, file); k.err != nil {
		return k
	}
	found := map[string]bool{}
	r.names(k.root, kustomizationText, found)
	for text := range found {
		r.reach(text, k)
	}
	for _, name := range []string{"generators", "transformers", "validators"} {
		for _, text := range texts(field(k.root, name)) {
			r.plugin(text, k)
		}
	}
	if bytes.Contains(bytes.ToLower(k.data), []byte("helmchart")) {
		r.addFolder(join(k.dir, "charts"), k)
	}
	return k
}

// names adds the scalars that may be names of files: of a reading for what
// kustomize loads, those that stand at none of the positions that are text.
func (r *reading) names(n *yaml.Node, text map[string]bool, found map[string]bool) {
	if !r.loads || manifest.Bounded(n) != nil {
		scalars(n, found)
		return
	}
	var into func(n *yaml.Node, position string)
	into = func(n *yaml.Node, position string) {
		if n = followed(n); n.Kind == yaml.ScalarNode {
			scalars(n, found)
		}
		for i, c := range n.Content {
			switch {
			case n.Kind != yaml.MappingNode:
				into(c, position)
			case i%2 == 1:
				if at := strings.TrimPrefix(position+"."+n.Content[i-1].Value, "."); !text[at] {
					into(c, at)
				}
			}
		}
	}
	into(n, "")
}

// plugin adds what an entry of plugin settings names: text in the kustomization
// itself, a file or a folder.
func (r *reading) plugin(text string, k *reached) {
	if strings.Contains(text, "\n") || strings.Contains(text, "{") {
		r.scanText([]byte(text), k)
		return
	}
	name := path.Join(k.dir, text)
	if !fs.ValidPath(name) {
		return
	}
	if info, err := fs.Stat(r.tree, name); err == nil && info.IsDir() {
		k.settings = append(k.settings, name)
	} else if err == nil {
		r.scan(name, k)
	}
}

func (r *reading) scan(name string, k *reached) {
	if data, err := fs.ReadFile(r.tree, name); err == nil && isYAML(name) {
		r.scanText(data, k)
	}
}

func (r *reading) scanText(data []byte, k *reached) {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	found := map[string]bool{}
	for {
		var doc yaml.Node
		if decoder.Decode(&doc) != nil {
			break // the end, or what the build says is broken
		}
		r.names(&doc, pluginText, found)
	}
	for text := range found {
		r.reach(text, k)
	}
	if bytes.Contains(data, []byte("HelmChart")) {
		r.addFolder(join(k.dir, "charts"), k)
	}
}

// reach adds what a scalar names if it happens to be a path: reading too much
// only renders a target once too often, reading too little hides a change.
func (r *reading) reach(text string, k *reached) {
	candidates := []string{text}
	if _, file, found := strings.Cut(text, "="); found {
		candidates = append(candidates, file)
	}
	for _, candidate := range candidates {
		if candidate == "" || len(candidate) > 1024 || strings.ContainsAny(candidate, "\n\x00") || path.IsAbs(candidate) {
			continue
		}
		name := path.Join(k.dir, candidate)
		if !fs.ValidPath(name) {
			continue
		}
		info, err := fs.Stat(r.tree, name)
		switch {
		case err != nil:
			continue
		case !info.IsDir():
			k.files = append(k.files, name)
		case kustomizationFile(r.tree, name) != "":
			k.upon = append(k.upon, name)
		case name != k.dir && !under(k.dir, name):
			r.addFolder(name, k)
		}
	}
}

func (r *reading) addFolder(dir string, k *reached) {
	files, err := filesBelow(r.tree, dir)
	k.files = append(k.files, files...)
	if err != nil {
		k.files = append(k.files, dir)
	}
}

// filesBelow are the files of a folder and of all folders in it.
func filesBelow(tree fs.FS, dir string) ([]string, error) {
	var files []string
	err := walk(tree, dir, func(name string, info fs.FileInfo) error {
		if !info.IsDir() {
			files = append(files, join(dir, name))
		}
		return nil
	})
	return files, err
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
