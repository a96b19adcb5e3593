package render

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"sync"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resource"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/openapi"
	kyaml "sigs.k8s.io/kustomize/kyaml/yaml"

	"github.com/rendergate/rendergate/render/manifest"
)

// building serialises builds: kyaml keeps its OpenAPI schema process-wide.
var building sync.Mutex

// kustomize builds an overlay as `kustomize build --enable-helm` does, without
// programs, plugins and the network.
func kustomize(tree fs.FS, t Target) (*Result, error) { return kustomizeWith(tree, t, nil) }

// kustomizeWith is kustomize for an overlay that a release adds to.
func kustomizeWith(tree fs.FS, t Target, added *addedEdits) (*Result, error) {
	building.Lock()
	defer building.Unlock()
	p := newPlan(tree, t)
	defer func() {
		if p.schema {
			openapi.ResetOpenAPI()
		}
	}()
	result, err := p.build(tree, t, added)
	if err != nil {
		return result, errors.New(p.readable(p.lacking(err).Error()))
	}
	if result.Sources, err = closureOf(tree, t.Dir).sources(); err != nil {
		return result, err
	}
	signed, err := provenances(tree, result.Parts)
	result.Sources = append(result.Sources, signed...)
	return result, err
}

// build plans and builds. With an error comes what is missing, if something
// is: once it was fetched there may be none.
func (p *plan) build(tree fs.FS, t Target, added *addedEdits) (*Result, error) {
	result := &Result{}
	err := p.root(t.Dir)
	var resources []*resource.Resource
	if err == nil {
		resources, err = build(&treeFS{tree: tree, files: p.files}, t)
	}
	result.Missing, result.Parts, result.Notes, result.Taints = p.missing, p.parts, p.notes, p.schema
	result.Drawn = p.drawn
	if err != nil {
		return result, err
	}
	traced := newOverlayTrace(p, added)
	for _, r := range resources {
		objects, err := p.built(r, traced)
		if err != nil {
			return nil, err
		}
		result.Objects = append(result.Objects, objects...)
	}
	return result, nil
}

// lacking puts what is missing before an error that it may have caused, such
// as a patch that does not find its target.
func (p *plan) lacking(err error) error {
	var no *unfetched
	if len(p.missing) == 0 || errors.As(err, &no) {
		return err
	}
	return fmt.Errorf("%s; %s. Without it: %w", p.missing[0], p.missing[0].Vendor(p.target.Dir), err)
}

// built are the objects of one resource, as checks see them.
func (p *plan) built(r *resource.Resource, traced *overlayTrace) ([]*manifest.Object, error) {
	from := p.from(r)
	origin, err := p.origin(r)
	if err != nil {
		return nil, err
	}
	if err := manifest.Bounded(r.YNode()); err != nil {
		return nil, fmt.Errorf("%s: %w", origin.Path, err)
	}
	objects := manifest.FromYAML(r.YNode(), origin)
	for _, o := range objects {
		o.InNamespace(p.target.Namespace)
		o.WithoutNamespace(unknownNamespace)
		traced.note(o, from)
	}
	return objects, nil
}

// from is the file that a resource came from, as kustomize sees it.
func (p *plan) from(r *resource.Resource) string {
	origin, err := r.GetOrigin()
	if err != nil || origin == nil {
		return ""
	}
	return path.Join(p.target.Dir, orElse(origin.Path, origin.ConfiguredIn))
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
		return nil, errors.New(detour.ReplaceAllString(err.Error(), "$1: "))
	}
	return built.Resources(), nil
}

// detour is what kustomize says at each step down to the cause: that a folder
// is no file.
var detour = regexp.MustCompile(`(?:accumulating resources: )?accumulation err='accumulating resources from '[^']*': '[^']*' must resolve to a file': recursed accumulation of path '/([^']*)': `)

// originAnnotation is where kustomize writes the file a resource came from.
const originAnnotation = "config.kubernetes.io/origin"

// origin reads the annotation that names the file a resource came from, and
// removes it where only the plan asked for it.
func (p *plan) origin(r *resource.Resource) (manifest.Origin, error) {
	dir := p.target.Dir
	kustomization := manifest.Origin{Path: kustomizationFile(p.tree, dir)}
	origin, err := r.GetOrigin()
	if err != nil || origin == nil {
		return kustomization, err
	}
	from := origin.Path
	if from == "" {
		from = origin.ConfiguredIn
	}
	at := path.Join(dir, from)
	source, inflated := p.origins[at]
	remote, fetched := p.remotes[orElse(remoteRoot(orElse(source, at)), p.fetchedFile(at))]
	switch {
	case p.asked && fetched:
		err = r.SetOrigin(remote.origin(at))
	case p.asked && inflated:
		err = r.SetOrigin(&resource.Origin{
			ConfiguredIn: path.Join(path.Dir(path.Dir(from)), path.Base(kustomizationFile(p.tree, path.Dir(path.Dir(at))))),
			ConfiguredBy: kyaml.ResourceIdentifier{TypeMeta: kyaml.TypeMeta{APIVersion: "builtin", Kind: "HelmChartInflationGenerator"}},
		})
	case !p.asked:
		annotations := r.GetAnnotations()
		delete(annotations, originAnnotation)
		err = r.SetAnnotations(annotations)
	}
	switch {
	case err != nil:
		return kustomization, err
	case fetched:
		return manifest.Origin{Path: remote.in}, nil // nobody finds its files in the repository
	case inflated:
		return manifest.Origin{Path: source}, nil
	case from != "" && origin.Repo == "" && exists(p.tree, at):
		return manifest.Origin{Path: at}, nil
	}
	return kustomization, nil
}

// absolute is a tree path as kustomize sees it: the tree is its whole disk.
func absolute(name string) string { return path.Join("/", name) }
