package reach

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/rendergate/rendergate/render/manifest"
)

// Isolation knows which pods the network policies of some objects select.
type Isolation struct {
	policies   []policy
	namespaces map[string]labels.Set // of the Namespace objects
}

// Direction is the one of the traffic that policies limit.
type Direction int

// The directions, as a pod sees them.
const (
	Ingress Direction = iota
	Egress
)

// policy is what limits the traffic of some pods.
type policy struct {
	object    *manifest.Object
	namespace string
	anywhere  bool    // cluster-wide, or of a kind whose namespace nobody told
	denies    [2]bool // by direction: it denies what no rule allows
	kind      family
	selects   func(*Pod) Match
}

// family tells apart the kinds of policies by how they are evaluated.
type family int

const (
	kubernetes family = iota
	vendor            // of which nobody here knows what it lets through
	admin
	baseline
)

// IsolationOf collects the policies of some objects.
func IsolationOf(objects []*manifest.Object) Isolation {
	i := Isolation{namespaces: map[string]labels.Set{}}
	for _, o := range objects {
		if o.GroupKind() == "Namespace" {
			i.namespaces[o.Name] = Labels(o.Root.Get("metadata", "labels"))
		}
		i.policies = append(i.policies, policiesOf(o)...)
	}
	return i
}

// Labels are the fields of a mapping of texts.
func Labels(at manifest.Node) labels.Set {
	own := labels.Set{}
	for key, value := range at.Fields() {
		own[key] = value.Text()
	}
	return own
}

// unsaid says that an object goes to the namespace of its context, which is
// known of built-in kinds only.
func unsaid(o *manifest.Object) bool {
	return o.Namespace == "" && !manifest.Namespaced(o.Ref) || o.Root.Get("metadata", "namespace").Unknown()
}

// reaches says that a policy is one of the pod's namespace, or of all.
func (p policy) reaches(pod *Pod) bool {
	return p.anywhere || pod.unsaid || sameNamespace(p.namespace, pod.Namespace)
}

// Says tells whether a policy of a direction may select a pod, and whether the
// pod's namespace has any such policy at all.
func (i Isolation) Says(pod *Pod, direction Direction) (selected, some bool) {
	for _, p := range i.policies {
		if !p.denies[direction] || !p.reaches(pod) {
			continue
		}
		hit := p.selects(pod) != No || pod.more && !p.anywhere
		selected = selected || hit
		some = some || hit || !p.anywhere
	}
	return selected, some
}

// sameNamespace says that two namespaces are one. What names none goes to
// default, unless whoever applies it says otherwise.
func sameNamespace(a, b string) bool {
	return a == b || a == "" && b == "default" || a == "default" && b == ""
}

// policiesOf reads the kinds of policies that people use; none for other
// objects.
func policiesOf(o *manifest.Object) []policy {
	spec := o.Root.Get("spec")
	switch o.GroupKind() {
	case "networking.k8s.io/NetworkPolicy", "extensions/NetworkPolicy":
		in, out := Directions(spec)
		if o.Root.Get("metadata", "namespace").Unknown() {
			return []policy{{o, "", true, [2]bool{in, out}, kubernetes, func(*Pod) Match { return Maybe }}} // it may be that of any pod
		}
		return []policy{{o, o.Namespace, false, [2]bool{in, out}, kubernetes, PodsOf(spec.Get("podSelector"))}}
	case "cilium.io/CiliumNetworkPolicy", "cilium.io/CiliumClusterwideNetworkPolicy":
		return ciliumPolicies(o)
	case "crd.projectcalico.org/NetworkPolicy", "projectcalico.org/NetworkPolicy",
		"crd.projectcalico.org/GlobalNetworkPolicy", "projectcalico.org/GlobalNetworkPolicy":
		return calicoPolicies(o)
	case "policy.networking.k8s.io/AdminNetworkPolicy", "policy.networking.k8s.io/BaselineAdminNetworkPolicy",
		"policy.networking.k8s.io/ClusterNetworkPolicy":
		kind := admin
		if o.Kind == "BaselineAdminNetworkPolicy" || spec.Get("tier").Text() == "Baseline" {
			kind = baseline
		}
		return []policy{{o, "", true, [2]bool{denies(spec.Get("ingress")), denies(spec.Get("egress"))}, kind, adminSelector(spec.Get("subject"))}}
	}
	return nil
}

// Directions infers policyTypes as the API server does: Ingress unless the
// types say otherwise, and Egress where it has rules.
func Directions(spec manifest.Node) (ingress, egress bool) {
	types := spec.Get("policyTypes")
	if types.Unknown() {
		return true, true // what may isolate is no weakness
	}
	if types.Len() == 0 {
		return true, spec.Get("egress").Len() > 0
	}
	for t := range types.Items() {
		ingress = ingress || t.Text() == "Ingress" || t.Unknown()
		egress = egress || t.Text() == "Egress" || t.Unknown()
	}
	return ingress, egress
}

// ciliumPolicies reads the specs of a Cilium policy. A direction without rules
// is left alone, as is one whose default is not to deny.
func ciliumPolicies(o *manifest.Object) []policy {
	var all []policy
	for _, spec := range CiliumSpecs(o) {
		if !spec.Get("endpointSelector").Set() {
			continue // a policy on nodes
		}
		denied := func(rules, deny, own string) bool {
			switch by := spec.Get("enableDefaultDeny", own); {
			case by.IsTrue():
				return true
			case by.IsFalse():
				return false
			}
			return spec.Get(rules).Len() > 0 || spec.Get(deny).Len() > 0
		}
		all = append(all, policy{
			o, o.Namespace, unsaid(o) || o.Kind == "CiliumClusterwideNetworkPolicy",
			[2]bool{denied("ingress", "ingressDeny", "ingress"), denied("egress", "egressDeny", "egress")}, vendor, ciliumSelector(spec.Get("endpointSelector")),
		})
	}
	return all
}

// CiliumSpecs are the specs of a Cilium policy.
func CiliumSpecs(o *manifest.Object) []manifest.Node {
	specs := slices.Collect(o.Root.Get("specs").Items())
	if spec := o.Root.Get("spec"); spec.IsMap() {
		specs = append(specs, spec)
	}
	return specs
}

// calicoPolicies infers types as Calico does, which is as Kubernetes does but
// for a policy with egress rules alone.
func calicoPolicies(o *manifest.Object) []policy {
	spec := o.Root.Get("spec")
	in, out := true, spec.Get("egress").Len() > 0
	if types := spec.Get("types"); types.Len() > 0 {
		in, out = false, false
		for t := range types.Items() {
			in = in || t.Text() == "Ingress"
			out = out || t.Text() == "Egress"
		}
	} else if out {
		in = spec.Get("ingress").Len() > 0
	}
	global := o.Kind == "GlobalNetworkPolicy"
	namespace := o.Namespace
	if global {
		namespace = ""
	}
	own, of := calicoSelector(spec.Get("selector").Text()), calicoSelector(spec.Get("namespaceSelector").Text())
	return []policy{{o, namespace, global || unsaid(o), [2]bool{in, out}, vendor, func(p *Pod) Match {
		if !global || spec.Get("namespaceSelector").Text() == "" {
			return own(p.Labels)
		}
		return min(own(p.Labels), of(p.namespaceLabels()))
	}}}
}

// denies says that a rule of an admin policy denies something. Its other rules
// isolate nothing: what none of them names passes.
func denies(rules manifest.Node) bool {
	for rule := range rules.Items() {
		if rule.Get("action").Text() == "Deny" {
			return true
		}
	}
	return false
}

// Each visits the pods that policies apply to, as selectors see them, with
// the place of their labels. The node's network has no policies.
func (i Isolation) Each(objects []*manifest.Object, visit func(o *manifest.Object, pod manifest.Pod, p *Pod)) {
	for _, o := range objects {
		for pod := range o.Pods() {
			if p := i.Pod(o, pod); !p.host {
				visit(o, pod, p)
			}
		}
	}
}

// Shown lists labels for people.
func Shown(own labels.Set) string {
	if len(own) == 0 {
		return "no labels"
	}
	return "labels " + strings.ReplaceAll(own.String(), ",", ", ")
}
