package render

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/strvals"

	"github.com/rendergate/rendergate/render/manifest"
)

// Objects that Flux's objects refer to.
const (
	fluxGit      = "source.toolkit.fluxcd.io/GitRepository"
	fluxHelm     = "source.toolkit.fluxcd.io/HelmRepository"
	fluxOCI      = "source.toolkit.fluxcd.io/OCIRepository"
	fluxBucket   = "source.toolkit.fluxcd.io/Bucket"
	fluxChart    = "source.toolkit.fluxcd.io/HelmChart"
	fluxArtifact = "source.extensions.fluxcd.io/ArtifactGenerator"
)

// helmRelease reads a HelmRelease, of any version of its API.
// Source: the Flux documentation, Helm Releases.
func (d *deployer) helmRelease(o *manifest.Object) (deployment, error) {
	spec := o.Root.Get("spec")
	c := &releaseChart{file: o.Origin.Path, skipTests: !spec.Get("test", "enable").IsTrue()}
	c.namespace = orElse(spec.Get("targetNamespace").Text(), o.Namespace)
	c.release = fluxReleaseName(spec, o.Name)
	var err error
	if err = d.releaseValues(c, spec, o.Namespace); err != nil {
		return nil, err
	}
	for post := range spec.Get("postRenderers").Items() {
		e, err := editsOf(post.Get("kustomize"))
		if err != nil {
			return nil, err
		}
		c.post = append(c.post, e)
	}
	if ref := spec.Get("chartRef"); ref.IsMap() {
		return c, d.chartRef(c, ref, o.Namespace)
	}
	return c, d.chartTemplate(c, spec.Get("chart", "spec"), o.Namespace)
}

// fluxReleaseName is the name that Flux gives a release that names none.
func fluxReleaseName(spec manifest.Node, name string) string {
	if named := spec.Get("releaseName").Text(); named != "" {
		return named
	}
	if namespace := spec.Get("targetNamespace").Text(); namespace != "" {
		name = namespace + "-" + name
	}
	const longest, kept, hashed = 53, 40, 12
	if len(name) > longest {
		sum := sha256.Sum256([]byte(name))
		name = name[:kept] + "-" + hex.EncodeToString(sum[:])[:hashed]
	}
	return name
}

// chartRef follows a reference to an OCIRepository, which is a chart, or to a
// HelmChart, which names one.
func (d *deployer) chartRef(c *releaseChart, ref manifest.Node, namespace string) error {
	kind, name := ref.Get("kind").Text(), ref.Get("name").Text()
	namespace = orElse(ref.Get("namespace").Text(), namespace)
	at := d.refer(namespace, name, "source.toolkit.fluxcd.io/"+kind)
	if at == nil {
		return fmt.Errorf("chartRef: %s %s is not in the tree", kind, name)
	}
	spec := at.Root.Get("spec")
	switch kind {
	case "HelmChart":
		return d.chartTemplate(c, spec, at.Namespace)
	case "OCIRepository":
		url := strings.TrimSuffix(spec.Get("url").Text(), "/")
		slash := strings.LastIndex(url, "/")
		if slash < len("oci://") {
			return fmt.Errorf("chartRef: OCIRepository %s names no chart: %q", name, url)
		}
		ref := spec.Get("ref")
		version := orElse(ref.Get("semver").Text(), orElse(ref.Get("tag").Text(), ref.Get("digest").Text()))
		d.remoteChart(c, url[slash+1:], version, url[:slash])
		return nil
	}
	return fmt.Errorf("chartRef: charts of kind %s are not looked at", kind)
}

// chartTemplate finds the chart of spec.chart.spec, or of a HelmChart: a folder
// of a git repository, or the name of a chart in a Helm repository.
func (d *deployer) chartTemplate(c *releaseChart, spec manifest.Node, namespace string) error {
	name, source := spec.Get("chart").Text(), spec.Get("sourceRef")
	if name == "" {
		return errors.New("names no chart")
	}
	c.mayLack = spec.Get("ignoreMissingValuesFiles").IsTrue()
	kind := source.Get("kind").Text()
	namespace = orElse(source.Get("namespace").Text(), namespace)
	at := d.refer(namespace, source.Get("name").Text(), "source.toolkit.fluxcd.io/"+kind)
	url := ""
	if at != nil {
		url = at.Root.Get("spec", "url").Text()
	}
	switch kind {
	case "HelmRepository", "":
		d.remoteChart(c, name, spec.Get("version").Text(), url)
		return d.chartDefaults(c, spec, aside+"/chart")
	case "GitRepository", "Bucket":
		dir, err := d.here(url, name, func(dir string) bool { return exists(d.tree, join(dir, "Chart.yaml")) }, "chart")
		if err != nil {
			return err
		}
		c.dir = dir
		return d.chartDefaults(c, spec, "")
	}
	return fmt.Errorf("charts from a %s are not looked at", kind)
}

// chartDefaults reads valuesFiles, which are relative to the root of the chart's
// source.
func (d *deployer) chartDefaults(c *releaseChart, spec manifest.Node, root string) error {
	var files []string
	if old := spec.Get("valuesFile").Text(); old != "" {
		files = append(files, old) // of the older versions of the API
	}
	for file := range spec.Get("valuesFiles").Items() {
		files = append(files, file.Text())
	}
	for _, file := range files {
		name, err := inside(file)
		if err != nil {
			return err
		}
		if root == "" {
			d.reads[name] = true
		}
		c.defaults = append(c.defaults, path.Join(root, name))
	}
	return nil
}

// releaseValues merges valuesFrom, in order, and the inline values over them.
func (d *deployer) releaseValues(c *releaseChart, spec manifest.Node, namespace string) error {
	c.values = map[string]any{}
	for ref := range spec.Get("valuesFrom").Items() {
		kind, name := ref.Get("kind").Text(), ref.Get("name").Text()
		key := orElse(ref.Get("valuesKey").Text(), "values.yaml")
		data, at, why := d.data(namespace, kind, name, key)
		if why != "" {
			d.notes = append(d.notes, fmt.Sprintf("values from %s %s, key %s, are left out: %s", kind, name, key, why))
			continue
		}
		target := ref.Get("targetPath").Text()
		if err := mergeFrom(c.values, data, target); err != nil {
			return fmt.Errorf("values from %s %s, key %s: %w", kind, name, key, err)
		}
		if target == "" {
			c.layers = append(c.layers, nodeLayer(at))
		} else {
			c.layers = append(c.layers, setLayer(target+"=", at))
		}
	}
	inline, err := readValues(spec.Get("values"))
	if err != nil {
		return fmt.Errorf("values: %w", err)
	}
	c.layers = append(c.layers, nodeLayer(spec.Get("values")))
	c.values = mergeValues(c.values, inline)
	return nil
}

func readValues(n manifest.Node) (map[string]any, error) {
	if !n.Set() {
		return map[string]any{}, nil
	}
	said := text(n)
	if said == nil {
		return nil, errors.New("are too large")
	}
	return chartutil.ReadValues(said)
}

// mergeFrom merges a text of values, or sets the one value that it is.
func mergeFrom(values map[string]any, data, target string) error {
	if target == "" {
		parsed, err := chartutil.ReadValues([]byte(data))
		if err != nil {
			return err
		}
		for key, v := range mergeValues(values, parsed) {
			values[key] = v
		}
		return nil
	}
	for _, quote := range []string{"'", `"`} {
		if len(data) > 1 && strings.HasPrefix(data, quote) && strings.HasSuffix(data, quote) {
			return strvals.ParseIntoString(target+"="+strings.Trim(data, quote), values)
		}
	}
	return strvals.ParseInto(target+"="+data, values)
}

// data is what a key of a ConfigMap or Secret holds and where it stands, or why
// nobody can say.
func (d *deployer) data(namespace, kind, name, key string) (data string, at manifest.Node, why string) {
	o := d.refer(namespace, name, kind)
	if o == nil {
		return "", at, "it is not in the tree"
	}
	if o.Root.Get("sops").Exists() {
		return "", at, "it is encrypted"
	}
	if at := o.Root.Get("stringData", key); at.Exists() && kind == "Secret" {
		return at.Text(), at, ""
	}
	at = o.Root.Get("data", key)
	if !at.Exists() {
		return "", at, "there is no such key"
	}
	if kind != "Secret" {
		return at.Text(), at, ""
	}
	plain, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(at.Text()), ""))
	if err != nil {
		return "", at, "it is not valid base64"
	}
	return string(plain), manifest.Node{}, "" // whose lines are not those of the text
}

// overlayPlan is a folder that Flux's or Argo CD's kustomize builds.
type overlayPlan struct {
	dir       string
	edits     edits
	namespace string // for objects that name none
	variables map[string]string
	fill      bool // substitute variables
	anywhere  bool // files beside the folder may be read, as Flux has it and Argo CD has not
	file      string

	kubeVersion string // of its charts; empty: the target's
	apiVersions []string
}

// fluxKustomization reads a Kustomization of Flux.
// Source: the Flux documentation, Kustomization.
func (d *deployer) fluxKustomization(o *manifest.Object) (deployment, error) {
	spec := o.Root.Get("spec")
	p := &overlayPlan{file: o.Origin.Path, anywhere: true, namespace: spec.Get("targetNamespace").Text()}
	var err error
	if p.edits, err = editsOf(spec); err != nil {
		return nil, err
	}
	for field, at := range map[string]manifest.Node{"namespace": spec.Get("targetNamespace"), "namePrefix": spec.Get("namePrefix"), "nameSuffix": spec.Get("nameSuffix")} {
		p.edits.set(field, at)
	}
	common := spec.Get("commonMetadata")
	if labels, err := readValues(common.Get("labels")); err != nil {
		return nil, err
	} else if len(labels) > 0 {
		p.edits.add("labels", map[string]any{"pairs": labels}, common.Get("labels"))
	}
	if annotations, err := readValues(common.Get("annotations")); err != nil {
		return nil, err
	} else {
		p.edits.merge("commonAnnotations", annotations, common.Get("annotations"))
	}
	d.variablesOf(p, spec.Get("postBuild"), o.Namespace)
	source := spec.Get("sourceRef")
	if p.dir, err = d.sourceFolder(source, orElse(source.Get("namespace").Text(), o.Namespace), orElse(spec.Get("path").Text(), ".")); err != nil {
		return nil, err
	}
	for _, component := range p.edits.texts("components") {
		if at := path.Join(p.dir, component); fs.ValidPath(at) {
			d.reads[at] = true
		}
	}
	return p, nil
}

// sourceFolder is the folder of this tree that a Kustomization builds.
func (d *deployer) sourceFolder(source manifest.Node, namespace, p string) (string, error) {
	kind, name := source.Get("kind").Text(), source.Get("name").Text()
	holds := func(dir string) bool {
		info, err := fs.Stat(d.tree, dir)
		return err == nil && info.IsDir()
	}
	if kind == "ExternalArtifact" {
		return d.artifactFolder(namespace, name, p, holds)
	}
	url := ""
	if at := d.refer(namespace, name, "source.toolkit.fluxcd.io/"+kind); at != nil && kind == "GitRepository" {
		url = at.Root.Get("spec", "url").Text()
	}
	if kind != "GitRepository" && path.Clean(p) == "." {
		return "", fmt.Errorf("its files come from %s %s, which is not in the tree", kind, name)
	}
	return d.here(url, p, holds, "path")
}

// artifactFolder finds where in the repository the files of an artifact come
// from that an ArtifactGenerator copies together.
func (d *deployer) artifactFolder(namespace, name, p string, holds func(string) bool) (string, error) {
	for _, o := range d.objects {
		if o.GroupKind() != fluxArtifact || namespace != "" && o.Namespace != "" && o.Namespace != namespace {
			continue
		}
		for artifact := range o.Root.Get("spec", "artifacts").Items() {
			if artifact.Get("name").Text() != name {
				continue
			}
			d.used = append(d.used, o)
			for step := range artifact.Get("copy").Items() {
				from, _ := strings.CutSuffix(step.Get("from").Text(), "/**")
				_, from, _ = strings.Cut(from, "/")
				to := path.Clean("./" + strings.TrimPrefix(step.Get("to").Text(), "@artifact/"))
				if rest := path.Clean("./" + p); under(rest, to) {
					return d.here("", path.Join(from, strings.TrimPrefix(strings.TrimPrefix(rest, to), "/")), holds, "path")
				}
			}
		}
	}
	return "", fmt.Errorf("ExternalArtifact %s is not described where the Kustomization is", name)
}

// variablesOf reads what postBuild substitutes.
func (d *deployer) variablesOf(p *overlayPlan, post manifest.Node, namespace string) {
	p.fill = post.Get("substitute").IsMap() || post.Get("substituteFrom").IsList()
	p.variables = map[string]string{}
	for ref := range post.Get("substituteFrom").Items() {
		kind, name := ref.Get("kind").Text(), ref.Get("name").Text()
		o := d.refer(namespace, name, kind)
		if o == nil {
			d.notes = append(d.notes, fmt.Sprintf("variables from %s %s stay as they are: it is not in the tree", kind, name))
			continue
		}
		for _, field := range []string{"data", "stringData"} {
			for key := range o.Root.Get(field).Fields() {
				if data, _, why := d.data(namespace, kind, name, key); why == "" {
					p.variables[key] = oneLine(data)
				} else if why == "it is encrypted" {
					d.notes = append(d.notes, fmt.Sprintf("variable %s from %s %s stays as it is: %s", key, kind, name, why))
				}
			}
		}
	}
	for key, value := range post.Get("substitute").Fields() {
		p.variables[key] = oneLine(value.Text())
	}
}

// oneLine is a variable's value as Flux fills it in.
func oneLine(value string) string { return strings.ReplaceAll(value, "\n", "") }

// render builds the folder as kustomize does, with what Flux or Argo CD adds
// to its kustomization, and substitutes variables.
func (p *overlayPlan) render(d *deployer) (*Result, error) {
	over, err := p.kustomization(d.tree)
	if err != nil {
		return nil, err
	}
	added := &addedEdits{file: kustomizationFile(overlay(d.tree, over), p.dir), under: d.tree, list: p.edits.list}
	result, err := kustomizeWith(overlay(d.tree, over), Target{
		Kind: Kustomize, Dir: p.dir, Namespace: p.namespace, Unrestricted: p.anywhere, Traced: d.in.Traced,
		KubeVersion: orElse(p.kubeVersion, d.in.KubeVersion), APIVersions: slices.Concat(d.in.APIVersions, p.apiVersions),
	}, added)
	if err != nil {
		return result, err // which says what is missing
	}
	result.Sources = nil // the kustomizations are judged as targets of their own
	for _, o := range result.Objects {
		if !exists(d.tree, o.Origin.Path) {
			o.Origin.Path = p.file // the kustomization that Flux would write
		}
	}
	if p.fill {
		p.substitute(result)
	}
	return result, nil
}

// kustomization is the one of the folder with the edits; where there is none,
// it takes in all manifests below, as Flux has it.
func (p *overlayPlan) kustomization(tree fs.FS) (map[string][]byte, error) {
	file := kustomizationFile(tree, p.dir)
	if file != "" {
		if len(p.edits.list) == 0 {
			return nil, nil
		}
		k, err := readKustomization(tree, file)
		if err != nil {
			return nil, err
		}
		data, err := p.edits.applyTo(k.root)
		return map[string][]byte{file: data}, err
	}
	resources, err := generated(tree, p.dir)
	if err != nil {
		return nil, err
	}
	data, err := p.edits.apply(map[string]any{"resources": resources})
	return map[string][]byte{join(p.dir, "kustomization.yaml"): data}, err
}

// generated lists what Flux puts into the kustomization that it writes for a
// folder without one: kustomizations below, and manifests that belong to none.
func generated(tree fs.FS, dir string) ([]any, error) {
	var resources []any
	err := walk(tree, dir, func(name string, info fs.FileInfo) error {
		at := join(dir, name)
		if info.IsDir() {
			if kustomizationFile(tree, at) != "" {
				if k, err := readKustomization(tree, kustomizationFile(tree, at)); err != nil || k.own() && !k.component() {
					resources = append(resources, name)
				}
				return fs.SkipDir
			}
			return nil
		}
		if ext := path.Ext(name); ext != ".yaml" && ext != ".yml" || slices.Contains(kustomizationNames, path.Base(name)) {
			return nil
		}
		data, err := fs.ReadFile(tree, at)
		if err != nil || !looksLikeObject(data) {
			return err
		}
		// A template of another tool is none of Flux's, which would refuse all of the folder.
		if _, err := manifest.Parse(data, manifest.Origin{}); err == nil && !keyedByMaps(data) || !templated(data) {
			resources = append(resources, name)
		}
		return nil
	})
	return resources, err
}
