// Package render finds what a tree deploys and renders it: Helm charts,
// kustomize overlays, plain manifests. Rendering is a function of the tree and
// the target alone; it reaches no network, no process and no file outside the
// tree.
package render

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
	"github.com/rendergate/rendergate/render/terraform"
)

// Kind is how a target is rendered.
type Kind string

// The kinds of targets.
const (
	Helm           Kind = "helm"
	Kustomize      Kind = "kustomize"
	Manifests      Kind = "manifests"
	Terraform      Kind = "terraform"
	CloudFormation Kind = "cloudformation"

	// Those that an object of another target declares.
	HelmRelease       Kind = "helmrelease"       // Flux
	FluxKustomization Kind = "kustomization"     // Flux
	Application       Kind = "application"       // Argo CD, ApplicationSets' included
	TerraformRelease  Kind = "terraform-release" // a helm_release
)

// Infrastructure says that targets of the kind stand beside whatever else their
// folder holds.
func (k Kind) Infrastructure() bool { return k == Terraform || k == CloudFormation }

// Target is one thing that gets deployed, in one variant.
type Target struct {
	Kind        Kind
	Dir         string   // slash-separated from the root of the tree; "." is the root
	Values      []string // layers over the chart's own values, or variable files; relative to the folder, else to the root
	Set         []string // helm's KEY=VALUE
	Release     string   // empty: release-name, as helm template has it
	Namespace   string   // empty: nobody said where it goes
	KubeVersion string   // empty: DefaultKubeVersion
	APIVersions []string // beyond the built-in ones
	SkipTests   bool     // leave out hooks that are tests
	Configured  bool     // named by configuration, not found by convention
	Except      []string // manifests: files of the folder that a kustomization reads instead
	Variant     string   // tells variants of one folder apart; empty for the default one
	Guessed     bool     // a variant by convention: nobody said that it is deployed
	Fixture     bool     // guessed, and only an input of the chart's own tests
	// Unrestricted lets a kustomization read files that are not below it, though
	// never outside of the tree.
	Unrestricted bool

	// Traced asks for objects that know which source lines wrote them.
	Traced bool

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
	Missing []Missing // what could not be rendered because it is not in the tree; known also of a chart that does not render without it
	Parts   []Part    // the dependencies that were rendered
	Notes   []string  // what a reader should know of how it was rendered
	Drawn   []string  // texts that were drawn by chance, or made as keys: no file holds them
	Skipped []Skipped // files that nobody looked into, and why
	// Whole says that what is missing is all of the target: the chart of a
	// release. There is nothing to judge.
	Whole bool
	// Given is a digest of all that a release gives to the chart that is missing:
	// values, name, namespace. Empty where nobody can tell it.
	Given string
	// Releases are the objects that deploy more in turn, in order.
	Releases []Release
	// charts are those that a Terraform module deploys, by the objects that say so.
	charts []terraform.Release
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

// Partial says that a part of what the target deploys is not in the result.
func (r *Result) Partial() bool {
	return len(r.Missing) > 0 || slices.ContainsFunc(r.Skipped, func(s Skipped) bool { return s.Broken })
}

// MissingKind is what kind of part a target lacks.
type MissingKind string

// The kinds of missing parts.
const (
	MissingDependency MissingKind = ""        // a chart that a chart depends on
	MissingBase       MissingKind = "base"    // a kustomization or file elsewhere
	MissingChart      MissingKind = "chart"   // a chart that a kustomization inflates
	MissingRelease    MissingKind = "release" // the chart of a release
	MissingValues     MissingKind = "values"  // values of a release, of which nobody knows before a plan what they set
	MissingProgram    MissingKind = "program" // what a program makes of what a release renders, which nobody runs
)

// Missing is a part of a target that is not in the tree. Version is the wanted
// one, or a constraint that it satisfies.
type Missing struct {
	Parent, Name, Version, Repository string
	Kind                              MissingKind
	In                                string // the file that names it, where Parent does not
	// At is the folder of the chart or kustomization that declares it; empty
	// when that is packed in an archive.
	At string
	// Wanted is what is declared of the version, where a lock file says more.
	Wanted string
	// Archive is where the chart of a release is looked for once it was fetched.
	// Others take its name and version from what was fetched.
	Archive string
	// Remote is what is named, where that is no chart.
	Remote *Remote
	// Why says why it could not be fetched; empty when nobody tried.
	Why string
}

// Same says that two missing parts are one, at whatever side and wherever they
// are named.
func (m Missing) Same(other Missing) bool {
	return m.Parent == other.Parent && m.Name == other.Name && m.Version == other.Version && m.Repository == other.Repository && m.Kind == other.Kind
}

func (m Missing) String() string {
	if m.Kind == MissingValues {
		return fmt.Sprintf(onlyPlan+" what %s of %s sets (%s)", m.Name, m.Parent, m.In)
	}
	if m.Kind == MissingProgram {
		return fmt.Sprintf("the program %q changes what the chart of %s renders to (%s), and is not run", m.Name, m.Parent, m.In)
	}
	text := "dependency " + m.Name
	switch m.Kind {
	case MissingBase:
		text = "remote base " + m.Name
	case MissingChart, MissingRelease:
		text = "chart " + m.Name
	}
	if m.Version != "" {
		text += " " + m.Version
	}
	if m.Repository != "" && m.Kind != MissingDependency && m.Kind != MissingBase {
		text += " of " + m.Repository
	}
	if m.Parent != "" {
		text += " of chart " + m.Parent
	}
	if m.In != "" {
		text += " (" + m.In + ")"
	}
	text += " is not in the tree"
	if m.Why != "" {
		text += ", and " + m.Why
	}
	return text
}

// Part is a dependency that was rendered with a target.
type Part struct {
	Kind                  MissingKind // what it would be if it were missing
	Parent, Name, Version string
	Wanted                string // the version, the range or the ref that is asked for; empty: nothing says
	Repository            string // empty: nothing says
	From                  string // the folder or the archive of the tree; of a base, the file that names it
	Sibling               bool   // taken from the tree although its repository is elsewhere
}

// Outside says that a part is made elsewhere: what is in it is not the
// repository's own work, even where it is vendored.
func (p Part) Outside() bool {
	if p.Kind != MissingDependency {
		return true
	}
	return !p.Sibling && !strings.HasPrefix(p.Repository, "file://") && (p.Repository != "" || path.Ext(p.From) == ".tgz")
}

// Vendor is how to get the part into the tree of a target's folder.
func (m Missing) Vendor(dir string) string {
	switch m.Kind {
	case MissingValues:
		return "give the variables that it is made of a default or a value in a .tfvars file"
	case MissingProgram:
		return "leave `postrender` out, and do in the chart what it does"
	case MissingBase:
		return "copy it into the repository and name the copy, as `kustomize localize " + dir + "` does"
	case MissingRelease:
		return fmt.Sprintf("vendor it with: helm pull %s --destination %s", m.pull(), join(m.At, "charts"))
	case MissingChart:
		return fmt.Sprintf("vendor it with: helm pull %s --untar --untardir %s", m.pull(), join(path.Dir(m.In), "charts"))
	}
	return "vendor it with: helm dependency build " + dir
}

// pull are helm pull's arguments.
func (m Missing) pull() string {
	text := m.Name
	if strings.HasPrefix(m.Repository, "oci://") {
		text = strings.TrimSuffix(m.Repository, "/") + "/" + m.Name
	} else if m.Repository != "" {
		text += " --repo " + m.Repository
	}
	switch {
	case strings.ContainsAny(m.Version, " <>*|&^~;"):
		text += " --version " + strconv.Quote(m.Version) // a shell would read it otherwise
	case m.Version != "":
		text += " --version " + m.Version
	}
	return text
}

// Skipped is a file that was left out of a render.
type Skipped struct {
	Path, Why string
	Broken    bool // it should have been read, and nobody knows what it deploys
}

// join is path.Join for tree paths, where "." is the root.
func join(dir, name string) string { return path.Join(dir, name) }

// under says that a path lies in a folder, or is it.
func under(name, dir string) bool {
	return dir == "." || name == dir || strings.HasPrefix(name, dir+"/")
}
