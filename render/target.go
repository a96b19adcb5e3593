// Package render finds what a tree deploys and renders it: Helm charts,
// kustomize overlays, plain manifests. Rendering is a function of the tree and
// the target alone; it reaches no network, no process and no file outside the
// tree.
package render

import (
	"path"
	"slices"
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// Kind is how a target is rendered.
type Kind string

// The kinds of targets.
const (
	Helm      Kind = "helm"
	Kustomize Kind = "kustomize"
	Manifests Kind = "manifests"

	// Those that an object of another target declares.
	HelmRelease       Kind = "helmrelease"   // Flux
	FluxKustomization Kind = "kustomization" // Flux
	Application       Kind = "application"   // Argo CD, ApplicationSets' included
)

// Target is one thing that gets deployed, in one variant.
type Target struct {
	Kind        Kind
	Dir         string   // slash-separated from the root of the tree; "." is the root
	Values      []string // layers over the chart's own values; relative to the chart, else to the root
	Set         []string // helm's KEY=VALUE
	Release     string   // empty: release-name, as helm template has it
	Namespace   string   // empty: nobody said where it goes
	KubeVersion string   // empty: DefaultKubeVersion
	APIVersions []string // beyond the built-in ones
	SkipTests   bool     // leave out hooks that are tests
	Configured  bool     // named by configuration, not found by convention
	// Unrestricted lets a kustomization read files that are not below it, though
	// never outside of the tree.
	Unrestricted bool
	Except       []string // manifests: files of the folder that a kustomization reads instead
	Variant      string   // tells variants of one folder apart; empty for the default one

	Declared   *Declared   // where a release or an Application is described; nil for what the files alone make a target
	Repository *Repository // what is known of the repository around the tree; nil: nothing
}

// ID names the target in reports: its folder, and its variant where it has one.
func (t Target) ID() string {
	if t.Variant == "" {
		return t.Dir
	}
	return t.Dir + "@" + t.Variant
}

// In returns the same target in another folder, as when it was renamed.
func (t Target) In(dir string) Target {
	t.Dir = dir
	t.Values = slices.Clone(t.Values)
	return t
}

// DefaultKubeVersion is the newest Kubernetes that the client libraries of this
// build know; helm's own default as a library, v1.20, would hide resources.
const DefaultKubeVersion = "v1.37.0"

// Result is a rendered target.
type Result struct {
	Objects manifest.Objects
	// Sources are the files that say what is fetched from elsewhere, as objects:
	// Chart.yaml and kustomization files. They are judged like any object, and
	// never deployed.
	Sources manifest.Objects
	Missing []Missing // what could not be rendered because it is not in the tree
	Skipped []Skipped // files that nobody looked into, and why
	Notes   []string  // what was assumed on the way, for a reader to know
	// Failure says that all of the target is missing, and how to get it: the
	// chart of a release that is not in the tree. It is set with Missing.
	Failure string
	// Releases are the objects that deploy more in turn, in order.
	Releases []Release
	// Taints says that the build changed a library's process-wide state: the
	// process should render nothing after it.
	Taints bool
}

// Judged are all objects that checks look at.
func (r *Result) Judged() []*manifest.Object {
	if r == nil {
		return nil
	}
	return slices.Concat(r.Objects, r.Sources)
}

// Missing is a chart that is not in the tree: a dependency of another, or that
// of a release. Version may be a constraint, a tag or a digest.
type Missing struct {
	Parent, Name, Version, Repository string
	// Archive is where the tree would have to hold a release's chart, packed;
	// for a constraint any archive NAME-VERSION.tgz beside it that satisfies it.
	Archive string
}

func (m Missing) String() string {
	text := "dependency " + m.Name
	if m.Version != "" {
		text += " " + m.Version
	}
	if m.Parent != "" {
		text += " of chart " + m.Parent
	}
	return text + " is not in the tree"
}

// Skipped is a file that was left out of a render.
type Skipped struct {
	Path, Why string
}

// join is path.Join for tree paths, where "." is the root.
func join(dir, name string) string { return path.Join(dir, name) }

// under says that a path lies in a folder, or is it.
func under(name, dir string) bool {
	return dir == "." || name == dir || strings.HasPrefix(name, dir+"/")
}
