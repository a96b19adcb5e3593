package fix

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// manifests are the places in manifests and patches that the target reads.
func (r *reader) manifests() []Way {
	var all []Way
	for _, name := range r.Inputs {
		if !isYAML(name) {
			continue
		}
		if _, template := chartOf(name); template {
			continue
		}
		for _, d := range r.documents(name) {
			for _, part := range append([]document{d}, inlined(d)...) {
				all = append(all, r.inDocument(part, name)...)
			}
		}
	}
	return all
}

func isYAML(name string) bool {
	return slices.Contains([]string{".yaml", ".yml", ".json"}, path.Ext(name)) || path.Base(name) == "Kustomization"
}

func (r *reader) inDocument(d document, file string) []Way {
	if d.whole.IsList() {
		return r.operations(d)
	}
	var all []Way
	for _, root := range objectsIn(d) {
		if root.Get("kind").Text() != r.Object.Kind || !related(r.Object.Name, root.Get("metadata", "name").Text()) {
			continue
		}
		rank := rankPatch
		if file == r.Object.Origin.Path {
			rank = rankSource
		}
		one := wayIn(d, rank, r.Object.Root, root)
		if file != r.Object.Origin.Path {
			one.field = r.onlyWhat(root)
		}
		all = append(all, one)
	}
	return all
}

// onlyWhat keeps a patch to what it speaks of: the field, or the mapping that
// the field is in.
func (r *reader) onlyWhat(root manifest.Node) func(at manifest.Node) ([]manifest.Key, bool) {
	return func(at manifest.Node) ([]manifest.Key, bool) {
		keys, ok := counterpart(r.Object.Root, at.Keys(), root)
		if !ok || len(keys) < 2 || !root.Object().Root.Follow(keys[:len(keys)-1]).Exists() {
			return nil, false
		}
		return keys, true
	}
}

// related says that a name is the other one with what a kustomization puts
// before or behind it.
func related(rendered, own string) bool {
	return own != "" && strings.Contains(rendered, own)
}

// inlined are the patches that a kustomization holds as text.
func inlined(d document) []document {
	root := d.whole
	var all []document
	add := func(at manifest.Node) {
		if in, ok := d.inner(at); ok {
			all = append(all, in)
		}
	}
	for _, list := range []string{"patches", "patchesJson6902"} {
		for p := range root.Get(list).Items() {
			add(p.Get("patch"))
		}
	}
	for p := range root.Get("patchesStrategicMerge").Items() {
		add(p)
	}
	return all
}

// operations are the places in a JSON patch: the value of the operation that
// sets the field, or something around it.
func (r *reader) operations(d document) []Way {
	var all []Way
	for operation := range d.whole.Items() {
		part, ok := r.pointed(operation.Get("path").Text())
		if op := operation.Get("op").Text(); !ok || op != "add" && op != "replace" {
			continue
		}
		all = append(all, wayIn(d, rankPatch, part, operation.Get("value")))
	}
	return all
}

// pointed is the place in the rendered object that a JSON pointer names.
func (r *reader) pointed(pointer string) (manifest.Node, bool) {
	at := r.Object.Root
	if !strings.HasPrefix(pointer, "/") {
		return at, false
	}
	for part := range strings.SplitSeq(pointer[1:], "/") {
		part = strings.NewReplacer("~1", "/", "~0", "~").Replace(part)
		if !at.IsList() {
			at = at.Get(part)
			continue
		}
		n, err := strconv.Atoi(part)
		if part == "-" {
			n, err = at.Len()-1, nil
		}
		if err != nil || n < 0 || n >= at.Len() {
			return at, false
		}
		at = at.Item(n)
	}
	return at, at.Exists()
}
