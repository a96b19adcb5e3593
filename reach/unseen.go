package reach

import (
	"slices"

	"github.com/rendergate/rendergate/render/manifest"
)

// Unseen compares what two clusters let through at pods that policies of base are about
// and that stand in neither: a namespace is often guarded by one repository and filled
// by others. That such pods are there nobody can say. The pod of each opening is one that is only thought of, and stands at the policy, head's where that
// has it.
func Unseen(base, head *Cluster, before map[*manifest.Object]*manifest.Object) []Opening {
	d := difference{base: base, head: head, pairs: pairs(base, head, before)}
	now := map[*manifest.Object]*manifest.Object{}
	for h, b := range before {
		now[b] = h
	}
	thought := map[string]*pair{}
	var all []*pair
	for _, p := range base.isolation.policies {
		pod := base.thoughtOf(p)
		if pod == nil || base.holdsAny(p) || head.holdsAny(p) || head.lost(base, pod.Namespace) {
			continue
		}
		other := *pod
		if known, ok := head.isolation.namespaces[pod.Namespace]; ok {
			other.Of = known
		}
		if h := now[p.object]; h != nil {
			other.Object, other.At = h, selectorAt(h)
		}
		key := identityOf(pod)
		if known := thought[key]; known == nil {
			thought[key] = &pair{base: pod, head: &other}
			all = append(all, thought[key])
		} else if now[known.base.Object] == nil && now[p.object] != nil {
			known.base, known.head = pod, &other // it stands where the policy still is
		}
	}
	d.digest(d.pairs)
	d.digest(all)
	var openings []Opening
	for _, p := range all {
		for _, direction := range []Direction{Ingress, Egress} {
			if o := d.opening(p, direction); len(o.Paths)+len(o.Lost) > 0 {
				o.Unseen = true
				openings = append(openings, o)
			}
		}
	}
	return openings
}

// guarded is a namespace that nobody names, and that a policy is about.
const guarded = "\x00guarded"

// thoughtOf is a pod that a policy selects, with the labels that it asks for and no
// others; nil where nobody can say which those are.
func (c *Cluster) thoughtOf(p policy) *Pod {
	if p.kind == vendor || !slices.Contains(p.denies[:], true) || p.object.Root.Get("metadata", "namespace").Unknown() || selectorAt(p.object).HasUnknown() {
		return nil
	}
	like := peer{own: true, namespace: p.namespace}
	if p.kind != kubernetes {
		like = adminPeer(selectorAt(p.object))
	} else if s, ok := everyUnless(selectorAt(p.object)); ok {
		like.pods = s
	} else {
		return nil
	}
	pod := c.sample(like)
	if pod.Namespace == elsewhere {
		pod.Namespace = guarded
	}
	pod.Object, pod.At, pod.thought = p.object, selectorAt(p.object), true
	if like.opaque || p.selects(pod) != Yes {
		return nil
	}
	return pod
}

// selectorAt is what says which pods a policy is about.
func selectorAt(o *manifest.Object) manifest.Node {
	if subject := o.Root.Get("spec", "subject"); subject.Exists() {
		return subject
	}
	return o.Root.Get("spec", "podSelector")
}

// holdsAny says that a policy may select a pod that is there.
func (c *Cluster) holdsAny(p policy) bool {
	return slices.ContainsFunc(c.Pods, func(pod *Pod) bool { return p.reaches(pod) && p.selects(pod) != No })
}

// lost says that a namespace went, and with it whatever was in it.
func (c *Cluster) lost(base *Cluster, namespace string) bool {
	_, was := base.isolation.namespaces[namespace]
	_, is := c.isolation.namespaces[namespace]
	return was && !is
}

// whom a pod that is only thought of stands for.
func (p *Pod) whom() string {
	who := "pods"
	if len(p.Labels) > 0 {
		who += " with " + p.Labels.String()
	}
	if p.Namespace == guarded {
		return who + " that " + p.Object.Kind + " " + p.Object.Name + " is about"
	}
	return who + " of namespace " + spelled(p.Namespace)
}
