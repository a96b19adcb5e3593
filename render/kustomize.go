package render

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"sync"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resource"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/openapi"

	"github.com/rendergate/rendergate/render/manifest"
)

// building serialises builds: kyaml keeps its OpenAPI schema process-wide.
var building sync.Mutex

// kustomize builds an overlay as `kustomize build` does, without plugins.
func kustomize(tree fs.FS, t Target) (*Result, error) {
	closure := closureOf(tree, t.Dir)
	if err := closure.refuseRemote(); err != nil {
		return nil, err
	}
	building.Lock()
	defer building.Unlock()
	if closure.customSchema() {
		openapi.ResetOpenAPI()
		defer openapi.ResetOpenAPI()
	}
	resources, err := build(&treeFS{tree: tree, root: t.Dir, annotate: true}, t)
	if err != nil {
		// An overlay may not bear the annotations that tell where its objects come from.
		if resources, err = build(&treeFS{tree: tree, root: t.Dir}, t); err != nil {
			return nil, err
		}
	}
	result := &Result{Taints: closure.customSchema()}
	for _, r := range resources {
		origin, err := originOf(r, tree, t.Dir)
		if err != nil {
			return nil, err
		}
		objects := manifest.FromYAML(r.YNode(), origin)
		for _, o := range objects {
			o.InNamespace(t.Namespace)
		}
		result.Objects = append(result.Objects, objects...)
	}
	result.Sources, err = closure.sources()
	return result, err
}

func build(files *treeFS, t Target) (resources []*resource.Resource, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("kustomize gave up: %v", r)
		}
	}()
	options := krusty.MakeDefaultOptions()
	if t.Unrestricted {
		options.LoadRestrictions = types.LoadRestrictionsNone
	}
	built, err := krusty.MakeKustomizer(options).Run(files, absolute(t.Dir))
	if err != nil {
		return nil, err
	}
	return built.Resources(), nil
}

// originOf reads and removes the annotation that names the file a resource
// came from.
func originOf(r *resource.Resource, tree fs.FS, dir string) (manifest.Origin, error) {
	kustomization := manifest.Origin{Path: kustomizationFile(tree, dir)}
	origin, err := r.GetOrigin()
	if err != nil || origin == nil {
		return kustomization, err
	}
	annotations := r.GetAnnotations()
	delete(annotations, "config.kubernetes.io/origin")
	if err := r.SetAnnotations(annotations); err != nil {
		return kustomization, err
	}
	from := origin.Path
	if from == "" {
		from = origin.ConfiguredIn
	}
	if at := path.Join(dir, from); from != "" && origin.Repo == "" && exists(tree, at) {
		return manifest.Origin{Path: at}, nil
	}
	return kustomization, nil
}

// annotated asks kustomize to say where each resource comes from.
func annotated(kustomization []byte) []byte {
	text := bytes.TrimSpace(kustomization)
	if bytes.HasPrefix(text, []byte("{")) || bytes.Contains(text, []byte("buildMetadata")) {
		return kustomization
	}
	return append(append([]byte{}, text...), "\nbuildMetadata: [originAnnotations]\n"...)
}

// kustomizationNames are the file names that kustomize recognises.
var kustomizationNames = []string{"kustomization.yaml", "kustomization.yml", "Kustomization"}

// kustomizationFile is the kustomization of a folder, empty when it has none.
func kustomizationFile(tree fs.FS, dir string) string {
	for _, name := range kustomizationNames {
		if exists(tree, join(dir, name)) {
			return join(dir, name)
		}
	}
	return ""
}

// absolute is a tree path as kustomize sees it: the tree is its whole disk.
func absolute(name string) string { return path.Join("/", name) }
