package checks

import (
	"encoding/json"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/rendergate/rendergate/render/manifest"
)

// isolation knows the network policies of a target.
type isolation struct{ policies []policy }

// policy is what limits what may reach pods.
type policy struct {
	namespace string
	anywhere  bool                     // cluster-wide
	selects   func(labels.Labels) bool // the pods' labels
}

// isolationOf collects the policies on incoming traffic.
func isolationOf(objects []*manifest.Object) isolation {
	var i isolation
	for _, o := range objects {
		if p, ok := policyOf(o); ok {
			i.policies = append(i.policies, p...)
		}
	}
	return i
}

// ingress says whether a policy selects a pod, and whether its namespace has
// any policy at all.
func (i isolation) ingress(namespace string, pod labels.Labels) (selected, some bool) {
	for _, p := range i.policies {
		if !p.anywhere && p.namespace != namespace {
			continue
		}
		some = true
		selected = selected || p.selects(pod)
	}
	return selected, some
}

// policyOf reads the kinds of policies that people use; false for other
// objects and for policies on outgoing traffic only.
func policyOf(o *manifest.Object) ([]policy, bool) {
	spec := o.Root.Get("spec")
	switch o.GroupKind() {
	case "networking.k8s.io/NetworkPolicy":
		if !isolatesIngress(spec) {
			return nil, false
		}
		if o.Root.Get("metadata", "namespace").Unknown() {
			return []policy{{"", true, func(labels.Labels) bool { return true }}}, true // it may be that of any pod
		}
		return []policy{{o.Namespace, false, selector(spec.Get("podSelector"))}}, true
	case "cilium.io/CiliumNetworkPolicy", "cilium.io/CiliumClusterwideNetworkPolicy":
		return ciliumPolicies(o), true
	case "crd.projectcalico.org/NetworkPolicy", "projectcalico.org/NetworkPolicy":
		return []policy{{o.Namespace, false, calicoSelector(spec.Get("selector").Text())}}, true
	case "crd.projectcalico.org/GlobalNetworkPolicy", "projectcalico.org/GlobalNetworkPolicy":
		return []policy{{"", true, calicoSelector(spec.Get("selector").Text())}}, true
	case "policy.networking.k8s.io/AdminNetworkPolicy", "policy.networking.k8s.io/BaselineAdminNetworkPolicy":
		// Whom they select hangs on the labels of namespaces that the target need not hold.
		return []policy{{"", true, func(labels.Labels) bool { return true }}}, true
	}
	return nil, false
}

// isolatesIngress infers policyTypes as the API server does: Ingress unless
// the types say otherwise.
func isolatesIngress(spec manifest.Node) bool {
	types := spec.Get("policyTypes")
	if types.Len() == 0 {
		return true
	}
	for t := range types.Items() {
		if t.Text() == "Ingress" {
			return true
		}
	}
	return false
}

func ciliumPolicies(o *manifest.Object) []policy {
	specs := slices.Collect(o.Root.Get("specs").Items())
	if spec := o.Root.Get("spec"); spec.IsMap() {
		specs = append(specs, spec)
	}
	var all []policy
	for _, spec := range specs {
		if !spec.Get("ingress").Exists() && !spec.Get("ingressDeny").Exists() {
			continue
		}
		all = append(all, policy{o.Namespace, o.Kind == "CiliumClusterwideNetworkPolicy", selector(spec.Get("endpointSelector"))})
	}
	return all
}

// selector reads a label selector. One that the API server would refuse
// selects nothing.
func selector(at manifest.Node) func(labels.Labels) bool {
	nothing := func(labels.Labels) bool { return false }
	if !at.Set() {
		return nothing
	}
	if at.HasUnknown() {
		return func(labels.Labels) bool { return true } // it may select the pod
	}
	var raw any
	if err := at.YAML().Decode(&raw); err != nil {
		return nothing
	}
	data, err := json.Marshal(raw)
	if err != nil {
		return nothing
	}
	var parsed metav1.LabelSelector
	// Cilium marks where a label comes from.
	data = []byte(strings.NewReplacer(`"k8s:`, `"`, `"any:`, `"`).Replace(string(data)))
	if err := json.Unmarshal(data, &parsed); err != nil {
		return nothing
	}
	s, err := metav1.LabelSelectorAsSelector(&parsed)
	if err != nil {
		return nothing
	}
	return s.Matches
}

// calicoSelector reads the selectors that are plain comparisons. Any other is
// taken to select the pod, because crying wolf over an expression that we do
// not read helps nobody.
func calicoSelector(text string) func(labels.Labels) bool {
	text = strings.TrimSpace(text)
	if text == "" || text == "all()" {
		return func(labels.Labels) bool { return true }
	}
	want := map[string]string{}
	for term := range strings.SplitSeq(text, "&&") {
		key, value, ok := strings.Cut(term, "==")
		value = strings.TrimSpace(value)
		if !ok || len(value) < 2 || !strings.ContainsAny(value[:1], `'"`) || value[len(value)-1] != value[0] || strings.ContainsAny(key, "!|()") {
			return func(labels.Labels) bool { return true }
		}
		want[strings.TrimSpace(key)] = value[1 : len(value)-1]
	}
	return func(pod labels.Labels) bool {
		for key, value := range want {
			if !pod.Has(key) || pod.Get(key) != value {
				return false
			}
		}
		return true
	}
}

// eachPod visits the pods that policies apply to, with their labels.
func eachPod(objects []*manifest.Object, visit func(o *manifest.Object, at manifest.Node, own labels.Labels)) {
	for _, o := range objects {
		pod, ok := o.Pod()
		if !ok || pod.Spec().Get("hostNetwork").IsTrue() {
			continue
		}
		at := pod.Get("metadata", "labels")
		own := labels.Set{}
		for key, value := range at.Fields() {
			own[key] = value.Text()
			if value.Unknown() {
				at = value // nobody knows which policies select it
			}
		}
		if namespace := o.Root.Get("metadata", "namespace"); namespace.Unknown() {
			at = namespace
		}
		at = firstUnknown(at, pod.Spec().Get("hostNetwork"))
		visit(o, at, own)
	}
}
