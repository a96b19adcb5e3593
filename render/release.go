package render

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/rendergate/rendergate/render/manifest"
	"github.com/rendergate/rendergate/render/terraform"
)

// Declared says where a release or an Application is described. Its render
// renders In first, so that it sees the object as overlays have patched it.
type Declared struct {
	In     Target
	Object manifest.Ref
	File   string   // that the object comes from
	Nth    int      // of the objects of that reference that come from it, from 0
	Reads  []string // files and folders that the release is made of, beyond what In reads
	// Cluster is the one that it is deployed into, as its controller knows it;
	// empty: the one that it is declared in.
	Cluster string
}

// Repository is what is known of the repository around a tree.
type Repository struct {
	URLs  []string // its own, of any form; none: nobody can say which they are
	Files []string // those with objects that releases elsewhere may refer to: sources, ConfigMaps, Secrets
}

// Release is an object that deploys more in turn, as one render found it.
type Release struct {
	Kind   Kind
	Object manifest.Ref
	File   string
	Nth    int // of the objects of that reference in that file, from 0
	Reads  []string
	// Cluster is the one that it is deployed into, as its controller knows it;
	// empty: the one that it is declared in.
	Cluster string
	// Digest tells whether what is said of the release changed: the object and
	// the objects that it refers to.
	Digest string
}

// Target is the release as a target of its own.
func (r Release) Target(in Target) Target {
	variant, guessed := r.Object.String(), false
	if r.Kind == TerraformRelease {
		guessed = in.Guessed
		variant = path.Join(in.Variant, r.Object.Kind+"."+r.Object.Name) // each variant of a module has its own
	}
	return Target{
		Kind: r.Kind, Dir: in.Dir, Variant: variant, Guessed: guessed, Repository: in.Repository,
		Declared: &Declared{In: in, Object: r.Object, File: r.File, Nth: r.Nth, Reads: r.Reads, Cluster: r.Cluster},
	}
}

// mostNested bounds how deeply targets declare targets.
const mostNested = 8

// releaseKinds are the objects that deploy more.
var releaseKinds = map[string]Kind{
	"helm.toolkit.fluxcd.io/HelmRelease":        HelmRelease,
	"kustomize.toolkit.fluxcd.io/Kustomization": FluxKustomization,
	"argoproj.io/Application":                   Application,
}

// DeclaresReleases is the cheap test before a render: the text may hold an
// object that deploys more.
func DeclaresReleases(data []byte) bool {
	for _, group := range releaseGroups {
		if bytes.HasPrefix(group, []byte("argoproj")) && !bytes.Contains(data, []byte("Application")) {
			continue
		}
		for rest, found := data, true; found; {
			var before []byte
			if before, rest, found = bytes.Cut(rest, group); found && versioned.Match(before[max(0, len(before)-40):]) {
				return true
			}
		}
	}
	return false
}

var releaseGroups = [][]byte{[]byte("helm.toolkit.fluxcd.io/"), []byte("kustomize.toolkit.fluxcd.io/"), []byte("argoproj.io/")}

// versioned is what stands before the group where it is an object's own, not
// that of a definition or a rule about such objects.
var versioned = regexp.MustCompile(`apiVersion["']?\s*:\s*["']?$`)

// MayBeReferred is the same for objects that a release elsewhere may refer to.
func MayBeReferred(data []byte) bool {
	return bytes.Contains(data, []byte(".fluxcd.io/")) || bytes.Contains(data, []byte("ConfigMap")) || bytes.Contains(data, []byte("Secret"))
}

// deployer reads what the objects of a target deploy in turn. It notes what it
// looks at on the way.
type deployer struct {
	tree    fs.FS
	in      Target
	objects manifest.Objects

	charts []terraform.Release

	elsewhere *elsewhere

	reads   map[string]bool
	used    []*manifest.Object
	notes   []string
	skipped []Skipped
}

// deployment is what a release deploys, told without rendering it.
type deployment interface {
	render(d *deployer) (*Result, error)
}

func newDeployer(tree fs.FS, in Target, around *Result) *deployer {
	e := &elsewhere{texts: map[string][]byte{}, found: map[string]*manifest.Object{}}
	if in.Repository != nil {
		e.files = in.Repository.Files
	}
	return (&deployer{tree: tree, in: in, objects: around.Objects, charts: around.charts, elsewhere: e}).again()
}

// again is a deployer of the same target that has looked at nothing yet.
func (d *deployer) again() *deployer {
	return &deployer{tree: d.tree, in: d.in, objects: d.objects, charts: d.charts, elsewhere: d.elsewhere, reads: map[string]bool{}}
}

// addReleases lists the objects of a rendered target that deploy more. One
// that cannot be understood is listed too: its own render says what is wrong.
func addReleases(tree fs.FS, in Target, result *Result) {
	first := newDeployer(tree, in, result)
	for _, o := range result.Objects {
		switch kind := deploysAs(in, o); {
		case kind != "":
			result.Releases = append(result.Releases, release(first.again(), o, kind))
		case isApplicationSet(o):
			d := first.again()
			result.Releases = append(result.Releases, releasesOfSet(d, o)...)
			result.Skipped = append(result.Skipped, d.skipped...)
		}
	}
	type place struct {
		object manifest.Ref
		file   string
	}
	seen := map[place]int{}
	for i := range result.Releases {
		r := &result.Releases[i]
		at := place{r.Object, r.File}
		r.Nth = seen[at]
		seen[at]++
	}
}

// deploysAs is the kind of target that an object declares; empty for most.
func deploysAs(in Target, o *manifest.Object) Kind {
	if in.Kind != Terraform {
		return releaseKinds[o.GroupKind()]
	}
	if o.APIVersion == terraform.Resource && o.Kind == terraform.ReleaseType {
		return TerraformRelease
	}
	return ""
}

func release(d *deployer, o *manifest.Object, kind Kind) Release {
	d.used = append(d.used, o)
	if _, err := d.plan(o); err != nil {
		d.notes = nil // told by the render
	}
	digest := ""
	if r, found := d.chart(o); found {
		digest = r.Digest
	} else {
		digest = d.digest()
	}
	return Release{Kind: kind, Object: o.Ref, File: o.Origin.Path, Reads: sortedKeys(d.reads), Cluster: clusterOf(o), Digest: digest}
}

// clusterOf is the cluster that a release names as its destination.
// Source: Argo CD, Application destination; Flux, spec.kubeConfig.
func clusterOf(o *manifest.Object) string {
	spec := o.Root.Get("spec")
	if o.Kind != "Application" {
		ref := spec.Get("kubeConfig")
		return orElse(ref.Get("secretRef", "name").Text(), ref.Get("configMapRef", "name").Text())
	}
	name := orElse(spec.Get("destination", "name").Text(), spec.Get("destination", "server").Text())
	if name == "in-cluster" || strings.TrimSuffix(name, "/") == "https://kubernetes.default.svc" {
		return ""
	}
	return name
}

// digest covers all objects that were looked at; empty when one is too large
// to tell.
func (d *deployer) digest() string {
	sum := sha256.New()
	for _, o := range d.used {
		said := text(o.Root)
		if said == nil {
			return ""
		}
		fmt.Fprintf(sum, "%s\n%s\n", o.Ref, said)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

func (d *deployer) plan(o *manifest.Object) (deployment, error) {
	switch deploysAs(d.in, o) {
	case TerraformRelease:
		return d.terraformRelease(o)
	case HelmRelease:
		return d.helmRelease(o)
	case FluxKustomization:
		return d.fluxKustomization(o)
	case Application:
		return d.application(o)
	}
	return nil, fmt.Errorf("%s deploys nothing", o.Ref)
}

// declared renders a release or an Application: what declares it first, then
// what it deploys. Where the object is not there nothing is deployed.
func declared(tree fs.FS, t Target) (*Result, error) {
	depth := 0
	for at := &t; at.Declared != nil; at = &at.Declared.In {
		if depth++; depth > mostNested {
			return nil, fmt.Errorf("is declared by what is declared by … more than %d times over; this is where looking ends", mostNested)
		}
	}
	in := t.Declared.In
	in.Repository, in.Traced = t.Repository, t.Traced
	around, err := recalled(tree, in)
	if err == nil && around.Whole {
		around.Releases = nil
		return around, nil // of the chart that declares it
	}
	if err != nil {
		return around, fmt.Errorf("%s, where it is declared, does not render: %w", in.ID(), err)
	}
	d := newDeployer(tree, in, around)
	o, err := d.pick(*t.Declared)
	if err != nil {
		return nil, err
	}
	if o == nil {
		return &Result{Taints: around.Taints}, nil
	}
	p, err := d.plan(o)
	if err != nil {
		return nil, err
	}
	result, err := p.render(d)
	if err != nil {
		return result, err
	}
	result.Notes = append(d.notes, result.Notes...)
	result.Taints = result.Taints || around.Taints
	return result, nil
}

// pick finds the object of a release, also among those that ApplicationSets
// make; nil when it is not there. Of several of that reference, which one folder
// may hold for clusters of their own, it is the one of the release's file.
func (d *deployer) pick(which Declared) (*manifest.Object, error) {
	var first *manifest.Object
	nth := 0
	is := func(o *manifest.Object) bool {
		if o.Ref != which.Object {
			return false
		}
		if first == nil {
			first = o
		}
		if o.Origin.Path != which.File {
			return false
		}
		nth++
		return nth > which.Nth
	}
	for _, o := range d.objects {
		switch {
		case o.Ref == which.Object && isApplicationSet(o):
			_, err := d.expand(o)
			return nil, err // only one that cannot be expanded is asked for
		case is(o):
			return o, nil
		}
	}
	for _, set := range d.objects {
		if !isApplicationSet(set) || which.Object.Kind != "Application" {
			continue
		}
		one := d.again()
		generated, err := one.expand(set)
		if err != nil {
			continue // that set is a target of its own
		}
		found := slices.IndexFunc(generated, is)
		if found >= 0 || first != nil && slices.Contains(generated, first) {
			d.notes = append(d.notes, one.notes...)
		}
		if found >= 0 {
			return generated[found], nil
		}
	}
	return first, nil
}

// inside is a path of the tree as a release writes it: from the root, with or
// without a slash or a dot in front.
func inside(p string) (string, error) {
	clean := path.Clean(strings.TrimLeft(p, "/"))
	if !fs.ValidPath(clean) || slices.Contains(strings.Split(p, "/"), "..") && !fs.ValidPath(path.Clean(p)) {
		return "", fmt.Errorf("path %q leads out of the tree", p)
	}
	return clean, nil
}

// here finds a folder that a release takes from a git repository, in this tree
// if it is this repository. Where nobody can say which it is, the folder counts
// if it is there and holds what is needed.
func (d *deployer) here(url, p string, holds func(dir string) bool, what string) (string, error) {
	dir, err := inside(p)
	if err != nil {
		return "", err
	}
	d.reads[dir] = true
	same, known := d.sameRepository(url)
	if known && !same {
		return "", fmt.Errorf("%s %s comes from %s, another repository, which is not in the tree", what, p, url)
	}
	if _, err := fs.Stat(d.tree, dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%s %s: %w", what, p, err)
	}
	if !holds(dir) {
		from := ""
		if !known && url != "" {
			from = "; it may be in " + url
		}
		return "", fmt.Errorf("%s %s is not in the tree%s", what, p, from)
	}
	if !known {
		d.notes = append(d.notes, fmt.Sprintf("%s is assumed to be that of this repository: nothing says where %s comes from", dir, orElse(url, "its source")))
	}
	return dir, nil
}

// fixedRevision is what names one state of a repository for good.
var fixedRevision = regexp.MustCompile(`^(?:refs/tags/.*|[0-9a-f]{7,40}|[~^<>=]?v?[0-9]+\.[0-9x*].*)$`)

// pinned says that a folder of this repository is deployed as it is at some other
// revision, of which the change shows nothing.
func (d *deployer) pinned(dir, revision string) {
	if fixedRevision.MatchString(revision) {
		d.notes = append(d.notes, fmt.Sprintf("%s is looked at as the change has it, and deployed as it is at %s", dir, revision))
	}
}

// sameRepository compares a URL with those of the tree's repository.
func (d *deployer) sameRepository(url string) (same, known bool) {
	if d.in.Repository == nil {
		return false, false
	}
	return d.in.Repository.Is(url)
}

// Is tells whether an address is the repository's own, in whatever form, and
// whether anybody can say so.
func (r *Repository) Is(url string) (same, known bool) {
	if len(r.URLs) == 0 || url == "" {
		return false, false
	}
	want := canonicalURL(url)
	return slices.ContainsFunc(r.URLs, func(own string) bool { return canonicalURL(own) == want }), true
}

// canonicalURL is what ssh, https and scp-like addresses of one repository
// have in common.
func canonicalURL(url string) string {
	url = strings.ToLower(strings.TrimSpace(url))
	if _, rest, found := strings.Cut(url, "://"); found {
		url = rest
	} else if host, rest, found := strings.Cut(url, ":"); found && !strings.Contains(host, "/") {
		url = host + "/" + rest
	}
	host, rest, _ := strings.Cut(url, "/")
	if at := strings.LastIndex(host, "@"); at >= 0 {
		host = host[at+1:]
	}
	host, _, _ = strings.Cut(host, ":")
	return host + "/" + strings.TrimSuffix(strings.Trim(rest, "/"), ".git")
}

// refer finds an object that a release names: among those rendered with it,
// else in the files of the repository that hold such objects as they are.
func (d *deployer) refer(namespace, name string, kinds ...string) *manifest.Object {
	o := match(d.objects, namespace, name, kinds)
	if o == nil && name != "" {
		if o = d.elsewhere.find(d.tree, namespace, name, kinds); o != nil {
			d.reads[o.Origin.Path] = true
		}
	}
	if o != nil {
		d.used = append(d.used, o)
	}
	return o
}

// elsewhere looks through the files of the repository that a render was told
// of. Many releases refer to the same few objects, so it remembers.
type elsewhere struct {
	files []string
	texts map[string][]byte
	found map[string]*manifest.Object
}

func (e *elsewhere) find(tree fs.FS, namespace, name string, kinds []string) *manifest.Object {
	key := strings.Join(append([]string{namespace, name}, kinds...), "\x00")
	o, known := e.found[key]
	if !known {
		o = e.search(tree, namespace, name, kinds)
		e.found[key] = o
	}
	return o
}

func (e *elsewhere) search(tree fs.FS, namespace, name string, kinds []string) *manifest.Object {
	for _, file := range e.files {
		data, read := e.texts[file]
		if !read {
			data, _ = fs.ReadFile(tree, file) // one that cannot be read holds nothing
			e.texts[file] = data
		}
		if !bytes.Contains(data, []byte(name)) || !slices.ContainsFunc(kinds, func(kind string) bool { return bytes.Contains(data, []byte(path.Base(kind))) }) {
			continue
		}
		objects, err := manifest.Parse(data, manifest.Origin{Path: file, Exact: true})
		if err != nil {
			continue // a template, or whatever it is: it tells nothing
		}
		if o := match(objects, namespace, name, kinds); o != nil {
			return o
		}
	}
	return nil
}

// match finds an object by kind and name. A namespace that one of both leaves
// open does not tell them apart; neither does the hash of a kustomize
// generator where nothing has the name itself.
func match(objects manifest.Objects, namespace, name string, kinds []string) *manifest.Object {
	var hashed *manifest.Object
	for _, o := range objects {
		if !slices.Contains(kinds, o.GroupKind()) || namespace != "" && o.Namespace != "" && o.Namespace != namespace {
			continue
		}
		if o.Name == name {
			return o
		}
		if rest, found := strings.CutPrefix(o.Name, name+"-"); found && len(rest) == 10 && !strings.Contains(rest, "-") {
			hashed = o
		}
	}
	return hashed
}

// text is a value as YAML of its own, its anchors written out.
func text(n manifest.Node) []byte {
	if !n.Exists() {
		return nil
	}
	budget := mostText
	out, err := yaml.Marshal(plainCopy(n.YAML(), &budget))
	if err != nil || budget < 0 {
		return nil
	}
	return out
}

// mostText bounds the values of an object that is written out.
const mostText = 1_000_000

func plainCopy(n *yaml.Node, budget *int) *yaml.Node {
	for i := 0; n.Kind == yaml.AliasNode && n.Alias != nil && i < 32; i++ {
		n = n.Alias
	}
	if *budget--; *budget < 0 {
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null"}
	}
	out := &yaml.Node{Kind: n.Kind, Style: n.Style, Tag: n.Tag, Value: n.Value, Line: n.Line, Column: n.Column}
	for _, c := range n.Content {
		out.Content = append(out.Content, plainCopy(c, budget))
	}
	return out
}

// OwnInputs are the files that a release is made of, beyond those of the target
// that declares it: charts, overlays, values files and what these read.
func OwnInputs(tree fs.FS, t Target) []string {
	inputs := map[string]bool{}
	c := &closure{read: newReading(tree), inputs: inputs}
	for _, name := range t.Declared.Reads {
		info, err := fs.Stat(tree, name)
		switch {
		case err != nil || !info.IsDir():
			inputs[name] = true
		case exists(tree, join(name, "Chart.yaml")):
			chartInputs(tree, name, inputs, 0)
		case kustomizationFile(tree, name) != "":
			c.follow(name, 0)
			inputs[name] = true
		default:
			below, err := filesBelow(tree, name)
			if err != nil {
				inputs[name] = true
			}
			for _, file := range below {
				if slices.Contains(kustomizationNames, path.Base(file)) {
					c.follow(path.Dir(file), 0)
				}
				inputs[file] = true
			}
		}
	}
	return withReal(tree, inputs)
}
