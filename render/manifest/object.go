package manifest

import "strings"

// Ref names an object within a target. Namespace is empty for cluster-scoped
// kinds and where nothing says which namespace the object will live in.
type Ref struct {
	APIVersion string
	Kind       string
	Namespace  string
	Name       string
}

// Group is the API group of the object, empty for the core group.
func (r Ref) Group() string {
	group, _, found := strings.Cut(r.APIVersion, "/")
	if !found {
		return ""
	}
	return group
}

// GroupKind is "group/Kind", or "Kind" in the core group: what tables of kinds
// are keyed by. Versions are left aside, as the API server treats them alike.
func (r Ref) GroupKind() string {
	if group := r.Group(); group != "" {
		return group + "/" + r.Kind
	}
	return r.Kind
}

// String is Kind/namespace/name, the form that waivers and reports use.
func (r Ref) String() string {
	return r.Kind + "/" + r.Namespace + "/" + r.Name
}

// Origin is the file of the tree that an object was rendered from, as far as
// the renderer knows it: a template, a resource file, or the kustomization.
type Origin struct {
	Path string // slash-separated, from the root of the tree; empty when unknown
	// Exact says that a line of the object is a line of Path (a plain manifest),
	// not a line of rendered text.
	Exact bool
}

// Object is one rendered Kubernetes object. It is immutable.
type Object struct {
	Ref
	// GenerateName is metadata.generateName, for objects that the server names.
	GenerateName string
	Origin       Origin
	Root         Node
	// Written tells, by line of the object's text, what wrote it; nil where the
	// render was not traced.
	Written map[int][]Site
	// Address is what the object is called where it is declared, if that is not
	// as a Kubernetes object: a resource of Terraform. It is then its identity,
	// and the reference only says what it will be in the cluster.
	Address Ref
	// Mentions are what names the object where it is declared.
	Mentions Mentions

	met int32   // not 0 when somebody was led to an unknown value of it
	own *layout // how it describes its pods, where no table knows
}

// Identity is what the object goes by in reports and comparisons.
func (o *Object) Identity() Ref {
	if o.Address.Name != "" {
		return o.Address
	}
	return o.Ref
}

// readIdentity fills the reference from the parsed root.
func (o *Object) readIdentity() {
	meta := o.Root.Get("metadata")
	o.Ref = Ref{
		APIVersion: o.Root.Get("apiVersion").Text(),
		Kind:       o.Root.Get("kind").Text(),
		Namespace:  meta.Get("namespace").Text(),
		Name:       meta.Get("name").Text(),
	}
	o.GenerateName = meta.Get("generateName").Text()
	if ClusterScoped(o.Ref) {
		o.Namespace = ""
	}
}

// InNamespace sets the namespace that the renderer's context gives to objects
// that do not name one: a release's, or an Application's destination. It
// applies to namespaced built-in kinds only; the scope of a custom resource is
// not known without its definition.
func (o *Object) InNamespace(namespace string) {
	if o.Namespace == "" && Namespaced(o.Ref) {
		o.Namespace = namespace
	}
}

// UnknownNamespace stands for a namespace that nobody configured. Texts that a
// render writes itself, such as the subject of a binding, keep it.
const UnknownNamespace = "release-namespace"

// WithoutNamespace forgets a namespace that is only a stand-in for one that
// nobody configured.
func (o *Object) WithoutNamespace(placeholder string) {
	if o.Namespace == placeholder {
		o.Namespace = ""
	}
}
