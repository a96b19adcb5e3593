package reach

import (
	"net/netip"
	"testing"

	"github.com/rendergate/rendergate/render/manifest"
)

const (
	twoPods = `apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: c}]}
---
apiVersion: v1
kind: Pod
metadata: {name: front, namespace: edge, labels: {app: front}}
spec: {containers: [{name: c}]}
`
	closed = `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: closed, namespace: shop}
spec: {podSelector: {}}
`
	teamEdge = `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: edge, namespace: shop}
spec:
  podSelector: {}
  ingress: [{from: [{namespaceSelector: {matchLabels: {team: edge}}}], ports: [{port: 80}]}]
`
	cilium = `---
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: web, namespace: shop}
spec: {endpointSelector: {}, ingress: [{fromEndpoints: [{}]}]}
`
	admin80 = `---
apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: {name: a}
spec:
  priority: 5
  subject: {namespaces: {matchLabels: {team: shop}}}
  ingress: [{action: Allow, from: [{namespaces: {}}], ports: [{portNumber: {protocol: TCP, port: 80}}]}]
`
	edgeTeam = "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: edge, labels: {team: edge}}\n"
	shopTeam = "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {team: shop}}\n"
)

func clusterOf(t *testing.T, text string) *Cluster {
	t.Helper()
	objects, err := manifest.Parse([]byte(text), manifest.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	return New(objects)
}

// TestDoubt: what hangs on something that nobody sees is neither open nor closed.
func TestDoubt(t *testing.T) {
	for name, test := range map[string]struct{ text, sure, may string }{
		"no policy":                          {twoPods, "any port", "any port"},
		"closed":                             {twoPods + closed, "no port", "no port"},
		"labels of a namespace unseen":       {twoPods + teamEdge, "no port", "TCP 80"},
		"the same seen":                      {twoPods + teamEdge + edgeTeam, "TCP 80", "TCP 80"},
		"Cilium beside it":                   {twoPods + closed + cilium, "no port", "any port"},
		"an admin policy that may outweigh":  {twoPods + closed + admin80, "no port", "TCP 80"},
		"an admin policy that does outweigh": {twoPods + closed + admin80 + shopTeam, "TCP 80", "TCP 80"},
	} {
		c := clusterOf(t, test.text)
		got := c.Between(Peer{Pod: c.Pods[1]}, Peer{Pod: c.Pods[0]})
		if got.Sure.String() != test.sure || got.May.String() != test.may {
			t.Errorf("%s: surely %s, maybe %s; want %s and %s", name, got.Sure, got.May, test.sure, test.may)
		}
	}
}

// TestOpenedInDoubt: what base surely denied and head may allow is told as that;
// what base may have allowed is not told as widened, unless isolation is lost.
func TestOpenedInDoubt(t *testing.T) {
	type want struct{ openings, doubts, lost int }
	for name, test := range map[string]struct {
		base, head string
		want       want
	}{
		"Cilium comes":               {twoPods + closed, twoPods + closed + cilium, want{1, 1, 0}},
		"Cilium goes, closed stays":  {twoPods + closed + cilium, twoPods + closed, want{}},
		"Cilium goes, nothing stays": {twoPods + cilium, twoPods, want{1, 0, 1}},
		"closed goes":                {twoPods + closed, twoPods, want{1, 0, 1}},
		"the namespace is seen now":  {twoPods + teamEdge, twoPods + teamEdge + edgeTeam, want{}},
		"a team is let in":           {twoPods + closed, twoPods + teamEdge, want{1, 0, 0}},
	} {
		base, head := clusterOf(t, test.base), clusterOf(t, test.head)
		var got want
		for _, o := range Opened(base, head, paired(base, head)) {
			got.openings++
			if o.Doubt {
				got.doubts++
			}
			if len(o.Lost) > 0 {
				got.lost++
			}
		}
		if got != test.want {
			t.Errorf("%s: %+v, want %+v", name, got, test.want)
		}
	}
}

// TestNodeNetwork: policies do not reach a pod on the node's network, and know it
// by no label.
func TestNodeNetwork(t *testing.T) {
	host := `---
apiVersion: v1
kind: Pod
metadata: {name: agent, namespace: shop, labels: {app: front}}
spec: {hostNetwork: true, containers: [{name: c}]}
`
	c := clusterOf(t, twoPods+closed+host)
	if got := c.Between(Peer{Pod: c.Pods[1]}, Peer{Pod: c.Pods[2]}); !got.Sure.Any() {
		t.Errorf("the node's network is reached on %s, want any port", got.Sure)
	}
	c = clusterOf(t, twoPods+host+"---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: n, namespace: shop}\nspec: {podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: front}}}]}]}\n")
	if got := c.Between(Peer{Pod: c.Pods[2]}, Peer{Pod: c.Pods[0]}); !got.Sure.Empty() || !got.May.Any() {
		t.Errorf("from the node's network: %+v, want a doubt", got)
	}
}

// TestIllegible: a block or a port that nobody can read closes nothing, and is
// not believed to open anything either.
func TestIllegible(t *testing.T) {
	outside := Peer{Range: Range{From: netip.MustParseAddr("192.0.2.1"), To: netip.MustParseAddr("192.0.2.1")}}
	for rule, want := range map[string]Answer{
		"from: [{ipBlock: {cidr: '${CIDR}'}}]":                                        {May: AnyPort()},
		"from: [{ipBlock: {cidr: 0.0.0.0/0, except: ['${CIDR}']}}]":                   {May: AnyPort()},
		"from: [{ipBlock: {cidr: 0.0.0.0/0}}], ports: [{port: 1, endPort: '${END}'}]": {May: AnyPort()},
		"from: [{ipBlock: {cidr: 10.0.0.0/8}}]":                                       {},
		"from: [{ipBlock: {cidr: 192.0.2.0/24}}]":                                     sure(AnyPort()),
	} {
		c := clusterOf(t, twoPods+"---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p, namespace: shop}\nspec: {podSelector: {}, ingress: [{"+rule+"}]}\n")
		got := c.Between(outside, Peer{Pod: c.Pods[0]})
		if !got.Sure.Without(want.Sure).Empty() || !want.Sure.Without(got.Sure).Empty() || !got.May.Without(want.May).Empty() || !want.May.Without(got.May).Empty() {
			t.Errorf("%s: %+v, want %+v", rule, got, want)
		}
	}
}
