package policy

import (
	"slices"
	"strings"

	admission "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/rendergate/rendergate/render/manifest"
)

// definitions are the custom kinds whose definitions are known: group/Kind to
// resource and scope.
type definitions map[string]definition

type definition struct {
	resource string
	cluster  bool
}

func (d definitions) learn(o *manifest.Object) {
	if o.GroupKind() != "apiextensions.k8s.io/CustomResourceDefinition" {
		return
	}
	spec := o.Root.Get("spec")
	kind := manifest.Ref{APIVersion: spec.Get("group").Text() + "/v1", Kind: spec.Get("names", "kind").Text()}.GroupKind()
	d[kind] = definition{spec.Get("names", "plural").Text(), spec.Get("scope").Text() == "Cluster"}
}

func (d definitions) with(objects []*manifest.Object) definitions {
	all := definitions{}
	for _, o := range objects {
		all.learn(o)
	}
	for kind, known := range d {
		all[kind] = known
	}
	return all
}

// resources are what the API server may call a kind. Without its definition the
// plural is guessed, both ways where a vowel stands before its y.
func (d definitions) resources(o *manifest.Object) []string {
	if known := d[o.GroupKind()]; known.resource != "" {
		return []string{known.resource}
	}
	guess, _ := meta.UnsafeGuessKindToResource(schema.FromAPIVersionAndKind(o.APIVersion, o.Kind))
	all := []string{guess.Resource}
	if plain := strings.ToLower(o.Kind) + "s"; plain != guess.Resource && strings.HasSuffix(plain, "ys") {
		all = append(all, plain)
	}
	return all
}

// formerGroups are groups whose kinds moved, which are equivalent where a policy
// asks for that, as it does by default.
var formerGroups = map[string][]string{
	"apps": {"extensions"}, "networking.k8s.io": {"extensions"}, "policy": {"extensions"}, "extensions": {"apps", "networking.k8s.io", "policy"},
}

// asked is an object with the operation that is asked for.
type asked struct {
	object    *manifest.Object // the new one, else the old one
	operation admission.OperationType
	resources []string
	kinds     definitions
	spaces    map[string]*manifest.Object
}

// fit is whether a policy is about an object: no, yes, or yes as far as is
// known, because nobody says which labels its namespace has.
type fit int

const (
	no fit = iota
	assumed
	yes
)

func (a asked) fits(m *admission.MatchResources) fit {
	if m == nil {
		return yes
	}
	equivalent := m.MatchPolicy == nil || *m.MatchPolicy == admission.Equivalent
	by := func(r admission.NamedRuleWithOperations) bool { return a.rule(r, equivalent) }
	if len(m.ResourceRules) > 0 && !slices.ContainsFunc(m.ResourceRules, by) || slices.ContainsFunc(m.ExcludeResourceRules, by) {
		return no
	}
	if !a.labelled(m.ObjectSelector) {
		return no
	}
	return a.inNamespace(m.NamespaceSelector)
}

func (a asked) rule(r admission.NamedRuleWithOperations, equivalent bool) bool {
	o := a.object
	_, version, found := strings.Cut(o.APIVersion, "/")
	if !found {
		version = o.APIVersion
	}
	groups := []string{o.Group()}
	if equivalent {
		groups = append(groups, formerGroups[o.Group()]...)
	}
	return has(r.Operations, a.operation, admission.OperationAll) &&
		slices.ContainsFunc(groups, func(g string) bool { return has(r.APIGroups, g, "*") }) &&
		(equivalent || has(r.APIVersions, version, "*")) &&
		slices.ContainsFunc(a.resources, func(name string) bool { return has(r.Resources, name, "*") || slices.Contains(r.Resources, "*/*") }) &&
		(len(r.ResourceNames) == 0 || slices.Contains(r.ResourceNames, o.Name)) &&
		a.scope(r.Scope)
}

func has[T comparable](all []T, one, every T) bool {
	return slices.Contains(all, one) || slices.Contains(all, every)
}

func (a asked) scope(s *admission.ScopeType) bool {
	if s == nil || *s == admission.AllScopes {
		return true
	}
	cluster := a.clusterScoped()
	return cluster == (*s == admission.ClusterScope)
}

func (a asked) clusterScoped() bool {
	known, found := a.kinds[a.object.GroupKind()]
	return manifest.ClusterScoped(a.object.Ref) || found && known.cluster
}

func selectorOf(s *metav1.LabelSelector) (labels.Selector, error) {
	if s == nil {
		return labels.Everything(), nil
	}
	return metav1.LabelSelectorAsSelector(s)
}

func (a asked) labelled(s *metav1.LabelSelector) bool {
	selector, err := selectorOf(s)
	return err == nil && selector.Matches(labelsOf(a.object))
}

func labelsOf(o *manifest.Object) labels.Set {
	all := labels.Set{}
	for key, value := range o.Root.Get("metadata", "labels").Fields() {
		all[key] = value.Text()
	}
	return all
}

// nameLabel is what every Namespace bears.
const nameLabel = "kubernetes.io/metadata.name"

// inNamespace holds a selector against the namespace of the object. Of one that
// nobody describes only the name is known: what asks for more is assumed to
// match, because a policy that is not held against anything finds nothing.
func (a asked) inNamespace(s *metav1.LabelSelector) fit {
	selector, err := selectorOf(s)
	if err != nil {
		return no
	}
	requirements, _ := selector.Requirements()
	if len(requirements) == 0 {
		return yes
	}
	known, whole := a.namespaceLabels()
	if known == nil {
		return yes // without a namespace the selector does not apply
	}
	all := yes
	for _, r := range requirements {
		_, said := known[r.Key()]
		switch {
		case !whole && !said:
			all = assumed
		case !r.Matches(known):
			return no
		}
	}
	return all
}

// namespaceLabels are those of the object's namespace, or of the Namespace that
// it is; nil where it has none, and whole where all of them are known.
func (a asked) namespaceLabels() (known labels.Set, whole bool) {
	if a.object.GroupKind() == "Namespace" {
		known = labelsOf(a.object)
		known[nameLabel] = a.object.Name
		return known, true
	}
	if a.clusterScoped() {
		return nil, true
	}
	if space := a.spaces[a.object.Namespace]; space != nil {
		known = labelsOf(space)
		known[nameLabel] = space.Name
		return known, true
	}
	known = labels.Set{}
	if a.object.Namespace != "" {
		known[nameLabel] = a.object.Namespace
	}
	return known, false
}

// selectors are all of a policy and its binding.
func (p *policy) selectors(b *admission.ValidatingAdmissionPolicyBinding) []*metav1.LabelSelector {
	var all []*metav1.LabelSelector
	matches := []*admission.MatchResources{p.Spec.MatchConstraints}
	if b != nil {
		matches = append(matches, b.Spec.MatchResources)
		if b.Spec.ParamRef != nil {
			all = append(all, b.Spec.ParamRef.Selector)
		}
	}
	for _, m := range matches {
		if m != nil {
			all = append(all, m.NamespaceSelector, m.ObjectSelector)
		}
	}
	return all
}
