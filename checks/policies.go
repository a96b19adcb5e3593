package checks

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/rendergate/rendergate/render/manifest"
)

// isolation knows the network policies that are deployed with a target's pods.
type isolation struct {
	policies   []policy
	namespaces map[string]labels.Set // of the Namespace objects
}

// policy is what limits the traffic of some pods.
type policy struct {
	namespace       string
	anywhere        bool // cluster-wide, or of a kind whose namespace nobody told
	ingress, egress bool // the directions in which it denies what no rule allows
	selects         func(fellow) bool
}

// fellow is what selectors are held against: a pod's labels, and its namespace.
type fellow struct {
	labels    labels.Set
	namespace string
	of        labels.Set // the namespace's labels; nil where nobody sees them
	unsaid    bool       // the namespace is the context's, which is not known of the kind
	more      bool       // an operator may give it labels that nobody sees here
}

// isolationOf collects the policies of some objects.
func isolationOf(objects []*manifest.Object) isolation {
	i := isolation{namespaces: map[string]labels.Set{}}
	for _, o := range objects {
		if o.GroupKind() == "Namespace" {
			i.namespaces[o.Name] = labelsOf(o.Root.Get("metadata", "labels"))
		}
		i.policies = append(i.policies, policiesOf(o)...)
	}
	return i
}

func labelsOf(at manifest.Node) labels.Set {
	own := labels.Set{}
	for key, value := range at.Fields() {
		own[key] = value.Text()
	}
	return own
}

// fellow is a workload's pod as selectors see it.
func (i isolation) fellow(o *manifest.Object, pod manifest.Pod) fellow {
	own := pod.Metadata().Get("labels")
	return fellow{labelsOf(own), o.Namespace, i.namespaces[o.Namespace], unsaid(o), !pod.Whole() || own.HasUnknown()}
}

// unsaid says that an object goes to the namespace of its context, which is
// known of built-in kinds only.
func unsaid(o *manifest.Object) bool {
	return o.Namespace == "" && !manifest.Namespaced(o.Ref) || o.Root.Get("metadata", "namespace").Unknown()
}

// says tells whether a policy of a direction selects a pod, and whether the
// pod's namespace has any such policy at all.
func (i isolation) says(f fellow, direction func(policy) bool) (selected, some bool) {
	for _, p := range i.policies {
		if !direction(p) || !p.anywhere && !f.unsaid && !sameNamespace(p.namespace, f.namespace) {
			continue
		}
		hit := p.selects(f) || f.more && !p.anywhere
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

func onIngress(p policy) bool { return p.ingress }
func onEgress(p policy) bool  { return p.egress }

// policiesOf reads the kinds of policies that people use; none for other
// objects.
func policiesOf(o *manifest.Object) []policy {
	spec := o.Root.Get("spec")
	switch o.GroupKind() {
	case "networking.k8s.io/NetworkPolicy", "extensions/NetworkPolicy":
		in, out := directions(spec)
		if o.Root.Get("metadata", "namespace").Unknown() {
			return []policy{{"", true, in, out, func(fellow) bool { return true }}} // it may be that of any pod
		}
		return []policy{{o.Namespace, false, in, out, podsOf(spec.Get("podSelector"))}}
	case "cilium.io/CiliumNetworkPolicy", "cilium.io/CiliumClusterwideNetworkPolicy":
		return ciliumPolicies(o)
	case "crd.projectcalico.org/NetworkPolicy", "projectcalico.org/NetworkPolicy",
		"crd.projectcalico.org/GlobalNetworkPolicy", "projectcalico.org/GlobalNetworkPolicy":
		return calicoPolicies(o)
	case "policy.networking.k8s.io/AdminNetworkPolicy", "policy.networking.k8s.io/BaselineAdminNetworkPolicy",
		"policy.networking.k8s.io/ClusterNetworkPolicy":
		return []policy{{"", true, denies(spec.Get("ingress")), denies(spec.Get("egress")), adminSelector(spec.Get("subject"))}}
	}
	return nil
}

// directions infers policyTypes as the API server does: Ingress unless the
// types say otherwise, and Egress where it has rules.
func directions(spec manifest.Node) (ingress, egress bool) {
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
	for _, spec := range ciliumSpecs(o) {
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
			o.Namespace, unsaid(o) || o.Kind == "CiliumClusterwideNetworkPolicy",
			denied("ingress", "ingressDeny", "ingress"), denied("egress", "egressDeny", "egress"), ciliumSelector(spec.Get("endpointSelector")),
		})
	}
	return all
}

func ciliumSpecs(o *manifest.Object) []manifest.Node {
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
	return []policy{{namespace, global || unsaid(o), in, out, func(f fellow) bool {
		return own(f.labels) && (!global || spec.Get("namespaceSelector").Text() == "" || of(f.namespaceLabels()))
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

// eachPod visits the pods that policies apply to, as selectors see them, with
// the place of their labels. The node's network has no policies.
func (i isolation) eachPod(objects []*manifest.Object, visit func(o *manifest.Object, pod manifest.Pod, f fellow)) {
	for _, o := range objects {
		for pod := range o.Pods() {
			if !pod.Spec().Get("hostNetwork").IsTrue() {
				visit(o, pod, i.fellow(o, pod))
			}
		}
	}
}

// shown lists labels for people.
func shown(own labels.Set) string {
	if len(own) == 0 {
		return "no labels"
	}
	return "labels " + strings.ReplaceAll(own.String(), ",", ", ")
}
