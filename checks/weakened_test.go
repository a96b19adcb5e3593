package checks_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"go.yaml.in/yaml/v3"

	"github.com/rendergate/rendergate/checks"
	"github.com/rendergate/rendergate/internal/delta"
	"github.com/rendergate/rendergate/render/manifest"
	"github.com/rendergate/rendergate/render/terraform"
)

// broughtBy are the findings that one check has in a change.
func broughtBy(t *testing.T, id string, base, head []*manifest.Object) []checks.Finding {
	t.Helper()
	c := checks.Find(checks.All, id)
	all, err := checks.Compare([]checks.Rule{{Check: c, Severity: c.Severity}}, "example", delta.SidesOf(base, head, nil), checks.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func rbacRole(kind, meta, rules string) string {
	return "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: " + kind + "\nmetadata: " + meta + "\nrules:\n" + rules
}

func rbacBinding(namespace, kind, name, subjects string) string {
	return "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: b, namespace: " + namespace + "}\n" +
		"roleRef: {apiGroup: rbac.authorization.k8s.io, kind: " + kind + ", name: " + name + "}\nsubjects: " + subjects + "\n"
}

const (
	jane       = "[{kind: User, name: jane, apiGroup: rbac.authorization.k8s.io}]"
	configRule = `  - {apiGroups: [""], resources: [configmaps], verbs: [get]}` + "\n"
)

func configMap(name, namespace string) string {
	return "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: " + name + ", namespace: " + namespace + "}\ndata: {a: b, c: d, e: f}\n"
}

// TestWeakened is a table of changes that are easily taken for none.
func TestWeakened(t *testing.T) {
	bind := `  - {apiGroups: [rbac.authorization.k8s.io], resources: [clusterroles], verbs: [bind], resourceNames: [view]}` + "\n"
	url := "  - {nonResourceURLs: [\"*\"], verbs: [get]}\n"
	moved := func(a, b string) string { return configMap("x", a) + configMap("y", b) }
	server := func(before, flag string) string {
		return "apiVersion: v1\nkind: Pod\nmetadata: {name: kube-apiserver, namespace: kube-system}\nspec:\n  containers:\n" + before +
			"    - name: kube-apiserver\n      image: registry.k8s.io/kube-apiserver:v1.34.0\n      command: [kube-apiserver, --audit-log-path=/var/log/audit.log, " + flag + "]\n"
	}
	oneLine := func(levels ...string) string {
		return "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: " + levels[0] + `, verbs: [update], resources: [{group: "", resources: [configmaps]}]}, {level: ` + levels[1] +
			`, verbs: [patch], resources: [{group: apps, resources: [deployments]}]}, {level: Metadata}]` + "\n"
	}
	auditMap := func(name, level string) string {
		return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: " + name + "}\ndata:\n  audit-policy.yaml: |\n    apiVersion: audit.k8s.io/v1\n    kind: Policy\n    rules: [{level: " + level + "}]\n"
	}
	podSecurity := "apiVersion: pod-security.admission.config.k8s.io/v1\nkind: PodSecurityConfiguration\ndefaults: {enforce: restricted}\n"
	exception := func(rules, kinds string) string {
		return "apiVersion: kyverno.io/v2\nkind: PolicyException\nmetadata: {name: legacy, namespace: shop}\nspec:\n  exceptions: [{policyName: labels, ruleNames: [" + rules + "]}]\n" +
			"  match: {any: [{resources: {kinds: [Pod], names: [" + kinds + "]}}]}\n"
	}
	awsAuth := func(list, text string) string {
		return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: aws-auth, namespace: kube-system}\ndata:\n  " + list + ": |\n    - " + text + "\n"
	}
	for name, row := range map[string]struct {
		check, base, head string
		want              int
	}{
		"a name in a rule goes":     {"rbac-widened", rbacRole("ClusterRole", "{name: r}", bind), rbacRole("ClusterRole", "{name: r}", strings.Replace(bind, ", resourceNames: [view]", "", 1)), 1},
		"another name in a rule":    {"rbac-widened", rbacRole("ClusterRole", "{name: r}", bind), rbacRole("ClusterRole", "{name: r}", strings.Replace(bind, "view", "cluster-admin", 1)), 1},
		"rbac-escalate tells of it": {"rbac-widened", rbacRole("ClusterRole", "{name: r}", configRule), rbacRole("ClusterRole", "{name: r}", configRule+bind), 0},
		"a verb on every URL":       {"rbac-widened", rbacRole("ClusterRole", "{name: r}", url), rbacRole("ClusterRole", "{name: r}", strings.Replace(url, "get", "get, post", 1)), 1},
		"an account of the same name elsewhere": {"rbac-widened", rbacBinding("shop", "Role", "elsewhere", "[{kind: ServiceAccount, name: web, namespace: shop}]"),
			rbacBinding("shop", "Role", "elsewhere", "[{kind: ServiceAccount, name: web, namespace: test}]"), 1},
		"aggregated into who knows what": {"rbac-widened", rbacRole("ClusterRole", `{name: r, labels: {rbac.authorization.k8s.io/aggregate-to-readers: "true"}}`, configRule),
			rbacRole("ClusterRole", `{name: r, labels: {rbac.authorization.k8s.io/aggregate-to-readers: "true"}}`, strings.Replace(configRule, "[get]", "[get, delete]", 1)), 1},
		"rights in one more namespace, where something moved to": {"rbac-widened", moved("dev", "dev") + rbacBinding("dev", "ClusterRole", "view", jane),
			moved("dev", "prod") + rbacBinding("dev", "ClusterRole", "view", jane) + rbacBinding("prod", "ClusterRole", "view", jane), 1},
		"a renamed namespace": {"rbac-widened", moved("dev", "dev") + rbacBinding("dev", "Role", "elsewhere", jane) + rbacRole("Role", "{name: r, namespace: dev}", configRule),
			moved("prod", "prod") + rbacBinding("prod", "Role", "elsewhere", jane) + rbacRole("Role", "{name: r, namespace: prod}", configRule), 0},

		"two rules on one line":      {"audit-weakened", oneLine("Metadata", "RequestResponse"), oneLine("None", "Metadata"), 2},
		"a container before it":      {"audit-weakened", server("", "--audit-log-maxage=365"), server("    - {name: kube-scheduler, image: \"registry.k8s.io/kube-scheduler:v1.34.0\", command: [kube-scheduler]}\n", "--audit-log-maxage=90"), 1},
		"a policy in another object": {"audit-weakened", auditMap("audit", "RequestResponse"), "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]\n", 1},
		"the plugin's levels go":     {"pss-lowered", podSecurity + configMap("x", "dev"), configMap("x", "dev"), 1},
		"an exception for more":      {"admission-weakened", exception("team", "old"), exception("team, owner", "old"), 1},
		"an exception on more":       {"admission-weakened", exception("team", "old"), exception("team", `"*"`), 1},
		"an exception for less":      {"admission-weakened", exception("team, owner", "old"), exception("team", "old"), 0},
		"another group of a user": {"cloud-identity-changed", awsAuth("mapUsers", "{userarn: \"arn:aws:iam::111122223333:user/jane\", username: jane, groups: [viewers]}"),
			awsAuth("mapUsers", "{userarn: \"arn:aws:iam::111122223333:user/jane\", username: jane, groups: [deployers]}"), 1},
		"an administrator no more": {"cloud-identity-changed", awsAuth("mapRoles", "{rolearn: \"arn:aws:iam::111122223333:role/ci\", username: ci, groups: [\"system:masters\"]}"),
			awsAuth("mapRoles", "{rolearn: \"arn:aws:iam::111122223333:role/ci\", username: ci, groups: [deployers]}"), 0},
	} {
		if found := broughtBy(t, row.check, parse(t, row.base), parse(t, row.head)); len(found) != row.want {
			t.Errorf("%s: %d findings, want %d: %v", name, len(found), row.want, messages(found))
		}
	}
}

// verifying is a policy that verifies images, by one list and what follows.
func verifying(second string) string {
	return "apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nmetadata: {name: signed}\nspec:\n  rules:\n    - name: images\n      match: {any: [{resources: {kinds: [Pod]}}]}\n      verifyImages:\n" +
		"        - {imageReferences: [\"a.example.com/*\"], failureAction: Enforce}\n" + second
}

func ingressPath(pathType string) string {
	return "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web}\nspec:\n  rules:\n    - host: a.example.com\n" +
		"      http: {paths: [{path: /api, pathType: " + pathType + ", backend: {service: {name: web, port: {number: 80}}}}]}\n"
}

// hostLeads is an Ingress of a host whose paths lead to services, each to one.
func hostLeads(host string, services ...string) string {
	text := "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web}\nspec:\n  rules:\n    - http:\n        paths:\n"
	if host != "" {
		text = strings.Replace(text, "- http:", "- host: "+host+"\n      http:", 1)
	}
	for i, name := range services {
		text += "          - {path: /" + strings.Repeat("x", i) + ", pathType: Prefix, backend: {service: {name: " + name + ", port: {number: 80}}}}\n"
	}
	return text
}

func plainService(name string) string {
	return "---\napiVersion: v1\nkind: Service\nmetadata: {name: " + name + "}\nspec: {selector: {app: web, tier: front}, ports: [{port: 80}]}\n"
}

func ingressIn(text, namespace string) string {
	return strings.Replace(text, "metadata: {name: web}", "metadata: {name: web, namespace: "+namespace+"}", 1)
}

const (
	insideOnly = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: inner}\nspec:\n  ingressClassName: nginx-internal\n  rules:\n" +
		"    - {host: i.example.com, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: admin, port: {number: 80}}}}]}}\n"
	tcpRoute = "apiVersion: gateway.networking.k8s.io/v1alpha2\nkind: TCPRoute\nmetadata: {name: db}\nspec:\n" +
		"  parentRefs: [{kind: Gateway, name: public, sectionName: sql}]\n  rules: [{backendRefs: [{name: db, port: 5432}]}]\n"
)

func traefikRoute(match string) string {
	return "apiVersion: traefik.io/v1alpha1\nkind: IngressRoute\nmetadata: {name: web}\nspec:\n  entryPoints: [websecure]\n  routes:\n    - match: " + match + "\n      services: [{name: web, port: 80}]\n"
}

// TestWeakenedInside is about what stands inside of lists and paths.
func TestWeakenedInside(t *testing.T) {
	second := "        - {imageReferences: [\"b.example.com/*\"], failureAction: Enforce}\n"
	for name, row := range map[string]struct {
		check, base, head string
		want              int
	}{
		"the second list of images":                 {"image-verification-weakened", verifying(second), verifying(strings.Replace(second, "Enforce", "Audit", 1)), 1},
		"no second list of images":                  {"image-verification-weakened", verifying(second), verifying(""), 1},
		"a second list of images more":              {"image-verification-weakened", verifying(""), verifying(second), 0},
		"all below a path":                          {"service-exposed", ingressPath("Exact"), ingressPath("Prefix"), 1},
		"a path alone":                              {"service-exposed", ingressPath("Prefix"), ingressPath("Exact"), 0},
		"another service on a host that is open":    {"service-exposed", hostLeads("a.example.com", "web"), hostLeads("a.example.com", "web", "admin"), 1},
		"another service behind any host":           {"service-exposed", hostLeads("", "web"), hostLeads("", "web") + "---\n" + strings.Replace(hostLeads("b.example.com", "admin"), "name: web}", "name: admin}", 1), 1},
		"a service that was open elsewhere":         {"service-exposed", hostLeads("a.example.com", "web", "admin"), hostLeads("a.example.com", "admin", "web"), 0},
		"a service that is open to the inside only": {"service-exposed", hostLeads("a.example.com", "web") + "---\n" + insideOnly, hostLeads("a.example.com", "web", "admin") + "---\n" + insideOnly, 1},
		"a service renamed":                         {"service-exposed", hostLeads("a.example.com", "web") + plainService("web"), hostLeads("a.example.com", "shop-web") + plainService("shop-web"), 0},
		"a namespace renamed":                       {"service-exposed", ingressIn(hostLeads("a.example.com", "web"), "dev"), ingressIn(hostLeads("a.example.com", "web"), "prod"), 0},
		"a port of a gateway, and a host":           {"service-exposed", tcpRoute, tcpRoute + "---\n" + hostLeads("a.example.com", "db"), 1},
		"the same rule of Traefik":                  {"service-exposed", traefikRoute("Host(`a.example.com`) && PathPrefix(`/`)"), traefikRoute("Host(`a.example.com`)&&PathPrefix(`/x`)"), 0},
		"another host of Traefik":                   {"service-exposed", traefikRoute("Host(`a.example.com`)"), traefikRoute("Host(`a.example.com`) || Host(`b.example.com`)"), 1},
		"a route on a set of listeners":             {"service-exposed", plainService("web"), plainService("web") + "---\n" + strings.Replace(tcpRoute, "kind: Gateway", "kind: ListenerSet", 1), 1},
	} {
		if found := broughtBy(t, row.check, parse(t, row.base), parse(t, row.head)); len(found) != row.want {
			t.Errorf("%s: %d findings, want %d: %v", name, len(found), row.want, messages(found))
		}
	}
}

// TestWeakenedByUnknown takes away what base proved, in places that checks compare.
func TestWeakenedByUnknown(t *testing.T) {
	pss := "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n  labels: {pod-security.kubernetes.io/enforce: baseline, pod-security.kubernetes.io/enforce-version: latest}\n"
	plugin := "apiVersion: pod-security.admission.config.k8s.io/v1\nkind: PodSecurityConfiguration\ndefaults: {enforce: baseline}\nexemptions: {namespaces: [kube-system]}\n"
	for name, row := range map[string]struct{ check, text, key string }{
		"subjects":      {"rbac-widened", rbacBinding("shop", "ClusterRole", "view", jane), "subjects"},
		"rules":         {"rbac-widened", rbacRole("ClusterRole", "{name: r}", configRule), "rules"},
		"version":       {"pss-lowered", pss, "pod-security.kubernetes.io/enforce-version"},
		"exemptions":    {"pss-lowered", plugin, "namespaces"},
		"validations":   {"admission-weakened", "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicy\nmetadata: {name: few}\nspec: {validations: [{expression: object.spec.replicas < 5}]}\n", "validations"},
		"ports":         {"service-exposed", "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {type: LoadBalancer, ports: [{port: 80}]}\n", "ports"},
		"ingress rules": {"service-exposed", "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web}\nspec: {rules: [{host: a.example.com, http: {paths: [{path: /}]}}]}\n", "rules"},
		"ingress paths": {"service-exposed", "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web}\nspec: {rules: [{host: a.example.com, http: {paths: [{path: /}]}}]}\n", "paths"},
		"aggregation":   {"rbac-widened", "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: all}\naggregationRule: {clusterRoleSelectors: [{matchLabels: {x: y}}]}\n", "clusterRoleSelectors"},
		"failurePolicy": {"admission-weakened", checks.Find(checks.All, "admission-weakened").Before, "failurePolicy"},
	} {
		docs := documents(t, row.text)
		for _, at := range valuesIn(docs) {
			if at.key == row.key {
				*at.node = *manifest.NewUnknown(at.node.Line)
			}
		}
		found := broughtBy(t, row.check, parse(t, row.text), objectsOf(docs))
		if len(found) != 1 || found[0].Doubt != checks.NoLonger {
			t.Errorf("%s: %v, want one that is no longer provable", name, messages(found))
		}
	}
}

func objectsOf(docs []*yaml.Node) []*manifest.Object {
	var all []*manifest.Object
	for _, doc := range docs {
		all = append(all, manifest.FromYAML(doc, manifest.Origin{})...)
	}
	return all
}

// TestWeakenedModules does so with what Terraform describes.
func TestWeakenedModules(t *testing.T) {
	entry := "resource \"aws_eks_access_entry\" \"ci\" {\n  cluster_name = \"main\"\n  principal_arn = \"arn:aws:iam::111122223333:role/ci\"\n}\n"
	logs := func(days string) string {
		return "variable \"cluster\" {}\nvariable \"days\" {}\nresource \"aws_cloudwatch_log_group\" \"logs\" {\n  name = \"/aws/eks/${var.cluster}/cluster\"\n  retention_in_days = " + days + "\n}\n"
	}
	for name, row := range map[string]struct{ check, base, head string }{
		"groups that nobody knows":   {"cloud-identity-changed", entry, "variable \"groups\" {}\n" + strings.Replace(entry, "}\n", "  kubernetes_groups = var.groups\n}\n", 1)},
		"kept for less long":         {"audit-weakened", logs("365"), logs("30")},
		"kept nobody knows how long": {"audit-weakened", logs("365"), logs("var.days")},
	} {
		if found := broughtBy(t, row.check, moduleOf(t, row.base), moduleOf(t, row.head)); len(found) != 1 {
			t.Errorf("%s: %v, want one finding", name, messages(found))
		}
	}
}

func moduleOf(t *testing.T, text string) []*manifest.Object {
	t.Helper()
	result, err := terraform.Evaluate(fstest.MapFS{"main.tf": {Data: []byte(text)}}, ".", nil)
	if err != nil {
		t.Fatal(err)
	}
	return result.Objects
}

// TestClassesOfLongLists holds that what no message lists still tells findings apart.
func TestClassesOfLongLists(t *testing.T) {
	ingress := func(hosts string) []*manifest.Object {
		text := "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web}\nspec:\n  rules:\n"
		for _, host := range strings.Fields(hosts) {
			text += "    - host: " + host + ".example.com\n      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}\n"
		}
		return parse(t, text)
	}
	classes := []string{}
	for _, hosts := range []string{"a b c d e f", "a b c d e g", "a b c d e f g"} {
		for _, f := range broughtBy(t, "service-exposed", nil, ingress(hosts)) {
			classes = append(classes, f.Subject.Class)
		}
	}
	slices.Sort(classes)
	if len(slices.Compact(classes)) != 3 {
		t.Errorf("classes %q, want three", classes)
	}
}

// TestChartSources holds that another address of a host is another weakness, and
// that an address which nobody knows or can read is not among those allowed.
func TestChartSources(t *testing.T) {
	c := checks.Find(checks.All, "chart-repo-untrusted")
	found := func(fields string) []checks.Finding {
		objects := moduleOf(t, "variable \"where\" {}\nresource \"helm_release\" \"web\" {\n"+fields+"\n}\n")
		all, err := checks.Judge([]checks.Rule{{Check: c, Severity: c.Severity}}, "example", objects, checks.Settings{ChartSources: []string{"oci://ghcr.io/acme"}})
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	if one, other := found(`repository = "oci://ghcr.io/one"`), found(`chart = "oci://ghcr.io/other"`); len(one) != 1 || len(other) != 1 || one[0].Subject == other[0].Subject {
		t.Errorf("%v and %v, want two that differ", one, other)
	}
	if allowed := found(`repository = "oci://ghcr.io/acme/charts"`); len(allowed) > 0 {
		t.Errorf("an address that is allowed: %v", allowed)
	}
	if unread := found(`repository = "https://charts.example.com:no/"`); len(unread) != 1 {
		t.Errorf("an address that cannot be read: %v", unread)
	}
	if unknown := found("repository = var.where"); len(unknown) != 1 || unknown[0].Doubt != checks.Unprovable {
		t.Errorf("an unknown address: %v", unknown)
	}
}

// TestSurelyFirst holds that what nobody knows does not stand for what is known.
func TestSurelyFirst(t *testing.T) {
	statement := func(effect string) string {
		return "{ Effect = " + effect + `, Action = "*", Resource = "*" }`
	}
	objects := moduleOf(t, "variable \"effect\" {}\nresource \"aws_iam_policy\" \"p\" {\n  policy = jsonencode({ Statement = ["+statement("var.effect")+", "+statement(`"Allow"`)+"] })\n}\n")
	c := checks.Find(checks.All, "iam-admin")
	all, err := checks.Judge([]checks.Rule{{Check: c, Severity: c.Severity}}, "example", objects, checks.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 || all[0].Doubt != checks.Certain {
		t.Errorf("%v, want one that is certain", all)
	}
}
