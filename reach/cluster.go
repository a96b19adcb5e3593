package reach

import (
	"slices"

	"github.com/rendergate/rendergate/render/manifest"
)

// Cluster is what is deployed together: pods, and what limits their traffic.
type Cluster struct {
	Pods      []*Pod
	isolation Isolation
	rules     map[ruleKey][]rule
	chosen    map[chosenKey][]selecting
	entrances []entrance
}

type ruleKey struct {
	object    *manifest.Object
	direction Direction
}

type chosenKey struct {
	pod       *Pod
	direction Direction
	kind      family
}

// New reads objects that are deployed together. What it gives remembers what it
// was asked, so it is for one goroutine.
func New(objects []*manifest.Object) *Cluster {
	c := &Cluster{isolation: IsolationOf(objects), rules: map[ruleKey][]rule{}, chosen: map[chosenKey][]selecting{}}
	byPriority(c.isolation.policies)
	for _, o := range objects {
		for pod := range o.Pods() {
			c.Pods = append(c.Pods, c.isolation.Pod(o, pod))
		}
	}
	c.entrances = entrancesOf(objects, c.Pods, gatewaysOf(objects, c.isolation.namespaces))
	return c
}

// selecting is a policy with how surely it selects a pod.
type selecting struct {
	policy
	match Match
}

// selected are the policies of a direction that may select a pod, of a kind.
func (c *Cluster) selected(pod *Pod, direction Direction, kind family) []selecting {
	key := chosenKey{pod, direction, kind}
	if known, ok := c.chosen[key]; ok {
		return known
	}
	var all []selecting
	for _, p := range c.isolation.policies {
		if p.kind != kind || !p.reaches(pod) || (kind == kubernetes || kind == vendor) && !p.denies[direction] {
			continue
		}
		m := p.selects(pod)
		switch {
		case pod.unsaid && !p.anywhere:
			m = min(m, Maybe)
		case pod.more && kind != kubernetes:
			m = max(m, Maybe)
		}
		if m != No {
			all = append(all, selecting{p, m})
		}
	}
	c.chosen[key] = all
	return all
}

func (c *Cluster) rulesOf(p policy, direction Direction) []rule {
	key := ruleKey{p.object, direction}
	known, ok := c.rules[key]
	if !ok {
		if p.kind == kubernetes {
			known = networkRules(p, direction)
		} else {
			known = adminRules(p, direction)
		}
		c.rules[key] = known
	}
	return known
}

// Isolated says whether policies that deny by default select a pod, and whether
// one of them is a vendor's.
func (c *Cluster) Isolated(pod *Pod, direction Direction) (isolated Match, of bool) {
	for _, s := range c.selected(pod, direction, kubernetes) {
		isolated = max(isolated, s.match)
	}
	for _, s := range c.selected(pod, direction, vendor) {
		isolated, of = max(isolated, s.match), true
	}
	return isolated, of
}

// Between is what may pass from one end to another. Only one of them may be
// addresses. A pod always reaches itself.
func (c *Cluster) Between(from, to Peer) Answer {
	answer := sure(AnyPort())
	if from.Pod != nil {
		answer = answer.and(c.side(from.Pod, Egress, to, to.Pod))
	}
	if to.Pod != nil {
		answer = answer.and(c.side(to.Pod, Ingress, from, to.Pod))
	}
	return answer
}

// side is what the policies of a pod let through in a direction, whatever those
// of the other end do.
func (c *Cluster) side(pod *Pod, direction Direction, other Peer, destination *Pod) Answer {
	if pod.host {
		return sure(AnyPort()) // policies do not reach the node's network
	}
	if len(c.selected(pod, direction, vendor)) > 0 {
		return Answer{May: AnyPort()}
	}
	rules, matches := c.ordered(pod, direction, admin)
	way := through(rules, matches, other, destination)
	return way.allowed.or(way.left.and(c.network(pod, direction, other, destination)))
}

// ordered are the rules of the admin policies that may select a pod, in order.
func (c *Cluster) ordered(pod *Pod, direction Direction, kind family) (rules []rule, matches []Match) {
	for _, s := range c.selected(pod, direction, kind) {
		for _, r := range c.rulesOf(s.policy, direction) {
			rules, matches = append(rules, r), append(matches, s.match)
		}
	}
	return rules, matches
}

// network is what NetworkPolicies let through, and where none selects the pod,
// the baseline.
func (c *Cluster) network(pod *Pod, direction Direction, other Peer, destination *Pod) Answer {
	var certainly, maybe []Answer
	for _, s := range c.selected(pod, direction, kubernetes) {
		var lets Answer
		for _, r := range c.rulesOf(s.policy, direction) {
			lets = lets.or(r.lets(other, destination))
		}
		if s.match == Yes {
			certainly = append(certainly, lets)
		} else {
			maybe = append(maybe, lets)
		}
	}
	var union Answer
	for _, a := range certainly {
		union = union.or(a)
	}
	if len(certainly) > 0 {
		for _, a := range maybe {
			union.May = union.May.Or(a.May)
		}
		return union
	}
	rules, matches := c.ordered(pod, direction, baseline)
	way := through(rules, matches, other, destination)
	answer := way.allowed.or(way.left)
	for _, a := range maybe {
		// With or without the policy: sure is what passes either way.
		answer = Answer{answer.Sure.And(a.Sure), answer.May.Or(a.May)}
	}
	return answer
}

// blocks are all address blocks that the policies selecting a pod name.
func (c *Cluster) blocks(pod *Pod, direction Direction) []block {
	var all []block
	for _, kind := range []family{kubernetes, admin, baseline} {
		for _, s := range c.selected(pod, direction, kind) {
			for _, r := range c.rulesOf(s.policy, direction) {
				for _, p := range r.peers {
					all = append(all, p.blocks...)
				}
			}
		}
	}
	return all
}

// Ranges cut the address space where a policy of a pod may tell addresses
// apart.
func (c *Cluster) Ranges(pod *Pod, direction Direction) []Range {
	return cut(c.blocks(pod, direction))
}

// peersOf are whom the rules that select a pod name.
func (c *Cluster) peersOf(pod *Pod, direction Direction) []peer {
	var all []peer
	for _, kind := range []family{kubernetes, admin, baseline} {
		for _, s := range c.selected(pod, direction, kind) {
			for _, r := range c.rulesOf(s.policy, direction) {
				all = slices.Concat(all, r.peers)
			}
		}
	}
	return all
}
