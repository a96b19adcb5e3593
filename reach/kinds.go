package reach

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"

	"github.com/rendergate/rendergate/render/manifest"
)

// elsewhere is a namespace that nobody names.
const elsewhere = "\x00elsewhere"

// kinds are the pods that nobody sees and that head's policies may tell apart:
// any pod, those of the pod's own namespace, and whomever a rule names. Each is
// tried by samples, which have what the rule asks for, and of what base's rules
// ask for this or that.
func (d difference) kinds(p *pair, direction Direction) []Path {
	all := []Path{
		{Other: "any pod of the cluster", like: &peer{}, sample: &Pod{Namespace: elsewhere, Labels: labels.Set{}, Of: labels.Set{}, open: true}},
		{
			Other: "any pod of namespace " + spelled(p.head.Namespace), like: &peer{own: true, namespace: p.head.Namespace},
			sample: &Pod{Namespace: p.head.Namespace, Labels: labels.Set{}, Of: p.head.Of, open: true},
		},
	}
	asked := d.asked(p, direction)
	for _, like := range slices.Concat(d.head.peersOf(p.head, direction), d.base.deniedTo(p.base, direction)) {
		if like.isBlock || like.opaque {
			continue
		}
		sample := d.head.sample(like)
		for _, other := range asked.vary(sample) {
			if like.matches(Peer{Pod: other}) == Yes {
				all = append(all, Path{Other: like.String(), like: &like, sample: other})
			}
		}
	}
	return all
}

// sample is a pod with what a peer asks for, and nothing else.
func (c *Cluster) sample(like peer) *Pod {
	pod := &Pod{Namespace: elsewhere, Labels: made(like.pods), Of: labels.Set{}, open: true}
	if like.own {
		pod.Namespace = like.namespace
	}
	of := made(like.namespaces)
	if name, named := of[ownName]; named {
		pod.Namespace = name
	}
	if known, ok := c.isolation.namespaces[pod.Namespace]; ok || like.own {
		pod.Of = known
	} else {
		pod.Of = of
	}
	return pod
}

// made are labels that a selector selects.
func made(s labels.Selector) labels.Set {
	own := labels.Set{}
	if s == nil {
		return own
	}
	requirements, _ := s.Requirements()
	for _, r := range requirements {
		switch r.Operator() {
		case selection.In, selection.Equals, selection.DoubleEquals:
			own[r.Key()] = slices.Sorted(slices.Values(r.ValuesUnsorted()))[0]
		case selection.Exists:
			own[r.Key()] = "any"
		}
	}
	return own
}

// asked are the labels of pods that base's rules ask for, with the values that
// they name and one that none does.
type asked map[string][]string

// mostSamples bounds the samples of a kind of pods.
const mostSamples = 24

func (d difference) asked(p *pair, direction Direction) asked {
	all := asked{}
	for _, like := range d.base.peersOf(p.base, direction) {
		if like.pods == nil {
			continue
		}
		requirements, _ := like.pods.Requirements()
		for _, r := range requirements {
			all[r.Key()] = append(all[r.Key()], append(r.ValuesUnsorted(), "any")...)
		}
	}
	return all
}

// vary gives a sample, and then the same with one label more.
func (a asked) vary(sample *Pod) []*Pod {
	all := []*Pod{sample}
	var keys []string
	for key := range a {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		values := slices.Clone(a[key])
		slices.Sort(values)
		for _, value := range slices.Compact(values) {
			if _, set := sample.Labels[key]; set || len(all) == mostSamples {
				continue
			}
			other := *sample
			other.Labels = labels.Merge(sample.Labels, labels.Set{key: value})
			all = append(all, &other)
		}
	}
	return all
}

// String says whom a rule names.
func (p peer) String() string {
	who := "any pod"
	if p.pods != nil && !p.pods.Empty() {
		who = "pods with " + p.pods.String()
	}
	switch {
	case p.own:
		return who + " of namespace " + spelled(p.namespace)
	case p.namespaces == nil || p.namespaces.Empty():
		return who + " of the cluster"
	}
	if name, ok := p.namespaces.RequiresExactMatch(ownName); ok {
		if requirements, _ := p.namespaces.Requirements(); len(requirements) == 1 {
			return who + " of namespace " + name
		}
	}
	return who + " of namespaces with " + p.namespaces.String()
}

func spelled(namespace string) string {
	if namespace == "" {
		return "default"
	}
	return namespace
}

// Called is a workload for people.
func Called(p *Pod) string {
	if p.thought {
		return p.whom()
	}
	name := p.Object.Kind + " " + inFull(p.Object.Namespace, p.Object.Name)
	if p.Name != "" {
		name += " " + p.Name
	}
	return name
}

func objectsCalled(all []*manifest.Object) string {
	var names []string
	for _, o := range all {
		names = append(names, o.Kind+" "+inFull(o.Namespace, o.Name))
	}
	return strings.Join(names, ", ")
}

// folded leaves out whom another path already stands for, and joins the
// addresses that follow each other.
func folded(all []Path) []Path {
	all = joinedRanges(all)
	var kept []Path
	for _, p := range all {
		pod := p.Pod
		if p.sample != nil {
			pod = p.sample
		}
		covered := pod != nil && slices.ContainsFunc(kept, func(k Path) bool {
			return k.like != nil && p.Ports.Without(k.Ports).Empty() && k.like.matches(Peer{Pod: pod}) == Yes
		})
		same := slices.IndexFunc(kept, func(k Path) bool { return k.like != nil && p.like != nil && k.Other == p.Other })
		switch {
		case covered:
		case same >= 0:
			kept[same].Ports = kept[same].Ports.Or(p.Ports)
		default:
			kept = append(kept, p)
		}
	}
	return kept
}

// joinedRanges says of addresses that are let through alike: from here to there,
// or all.
func joinedRanges(all []Path) []Path {
	var out []Path
	for _, p := range all {
		if n := len(out); n > 0 && p.block != nil && out[n-1].block != nil && out[n-1].Ports.equal(p.Ports) && out[n-1].block.To.Next() == p.block.From {
			out[n-1].block = &Range{out[n-1].block.From, p.block.To}
			out[n-1].Other = out[n-1].block.String()
			continue
		}
		out = append(out, p)
	}
	for i := 0; i+1 < len(out); i++ {
		if out[i].Other == "0.0.0.0/0" && out[i+1].Other == "::/0" && out[i].Ports.equal(out[i+1].Ports) {
			out[i].Other, out[i].block = "any address", nil
			out = slices.Delete(out, i+1, i+2)
		}
	}
	return out
}

// digests tell whether the policies of a pod say the same at both sides.
type digests struct {
	cluster *Cluster
	known   map[*manifest.Object]string
}

func (d digests) of(pod *Pod, direction Direction) string {
	var all []string
	for _, kind := range []family{kubernetes, vendor, admin, baseline} {
		for _, s := range d.cluster.selected(pod, direction, kind) {
			text, ok := d.known[s.object]
			if !ok {
				text = s.object.Kind + " " + s.namespace + digest(s.object.Root.Get("spec")) + digest(s.object.Root.Get("specs"))
				d.known[s.object] = text
			}
			all = append(all, fmt.Sprint(s.match)+text)
		}
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

// digest is a value as a text in which the order of fields plays no part.
func digest(n manifest.Node) string {
	switch {
	case n.Unknown():
		return "?"
	case n.IsMap():
		var all []string
		for key, value := range n.Fields() {
			all = append(all, fmt.Sprintf("%q:%s", key, digest(value)))
		}
		slices.Sort(all)
		return "{" + strings.Join(all, ",") + "}"
	case n.IsList():
		var all []string
		for item := range n.Items() {
			all = append(all, digest(item))
		}
		return "[" + strings.Join(all, ",") + "]"
	case !n.Set():
		return "-"
	}
	return fmt.Sprintf("%q", n.Text())
}

// identityOf is all that selectors and rules see of a pod.
func identityOf(p *Pod) string {
	return fmt.Sprintf("%s|%s|%v %s|%v %v %v %v %v", p.Namespace, p.Labels, p.Of == nil, p.Of, p.unsaid, p.more, p.host, p.open, p.ports)
}
