package render

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"go.yaml.in/yaml/v3"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/strvals"

	"github.com/rendergate/rendergate/render/manifest"
)

// applicationPlan is what the sources of an Application deploy, one after the
// other.
type applicationPlan struct {
	parts   []deployment
	skipped []Skipped
}

// application reads an Application of Argo CD.
// Source: the Argo CD documentation, Application Specification.
func (d *deployer) application(o *manifest.Object) (deployment, error) {
	spec := o.Root.Get("spec")
	a := argoSource{d: d, app: o, namespace: spec.Get("destination", "namespace").Text(), refs: map[string]manifest.Node{}}
	var sources []manifest.Node
	for source := range spec.Get("sources").Items() {
		sources = append(sources, source)
		if ref := source.Get("ref").Text(); ref != "" {
			a.refs["$"+ref] = source
		}
	}
	if len(sources) == 0 {
		source := spec.Get("source")
		if dry := spec.Get("sourceHydrator", "drySource"); dry.IsMap() {
			source = dry // what is written into another branch is made of it
		}
		if !source.IsMap() {
			return nil, errors.New("names no source")
		}
		sources = append(sources, source)
	}
	p := &applicationPlan{}
	for _, source := range sources {
		if source.Get("ref").Text() != "" && source.Get("path").Text() == "" && source.Get("chart").Text() == "" {
			continue // only there for its values files
		}
		part, skipped, err := a.plan(source)
		if err != nil {
			return nil, err
		}
		if skipped != "" {
			p.skipped = append(p.skipped, Skipped{Path: orElse(source.Get("path").Text(), o.Ref.String()), Why: skipped})
			continue
		}
		p.parts = append(p.parts, part)
	}
	return p, nil
}

func (p *applicationPlan) render(d *deployer) (*Result, error) {
	all := &Result{Skipped: p.skipped}
	for _, part := range p.parts {
		one, err := part.render(d)
		if err != nil {
			return one, err // which says what is missing
		}
		all.Objects = append(all.Objects, one.Objects...)
		all.Missing = append(all.Missing, one.Missing...)
		all.Skipped = append(all.Skipped, one.Skipped...)
		all.Notes = append(all.Notes, one.Notes...)
		all.Taints = all.Taints || one.Taints
		all.Drawn = append(all.Drawn, one.Drawn...)
		all.Parts = append(all.Parts, one.Parts...)
		all.Whole = all.Whole || one.Whole
	}
	return all, nil
}

// argoSource reads the sources of one Application.
type argoSource struct {
	d         *deployer
	app       *manifest.Object
	namespace string
	refs      map[string]manifest.Node // $name to the source that it stands for
}

// plan tells how a source is rendered, by what it says and by what its folder
// holds, as Argo CD tells.
func (a argoSource) plan(source manifest.Node) (p deployment, skipped string, err error) {
	if source.Get("plugin").IsMap() {
		return nil, "it is rendered by a plugin of Argo CD", nil
	}
	if source.Get("chart").Text() != "" {
		p, err := a.helm(source, "")
		return p, "", err
	}
	url := source.Get("repoURL").Text()
	dir, err := a.d.here(url, orElse(source.Get("path").Text(), "."), func(dir string) bool {
		info, err := fs.Stat(a.d.tree, dir)
		return err == nil && info.IsDir()
	}, "path")
	if err != nil {
		return nil, "", err
	}
	if source, err = a.overridden(source, dir); err != nil {
		return nil, "", err
	}
	switch a.kind(source, dir) {
	case "helm":
		p, err = a.helm(source, dir)
	case "kustomize":
		p, err = a.kustomize(source, dir)
	case "plugin":
		skipped = "it is rendered by a plugin of Argo CD"
	default:
		p, err = a.directory(source.Get("directory"), dir)
	}
	return p, skipped, err
}

// kind is the tool that the source asks for, else the one that its folder is for:
// a kustomization beside a chart inflates it.
func (a argoSource) kind(source manifest.Node, dir string) string {
	for _, tool := range []string{"plugin", "kustomize", "helm", "directory"} {
		if source.Get(tool).IsMap() {
			return tool
		}
	}
	switch {
	case kustomizationFile(a.d.tree, dir) != "":
		return "kustomize"
	case exists(a.d.tree, join(dir, "Chart.yaml")):
		return "helm"
	}
	return "directory"
}

// helm reads a Helm source; dir is empty for a chart of a repository.
func (a argoSource) helm(source manifest.Node, dir string) (deployment, error) {
	h := source.Get("helm")
	c := &releaseChart{
		dir: dir, file: a.app.Origin.Path, release: orElse(h.Get("releaseName").Text(), a.app.Name),
		namespace: orElse(h.Get("namespace").Text(), a.namespace), kubeVersion: h.Get("kubeVersion").Text(), skipTests: h.Get("skipTests").IsTrue(),
	}
	for version := range h.Get("apiVersions").Items() {
		c.apiVersions = append(c.apiVersions, version.Text())
	}
	if dir == "" {
		repository := source.Get("repoURL").Text()
		if repository != "" && !strings.Contains(repository, "://") {
			repository = "oci://" + repository // Argo CD names OCI registries without a scheme
		}
		a.d.remoteChart(c, source.Get("chart").Text(), source.Get("targetRevision").Text(), repository)
	} else if !exists(a.d.tree, join(dir, "Chart.yaml")) {
		return nil, fmt.Errorf("path %s holds no chart", dir)
	}
	return c, a.values(c, source, dir)
}

// values merges what the source says, later over earlier: valueFiles, values
// or valuesObject, parameters, fileParameters.
func (a argoSource) values(c *releaseChart, source manifest.Node, dir string) error {
	h, values := source.Get("helm"), map[string]any{}
	files, err := a.valueFiles(source, dir)
	if err != nil {
		return err
	}
	for _, file := range files {
		name := file.at
		data, err := fs.ReadFile(a.d.tree, name)
		if errors.Is(err, fs.ErrNotExist) && h.Get("ignoreMissingValueFiles").IsTrue() {
			continue
		}
		if err != nil {
			return fmt.Errorf("values file %q: %w", file.said, err)
		}
		parsed, err := chartutil.ReadValues(data)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		values = mergeValues(values, parsed)
		c.layers = append(c.layers, fileLayer(data, inFile(name, false), nil))
	}
	written := h.Get("values")
	inline, err := chartutil.ReadValues([]byte(written.Text()))
	if object := h.Get("valuesObject"); err == nil && object.IsMap() {
		written = object
		inline, err = readValues(object)
	}
	if err != nil {
		return fmt.Errorf("values: %w", err)
	}
	values = mergeValues(values, inline)
	c.layers = append(c.layers, nodeLayer(written))
	for p := range h.Get("parameters").Items() {
		parse := strvals.ParseInto
		if p.Get("forceString").IsTrue() {
			parse = strvals.ParseIntoString
		}
		if err := parse(p.Get("name").Text()+"="+escapeCommas(a.expanded(source, p.Get("value").Text())), values); err != nil {
			return fmt.Errorf("parameter %q: %w", p.Get("name").Text(), err)
		}
		c.layers = append(c.layers, setLayer(p.Get("name").Text()+"=", p.Get("value")))
	}
	c.values = values
	return a.fileParameters(c, source, dir)
}

func (a argoSource) fileParameters(c *releaseChart, source manifest.Node, dir string) error {
	for p := range source.Get("helm", "fileParameters").Items() {
		name, err := a.placeOf(source, p.Get("path").Text(), dir)
		if err != nil {
			return err
		}
		read := func([]rune) (any, error) {
			data, err := fs.ReadFile(a.d.tree, name)
			return string(data), err
		}
		if err := strvals.ParseIntoFile(p.Get("name").Text()+"="+name, c.values, read); err != nil {
			return fmt.Errorf("parameter %q: %w", p.Get("name").Text(), err)
		}
		from := setLayer(p.Get("name").Text()+"=", p.Get("path"))
		from.sites = inFile(name, false)
		c.layers = append(c.layers, from)
	}
	return nil
}

// escapeCommas keeps a value whole that helm would split at its commas, as
// Argo CD does.
func escapeCommas(value string) string {
	if strings.HasPrefix(value, "{") && strings.HasSuffix(value, "}") {
		return value
	}
	var out strings.Builder
	for i, r := range value {
		if r == ',' && (i == 0 || value[i-1] != '\\') {
			out.WriteByte('\\')
		}
		out.WriteRune(r)
	}
	return out.String()
}

// placeOf is the place of a values file: from the folder of the source, from
// the root of its repository, or from that of another source.
func (a argoSource) placeOf(source manifest.Node, file, dir string) (string, error) {
	ref, rest, _ := strings.Cut(file, "/")
	other, referred := a.refs[ref]
	if !referred {
		file = a.expanded(source, file)
	}
	if strings.Contains(file, "://") {
		return "", fmt.Errorf("values file %s is not in the tree", file)
	}
	name := path.Join(dir, file)
	switch {
	case referred:
		if same, known := a.d.sameRepository(other.Get("repoURL").Text()); known && !same {
			return "", fmt.Errorf("values file %q comes from %s, another repository, which is not in the tree", file, other.Get("repoURL").Text())
		}
		name = path.Clean(a.expanded(source, rest))
	case strings.HasPrefix(ref, "$") && !strings.Contains(ref, "ARGOCD_"):
		return "", fmt.Errorf("values file %q: there is no source with ref %s", file, ref)
	case strings.HasPrefix(file, "/"):
		name = path.Clean(strings.TrimLeft(file, "/"))
	case dir == "":
		return "", fmt.Errorf("values file %q is part of a chart that is not in the tree", file)
	}
	if !fs.ValidPath(name) {
		return "", fmt.Errorf("values file %q leads out of the tree", file)
	}
	a.d.reads[name] = true
	return name, nil
}

// kustomize reads what a source adds to the kustomization of its folder.
func (a argoSource) kustomize(source manifest.Node, dir string) (deployment, error) {
	k := source.Get("kustomize")
	p := &overlayPlan{dir: dir, file: a.app.Origin.Path, namespace: a.namespace}
	for _, field := range []string{"namePrefix", "nameSuffix", "namespace"} {
		p.edits.set(field, k.Get(field))
	}
	for image := range k.Get("images").Items() {
		p.edits.add("images", imageEdit(a.expanded(source, image.Text())), image)
	}
	for _, field := range []string{"components", "patches", "replicas"} {
		for item := range k.Get(field).Items() {
			var value any
			if err := yaml.Unmarshal(text(item), &value); err != nil {
				return nil, fmt.Errorf("kustomize.%s: %w", field, err)
			}
			if name, ok := value.(string); ok && fs.ValidPath(path.Join(dir, name)) {
				a.d.reads[path.Join(dir, name)] = true
				if k.Get("ignoreMissingComponents").IsTrue() && !exists(a.d.tree, path.Join(dir, name)) {
					continue
				}
			}
			p.edits.add(field, value, item)
		}
	}
	p.kubeVersion = k.Get("kubeVersion").Text()
	for version := range k.Get("apiVersions").Items() {
		p.apiVersions = append(p.apiVersions, version.Text())
	}
	if err := a.commonMetadata(p, source); err != nil {
		return nil, err
	}
	if kustomizationFile(a.d.tree, dir) == "" {
		return nil, fmt.Errorf("path %s holds no kustomization", dir)
	}
	return p, nil
}

// commonMetadata adds the labels and annotations of all objects.
func (a argoSource) commonMetadata(p *overlayPlan, source manifest.Node) error {
	k := source.Get("kustomize")
	labels, err := readValues(k.Get("commonLabels"))
	if err != nil {
		return err
	}
	annotations, err := readValues(k.Get("commonAnnotations"))
	if err != nil {
		return err
	}
	for _, pairs := range []map[string]any{labels, annotations} {
		for key, value := range pairs {
			if text, ok := value.(string); ok {
				pairs[key] = a.expanded(source, text)
			}
		}
		if !k.Get("commonAnnotationsEnvsubst").IsTrue() {
			break // labels are always filled in
		}
	}
	if k.Get("labelWithoutSelector").IsTrue() && len(labels) > 0 {
		p.edits.add("labels", map[string]any{"pairs": labels, "includeTemplates": k.Get("labelIncludeTemplates").IsTrue()}, k.Get("commonLabels"))
	} else {
		p.edits.merge("commonLabels", labels, k.Get("commonLabels"))
	}
	p.edits.merge("commonAnnotations", annotations, k.Get("commonAnnotations"))
	return nil
}

// imageEdit reads kustomize's short form: [NAME=]NEW[:TAG][@DIGEST].
func imageEdit(text string) map[string]any {
	name, now, renamed := strings.Cut(text, "=")
	if !renamed {
		now = text
	}
	image := map[string]any{}
	now, digest, pinned := strings.Cut(now, "@")
	if pinned {
		image["digest"] = digest
	}
	if colon := strings.LastIndex(now, ":"); colon > strings.LastIndex(now, "/") {
		image["newTag"], now = now[colon+1:], now[:colon]
	}
	if image["name"] = now; renamed {
		image["name"], image["newName"] = name, now
	}
	return image
}

// directoryPlan is a folder of manifests that Argo CD deploys as they are.
type directoryPlan struct {
	dir, namespace   string
	recurse          bool
	include, exclude string
	anyName          bool // files of whatever ending are manifests
}

func (a argoSource) directory(at manifest.Node, dir string) (deployment, error) {
	p := &directoryPlan{
		dir: dir, namespace: a.namespace, recurse: at.Get("recurse").IsTrue(),
		include: at.Get("include").Text(), exclude: at.Get("exclude").Text(), anyName: at.Get("disableExtensionFilter").IsTrue(),
	}
	for _, pattern := range []string{p.include, p.exclude} {
		if !doublestar.ValidatePattern(pattern) {
			return nil, fmt.Errorf("directory: %q is no pattern", pattern)
		}
	}
	return p, nil
}

// render reads the manifests. Patterns match the path below the folder, where
// a star also stands for slashes.
func (p *directoryPlan) render(d *deployer) (*Result, error) {
	result := &Result{}
	err := walk(d.tree, p.dir, func(name string, info fs.FileInfo) error {
		if info.IsDir() {
			if !p.recurse {
				return fs.SkipDir
			}
			return nil
		}
		at := join(p.dir, name)
		if p.include != "" && !globbed(p.include, name) || p.exclude != "" && globbed(p.exclude, name) {
			return nil
		}
		if slices.Contains([]string{".jsonnet", ".libsonnet"}, path.Ext(name)) {
			result.Skipped = append(result.Skipped, Skipped{Path: at, Why: "it is Jsonnet"})
			return nil
		}
		if !isYAML(name) && !p.anyName {
			return nil
		}
		data, err := fs.ReadFile(d.tree, at)
		if data = inUTF8(data); err != nil || !looksLikeObject(data) {
			return err
		}
		objects, err := manifest.Parse(data, manifest.Origin{Path: at, Exact: true})
		if err != nil {
			return fmt.Errorf("%s: %w", at, err)
		}
		for _, o := range objects {
			o.InNamespace(p.namespace)
		}
		result.Objects = append(result.Objects, objects...)
		return nil
	})
	return result, err
}

// globbed matches as Argo CD's directory patterns do, where a star also stands
// for slashes.
func globbed(pattern, name string) bool {
	flat := func(s string) string { return strings.ReplaceAll(s, "/", "\x01") }
	hit, err := doublestar.Match(flat(strings.ReplaceAll(pattern, "**", "*")), flat(name))
	return err == nil && hit
}
