package checks_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/rendergate/rendergate/checks"
	"github.com/rendergate/rendergate/render/manifest"
)

// FuzzJudge runs every check over whatever parses: none may give up.
func FuzzJudge(f *testing.F) {
	for _, c := range checks.All {
		f.Add([]byte(c.Bad))
	}
	rules, err := checks.Rules(checks.All, checks.Selection{EnableAll: true})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		objects, err := manifest.Parse(data, manifest.Origin{})
		if err != nil {
			return
		}
		found, err := checks.Judge(rules, "fuzz", objects, judgedBy)
		if err != nil {
			t.Error(err)
		}
		for _, finding := range found {
			if finding.Check.Covers != nil {
				finding.Check.Covers([]string{finding.Subject.Class}, finding.Subject.Class)
			}
		}
	})
}

// TestOrderOfKeysAndItemsIsNothing shuffles mappings and the lists whose order
// Kubernetes gives no meaning.
func TestOrderOfKeysAndItemsIsNothing(t *testing.T) {
	for _, c := range checks.All {
		for _, doc := range strings.Split(c.Bad, "\n---\n") {
			var root yaml.Node
			if err := yaml.Unmarshal([]byte(doc), &root); err != nil {
				t.Fatal(err)
			}
			want := subjects(t, c, doc)
			for seed := range uint64(5) {
				shuffle(&root, orderedOf(&root), rand.New(rand.NewPCG(seed, 7)))
				text, err := yaml.Marshal(&root)
				if err != nil {
					t.Fatal(err)
				}
				if got := subjects(t, c, string(text)); !slices.Equal(got, want) {
					t.Errorf("%s: %v, want %v, of\n%s", c.ID, got, want, text)
				}
			}
		}
	}
}

func subjects(t *testing.T, c *checks.Check, text string) []string {
	t.Helper()
	var all []string
	for _, f := range judge(t, text, c) {
		all = append(all, fmt.Sprint(f.Object, f.Subject))
	}
	slices.Sort(all)
	return all
}

// ordered are the lists in which the first one holds.
var ordered = []string{"command", "args"}

var orderedIn = map[string][]string{
	"audit.k8s.io/v1":            {"rules"},
	"apiserver.config.k8s.io/v1": {"resources", "providers"},
}

// orderedOf are those of a document.
func orderedOf(doc *yaml.Node) []string {
	for _, child := range doc.Content {
		for i := 0; i+1 < len(child.Content); i += 2 {
			if child.Content[i].Value == "apiVersion" {
				return append(slices.Clone(ordered), orderedIn[child.Content[i+1].Value]...)
			}
		}
	}
	return ordered
}

func shuffle(n *yaml.Node, ordered []string, random *rand.Rand) {
	switch n.Kind {
	case yaml.MappingNode:
		pairs := len(n.Content) / 2
		random.Shuffle(pairs, func(i, j int) {
			n.Content[2*i], n.Content[2*j] = n.Content[2*j], n.Content[2*i]
			n.Content[2*i+1], n.Content[2*j+1] = n.Content[2*j+1], n.Content[2*i+1]
		})
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !slices.Contains(ordered, n.Content[i].Value) {
				shuffle(n.Content[i+1], ordered, random)
			}
		}
		return
	case yaml.SequenceNode:
		random.Shuffle(len(n.Content), func(i, j int) { n.Content[i], n.Content[j] = n.Content[j], n.Content[i] })
	}
	for _, child := range n.Content {
		shuffle(child, ordered, random)
	}
}

func TestCovers(t *testing.T) {
	check := func(id string) *checks.Check { return checks.Find(checks.All, id) }
	for _, tc := range []struct {
		id   string
		base []string
		head string
		want bool
	}{
		{"host-path", []string{"/var"}, "/var/log", true},
		{"host-path", []string{"/var/log"}, "/var", false},
		{"host-path", []string{"/var"}, "/variant", false},
		{"cap-sys-admin", []string{"ALL"}, "SYS_ADMIN", true},
		{"cap-sys-admin", []string{"SYS_ADMIN"}, "ALL", false},
		{"rbac-wildcard", []string{"*/*:get,list"}, "apps/*:get", true},
		{"rbac-wildcard", []string{"*/*:get"}, "apps/*:get,list", false},
		{"rbac-wildcard", []string{"*/*:*"}, "core/pods:*", true},
		{"rbac-wildcard", []string{"apps/*:*"}, "core/*:get", false},
		{"rbac-wildcard", []string{"apps/*:get", "apps/deployments:list"}, "apps/deployments:get,list", true},
		{"rbac-pods", []string{"core/pods:*"}, "core/pods:create,patch", true},
		{"rbac-pods", []string{"core/pods:create,patch"}, "core/pods:*", false},
		{"rbac-secrets", []string{"get,list *"}, "get one", true},
		{"rbac-secrets", []string{"get one"}, "get *", false},
		{"rbac-secrets", []string{"get one"}, "get two", false},
		{"rbac-secrets", []string{"* *"}, "delete,get x", true},
		{"oidc-trust-broad", []string{"* of eks"}, "repo:* of github", false},
		{"oidc-trust-broad", []string{"repo:* of github"}, "repo:acme/* of github", true},
		{"oidc-trust-broad", []string{"repo:acme/* of github"}, "* of github", false},
	} {
		if got := check(tc.id).Covers(tc.base, tc.head); got != tc.want {
			t.Errorf("%s: %v covers %s: %t", tc.id, tc.base, tc.head, got)
		}
	}
}

func TestGrants(t *testing.T) {
	role := func(rules string) string {
		return "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: r}\nrules:\n" + rules
	}
	for name, tc := range map[string]struct {
		rules string
		want  []string // check and class
	}{
		"everything": {`- {apiGroups: ["*"], resources: ["*"], verbs: ["*"]}`, []string{
			"rbac-control */*:*", "rbac-escalate */*:*", "rbac-pods */*:*", "rbac-secrets * *", "rbac-wildcard */*:*"}},
		"read everything":   {`- {apiGroups: ["*"], resources: ["*"], verbs: [get]}`, []string{"rbac-secrets get *", "rbac-wildcard */*:get"}},
		"split rules":       {"- {apiGroups: [''], resources: [pods], verbs: [create]}\n- {apiGroups: [''], resources: [pods], verbs: [patch]}", []string{"rbac-pods core/pods:create,patch"}},
		"subresource":       {`- {apiGroups: [""], resources: ["pods/*"], verbs: [create]}`, []string{"rbac-pods core/pods/*:create", "rbac-wildcard core/pods/*:create"}},
		"any subresource":   {`- {apiGroups: ["*"], resources: ["*/scale"], verbs: [update]}`, []string{"rbac-wildcard */*/scale:update"}},
		"capitals":          {`- {apiGroups: [""], resources: [Secrets], verbs: [GET]}`, []string{"rbac-secrets get *"}},
		"another group":     {`- {apiGroups: [example.com], resources: [secrets, pods], verbs: [create, get]}`, nil},
		"named secrets":     {`- {apiGroups: [""], resources: [secrets], resourceNames: [b, a], verbs: [get, update]}`, []string{"rbac-secrets get,update a", "rbac-secrets get,update b"}},
		"nodes":             {`- {apiGroups: [""], resources: [nodes], verbs: [get, patch]}`, []string{"rbac-control core/nodes:patch"}},
		"writes everything": {`- {apiGroups: [""], resources: ["*"], verbs: [create]}`, []string{"rbac-pods core/*:create", "rbac-secrets create *", "rbac-wildcard core/*:create"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, f := range judge(t, role(tc.rules), checks.All...) {
				got = append(got, f.Check.ID+" "+f.Subject.Class)
			}
			slices.Sort(got)
			if !slices.Equal(got, tc.want) {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestImages(t *testing.T) {
	for image, latest := range map[string]bool{
		"nginx": true, "nginx:latest": true, "nginx:": true, "registry.example.com:5000/a": true, "a/b:1": false,
		"a@sha256:" + strings.Repeat("a", 64): false, "a:latest@sha256:" + strings.Repeat("a", 64): false, "a@sha256:short": false, "a@sha256:abc123": true, "a:1@sha256:abc123": false, "a@${DIGEST}": false, "a@blake3:" + strings.Repeat("b", 64): false, "a@custom:ab": true,
		"a:$TAG": false, "<registry>/a": false, "a:LATEST": false, "localhost/a": true, "A/B": false,
		"{{ .Values.image }}": false, "$(IMAGE)": false, "": false, "a b": false,
	} {
		text := "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: a, image: '" + image + "'}]}\n"
		if got := len(judge(t, text, checks.Find(checks.All, "image-latest"))) > 0; got != latest {
			t.Errorf("image %q: found %t", image, got)
		}
	}
}

func TestRunAsNonRoot(t *testing.T) {
	for security, want := range map[string]bool{
		"pod: {}, container: {}":                                                    true,
		"pod: {runAsNonRoot: true}, container: {}":                                  false,
		"pod: {runAsNonRoot: true}, container: {runAsNonRoot: false}":               true,
		"pod: {runAsUser: 1000}, container: {}":                                     false,
		"pod: {runAsUser: 1000}, container: {runAsUser: 0}":                         true,
		"pod: {}, container: {runAsNonRoot: 'true'}":                                true,
		"pod: {runAsNonRoot: false}, container: {runAsUser: 1000}":                  false,
		"pod: {runAsUser: 0, runAsNonRoot: false}, container: {runAsNonRoot: true}": false,
	} {
		pod, own, _ := strings.Cut(strings.TrimPrefix(security, "pod: "), ", container: ")
		text := "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  securityContext: " + pod + "\n  containers: [{name: a, image: a, securityContext: " + own + "}]\n"
		if got := len(judge(t, text, checks.Find(checks.All, "run-as-non-root"))) > 0; got != want {
			t.Errorf("%s: found %t", security, got)
		}
	}
}

func TestSpellingsOfPeers(t *testing.T) {
	for id, want := range map[string]string{
		"KSV-0017": "privileged-container", "KSV017": "privileged-container", "AVD-KSV-0017": "privileged-container", "avd-ksv-0017": "privileged-container",
		"ksv17": "privileged-container", "ckv_k8s_16": "privileged-container", "c-0057": "privileged-container", "Privileged-Container": "", "KSV": "", "KSV-00170": "",
	} {
		got := ""
		if named := checks.Named(checks.All, id); len(named) == 1 {
			got = named[0].ID
		}
		if got != want {
			t.Errorf("%s is %q, want %q", id, got, want)
		}
	}
}
