package reach

import (
	"cmp"
	"slices"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/rendergate/rendergate/render/manifest"
)

// adminRules are the rules of an admin policy in a direction.
func adminRules(p policy, direction Direction) []rule {
	list, side := "ingress", "from"
	if direction == Egress {
		list, side = "egress", "to"
	}
	var all []rule
	for item := range p.object.Root.Get("spec", list).Items() {
		r := rule{at: item, action: item.Get("action").Text(), anyPort: true, doubt: item.HasUnknown()}
		if r.action == "Accept" {
			r.action = "Allow"
		}
		for who := range item.Get(side).Items() {
			r.peers = append(r.peers, adminPeer(who))
		}
		for _, field := range []string{"ports", "protocols"} {
			for port := range item.Get(field).Items() {
				r.anyPort = false
				read, ok := adminPort(port)
				if !ok {
					r.doubt = true
				}
				r.ports = append(r.ports, read...)
			}
		}
		all = append(all, r)
	}
	return all
}

// priority orders admin policies: the lower the sooner.
func priority(p policy) int64 {
	n, _ := p.object.Root.Get("spec", "priority").Int()
	return n
}

func byPriority(all []policy) {
	slices.SortStableFunc(all, func(a, b policy) int {
		return cmp.Or(cmp.Compare(priority(a), priority(b)), cmp.Compare(a.object.Name, b.object.Name))
	})
}

func adminPeer(at manifest.Node) peer {
	switch {
	case at.Get("namespaces").Set():
		s, ok := Selector(at.Get("namespaces"))
		return peer{namespaces: s, opaque: !ok}
	case at.Get("pods").Set():
		own, ok := everyUnless(at.Get("pods", "podSelector"))
		of, also := everyUnless(at.Get("pods", "namespaceSelector"))
		return peer{pods: own, namespaces: of, opaque: !ok || !also}
	case at.Get("networks").IsList():
		p := peer{isBlock: true}
		for net := range at.Get("networks").Items() {
			whole, ok := blockOf(net, manifest.Node{})
			p.blocks, p.opaque = append(p.blocks, whole), p.opaque || !ok
		}
		return p
	case at.Get("nodes").Exists():
		return peer{isBlock: true, pods: labels.Nothing()} // nodes are no pods, and no addresses that anybody sees here
	}
	return peer{opaque: true}
}

// adminPort reads a port of an admin policy, in either version's words; false
// where it is in none of them.
func adminPort(at manifest.Node) ([]portRule, bool) {
	number := func(protocol string, n manifest.Node) ([]portRule, bool) {
		port, ok := n.Int()
		return []portRule{{protocol: protocol, from: int(port), to: int(port)}}, ok
	}
	between := func(protocol string, n manifest.Node) ([]portRule, bool) {
		from, ok := n.Get("start").Int()
		to, also := n.Get("end").Int()
		return []portRule{{protocol: protocol, from: int(from), to: int(to)}}, ok && also
	}
	switch {
	case at.Get("portNumber").Set():
		return number(at.Get("portNumber", "protocol").Text(), at.Get("portNumber", "port"))
	case at.Get("portRange").Set():
		return between(at.Get("portRange", "protocol").Text(), at.Get("portRange"))
	case at.Get("namedPort").Set():
		var all []portRule
		for _, protocol := range protocols {
			all = append(all, portRule{protocol: protocol, name: at.Get("namedPort").Text()})
		}
		return all, true
	case at.Get("destinationNamedPort").Set():
		var all []portRule
		for _, protocol := range protocols {
			all = append(all, portRule{protocol: protocol, name: at.Get("destinationNamedPort").Text()})
		}
		return all, true
	}
	for field, protocol := range map[string]string{"tcp": "TCP", "udp": "UDP", "sctp": "SCTP"} {
		own := at.Get(field)
		switch {
		case !own.Exists():
		case own.Get("destinationPort", "number").Set():
			return number(protocol, own.Get("destinationPort", "number"))
		case own.Get("destinationPort", "range").Set():
			return between(protocol, own.Get("destinationPort", "range"))
		case own.Len() == 0:
			return []portRule{{protocol: protocol, from: 1, to: lastPort}}, true
		}
	}
	return nil, false
}

// passage is traffic on its way through admin policies, in the order of their
// rules: what they allow, and what they leave to others.
type passage struct{ allowed, left Answer }

func through(rules []rule, matches []Match, other Peer, destination *Pod) passage {
	var w passage
	w.left = sure(AnyPort())
	var passed Answer
	for i, r := range rules {
		about := r.lets(other, destination).doubted(matches[i])
		switch r.action {
		case "Allow":
			w.allowed = w.allowed.or(w.left.and(about))
		case "Pass":
			passed = passed.or(w.left.and(about))
		}
		// What surely is about the rule goes no further; what may be, may.
		w.left = Answer{w.left.Sure.Without(about.May), w.left.May.Without(about.Sure)}
	}
	w.left = w.left.or(passed)
	return w
}
