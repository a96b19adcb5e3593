package reach

import (
	"encoding/json"
	"maps"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/rendergate/rendergate/render/manifest"
)

// Selector reads a label selector; false where there is none, or one that
// the API server would refuse.
func Selector(at manifest.Node) (labels.Selector, bool) {
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

// everyUnless reads a selector that is no pointer in the API: where nothing is
// said it is the empty one.
func everyUnless(at manifest.Node) (labels.Selector, bool) {
	if !at.Set() {
		return labels.Everything(), true
	}
	return Selector(at)
}

// Match says whether a selector selects something.
type Match int

// The answers of a selector. Maybe is what hangs on labels that nobody sees.
const (
	No Match = iota
	Maybe
	Yes
)

func certain(is bool) Match {
	if is {
		return Yes
	}
	return No
}

// PodsOf selects pods by their labels. No selector, and an empty one, selects
// everything; one that the API server would refuse, nothing.
func PodsOf(at manifest.Node) func(*Pod) Match {
	if at.HasUnknown() {
		return func(*Pod) Match { return Maybe } // it may select any pod
	}
	s, ok := everyUnless(at)
	return func(p *Pod) Match {
		if !ok {
			return No
		}
		return p.has(s)
	}
}

// has says that a selector selects the pod by its labels, of which an operator
// may add some.
func (p *Pod) has(s labels.Selector) Match {
	if !p.more {
		return certain(s.Matches(p.Labels))
	}
	requirements, selectable := s.Requirements()
	if !selectable {
		return No
	}
	answer := Yes
	for _, r := range requirements {
		switch {
		case !p.Labels.Has(r.Key()):
			answer = Maybe
		case !r.Matches(p.Labels):
			return No
		}
	}
	return answer
}

// ownName is the label that every namespace has, with its name.
const ownName = "kubernetes.io/metadata.name"

// namespaceLabels are the labels of the pod's namespace, and the one that every
// namespace has.
func (p *Pod) namespaceLabels() labels.Set {
	all := labels.Set{}
	maps.Copy(all, p.Of)
	if p.Namespace != "" {
		all[ownName] = p.Namespace
	}
	return all
}

// inNamespaces says that a selector of namespaces matches a pod's. What hangs on
// labels that nobody sees, because the Namespace is not among the objects, may
// be so.
func inNamespaces(s labels.Selector, p *Pod) Match {
	own := p.namespaceLabels()
	if p.Of != nil && p.Namespace != "" || s.Empty() {
		return certain(s.Matches(own))
	}
	requirements, selectable := s.Requirements()
	if !selectable {
		return No
	}
	answer := Yes
	for _, r := range requirements {
		known := p.Of != nil && r.Key() != ownName || r.Key() == ownName && p.Namespace != ""
		switch {
		case known && !r.Matches(own):
			return No
		case !known:
			answer = Maybe
		}
	}
	return answer
}

// adminSelector reads the subject of an admin policy: whole namespaces, or pods
// of some.
func adminSelector(subject manifest.Node) func(*Pod) Match {
	if subject.HasUnknown() {
		return func(*Pod) Match { return Maybe }
	}
	whole, some := Selector(subject.Get("namespaces"))
	of, ok := everyUnless(subject.Get("pods", "namespaceSelector"))
	own, also := everyUnless(subject.Get("pods", "podSelector"))
	ok = ok && subject.Get("pods").Set()
	return func(p *Pod) Match {
		answer := No
		if some {
			answer = inNamespaces(whole, p)
		}
		if ok && also && own.Matches(p.Labels) {
			answer = max(answer, inNamespaces(of, p))
		}
		return answer
	}
}

// ciliumSelector reads an endpoint selector, in which the namespace and its
// labels are labels of the pod.
func ciliumSelector(at manifest.Node) func(*Pod) Match {
	s, ok := Selector(at)
	if !ok {
		return func(*Pod) Match { return certain(at.HasUnknown()) }
	}
	requirements, _ := s.Requirements()
	return func(p *Pod) Match {
		answer := Yes
		for _, r := range requirements {
			key, own := r.Key(), p.Labels
			switch name, ofNamespace := strings.CutPrefix(key, "io.cilium.k8s.namespace.labels."); {
			case key == "io.kubernetes.pod.namespace":
				own = labels.Set{key: p.Namespace}
			case strings.HasPrefix(key, "io.cilium.k8s.policy."), ofNamespace && p.Of == nil && name != ownName:
				answer = Maybe // nobody sees it
				continue
			case ofNamespace:
				key, own = name, p.namespaceLabels()
			}
			named, err := labels.NewRequirement(key, r.Operator(), r.ValuesUnsorted())
			if err != nil || !named.Matches(own) {
				return No
			}
		}
		return answer
	}
}

// calicoSelector reads the selectors that are plain comparisons. Any other may
// select the pod.
func calicoSelector(text string) func(labels.Set) Match {
	text = strings.TrimSpace(text)
	if text == "" || text == "all()" {
		return func(labels.Set) Match { return Yes }
	}
	want := map[string]string{}
	for term := range strings.SplitSeq(text, "&&") {
		key, value, ok := strings.Cut(term, "==")
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		if !ok || len(value) < 2 || !strings.ContainsAny(value[:1], `'"`) || value[len(value)-1] != value[0] || strings.ContainsAny(key, "!|()") {
			return func(labels.Set) Match { return Maybe }
		}
		if key == "projectcalico.org/name" {
			key = ownName
		}
		want[key] = value[1 : len(value)-1]
	}
	return func(own labels.Set) Match {
		for key, value := range want {
			if !own.Has(key) || own.Get(key) != value {
				return No
			}
		}
		return Yes
	}
}
