package reach

import (
	"fmt"
	"math/rand"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/quick"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/yaml"

	"github.com/rendergate/rendergate/render/manifest"
)

// world is a small random cluster, as manifests and as the API's types.
type world struct {
	text     string
	spaces   map[string]labels.Set
	pods     []corev1.Pod
	policies []networkingv1.NetworkPolicy
}

func pick(r *rand.Rand, all ...string) string { return all[r.Intn(len(all))] }

// randomWorld draws a cluster of two namespaces with a few pods; the pods are the
// same for the same seed of them, the policies for theirs.
func randomWorld(pods, policies int64) world {
	r := rand.New(rand.NewSource(pods))
	w := world{spaces: map[string]labels.Set{}}
	var b strings.Builder
	for _, name := range []string{"one", "two"} {
		team := pick(r, "a", "b")
		w.spaces[name] = labels.Set{"team": team, ownName: name}
		fmt.Fprintf(&b, "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: %s, labels: {team: %s}}\n", name, team)
	}
	for i := range 3 {
		text := fmt.Sprintf("apiVersion: v1\nkind: Pod\nmetadata: {name: p%d, namespace: %s, labels: {app: %s, tier: %s}}\nspec:\n  containers:\n    - name: c\n      ports: [{name: web, containerPort: %s}, {name: dns, protocol: UDP, containerPort: 53}]\n",
			i, pick(r, "one", "two"), pick(r, "x", "y"), pick(r, "p", "q"), pick(r, "80", "81"))
		var pod corev1.Pod
		if err := yaml.UnmarshalStrict([]byte(text), &pod); err != nil {
			panic(err)
		}
		w.pods = append(w.pods, pod)
		b.WriteString("---\n" + text)
	}
	r = rand.New(rand.NewSource(policies))
	for i := range r.Intn(4) {
		text := randomPolicy(r, i)
		var p networkingv1.NetworkPolicy
		if err := yaml.UnmarshalStrict([]byte(text), &p); err != nil {
			panic(err)
		}
		w.policies = append(w.policies, p)
		b.WriteString("---\n" + text)
	}
	w.text = b.String()
	return w
}

func randomSelector(r *rand.Rand, key string, values ...string) string {
	return pick(r, "{}", fmt.Sprintf("{matchLabels: {%s: %s}}", key, pick(r, values...)),
		fmt.Sprintf("{matchExpressions: [{key: %s, operator: %s, values: [%s]}]}", key, pick(r, "In", "NotIn"), pick(r, values...)),
		fmt.Sprintf("{matchExpressions: [{key: %s, operator: %s}]}", pick(r, key, "other"), pick(r, "Exists", "DoesNotExist")))
}

func randomPolicy(r *rand.Rand, i int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: n%d, namespace: %s}\nspec:\n  podSelector: %s\n", i, pick(r, "one", "two"), randomSelector(r, "app", "x", "y"))
	b.WriteString(pick(r, "", "", "  policyTypes: [Ingress]\n", "  policyTypes: [Egress]\n", "  policyTypes: [Ingress, Egress]\n"))
	for _, list := range []string{"ingress", "egress"} {
		side := map[string]string{"ingress": "from", "egress": "to"}[list]
		switch r.Intn(3) {
		case 0:
			continue
		case 1:
			fmt.Fprintf(&b, "  %s: []\n", list)
			continue
		}
		fmt.Fprintf(&b, "  %s:\n", list)
		for range 1 + r.Intn(2) {
			var peers, ports []string
			for range r.Intn(3) {
				peers = append(peers, pick(r,
					fmt.Sprintf("{podSelector: %s}", randomSelector(r, "tier", "p", "q")),
					fmt.Sprintf("{namespaceSelector: %s}", randomSelector(r, "team", "a", "b")),
					fmt.Sprintf("{namespaceSelector: %s, podSelector: %s}", randomSelector(r, ownName, "one", "two"), randomSelector(r, "app", "x", "y")),
					pick(r, "{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}", "{ipBlock: {cidr: 0.0.0.0/0}}", "{ipBlock: {cidr: 'fd00::/8'}}", "{ipBlock: {cidr: 10.1.2.0/24}}")))
			}
			for range r.Intn(3) {
				ports = append(ports, pick(r, "{port: 80}", "{port: web}", "{port: dns, protocol: UDP}", "{protocol: SCTP}", "{port: 79, endPort: 82}", "{port: 53, protocol: UDP}"))
			}
			fmt.Fprintf(&b, "    - {%s: [%s], ports: [%s]}\n", side, strings.Join(peers, ", "), strings.Join(ports, ", "))
		}
	}
	return b.String()
}

func (w world) cluster(t *testing.T) *Cluster {
	t.Helper()
	objects, err := manifest.Parse([]byte(w.text), manifest.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	return New(objects)
}

// end is a pod, or an address where that is nil.
type end struct {
	pod  *corev1.Pod
	addr net.IP
}

// allows is the model: one connection to one port, as the API's documentation
// tells it.
func (w world) allows(from, to end, protocol string, port int) bool {
	return (from.pod == nil || w.direction(from.pod, to, networkingv1.PolicyTypeEgress, to.pod, protocol, port)) &&
		(to.pod == nil || w.direction(to.pod, from, networkingv1.PolicyTypeIngress, to.pod, protocol, port))
}

func (w world) direction(pod *corev1.Pod, other end, direction networkingv1.PolicyType, destination *corev1.Pod, protocol string, port int) bool {
	isolated := false
	for _, p := range w.policies {
		types := p.Spec.PolicyTypes
		if len(types) == 0 {
			types = []networkingv1.PolicyType{networkingv1.PolicyTypeIngress}
			if len(p.Spec.Egress) > 0 {
				types = append(types, networkingv1.PolicyTypeEgress)
			}
		}
		if p.Namespace != pod.Namespace || !slices.Contains(types, direction) || !selects(&p.Spec.PodSelector, pod.Labels) {
			continue
		}
		isolated = true
		if direction == networkingv1.PolicyTypeIngress {
			for _, rule := range p.Spec.Ingress {
				if w.peers(rule.From, p.Namespace, other) && portIn(rule.Ports, destination, protocol, port) {
					return true
				}
			}
			continue
		}
		for _, rule := range p.Spec.Egress {
			if w.peers(rule.To, p.Namespace, other) && portIn(rule.Ports, destination, protocol, port) {
				return true
			}
		}
	}
	return !isolated
}

func selects(s *metav1.LabelSelector, own labels.Set) bool {
	selector, err := metav1.LabelSelectorAsSelector(s)
	return err == nil && selector.Matches(own)
}

func (w world) peers(all []networkingv1.NetworkPolicyPeer, namespace string, other end) bool {
	for _, p := range all {
		switch {
		case p.IPBlock != nil:
			if other.pod == nil && holds(p.IPBlock.CIDR, other.addr) && !slices.ContainsFunc(p.IPBlock.Except, func(e string) bool { return holds(e, other.addr) }) {
				return true
			}
		case other.pod == nil:
		case p.NamespaceSelector == nil:
			if other.pod.Namespace == namespace && selects(p.PodSelector, other.pod.Labels) {
				return true
			}
		case selects(p.NamespaceSelector, w.spaces[other.pod.Namespace]) && (p.PodSelector == nil || selects(p.PodSelector, other.pod.Labels)):
			return true
		}
	}
	return len(all) == 0
}

func holds(cidr string, a net.IP) bool {
	_, block, err := net.ParseCIDR(cidr)
	return err == nil && block.Contains(a)
}

func portIn(all []networkingv1.NetworkPolicyPort, destination *corev1.Pod, protocol string, port int) bool {
	for _, p := range all {
		of := "TCP"
		if p.Protocol != nil {
			of = string(*p.Protocol)
		}
		switch {
		case of != protocol:
		case p.Port == nil:
			return true
		case p.Port.StrVal != "":
			if destination == nil {
				continue
			}
			for _, c := range destination.Spec.Containers[0].Ports {
				if c.Name == p.Port.StrVal && int(c.ContainerPort) == port {
					return true
				}
			}
		case p.EndPort == nil && port == p.Port.IntValue(), p.EndPort != nil && port >= p.Port.IntValue() && port <= int(*p.EndPort):
			return true
		}
	}
	return len(all) == 0
}

var (
	somePorts     = []int{1, 52, 53, 54, 78, 79, 80, 81, 82, 83, 65535}
	someAddresses = []string{"9.255.255.255", "10.0.0.0", "10.0.255.255", "10.1.0.0", "10.1.2.0", "10.1.2.255", "10.1.3.0", "10.1.255.255", "10.2.0.0", "11.0.0.0", "fc00::1", "fd00::", "fdff::1", "fe00::"}
)

// ends are those of a world, ours beside the model's.
func (w world) ends(c *Cluster) (model []end, ours []Peer) {
	for i := range w.pods {
		model, ours = append(model, end{pod: &w.pods[i]}), append(ours, Peer{Pod: c.Pods[i]})
	}
	for _, text := range someAddresses {
		a, _ := prefix(text + map[bool]string{true: "/128", false: "/32"}[strings.Contains(text, ":")])
		model, ours = append(model, end{addr: net.ParseIP(text)}), append(ours, Peer{Range: Range{a.Addr(), a.Addr()}})
	}
	return model, ours
}

func (p Ports) has(protocol string, port int) bool {
	return !p.And(portsOf(protocol, port, port)).Empty()
}

// TestModel holds the evaluator to the model, connection by connection.
func TestModel(t *testing.T) {
	same := func(pods, policies int64) bool {
		w := randomWorld(pods, policies)
		c := w.cluster(t)
		model, ours := w.ends(c)
		for i, from := range model {
			for j, to := range model {
				if i == j || from.pod == nil && to.pod == nil {
					continue
				}
				answer := c.Between(ours[i], ours[j])
				if !answer.Sure.equal(answer.May) {
					t.Logf("in doubt of %v: %s", answer, w.text)
					return false
				}
				for _, protocol := range protocols {
					for _, port := range somePorts {
						if w.allows(from, to, protocol, port) != answer.Sure.has(protocol, port) {
							t.Logf("%d to %d on %s %d: we say %v of\n%s", i, j, protocol, port, answer.Sure, w.text)
							return false
						}
					}
				}
			}
		}
		return true
	}
	if err := quick.Check(same, &quick.Config{MaxCount: 400, Rand: rand.New(rand.NewSource(1))}); err != nil {
		t.Error(err)
	}
}
