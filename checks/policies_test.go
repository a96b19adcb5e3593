package checks_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/rendergate/rendergate/checks"
)

// TestIsolation holds the judgement of pods to what the API server, Cilium and
// Calico say of policies.
func TestIsolation(t *testing.T) {
	const pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop, labels: {app: web, tier: front}}\nspec: {containers: [{name: a, image: a}]}\n---\n"
	const open, outside, egress = "pod-ingress-open", "pod-outside-policies", "pod-egress-open"
	policy := func(spec string) string {
		return "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p, namespace: shop}\nspec: " + spec + "\n"
	}
	cilium := func(spec string) string {
		return "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: p, namespace: shop}\nspec: " + spec + "\n"
	}
	clusterwide := func(spec string) string {
		return "apiVersion: cilium.io/v2\nkind: CiliumClusterwideNetworkPolicy\nmetadata: {name: p}\nspec: " + spec + "\n"
	}
	calico := func(kind, spec string) string {
		return "apiVersion: projectcalico.org/v3\nkind: " + kind + "\nmetadata: {name: p, namespace: shop}\nspec: " + spec + "\n"
	}
	admin := func(kind, spec string) string {
		return "apiVersion: policy.networking.k8s.io/v1alpha1\nkind: " + kind + "\nmetadata: {name: p}\nspec: " + spec + "\n"
	}
	namespace := func(labels string) string {
		return "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: " + labels + "}\n"
	}
	for name, tc := range map[string]struct {
		policy string
		want   []string
	}{
		"none":                          {"", []string{egress, open}},
		"all pods":                      {policy("{podSelector: {}}"), []string{egress}},
		"no selector":                   {policy("{}"), []string{egress, outside}},
		"both types":                    {policy("{podSelector: {}, policyTypes: [Ingress, Egress]}"), nil},
		"egress rules imply it":         {policy("{podSelector: {}, egress: [{}]}"), nil},
		"no egress rules imply nothing": {policy("{podSelector: {}, egress: []}"), []string{egress}},
		"egress alone":                  {policy("{podSelector: {}, policyTypes: [Egress]}"), []string{open}},
		"labels":                        {policy("{podSelector: {matchLabels: {app: web, tier: front}}}"), []string{egress}},
		"other labels":                  {policy("{podSelector: {matchLabels: {app: web, tier: back}}}"), []string{egress, outside}},
		"expressions":                   {policy("{podSelector: {matchExpressions: [{key: app, operator: In, values: [db, web]}, {key: x, operator: DoesNotExist}]}}"), []string{egress}},
		"an expression that fails":      {policy("{podSelector: {matchExpressions: [{key: tier, operator: NotIn, values: [front]}]}}"), []string{egress, outside}},
		"an unknown operator":           {policy("{podSelector: {matchExpressions: [{key: tier, operator: Like, values: [front]}]}}"), []string{egress, outside}},
		"another namespace":             {strings.Replace(policy("{podSelector: {}}"), "shop", "bank", 1), []string{egress, open}},

		"cilium":                          {cilium("{endpointSelector: {matchLabels: {'k8s:app': web}}, ingress: [{}]}"), []string{egress}},
		"cilium without rules":            {cilium("{endpointSelector: {}, ingress: []}"), []string{egress, open}},
		"cilium denies":                   {cilium("{endpointSelector: {}, egressDeny: [{toEntities: [world]}]}"), []string{open}},
		"cilium without default":          {cilium("{endpointSelector: {}, ingress: [{fromEntities: [cluster]}], enableDefaultDeny: {ingress: false}}"), []string{egress, open}},
		"cilium with default":             {cilium("{endpointSelector: {}, enableDefaultDeny: {ingress: true}}"), []string{egress}},
		"cilium on nodes":                 {clusterwide("{nodeSelector: {}, ingress: [{}]}"), []string{egress, open}},
		"clusterwide":                     {clusterwide("{endpointSelector: {matchLabels: {'k8s:io.kubernetes.pod.namespace': shop}}, ingress: [{}]}"), []string{egress}},
		"clusterwide elsewhere":           {clusterwide("{endpointSelector: {matchLabels: {'k8s:io.kubernetes.pod.namespace': bank}}, ingress: [{}]}"), []string{egress, open}},
		"clusterwide by unseen labels":    {clusterwide("{endpointSelector: {matchLabels: {io.cilium.k8s.namespace.labels.team: a}}, ingress: [{}]}"), []string{egress}},
		"clusterwide by seen labels":      {clusterwide("{endpointSelector: {matchLabels: {io.cilium.k8s.namespace.labels.team: a}}, ingress: [{}]}") + namespace("{team: b}"), []string{egress, open}},
		"calico":                          {calico("NetworkPolicy", "{selector: \"app == 'web'\"}"), []string{egress}},
		"calico egress":                   {calico("NetworkPolicy", "{selector: all(), egress: [{action: Deny}]}"), []string{open}},
		"calico types":                    {calico("NetworkPolicy", "{types: [Ingress, Egress]}"), nil},
		"calico other":                    {calico("NetworkPolicy", "{selector: \"app == 'db'\"}"), []string{egress, outside}},
		"calico global":                   {calico("GlobalNetworkPolicy", "{namespaceSelector: \"projectcalico.org/name == 'shop'\"}"), []string{egress}},
		"calico global elsewhere":         {calico("GlobalNetworkPolicy", "{namespaceSelector: \"projectcalico.org/name == 'bank'\"}"), []string{egress, open}},
		"admin":                           {admin("AdminNetworkPolicy", "{subject: {namespaces: {}}, ingress: [{action: Deny, from: [{namespaces: {}}]}]}"), []string{egress}},
		"admin allows":                    {admin("AdminNetworkPolicy", "{subject: {namespaces: {}}, ingress: [{action: Allow, from: [{namespaces: {}}]}]}"), []string{egress, open}},
		"admin of a namespace":            {admin("BaselineAdminNetworkPolicy", "{subject: {namespaces: {matchLabels: {kubernetes.io/metadata.name: shop}}}, egress: [{action: Deny}]}"), []string{open}},
		"admin of another":                {admin("BaselineAdminNetworkPolicy", "{subject: {namespaces: {matchLabels: {kubernetes.io/metadata.name: bank}}}, egress: [{action: Deny}]}"), []string{egress, open}},
		"admin of pods":                   {admin("ClusterNetworkPolicy", "{subject: {pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: web}}}}, ingress: [{action: Deny}], egress: [{action: Deny}]}"), nil},
		"admin of other pods":             {admin("ClusterNetworkPolicy", "{subject: {pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: db}}}}, ingress: [{action: Deny}]}"), []string{egress, open}},
		"admin by labels that others see": {admin("AdminNetworkPolicy", "{subject: {namespaces: {matchLabels: {team: a}}}, ingress: [{action: Deny}]}"), []string{egress}},
		"admin by labels of the object":   {admin("AdminNetworkPolicy", "{subject: {namespaces: {matchLabels: {team: a}}}, ingress: [{action: Deny}]}") + namespace("{team: b}"), []string{egress, open}},
	} {
		var got []string
		for _, f := range judge(t, pod+tc.policy, checks.Find(checks.All, open), checks.Find(checks.All, outside), checks.Find(checks.All, egress)) {
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
