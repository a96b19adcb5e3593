package render

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	sigsyaml "sigs.k8s.io/yaml"

	"github.com/rendergate/rendergate/render/manifest"
)

// aside is a folder that lies over the tree while a release renders, for what
// is in no file of it: merged values, a chart out of its archive.
const aside = ".rendergate-release"

// releaseChart is a chart as a release deploys it.
type releaseChart struct {
	dir     string   // of the tree; empty when it is packed or missing
	archive string   // of the tree
	wanted  *Missing // the chart of a repository that it is, or lacks
	missing *Missing // when neither is there

	file        string         // that declares the release
	values      map[string]any // over the chart's own
	layers      []layer        // that the values were merged of
	defaults    []string       // files of the chart, or else of the tree, that stand in for its own values.yaml
	mayLack     bool           // those files may be missing
	anyValues   bool           // the chart's schema is not asked
	release     string
	namespace   string
	kubeVersion string
	apiVersions []string
	skipTests   bool
	post        []edits
	lacks       []Missing // values of which nobody knows what they set
	notes       []string
}

// remoteChart looks for a chart from a repository: packed, in the folder
// charts beside the file that declares the release, or where it is put once it
// was fetched.
func (d *deployer) remoteChart(c *releaseChart, name, version, repository string) {
	at := d.besides(c.file)
	sum := sha256.Sum256([]byte(repository + "\x00" + name + "\x00" + version))
	missing := &Missing{Kind: MissingRelease, Name: name, Version: version, Repository: repository, In: c.file, At: at,
		Archive: aside + "/fetched/" + hex.EncodeToString(sum[:8]) + ".tgz"}
	folder := join(at, "charts")
	c.wanted, c.archive = missing, d.archive(folder, name, version)
	switch {
	case c.archive != "":
		d.reads[c.archive] = true
	case exists(d.tree, missing.Archive):
		c.archive = missing.Archive
	default:
		d.reads[join(folder, name+"-"+version+".tgz")] = true
		c.missing = missing
	}
}

// besides is the folder of a file, or, where that belongs to a chart, the one
// that holds the chart: archives within would become parts of it.
func (d *deployer) besides(file string) string {
	folder := path.Dir(file)
	for at := folder; ; at = path.Dir(at) {
		if exists(d.tree, join(at, "Chart.yaml")) {
			folder = path.Dir(at)
			if at == "." {
				folder = aside
			}
		}
		if at == "." {
			return folder
		}
	}
}

// archive is the packed chart of a folder that fits best; empty when none does.
func (d *deployer) archive(folder, name, version string) string {
	if exact := join(folder, name+"-"+version+".tgz"); fs.ValidPath(exact) && !strings.Contains(name, "/") && exists(d.tree, exact) {
		return exact
	}
	list, err := fs.ReadDir(d.tree, folder)
	if err != nil {
		return ""
	}
	best, newest := "", (*semver.Version)(nil)
	for _, entry := range list {
		rest, found := strings.CutPrefix(entry.Name(), name+"-")
		rest, packed := strings.CutSuffix(rest, ".tgz")
		v, err := semver.NewVersion(rest)
		if !found || !packed || err != nil || !chartutil.IsCompatibleRange(orElse(version, "*"), rest) {
			continue
		}
		if newest == nil || v.GreaterThan(newest) {
			best, newest = join(folder, entry.Name()), v
		}
	}
	return best
}

// render renders the chart with helm's own rules, over a tree in which its
// values stand as a file.
func (c *releaseChart) render(d *deployer) (*Result, error) {
	if c.missing != nil {
		return &Result{Missing: []Missing{*c.missing}, Whole: true, Given: c.given(d)}, nil
	}
	if len(c.lacks) > 0 {
		return &Result{Missing: c.lacks, Notes: c.notes}, nil
	}
	over := map[string][]byte{}
	dir := c.dir
	if c.archive != "" {
		data, err := fs.ReadFile(d.tree, c.archive)
		if err != nil {
			return nil, err
		}
		files, err := loader.LoadArchiveFiles(bytes.NewReader(data))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.archive, err)
		}
		dir = aside + "/chart"
		for _, f := range files {
			if name := join(dir, f.Name); fs.ValidPath(name) && under(name, dir) {
				over[name] = f.Data
			}
		}
	}
	from := &valuesFrom{layers: slices.Clone(c.layers), archive: c.archive}
	slices.Reverse(from.layers)
	if err := c.setDefaults(d, dir, over, from); err != nil {
		return nil, err
	}
	result, err := c.withUnknown(overlay(d.tree, over), dir, func(values map[string]any, release string, loose bool) (*Result, error) {
		own := *from
		own.loose = loose
		return c.with(d, dir, over, &own, values, release)
	})
	if err != nil {
		return result, err
	}
	result.Notes = append(slices.Clone(c.notes), result.Notes...)
	result.Sources = nil // the chart is judged as a target of its own
	if w := c.wanted; w != nil {
		version, err := chartVersion(overlay(d.tree, over), dir)
		if err != nil {
			return nil, err
		}
		whole := Part{Kind: MissingRelease, Name: w.Name, Version: version, Wanted: w.Version, Repository: w.Repository, From: c.archive}
		result.Parts = append([]Part{whole}, result.Parts...)
		if result.Sources, err = packedRelease(d.tree, whole); err != nil {
			return nil, err
		}
	}
	for _, o := range result.Objects {
		if under(o.Origin.Path, aside) {
			o.Origin.Path = c.file
		}
	}
	return c.postRender(d, result)
}

// given is a digest of what the release gives to its chart, so that two sides can be
// compared without the chart. What nobody knows cannot be.
func (c *releaseChart) given(d *deployer) string {
	if len(c.lacks) > 0 || d.in.Kind == Terraform {
		return ""
	}
	sum := sha256.New()
	all := []any{c.values, c.defaults, c.mayLack, c.release, c.namespace, c.kubeVersion, c.apiVersions, c.skipTests, d.in.KubeVersion, d.in.APIVersions}
	for _, e := range c.post {
		data, err := e.apply(map[string]any{})
		if err != nil {
			return ""
		}
		all = append(all, string(data))
	}
	for _, one := range all {
		data, err := json.Marshal(one)
		if err != nil {
			return ""
		}
		sum.Write(append(data, 0))
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// packedRelease are the archive that a release deploys and the signed file beside
// it, as objects.
func packedRelease(tree fs.FS, whole Part) ([]*manifest.Object, error) {
	if whole.From == "" || under(whole.From, aside) {
		return nil, nil
	}
	parts := []Part{whole}
	archive, err := vendoredSources(path.Dir(path.Dir(whole.From)), "", parts)
	if err != nil {
		return nil, err
	}
	signed, err := provenances(tree, parts)
	return append(archive, signed...), err
}

// chartVersion is what the chart of a folder calls its version.
func chartVersion(tree fs.FS, dir string) (string, error) {
	data, err := fs.ReadFile(tree, join(dir, "Chart.yaml"))
	if err != nil {
		return "", err
	}
	var about chart.Metadata
	err = sigsyaml.Unmarshal(data, &about)
	return about.Version, err
}

// with renders the chart with some values.
func (c *releaseChart) with(d *deployer, dir string, over map[string][]byte, from *valuesFrom, values map[string]any, release string) (*Result, error) {
	data, err := sigsyaml.Marshal(values)
	if err != nil {
		return nil, err
	}
	merged := aside + "/values.yaml"
	over = maps.Clone(over)
	over[merged] = data
	return helmFrom(overlay(d.tree, over), Target{
		Kind: Helm, Dir: dir, Values: []string{merged}, Release: release, Namespace: c.namespace, Traced: d.in.Traced,
		KubeVersion: orElse(c.kubeVersion, d.in.KubeVersion), APIVersions: append(c.apiVersions, d.in.APIVersions...), SkipTests: c.skipTests,
	}, from)
}

// setDefaults puts the named values files, merged, in place of the chart's own.
func (c *releaseChart) setDefaults(d *deployer, dir string, over map[string][]byte, from *valuesFrom) error {
	if len(c.defaults) == 0 {
		return nil
	}
	merged := map[string]any{}
	tree := overlay(d.tree, over)
	for _, name := range c.defaults {
		data, err := fs.ReadFile(tree, name)
		if err != nil {
			if c.mayLack && !exists(tree, name) {
				continue
			}
			return fmt.Errorf("values file: %w", err)
		}
		values, err := chartutil.ReadValues(data)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		merged = mergeValues(merged, values)
		at := inFile(name, false)
		if under(name, aside) {
			at = inFile(c.archive, true)
		}
		from.defaults = append([]layer{fileLayer(data, at, nil)}, from.defaults...)
	}
	data, err := sigsyaml.Marshal(merged)
	over[join(dir, "values.yaml")] = data
	return err
}

// postRender lets kustomize change what the chart rendered to.
func (c *releaseChart) postRender(d *deployer, rendered *Result) (*Result, error) {
	for _, e := range c.post {
		over := map[string][]byte{}
		var names []any
		added := &addedEdits{file: join(aside, "kustomization.yaml"), under: d.tree, list: e.list, objects: map[string][]*manifest.Object{}}
		for i, o := range rendered.Objects {
			name := fmt.Sprintf("%05d.yaml", i)
			over[join(aside, name)] = text(o.Root)
			added.objects[join(aside, name)] = []*manifest.Object{o}
			names = append(names, name)
		}
		data, err := e.apply(map[string]any{"resources": names})
		if err != nil {
			return nil, err
		}
		over[join(aside, "kustomization.yaml")] = data
		changed, err := kustomizeWith(overlay(d.tree, over), Target{Kind: Kustomize, Dir: aside, Namespace: c.namespace, Traced: d.in.Traced}, added)
		if err != nil {
			return nil, fmt.Errorf("the release's post renderer fails: %w", err)
		}
		for _, o := range changed.Objects {
			var index int
			if _, err := fmt.Sscanf(path.Base(o.Origin.Path), "%05d.yaml", &index); err == nil && index < len(rendered.Objects) {
				o.Origin = rendered.Objects[index].Origin
			} else {
				o.Origin.Path = c.file
			}
		}
		rendered.Objects = changed.Objects
	}
	return rendered, nil
}
