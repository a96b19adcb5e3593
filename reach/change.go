package reach

import (
	"slices"

	"github.com/rendergate/rendergate/render/manifest"
)

// Opening is what a change lets through at one pod in one direction. The pod is
// there at both sides: what a new workload may do is nothing that a change opens
// for those that there were.
type Opening struct {
	Pod       *Pod // head's
	Direction Direction
	// Lost says that policies that deny by default selected the pod at base, and
	// none does at head: these.
	Lost []*manifest.Object
	// Doubt says that nobody can say that it is let through, only that base surely
	// did not let it, and that head may.
	Doubt bool
	// Unseen says that the pod is only thought of: policies are about such pods, and
	// nobody sees whether there are any.
	Unseen bool
	Paths  []Path
}

// Path is another end that may newly connect, or be connected to.
type Path struct {
	Other   string             // for people: a workload, a kind of pods, addresses, the outside
	Pod     *Pod               // head's, where the other end is a workload
	Outside bool               // it comes from outside of the cluster
	By      []*manifest.Object // the entrances that it comes through from there
	Ports   Ports

	like   *peer // whom it stands for, where that is more than one
	sample *Pod
	block  *Range
}

// Opened compares two clusters, given head's objects that are those of base.
func Opened(base, head *Cluster, before map[*manifest.Object]*manifest.Object) []Opening {
	d := difference{base: base, head: head, pairs: pairs(base, head, before)}
	d.digest(d.pairs)
	var all []Opening
	for _, p := range d.pairs {
		if p.base.host || p.head.host {
			continue // policies do not reach the node's network; another check asks why it is on it
		}
		for _, direction := range []Direction{Ingress, Egress} {
			o := d.opening(p, direction)
			if len(o.Paths)+len(o.Lost) > 0 {
				all = append(all, o)
			}
		}
	}
	return all
}

// pair is a pod at both sides, with what policies see of it there.
type pair struct {
	base, head *Pod
	moved      bool    // selectors see another pod
	changed    [2]bool // by direction: other policies select it, or the same say other things
}

func pairs(base, head *Cluster, before map[*manifest.Object]*manifest.Object) []*pair {
	type key struct {
		object *manifest.Object
		name   string
	}
	of := map[key]*Pod{}
	for _, p := range base.Pods {
		of[key{p.Object, p.Name}] = p
	}
	var all []*pair
	for _, h := range head.Pods {
		if b := of[key{before[h.Object], h.Name}]; b != nil {
			all = append(all, &pair{base: b, head: h})
		}
	}
	return all
}

// difference compares two clusters. Where nothing that policies see has changed
// it asks nothing.
type difference struct {
	base, head *Cluster
	pairs      []*pair
}

func (d difference) digest(all []*pair) {
	was, is := digests{d.base, map[*manifest.Object]string{}}, digests{d.head, map[*manifest.Object]string{}}
	for _, p := range all {
		p.moved = identityOf(p.base) != identityOf(p.head)
		for _, direction := range []Direction{Ingress, Egress} {
			p.changed[direction] = p.moved || was.of(p.base, direction) != is.of(p.head, direction)
		}
	}
}

// opening is what a change lets through at a pod.
func (d difference) opening(p *pair, direction Direction) Opening {
	o := Opening{Pod: p.head, Direction: direction}
	surely, maybe := d.paths(p, direction)
	isolated, others := d.base.Isolated(p.base, direction)
	if now, _ := d.head.Isolated(p.head, direction); isolated == Yes && now == No && (len(surely) > 0 || others) {
		for _, kind := range []family{kubernetes, vendor} {
			for _, s := range d.base.selected(p.base, direction, kind) {
				o.Lost = append(o.Lost, s.object)
			}
		}
	}
	o.Paths = folded(surely)
	if len(surely) == 0 && len(o.Lost) == 0 && len(maybe) > 0 {
		o.Doubt, o.Paths = true, folded(maybe)
	}
	return o
}

// paths are the other ends that surely may newly connect, and those of which
// base was sure that they may not and head is not.
func (d difference) paths(p *pair, direction Direction) (surely, maybe []Path) {
	add := func(path Path, was, is Answer) {
		if path.Ports = is.Sure.Without(was.May); !path.Ports.Empty() {
			surely = append(surely, path)
		}
		if path.Ports = is.May.Without(is.Sure).Without(was.May); !path.Ports.Empty() {
			maybe = append(maybe, path)
		}
	}
	if p.changed[direction] {
		for _, path := range d.kinds(p, direction) {
			was, is := d.sides(p, direction, path.sample)
			add(path, was, is)
		}
		for _, r := range cut(slices.Concat(d.base.blocks(p.base, direction), d.head.blocks(p.head, direction))) {
			was := d.base.side(p.base, direction, Peer{Range: r}, own(p.base, direction))
			is := d.head.side(p.head, direction, Peer{Range: r}, own(p.head, direction))
			add(Path{Other: r.String(), Outside: true, block: &r}, was, is)
		}
	}
	for _, q := range d.pairs {
		if q != p && !q.head.host && !q.base.host && (p.changed[direction] || q.moved || q.changed[1-direction]) {
			was, is := d.between(p, q, direction)
			add(Path{Other: Called(q.head), Pod: q.head}, was, is)
		}
	}
	if direction == Ingress {
		was, _ := d.base.Outside(p.base)
		is, by := d.head.Outside(p.head)
		add(Path{Other: "the outside through " + objectsCalled(by), Outside: true, By: by}, was, is)
	}
	return surely, maybe
}

// own is the pod whose ports count where a pod is asked in a direction, when the
// other end has none.
func own(pod *Pod, direction Direction) *Pod {
	if direction == Ingress {
		return pod
	}
	return nil
}

// sides are what a pod's own policies say at both sides of a pod that is only
// thought of. Where the pod itself moved to another namespace, so did its
// neighbours.
func (d difference) sides(p *pair, direction Direction, other *Pod) (was, is Answer) {
	before := *other
	if other.Namespace == p.head.Namespace {
		before.Namespace, before.Of = p.base.Namespace, p.base.Of
	}
	destinations := [2]*Pod{p.base, p.head}
	if direction == Egress {
		destinations = [2]*Pod{&before, other}
	}
	return d.base.side(p.base, direction, Peer{Pod: &before}, destinations[0]), d.head.side(p.head, direction, Peer{Pod: other}, destinations[1])
}

// between is what may pass between two workloads at both sides, as far as it is
// this one's business: what its own policies newly let in, and of what they let
// out only what the other end does not newly let in.
func (d difference) between(p, q *pair, direction Direction) (was, is Answer) {
	from, to := q, p
	if direction == Egress {
		from, to = p, q
	}
	was = d.base.Between(Peer{Pod: from.base}, Peer{Pod: to.base})
	is = d.head.Between(Peer{Pod: from.head}, Peer{Pod: to.head})
	before := d.base.side(to.base, Ingress, Peer{Pod: from.base}, to.base)
	now := d.head.side(to.head, Ingress, Peer{Pod: from.head}, to.head)
	opens := now.May.Without(before.May)
	if direction == Ingress {
		is = Answer{is.Sure.And(opens), is.May.And(opens)}
	} else {
		is = Answer{is.Sure.Without(opens), is.May.Without(opens)}
	}
	return was, is
}
