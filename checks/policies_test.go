package checks_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/rendergate/rendergate/checks"
)

const ingressOpen, leftOut, egressOpen = "pod-ingress-open", "pod-outside-policies", "pod-egress-open"

// policyObject is a manifest of a kind with a spec, in the namespace of the pods.
func policyObject(apiVersion, kind, spec string) string {
	return "apiVersion: " + apiVersion + "\nkind: " + kind + "\nmetadata: {name: p, namespace: shop}\nspec: " + spec + "\n"
}

func netpol(spec string) string { return policyObject("networking.k8s.io/v1", "NetworkPolicy", spec) }
func cilium(spec string) string { return policyObject("cilium.io/v2", "CiliumNetworkPolicy", spec) }
func clusterwide(spec string) string {
	return policyObject("cilium.io/v2", "CiliumClusterwideNetworkPolicy", spec)
}
func calico(kind, spec string) string { return policyObject("projectcalico.org/v3", kind, spec) }
func admin(kind, spec string) string {
	return policyObject("policy.networking.k8s.io/v1alpha1", kind, spec)
}

func namespaceWith(labels string) string {
	return "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: " + labels + "}\n"
}

type isolationCase struct {
	policy string
	want   []string
}

func isolationCases() map[string]isolationCase {
	return map[string]isolationCase{
		"none":                          {"", []string{egressOpen, ingressOpen}},
		"all pods":                      {netpol("{podSelector: {}}"), []string{egressOpen}},
		"no selector":                   {netpol("{}"), []string{egressOpen}}, // which the API server reads as an empty one
		"both types":                    {netpol("{podSelector: {}, policyTypes: [Ingress, Egress]}"), nil},
		"egress rules imply it":         {netpol("{podSelector: {}, egress: [{}]}"), nil},
		"no egress rules imply nothing": {netpol("{podSelector: {}, egress: []}"), []string{egressOpen}},
		"egress alone":                  {netpol("{podSelector: {}, policyTypes: [Egress]}"), []string{ingressOpen}},
		"labels":                        {netpol("{podSelector: {matchLabels: {app: web, tier: front}}}"), []string{egressOpen}},
		"other labels":                  {netpol("{podSelector: {matchLabels: {app: web, tier: back}}}"), []string{egressOpen, leftOut}},
		"expressions":                   {netpol("{podSelector: {matchExpressions: [{key: app, operator: In, values: [db, web]}, {key: x, operator: DoesNotExist}]}}"), []string{egressOpen}},
		"an expression that fails":      {netpol("{podSelector: {matchExpressions: [{key: tier, operator: NotIn, values: [front]}]}}"), []string{egressOpen, leftOut}},
		"an unknown operator":           {netpol("{podSelector: {matchExpressions: [{key: tier, operator: Like, values: [front]}]}}"), []string{egressOpen, leftOut}},
		"another namespace":             {strings.Replace(netpol("{podSelector: {}}"), "shop", "bank", 1), []string{egressOpen, ingressOpen}},

		"cilium":                          {cilium("{endpointSelector: {matchLabels: {'k8s:app': web}}, ingress: [{}]}"), []string{egressOpen}},
		"cilium without rules":            {cilium("{endpointSelector: {}, ingress: []}"), []string{egressOpen, ingressOpen}},
		"cilium denies":                   {cilium("{endpointSelector: {}, egressDeny: [{toEntities: [world]}]}"), []string{ingressOpen}},
		"cilium without default":          {cilium("{endpointSelector: {}, ingress: [{fromEntities: [cluster]}], enableDefaultDeny: {ingress: false}}"), []string{egressOpen, ingressOpen}},
		"cilium with default":             {cilium("{endpointSelector: {}, enableDefaultDeny: {ingress: true}}"), []string{egressOpen}},
		"cilium on nodes":                 {clusterwide("{nodeSelector: {}, ingress: [{}]}"), []string{egressOpen, ingressOpen}},
		"clusterwide":                     {clusterwide("{endpointSelector: {matchLabels: {'k8s:io.kubernetes.pod.namespace': shop}}, ingress: [{}]}"), []string{egressOpen}},
		"clusterwide elsewhere":           {clusterwide("{endpointSelector: {matchLabels: {'k8s:io.kubernetes.pod.namespace': bank}}, ingress: [{}]}"), []string{egressOpen, ingressOpen}},
		"clusterwide by unseen labels":    {clusterwide("{endpointSelector: {matchLabels: {io.cilium.k8s.namespace.labels.team: a}}, ingress: [{}]}"), []string{egressOpen}},
		"clusterwide by seen labels":      {clusterwide("{endpointSelector: {matchLabels: {io.cilium.k8s.namespace.labels.team: a}}, ingress: [{}]}") + namespaceWith("{team: b}"), []string{egressOpen, ingressOpen}},
		"calico":                          {calico("NetworkPolicy", "{selector: \"app == 'web'\"}"), []string{egressOpen}},
		"calico egress":                   {calico("NetworkPolicy", "{selector: all(), egress: [{action: Deny}]}"), []string{ingressOpen}},
		"calico types":                    {calico("NetworkPolicy", "{types: [Ingress, Egress]}"), nil},
		"calico other":                    {calico("NetworkPolicy", "{selector: \"app == 'db'\"}"), []string{egressOpen, leftOut}},
		"calico global":                   {calico("GlobalNetworkPolicy", "{namespaceSelector: \"projectcalico.org/name == 'shop'\"}"), []string{egressOpen}},
		"calico global elsewhere":         {calico("GlobalNetworkPolicy", "{namespaceSelector: \"projectcalico.org/name == 'bank'\"}"), []string{egressOpen, ingressOpen}},
		"admin":                           {admin("AdminNetworkPolicy", "{subject: {namespaces: {}}, ingress: [{action: Deny, from: [{namespaces: {}}]}]}"), []string{egressOpen}},
		"admin allows":                    {admin("AdminNetworkPolicy", "{subject: {namespaces: {}}, ingress: [{action: Allow, from: [{namespaces: {}}]}]}"), []string{egressOpen, ingressOpen}},
		"admin of a namespace":            {admin("BaselineAdminNetworkPolicy", "{subject: {namespaces: {matchLabels: {kubernetes.io/metadata.name: shop}}}, egress: [{action: Deny}]}"), []string{ingressOpen}},
		"admin of another":                {admin("BaselineAdminNetworkPolicy", "{subject: {namespaces: {matchLabels: {kubernetes.io/metadata.name: bank}}}, egress: [{action: Deny}]}"), []string{egressOpen, ingressOpen}},
		"admin of pods":                   {admin("ClusterNetworkPolicy", "{subject: {pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: web}}}}, ingress: [{action: Deny}], egress: [{action: Deny}]}"), nil},
		"admin of other pods":             {admin("ClusterNetworkPolicy", "{subject: {pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: db}}}}, ingress: [{action: Deny}]}"), []string{egressOpen, ingressOpen}},
		"admin by labels that others see": {admin("AdminNetworkPolicy", "{subject: {namespaces: {matchLabels: {team: a}}}, ingress: [{action: Deny}]}"), []string{egressOpen}},
		"admin by labels of the object":   {admin("AdminNetworkPolicy", "{subject: {namespaces: {matchLabels: {team: a}}}, ingress: [{action: Deny}]}") + namespaceWith("{team: b}"), []string{egressOpen, ingressOpen}},
	}
}

// TestIsolation holds the judgement of pods to what the API server, Cilium and
// Calico say of policies.
func TestIsolation(t *testing.T) {
	const pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop, labels: {app: web, tier: front}}\nspec: {containers: [{name: a, image: a}]}\n---\n"
	for name, tc := range isolationCases() {
		var got []string
		for _, f := range judge(t, pod+tc.policy, checks.Find(checks.All, ingressOpen), checks.Find(checks.All, leftOut), checks.Find(checks.All, egressOpen)) {
			got = append(got, f.Check.ID)
		}
		slices.Sort(got)
		if !slices.Equal(got, tc.want) {
			t.Errorf("%s: %v, want %v", name, got, tc.want)
		}
	}
}

// TestOpenings tells from where and on which ports policies let everything
// through.
func TestOpenings(t *testing.T) {
	for spec, want := range map[string][]string{
		"{podSelector: {}, ingress: [{}]}":                                                                {"netpol-allow-all-ingress everywhere any port"},
		"{podSelector: {}, ingress: [{from: []}]}":                                                        {"netpol-allow-all-ingress everywhere any port"},
		"{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: '::/0'}}]}]}":                               {"netpol-allow-all-ingress ::/0 any port"},
		"{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}":                           nil,
		"{podSelector: {}, ingress: [{from: [{namespaceSelector: {}}]}]}":                                 nil,
		"{podSelector: {}, ingress: [{ports: [{port: web}, {port: 80, endPort: 90}]}]}":                   {"netpol-allow-all-ingress everywhere 80-90/TCP,web/TCP"},
		"{podSelector: {}, ingress: [{ports: [{protocol: UDP}]}]}":                                        {"netpol-allow-all-ingress everywhere */UDP"},
		"{podSelector: {}, policyTypes: [Ingress], egress: [{}]}":                                         nil,
		"{podSelector: {}, egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}":                               {"netpol-allow-all-egress 0.0.0.0/0 any port"},
		"{podSelector: {}, egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8]}}]}]}":         {"netpol-allow-all-egress 0.0.0.0/0 any port"},
		"{podSelector: {}, egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0, except: [169.254.169.254/32]}}]}]}": nil,
		"{podSelector: {}, egress: [{to: [{ipBlock: {cidr: '::/0', except: [169.254.169.254/32]}}]}]}":    {"netpol-allow-all-egress ::/0 any port"},
		"{podSelector: {}, egress: [{ports: [{port: 53, protocol: UDP}, {port: 443}]}]}":                  {"netpol-allow-all-egress everywhere 443/TCP,53/UDP"},
	} {
		text := "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p}\nspec: " + spec + "\n"
		var got []string
		for _, f := range judge(t, text, checks.Find(checks.All, "netpol-allow-all-ingress"), checks.Find(checks.All, "netpol-allow-all-egress")) {
			got = append(got, fmt.Sprint(f.Check.ID, " ", f.Subject))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", spec, got, want)
		}
	}
}
