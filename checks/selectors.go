package checks

import (
	"encoding/json"
	"maps"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/rendergate/rendergate/render/manifest"
)

// labelSelector reads a label selector; false where there is none, or one that
// the API server would refuse.
func labelSelector(at manifest.Node) (labels.Selector, bool) {
	if !at.Set() {
		return nil, false
	}
	var raw any
	if err := at.YAML().Decode(&raw); err != nil {
		return nil, false
	}
	data, err := json.Marshal(raw)
	if err != nil {
		return nil, false
	}
	var parsed metav1.LabelSelector
	// Cilium marks where a label comes from.
	data = []byte(strings.NewReplacer(`"k8s:`, `"`, `"any:`, `"`).Replace(string(data)))
	if err := json.Unmarshal(data, &parsed); err != nil {
		return nil, false
	}
	s, err := metav1.LabelSelectorAsSelector(&parsed)
	return s, err == nil
}

// podsOf selects pods by their labels. No selector selects nothing, an empty
// one everything.
func podsOf(at manifest.Node) func(fellow) bool {
	if at.HasUnknown() {
		return func(fellow) bool { return true } // it may select any pod
	}
	s, ok := labelSelector(at)
	return func(f fellow) bool { return ok && s.Matches(f.labels) }
}

// ownName is the label that every namespace has, with its name.
const ownName = "kubernetes.io/metadata.name"

// namespaceLabels are the labels of the pod's namespace, and the one that every
// namespace has.
func (f fellow) namespaceLabels() labels.Set {
	all := labels.Set{}
	maps.Copy(all, f.of)
	if f.namespace != "" {
		all[ownName] = f.namespace
	}
	return all
}

// inNamespaces says that a selector of namespaces matches a pod's. One that asks
// for labels nobody sees, because the Namespace is not among the objects, is
// taken to match: a policy that may well be there is no reason to cry wolf.
func inNamespaces(s labels.Selector, f fellow) bool {
	if s.Matches(f.namespaceLabels()) {
		return true
	}
	if f.of != nil {
		return false
	}
	requirements, selectable := s.Requirements()
	if !selectable {
		return false
	}
	for _, r := range requirements {
		if r.Key() == ownName && f.namespace != "" && !r.Matches(f.namespaceLabels()) {
			return false
		}
	}
	return true
}

// adminSelector reads the subject of an admin policy: whole namespaces, or pods
// of some.
func adminSelector(subject manifest.Node) func(fellow) bool {
	whole, some := labelSelector(subject.Get("namespaces"))
	of, ok := labelSelector(subject.Get("pods", "namespaceSelector"))
	own, also := labelSelector(subject.Get("pods", "podSelector"))
	return func(f fellow) bool {
		return some && inNamespaces(whole, f) || ok && also && inNamespaces(of, f) && own.Matches(f.labels)
	}
}

// ciliumSelector reads an endpoint selector, in which the namespace and its
// labels are labels of the pod.
func ciliumSelector(at manifest.Node) func(fellow) bool {
	s, ok := labelSelector(at)
	if !ok {
		return func(fellow) bool { return false }
	}
	requirements, _ := s.Requirements()
	return func(f fellow) bool {
		for _, r := range requirements {
			key, own := r.Key(), f.labels
			switch name, ofNamespace := strings.CutPrefix(key, "io.cilium.k8s.namespace.labels."); {
			case key == "io.kubernetes.pod.namespace":
				own = labels.Set{key: f.namespace}
			case strings.HasPrefix(key, "io.cilium.k8s.policy."), ofNamespace && f.of == nil && name != ownName:
				continue // nobody sees it
			case ofNamespace:
				key, own = name, f.namespaceLabels()
			}
			named, err := labels.NewRequirement(key, r.Operator(), r.ValuesUnsorted())
			if err != nil || !named.Matches(own) {
				return false
			}
		}
		return true
	}
}

// calicoSelector reads the selectors that are plain comparisons. Any other is
// taken to select the pod, because crying wolf over an expression that we do
// not read helps nobody.
func calicoSelector(text string) func(labels.Set) bool {
	text = strings.TrimSpace(text)
	everything := func(labels.Set) bool { return true }
	if text == "" || text == "all()" {
		return everything
	}
	want := map[string]string{}
	for term := range strings.SplitSeq(text, "&&") {
		key, value, ok := strings.Cut(term, "==")
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		if !ok || len(value) < 2 || !strings.ContainsAny(value[:1], `'"`) || value[len(value)-1] != value[0] || strings.ContainsAny(key, "!|()") {
			return everything
		}
		if key == "projectcalico.org/name" {
			key = ownName
		}
		want[key] = value[1 : len(value)-1]
	}
	return func(own labels.Set) bool {
		for key, value := range want {
			if !own.Has(key) || own.Get(key) != value {
				return false
			}
		}
		return true
	}
}
