package reach

import (
	"net/netip"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/rendergate/rendergate/render/manifest"
)

// rule is one rule of a policy.
type rule struct {
	at       manifest.Node
	action   string // of admin policies: Allow, Deny, Pass
	everyone bool   // it names no peers
	peers    []peer
	anyPort  bool
	ports    []portRule
	doubt    bool // a part of it is not known
}

// peer is whom a rule names: pods by labels, or addresses.
type peer struct {
	namespaces, pods labels.Selector // nil: every one; namespaces nil with own: those of the policy's namespace
	own              bool
	namespace        string // the policy's, where own
	blocks           []block
	isBlock          bool
	opaque           bool // of a kind that nobody here reads
}

// portRule is a port of a rule: a range of numbers, or a name.
type portRule struct {
	protocol string
	from, to int
	name     string
}

// matches says whether a rule's peer is the other end.
func (p peer) matches(other Peer) Match {
	if p.opaque {
		return Maybe
	}
	pod := other.Pod
	if pod == nil {
		return certain(slices.ContainsFunc(p.blocks, func(b block) bool { return b.holds(other.Range.From) }))
	}
	if pod.host {
		// Its traffic comes from the node's address.
		if p.isBlock {
			return Maybe
		}
		pod = &Pod{Labels: pod.Labels, Namespace: pod.Namespace, Of: pod.Of, more: pod.more, unsaid: pod.unsaid}
		return min(Maybe, p.selects(pod))
	}
	if p.isBlock {
		return No // Kubernetes: address blocks are for what is outside of the cluster
	}
	return p.selects(pod)
}

func (p peer) selects(pod *Pod) Match {
	answer := Yes
	switch {
	case p.own:
		if pod.unsaid {
			answer = Maybe
		} else if !sameNamespace(p.namespace, pod.Namespace) {
			return No
		}
	case p.namespaces != nil:
		answer = inNamespaces(p.namespaces, pod)
	}
	if p.pods == nil {
		return answer
	}
	return min(answer, pod.has(p.pods))
}

// lets is what a rule is about between the other end and the pod whose ports
// count; that is nil where they belong to no pod.
func (r rule) lets(other Peer, destination *Pod) Answer {
	m := No
	if r.everyone {
		m = Yes
	}
	for _, p := range r.peers {
		m = max(m, p.matches(other))
	}
	if r.doubt {
		m = min(m, Maybe)
	}
	if m == No {
		return Answer{}
	}
	return r.portSet(destination).doubted(m)
}

func (r rule) portSet(destination *Pod) Answer {
	if r.anyPort {
		return sure(AnyPort())
	}
	var all Answer
	for _, p := range r.ports {
		switch {
		case p.name == "":
			all = all.or(sure(portsOf(p.protocol, p.from, p.to)))
		case destination != nil:
			all = all.or(destination.named(p.name, p.protocol))
		}
	}
	return all
}

// networkRules are the rules of a NetworkPolicy in a direction.
func networkRules(p policy, direction Direction) []rule {
	list, side := "ingress", "from"
	if direction == Egress {
		list, side = "egress", "to"
	}
	var all []rule
	at := p.object.Root.Get("spec", list)
	if at.Undecided() {
		all = append(all, rule{at: at, everyone: true, anyPort: true, doubt: true})
	}
	for item := range at.Items() {
		r := rule{at: item, everyone: item.Get(side).Len() == 0, anyPort: item.Get("ports").Len() == 0, doubt: item.HasUnknown() || !legible(item, side)}
		if r.doubt {
			r.everyone, r.anyPort = true, true
			all = append(all, r)
			continue
		}
		for who := range item.Get(side).Items() {
			r.peers = append(r.peers, networkPeer(who, p.namespace))
		}
		for port := range item.Get("ports").Items() {
			r.ports = append(r.ports, networkPort(port))
		}
		all = append(all, r)
	}
	return all
}

// legible says that the numbers and addresses of a rule can be read. What the API
// server would refuse may be filled in before it gets there, so that the rule
// closes nothing and opens nothing for sure.
func legible(item manifest.Node, side string) bool {
	for who := range item.Get(side).Items() {
		if b := who.Get("ipBlock"); b.Set() {
			if _, ok := blockOf(b.Get("cidr"), b.Get("except")); !ok {
				return false
			}
		}
	}
	for port := range item.Get("ports").Items() {
		end := port.Get("endPort")
		if _, ok := end.Int(); end.Set() && !ok {
			return false
		}
	}
	return true
}

func networkPeer(at manifest.Node, namespace string) peer {
	if b := at.Get("ipBlock"); b.Set() {
		whole, _ := blockOf(b.Get("cidr"), b.Get("except"))
		return peer{isBlock: true, blocks: []block{whole}}
	}
	p := peer{namespace: namespace, own: !at.Get("namespaceSelector").Set()}
	if s, ok := Selector(at.Get("namespaceSelector")); ok {
		p.namespaces = s
	}
	if s, ok := Selector(at.Get("podSelector")); ok {
		p.pods = s
	} else if at.Get("podSelector").Set() {
		p.pods = labels.Nothing()
	}
	if p.own && !at.Get("podSelector").Set() {
		p.pods = labels.Nothing() // a peer that says nothing is refused by the API server
	}
	return p
}

func networkPort(at manifest.Node) portRule {
	p := portRule{protocol: at.Get("protocol").Text(), from: 1, to: lastPort}
	port := at.Get("port")
	if n, ok := port.Int(); ok {
		p.from, p.to = int(n), int(n)
		if end, ok := at.Get("endPort").Int(); ok {
			p.to = int(end)
		}
	} else if port.Set() {
		p.name = port.Text()
	}
	return p
}

// blockOf reads an address block; false where a part of it is none.
func blockOf(cidr, except manifest.Node) (b block, ok bool) {
	b.whole, ok = prefix(cidr.Text())
	for item := range except.Items() {
		p, fine := prefix(item.Text())
		if ok = ok && fine; fine {
			b.except = append(b.except, p)
		}
	}
	return b, ok
}

// prefix reads a CIDR; false for what is none.
func prefix(text string) (netip.Prefix, bool) {
	p, err := netip.ParsePrefix(strings.TrimSpace(text))
	return p.Masked(), err == nil
}
