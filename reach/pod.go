// Package reach says who may connect to whom: it evaluates the network policies
// among some objects as Kubernetes does, and tells what a change opens. Where it
// cannot know (policies of Cilium and Calico, labels that nobody sees, values
// that only a deployment tells), the answer says so, and is never "closed".
package reach

import (
	"net/netip"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/rendergate/rendergate/render/manifest"
)

// Pod is what selectors are held against: a workload's pod, or one that is only
// thought of.
type Pod struct {
	Object    *manifest.Object // nil of a pod that is only thought of
	At        manifest.Node    // the place of its labels
	Name      string           // what tells it from the workload's others
	Labels    labels.Set
	Namespace string
	Of        labels.Set // the namespace's labels; nil where nobody sees them

	unsaid bool // the namespace is the context's, which is not known of the kind
	more   bool // an operator may give it labels that nobody sees here
	host   bool // it is on the node's network
	ports  []containerPort
	open   bool // it may have ports that nobody sees

	thought bool // it stands for whatever a policy selects
}

// containerPort is a port that a container gives a name.
type containerPort struct {
	name, protocol string
	number         int
}

// Pod is a workload's pod as selectors see it.
func (i Isolation) Pod(o *manifest.Object, pod manifest.Pod) *Pod {
	own := pod.Metadata().Get("labels")
	p := &Pod{
		Object: o, At: own, Name: pod.Name(), Labels: Labels(own), Namespace: o.Namespace, Of: i.namespaces[o.Namespace],
		unsaid: unsaid(o), more: !pod.Whole() || own.HasUnknown(), host: pod.Spec().Get("hostNetwork").IsTrue(), open: !pod.Whole(),
	}
	for c := range pod.Containers() {
		for port := range c.Get("ports").Items() {
			p.open = p.open || port.HasUnknown()
			if n, ok := port.Get("containerPort").Int(); ok && port.Get("name").Text() != "" {
				p.ports = append(p.ports, containerPort{port.Get("name").Text(), port.Get("protocol").Text(), int(n)})
			}
		}
	}
	return p
}

// named are the ports that go by a name. One that is only thought of may have
// any.
func (p *Pod) named(name, protocol string) Answer {
	var found Ports
	for _, port := range p.ports {
		if port.name == name && orTCP(port.protocol) == orTCP(protocol) {
			found = found.Or(portsOf(protocol, port.number, port.number))
		}
	}
	if p.open && found.Empty() {
		return Answer{May: portsOf(protocol, 1, lastPort)}
	}
	return sure(found)
}

func orTCP(protocol string) string {
	if protocol == "" {
		return "TCP"
	}
	return protocol
}

// Range is a range of addresses outside of the cluster, both ends included.
type Range struct{ From, To netip.Addr }

// Peer is the other end of a connection: a pod, or addresses that policies do
// not tell apart.
type Peer struct {
	Pod   *Pod
	Range Range
}

// block is a CIDR without some of its parts.
type block struct {
	whole  netip.Prefix
	except []netip.Prefix
}

// holds says that the block has an address.
func (b block) holds(a netip.Addr) bool {
	if !b.whole.IsValid() || !b.whole.Contains(a) {
		return false
	}
	for _, e := range b.except {
		if e.Contains(a) {
			return false
		}
	}
	return true
}
