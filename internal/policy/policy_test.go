package policy_test

import (
	"strings"
	"testing"
	"time"

	"github.com/rendergate/rendergate/checks"
	"github.com/rendergate/rendergate/internal/delta"
	"github.com/rendergate/rendergate/internal/policy"
	"github.com/rendergate/rendergate/render/manifest"
)

// vap is a policy on Deployments with its binding.
func vap(spec, actions string) string {
	return `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: rule}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [deployments]}]
` + spec + `---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: rule}
spec: {policyName: rule, validationActions: [` + actions + `]}
`
}

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, labels: {team: a}}
spec:
  replicas: 3
  template:
    spec:
      containers:
        - {name: app, image: "registry.example.com/app:1"}
        - {name: side, image: "docker.io/side:1"}
`

func load(t *testing.T, text string) *policy.Set {
	t.Helper()
	set, err := policy.Load([]policy.File{{Path: "p.yaml", Data: []byte(text)}})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func parse(t *testing.T, text string) []*manifest.Object {
	t.Helper()
	objects, err := manifest.Parse([]byte(text), manifest.Origin{Path: "a.yaml", Exact: true})
	if err != nil {
		t.Fatal(err)
	}
	return objects
}

// found are the findings as text, of head alone or against base.
func found(t *testing.T, set *policy.Set, base, head string) []string {
	t.Helper()
	rules, err := checks.Rules(set.Checks())
	if err != nil {
		t.Fatal(err)
	}
	all, err := checks.Judge(rules, "t", parse(t, head), checks.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	if base != "" {
		brought, err := checks.Compare(rules, "t", delta.SidesOf(parse(t, base), parse(t, head), nil), checks.Settings{})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, brought...)
	}
	var text []string
	for _, f := range all {
		text = append(text, f.Check.ID+" "+f.Severity.String()+" "+f.Field+": "+f.Message)
	}
	return text
}

func TestPolicies(t *testing.T) {
	for name, c := range map[string]struct{ policy, base, head, want string }{
		"field": {policy: vap("  validations: [{expression: object.spec.replicas <= 2, message: too many}]\n", "Deny"), want: "policy/rule high spec.replicas: too many"},
		"item": {
			policy: vap("  validations: [{expression: \"object.spec.template.spec.containers.all(c, c.image.startsWith('registry.example.com/'))\"}]\n", "Warn"),
			want:   "policy/rule:warn medium spec.template.spec.containers[side].image: does not hold: object.spec.template.spec.containers.all(c, c.image.startsWith('registry.example.com/'))",
		},
		"variables and message": {
			policy: vap("  variables: [{name: labels, expression: \"object.metadata.labels\"}]\n  validations: [{expression: \"has(variables.labels.owner)\", messageExpression: \"'no owner of ' + object.metadata.name\", message: other}]\n", "Audit"),
			want:   "policy/rule:audit low metadata.labels.owner: no owner of web",
		},
		"condition":   {policy: vap("  matchConditions: [{name: other, expression: \"object.metadata.name == 'api'\"}]\n  validations: [{expression: \"false\"}]\n", "Deny")},
		"default":     {policy: vap("  validations: [{expression: \"object.spec.template.spec.restartPolicy == 'Always' && object.spec.template.spec.containers[0].imagePullPolicy == 'IfNotPresent'\"}]\n", "Deny")},
		"error":       {policy: vap("  validations: [{expression: object.spec.nothing == 1}]\n", "Deny"), want: "policy/rule high spec.nothing: the policy cannot be held against the object, which the API server refuses then: expression 'object.spec.nothing == 1' resulted in error: no such key: nothing"},
		"ignored":     {policy: vap("  failurePolicy: Ignore\n  validations: [{expression: object.spec.nothing == 1}]\n", "Deny")},
		"update":      {policy: vap("  validations: [{expression: oldObject == null || object.spec.replicas >= oldObject.spec.replicas, message: shrinks}]\n", "Deny"), base: strings.Replace(deployment, "replicas: 3", "replicas: 5", 1), want: "policy/rule:change high spec.replicas: shrinks"},
		"grows":       {policy: vap("  validations: [{expression: oldObject == null || object.spec.replicas >= oldObject.spec.replicas, message: shrinks}]\n", "Deny"), base: strings.Replace(deployment, "replicas: 3", "replicas: 2", 1)},
		"equivalent":  {policy: strings.Replace(vap("  validations: [{expression: 'false', message: never}]\n", "Deny"), "[v1]", "[v1beta2]", 1), want: "policy/rule high : never"},
		"exact":       {policy: strings.Replace(vap("  validations: [{expression: 'false', message: never}]\n", "Deny"), "matchConstraints:\n", "matchConstraints:\n    matchPolicy: Exact\n", 1), want: "policy/rule high : never"},
		"exactly not": {policy: strings.Replace(strings.Replace(vap("  validations: [{expression: 'false', message: never}]\n", "Deny"), "[v1]", "[v1beta2]", 1), "matchConstraints:\n", "matchConstraints:\n    matchPolicy: Exact\n", 1)},
		"excluded":    {policy: strings.Replace(vap("  validations: [{expression: 'false'}]\n", "Deny"), "matchConstraints:\n", "matchConstraints:\n    excludeResourceRules: [{apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*']}]\n", 1)},
		"object selector": {
			policy: strings.Replace(vap("  validations: [{expression: 'false'}]\n", "Deny"), "matchConstraints:\n", "matchConstraints:\n    objectSelector: {matchLabels: {team: b}}\n", 1),
		},
		"namespace by name": {
			policy: strings.Replace(vap("  validations: [{expression: 'false'}]\n", "Deny"), "matchConstraints:\n", "matchConstraints:\n    namespaceSelector: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: NotIn, values: [shop]}]}\n", 1),
		},
		"namespace unknown": {
			policy: strings.Replace(vap("  validations: [{expression: 'false', message: never}]\n", "Deny"), "matchConstraints:\n", "matchConstraints:\n    namespaceSelector: {matchLabels: {env: prod}}\n", 1),
			want:   "policy/rule high : never (assumed, because nobody says which labels the namespace \"shop\" has: add it as a Namespace to the files of policies)",
		},
		"namespace rendered": {
			policy: strings.Replace(vap("  validations: [{expression: 'false', message: never}]\n", "Deny"), "matchConstraints:\n", "matchConstraints:\n    namespaceSelector: {matchLabels: {env: prod}}\n", 1),
			head:   deployment + "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {env: dev}}\n",
		},
		"namespace of the team": {
			policy: strings.Replace(vap("  validations: [{expression: \"namespaceObject.metadata.labels['env'] == 'dev'\", message: never}]\n", "Deny"), "matchConstraints:\n", "matchConstraints:\n    namespaceSelector: {matchLabels: {env: prod}}\n", 1) +
				"---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {env: prod}}\n",
			head: deployment + "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {env: dev}}\n",
			want: "policy/rule high : never",
		},
		"authorizer": {policy: vap("  validations: [{expression: \"authorizer.group('apps').resource('deployments').check('delete').allowed()\"}]\n", "Deny")},
		"costly":     {policy: vap("  validations: [{expression: \"lists.range(4000).all(a, lists.range(4000).all(b, lists.range(4000).all(c, a + b + c >= 0)))\"}]\n", "Deny"), want: "policy/rule high : the policy cannot be held against the object"},
	} {
		t.Run(name, func(t *testing.T) {
			head := c.head
			if head == "" {
				head = deployment
			}
			got := strings.Join(found(t, load(t, c.policy), c.base, head), "\n")
			if got != c.want && (name != "costly" || !strings.HasPrefix(got, c.want)) {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestParams(t *testing.T) {
	text := strings.Replace(vap("  paramKind: {apiVersion: v1, kind: ConfigMap}\n  validations: [{expression: \"object.spec.replicas <= int(params.data.most)\", message: too many}]\n", "Deny"),
		"{policyName: rule,", "{policyName: rule, paramRef: {name: limits, namespace: gate, parameterNotFoundAction: Deny},", 1)
	if got := found(t, load(t, text), "", deployment); len(got) != 1 || !strings.Contains(got[0], "names parameters (ConfigMap) that are in none of the files") {
		t.Errorf("without its parameters: %q", got)
	}
	limits := "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: limits, namespace: gate}\ndata: {most: '2'}\n"
	if got := found(t, load(t, text+limits), "", deployment); len(got) != 1 || got[0] != "policy/rule high spec.replicas: too many" {
		t.Errorf("got %q", got)
	}
	allows := strings.Replace(text, "Action: Deny", "Action: Allow", 1)
	if got := found(t, load(t, allows), "", deployment); len(got) != 0 {
		t.Errorf("what is allowed without parameters: %q", got)
	}
}

func TestDeletion(t *testing.T) {
	text := strings.Replace(vap("  validations: [{expression: \"oldObject.metadata.name != 'web'\", message: stays}]\n", "Deny"), "[CREATE, UPDATE]", "[DELETE]", 1)
	other := "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
	if got := found(t, load(t, text), deployment, other); len(got) != 1 || got[0] != "policy/rule:change high metadata.name: stays" {
		t.Errorf("got %q", got)
	}
	if got := found(t, load(t, text), deployment, deployment); len(got) != 0 {
		t.Errorf("nothing was deleted: %q", got)
	}
}

func TestLoadErrors(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"does not compile": {vap("  validations: [{expression: object.spec.}]\n", "Deny"), "p.yaml:1: the policy rule: validations[0]: "},
		"no boolean":       {vap("  validations: [{expression: \"'a'\"}]\n", "Deny"), "p.yaml:1: the policy rule: validations[0]: "},
		"misspelt":         {vap("  validation: [{expression: 'true'}]\n", "Deny"), "p.yaml:1: ValidatingAdmissionPolicy rule: "},
		"no actions":       {vap("  validations: [{expression: 'true'}]\n", ""), "p.yaml:9: the binding rule has no validationActions"},
		"unbound":          {strings.Replace(vap("  validations: [{expression: 'true'}]\n", "Deny"), "policyName: rule", "policyName: other", 1), `the binding rule is of the policy "other", which is in none`},
		"not YAML":         {"a: [", "p.yaml: not valid YAML"},
		"alpha":            {strings.Replace(vap("  validations: [{expression: 'true'}]\n", "Deny"), "k8s.io/v1", "k8s.io/v1alpha1", 1), "p.yaml:1: admissionregistration.k8s.io/v1alpha1 is not supported"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := policy.Load([]policy.File{{Path: "p.yaml", Data: []byte(c.text)}})
			if err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

// A validation keeps its identity wherever it stands and whatever it says.
func TestIdentity(t *testing.T) {
	class := func(validations string) string {
		rules, err := checks.Rules(load(t, vap("  validations:\n"+validations, "Deny")).Checks())
		if err != nil {
			t.Fatal(err)
		}
		all, err := checks.Judge(rules, "t", parse(t, deployment), checks.Settings{})
		if err != nil || len(all) != 1 {
			t.Fatalf("%d findings, %v", len(all), err)
		}
		return all[0].Subject.Class
	}
	one := class("    - {expression: object.spec.replicas < 3, message: a}\n")
	if two := class("    - {expression: 'true'}\n    - {expression: \"object.spec.replicas  <  3\", message: b}\n"); one != two {
		t.Errorf("%s became %s", one, two)
	}
	if other := class("    - {expression: object.spec.replicas < 2}\n"); other == one {
		t.Errorf("two validations are both %s", one)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte(vap("  variables: [{name: a, expression: 'object.spec'}]\n  validations: [{expression: variables.a.replicas <= 2, message: too many}]\n", "Deny")), []byte(deployment))
	f.Add([]byte("a: *b\n"), []byte("kind: A\napiVersion: v1\n"))
	f.Fuzz(func(t *testing.T, data, object []byte) {
		began := time.Now()
		defer func() {
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("it took %s", took)
			}
		}()
		set, err := policy.Load([]policy.File{{Path: "p.yaml", Data: data}})
		if err != nil {
			return
		}
		objects, err := manifest.Parse(object, manifest.Origin{Path: "a.yaml"})
		if err != nil {
			return
		}
		rules, err := checks.Rules(set.Checks())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := checks.Judge(rules, "t", objects, checks.Settings{}); err != nil {
			t.Error(err)
		}
	})
}
