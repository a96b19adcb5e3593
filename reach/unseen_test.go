package reach

import (
	"strings"
	"testing"
)

// TestUnseen: a policy whose pods stand elsewhere is compared by a pod that it would
// select.
func TestUnseen(t *testing.T) {
	namespace := "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {team: shop}}\n"
	policy := func(name, selector, from string) string {
		return "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: " + name + ", namespace: shop}\nspec: {podSelector: " + selector + ", policyTypes: [Ingress], ingress: [{from: [" + from + "]}]}\n"
	}
	own, monitoring := "{podSelector: {}}", "{namespaceSelector: {matchLabels: {component: monitoring}}}"
	guard := "---\napiVersion: policy.networking.k8s.io/v1alpha1\nkind: AdminNetworkPolicy\nmetadata: {name: guard}\nspec:\n  priority: 5\n  subject: {namespaces: {matchLabels: {team: shop}}}\n  ingress: [{action: Deny, from: [{namespaces: {matchLabels: {team: other}}}]}]\n"
	for name, test := range map[string]struct {
		base, head string
		want       []string // the ends that are opened, by whom they are about
		lost       int
	}{
		"the same":             {namespace + policy("a", "{}", own), namespace + policy("a", "{}", own), nil, 0},
		"one more lets in":     {namespace + policy("a", "{}", own), namespace + policy("a", "{}", own) + policy("b", "{}", monitoring), []string{"pods of namespace shop: any pod of namespaces with component=monitoring"}, 0},
		"one less lets in":     {namespace + policy("a", "{}", own) + policy("b", "{}", monitoring), namespace + policy("a", "{}", own), nil, 0},
		"all go":               {namespace + policy("a", "{}", own), namespace, []string{"pods of namespace shop: any pod of the cluster, any address"}, 1},
		"and the namespace":    {namespace + policy("a", "{}", own), "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: other}\n", nil, 0},
		"another name":         {namespace + policy("a", "{}", own), namespace + policy("b", "{}", own), nil, 0},
		"one selects fewer":    {namespace + policy("a", "{}", own), namespace + policy("a", "{matchLabels: {app: web}}", own), []string{"pods of namespace shop: any pod of the cluster, any address"}, 1},
		"one selects more":     {namespace + policy("a", "{matchLabels: {app: web}}", own), namespace + policy("a", "{}", own), nil, 0},
		"the pods are there":   {namespace + twoPods + policy("a", "{}", own), namespace + twoPods, nil, 0},
		"an admin policy goes": {namespace + guard, namespace, []string{"pods that AdminNetworkPolicy guard is about: any pod of namespaces with team=other"}, 0},
	} {
		text := func(s string) string { return strings.Replace(s, namespace+twoPods, namespace+"---\n"+twoPods, 1) }
		base, head := clusterOf(t, text(test.base)), clusterOf(t, text(test.head))
		var got []string
		lost := 0
		for _, o := range Unseen(base, head, paired(base, head)) {
			var ends []string
			for _, path := range o.Paths {
				ends = append(ends, path.Other)
			}
			got = append(got, Called(o.Pod)+": "+strings.Join(ends, ", "))
			if len(o.Lost) > 0 {
				lost++
			}
		}
		if strings.Join(got, "\n") != strings.Join(test.want, "\n") || lost != test.lost {
			t.Errorf("%s: %q, %d lost; want %q and %d", name, got, lost, test.want, test.lost)
		}
	}
}
