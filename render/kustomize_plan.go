package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"slices"

	"sigs.k8s.io/kustomize/api/provider"
	"sigs.k8s.io/kustomize/api/resource"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/yaml"

	"github.com/rendergate/rendergate/render/manifest"
)

// plan is what kustomize gets to see: the tree, with the kustomizations that
// need it rewritten in memory. What they name outside of the tree is replaced by
// what was fetched for it. Where nothing was, remote bases are left out, and a
// plan fails before anything is built where it is another field; charts are
// inflated, and settings that a folder builds are built and looked at like those
// of a file.
type plan struct {
	tree    fs.FS
	target  Target
	files   map[string][]byte             // by their real path
	origins map[string]string             // the file of the tree that a file of the plan came from
	objects map[string][]*manifest.Object // of a traced build: those of files that are not in the tree
	visits  map[string]*visit
	missing []Missing
	parts   []Part
	notes   []string
	drawn   []string               // by chance, in the charts
	remotes map[string]namedRemote // by where they lie
	schema  bool                   // some kustomization brings its own OpenAPI schema
	asked   bool                   // the user wants origin annotations to stay
	factory *resource.Factory
}

// visit is what is known of a kustomization that was planned.
type visit struct {
	done      bool
	builds    int    // how many kustomizations its build runs
	namespace string // that it gives to the charts below it
	inherits  bool   // its charts go to the namespace of what includes it
}

// maxBuilds bounds the kustomizations of one build: bases that each name two
// others double with every step.
const maxBuilds = 10_000

func newPlan(tree fs.FS, t Target) *plan {
	return &plan{
		tree: tree, target: t, files: map[string][]byte{}, origins: map[string]string{}, visits: map[string]*visit{},
		objects: map[string][]*manifest.Object{}, remotes: map[string]namedRemote{},
		factory: provider.NewDefaultDepProvider().GetResourceFactory(),
	}
}

// real is where a path leads once links are followed.
func (p *plan) real(name string) (string, error) {
	if locator, ok := p.tree.(interface{ Locate(string) (string, error) }); ok {
		return locator.Locate(name)
	}
	return name, nil
}

// root plans the kustomization that is built, and asks for the annotations
// that tell where objects come from.
func (p *plan) root(dir string) error {
	_, err := p.visit(dir, "", 0, func(k *types.Kustomization) {
		p.asked = slices.Contains(k.BuildMetadata, types.OriginAnnotations)
		if !p.asked {
			k.BuildMetadata = append(k.BuildMetadata, types.OriginAnnotations)
		}
	})
	return err
}

// visit plans the kustomization of a folder and all that it builds upon.
func (p *plan) visit(dir, namespace string, depth int, change func(*types.Kustomization)) (*visit, error) {
	dir, err := p.real(dir)
	if err != nil {
		return nil, err
	}
	if v, known := p.visits[dir]; known {
		switch {
		case !v.done:
			return nil, fmt.Errorf("%s: the kustomization builds upon itself", dir)
		case v.inherits && v.namespace != namespace:
			return nil, fmt.Errorf("%s: its chart goes to two namespaces of one build, %q and %q; set namespace in its helmCharts", dir, v.namespace, namespace)
		}
		return v, nil
	}
	file := kustomizationFile(p.tree, dir)
	switch {
	case file == "":
		return nil, fmt.Errorf("%s: a kustomization names this folder, and it holds none", dir)
	case depth > maxOverlays:
		return nil, fmt.Errorf("%s: kustomizations nest more than %d deep", dir, maxOverlays)
	}
	v := &visit{builds: 1, namespace: namespace}
	p.visits[dir] = v
	parsed, err := readKustomization(p.tree, file)
	if err != nil {
		return nil, err
	}
	if err := written(file, parsed.root); err != nil {
		return nil, err
	}
	k, err := parsed.meaning()
	if err != nil {
		return nil, err
	}
	s := step{plan: p, visit: v, file: file, dir: dir, root: remoteRoot(dir), depth: depth, k: k, namespace: orElse(k.Namespace, namespace)}
	if err := s.all(); err != nil {
		return nil, err
	}
	if v.builds > maxBuilds {
		return nil, fmt.Errorf("%s: builds more than %d kustomizations", file, maxBuilds)
	}
	v.done = true
	if change != nil {
		change(s.k)
	}
	if !s.changed && change == nil {
		return v, nil
	}
	return v, p.replace(file, s.k)
}

// replace shows kustomize another text of a kustomization.
func (p *plan) replace(file string, k *types.Kustomization) error {
	if k.CheckEmpty() != nil {
		k.BuildMetadata = []string{types.OriginAnnotations} // kustomize refuses one that says nothing
	}
	data, err := json.Marshal(k)
	if err != nil {
		return err
	}
	at, err := p.real(file)
	if err == nil {
		p.files[at] = data
	}
	return err
}

// step is one kustomization on its way through the plan.
type step struct {
	*plan
	*visit
	file, dir string
	root      string // of the fetched repository that holds it; empty in the tree
	depth     int
	k         *types.Kustomization
	namespace string // what its charts and its bases get
	changed   bool
	inflated  int
}

func (s *step) all() error {
	s.schema = s.schema || s.k.OpenAPI != nil || len(s.k.Crds) > 0
	plain, changed, err := s.localized(s.k, kustomizationText, s.file)
	if err == nil && changed {
		s.changed, s.k = true, &types.Kustomization{}
		err = into(plain, s.k)
	}
	if err != nil {
		return err
	}
	for _, named := range [][]string{s.k.Resources, s.k.Components} {
		if err := s.bases(named); err != nil {
			return err
		}
	}
	components, err := s.charts()
	if err != nil {
		return err
	}
	for _, list := range []*[]string{&s.k.Generators, &s.k.Transformers, &s.k.Validators} {
		more, err := s.plugins(list)
		if err != nil {
			return err
		}
		components = append(components, more...)
	}
	s.k.Components = append(components, s.k.Components...)
	return nil
}

// bases plans the folders that are named.
func (s *step) bases(named []string) error {
	for _, name := range named {
		if dir, ok := s.folder(name); ok {
			below, err := s.plan.visit(dir, s.namespace, s.depth+1, nil)
			if err != nil {
				return err
			}
			s.builds += below.builds
			s.inherits = s.inherits || below.inherits && s.k.Namespace == ""
		}
	}
	return nil
}

func (p *plan) lacks(m Missing) {
	if !slices.ContainsFunc(p.missing, func(known Missing) bool { return known.Same(m) }) {
		p.missing = append(p.missing, m)
	}
}

// folder is the folder of the tree that a path of the kustomization names.
func (s *step) folder(name string) (string, bool) {
	at := path.Join(s.dir, name)
	if path.IsAbs(name) || !fs.ValidPath(at) {
		return "", false
	}
	info, err := fs.Stat(s.tree, at)
	return at, err == nil && info.IsDir()
}

// plugins looks at the settings of plugins, and returns components for the
// charts among them. A folder of settings is replaced by what it builds: its
// own patches could make a path of it that no file holds.
func (s *step) plugins(list *[]string) (components []string, err error) {
	var kept []string
	for _, entry := range *list {
		settings, known, err := s.settings(entry)
		if err != nil {
			return nil, err
		}
		var others []*resource.Resource
		for _, r := range settings {
			local, component, err := s.setting(r, entry)
			switch {
			case err != nil:
				return nil, err
			case component != nil:
				components = append(components, *component...)
			default:
				known = known || local != r
				others = append(others, local)
			}
		}
		if len(others) == len(settings) && !known {
			kept = append(kept, entry)
			continue
		}
		s.changed = true
		for _, r := range others {
			text, err := r.AsYAML()
			if err != nil {
				return nil, err
			}
			kept = append(kept, string(text))
		}
	}
	*list = kept
	return components, nil
}

// settings are the plugin settings of one entry, and whether the entry must be
// replaced by them. What cannot be read is left to the build to explain.
func (s *step) settings(entry string) (found []*resource.Resource, replace bool, err error) {
	if found, err := s.factory.SliceFromBytes([]byte(entry)); err == nil {
		return found, false, nil
	}
	at := path.Join(s.dir, entry)
	if path.IsAbs(entry) || !fs.ValidPath(at) {
		return nil, false, nil
	}
	dir, ok := s.folder(entry)
	if !ok {
		data, planned := s.files[at]
		if !planned {
			if data, err = fs.ReadFile(s.tree, at); err != nil {
				return nil, false, nil
			}
		}
		if err := unfolded(at, data); err != nil {
			return nil, false, err
		}
		if found, err = s.factory.SliceFromBytes(data); err != nil {
			return nil, false, fmt.Errorf("%s: %w", at, err)
		}
		return found, false, nil
	}
	below, err := s.plan.visit(dir, "", s.depth+1, nil)
	if err != nil {
		return nil, false, err
	}
	s.builds += below.builds
	if found, err = build(&treeFS{tree: s.tree, files: s.files}, Target{Dir: dir, Unrestricted: s.target.Unrestricted}); err != nil {
		return nil, false, fmt.Errorf("%s: %w", dir, err)
	}
	return found, true, s.allKept(dir)
}

// allKept refuses a folder of settings with settings that a build of its own
// leaves out and that still count in the build which names the folder.
func (s *step) allKept(dir string) error {
	const local = "config.kubernetes.io/local-config"
	for _, name := range sortedKeys(closureOf(s.tree, dir).inputs) {
		if data, err := fs.ReadFile(s.tree, name); err == nil && bytes.Contains(data, []byte(local)) {
			return fmt.Errorf("%s: the settings of plugins cannot be looked at where %s leaves some out", name, local)
		}
	}
	return nil
}

// setting looks at the settings of one plugin, and returns them with what was
// fetched for them. For a chart it returns the components that replace it,
// which may be none.
func (s *step) setting(r *resource.Resource, entry string) (*resource.Resource, *[]string, error) {
	in := s.file
	if at := path.Join(s.dir, entry); fs.ValidPath(at) && exists(s.tree, at) {
		in = at
	}
	if err := written(in, r.YNode()); err != nil {
		return nil, nil, err
	}
	text, err := r.AsYAML()
	if err != nil {
		return nil, nil, err
	}
	var settings map[string]any
	if err := yaml.Unmarshal(text, &settings); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", s.file, err)
	}
	plain, changed, err := s.localized(settings, pluginText, in)
	if err != nil {
		return nil, nil, err
	}
	if changed {
		if r, err = s.factory.FromMap(plain.(map[string]any)); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", in, err)
		}
	}
	if r.GetKind() != "HelmChartInflationGenerator" || r.GetApiVersion() != "builtin" {
		return r, nil, nil
	}
	var chart struct {
		types.HelmGlobals
		types.HelmChart
	}
	if err := into(plain, &chart); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", in, err)
	}
	components, err := s.chart(chart.HelmGlobals, chart.HelmChart)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", in, err)
	}
	return r, &components, nil
}
