package delta_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/rendergate/rendergate/checks"
	"github.com/rendergate/rendergate/internal/delta"
	"github.com/rendergate/rendergate/render/manifest"
)

// deployment is a workload with one bad container.
func deployment(name, image string) string {
	return `apiVersion: apps/v1
kind: Deployment
metadata: {name: ` + name + `, labels: {app: ` + name + `}}
spec:
  template:
    spec:
      containers:
        - {name: app, image: "` + image + `", securityContext: {privileged: true}}
`
}

func parse(t testing.TB, origin string, docs ...string) []*manifest.Object {
	t.Helper()
	objects, err := manifest.Parse([]byte(strings.Join(docs, "---\n")), manifest.Origin{Path: origin})
	if err != nil {
		t.Fatal(err)
	}
	return objects
}

func judge(t testing.TB, objects []*manifest.Object) []checks.Finding {
	t.Helper()
	rules, err := checks.Rules(checks.All, checks.Selection{EnableAll: true})
	if err != nil {
		t.Fatal(err)
	}
	found, err := checks.Judge(rules, "t", objects, checks.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func compare(t testing.TB, base, head []*manifest.Object, renames delta.Renames) delta.Comparison {
	t.Helper()
	return delta.Compare(delta.Match(base, head, renames), judge(t, base), judge(t, head))
}

// examples are the manifests of every check: what people write.
func examples() []string {
	var docs []string
	for _, c := range checks.All {
		for n, text := range []string{c.Bad, c.Good, c.NearMiss} {
			for i, doc := range strings.Split(text, "---\n") {
				if strings.Contains(doc, "name: web") { // the others stand for what has a fixed name
					docs = append(docs, strings.Replace(doc, "name: web", fmt.Sprintf("name: %s-%d-%d", c.ID, n, i), 1))
				}
			}
		}
	}
	return docs
}

func TestCompareWithItselfFindsNothing(t *testing.T) {
	docs := examples()
	base, head := parse(t, "a.yaml", docs...), parse(t, "a.yaml", docs...)
	c := compare(t, base, head, nil)
	if len(c.New) > 0 || len(c.Fixed) > 0 || len(c.Kept) != len(judge(t, base)) || len(c.Kept) == 0 {
		t.Errorf("%d new, %d fixed, %d kept of %d", len(c.New), len(c.Fixed), len(c.Kept), len(judge(t, base)))
	}
}

func TestOrderOfDocumentsIsNothing(t *testing.T) {
	docs := examples()
	base := parse(t, "a.yaml", docs...)
	for seed := range uint64(20) {
		shuffled := slices.Clone(docs)
		rand.New(rand.NewPCG(seed, 1)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if c := compare(t, base, parse(t, "a.yaml", shuffled...), nil); len(c.New) > 0 || len(c.Fixed) > 0 {
			t.Errorf("seed %d: %d new, %d fixed", seed, len(c.New), len(c.Fixed))
		}
	}
}

func TestRenameFindsNothing(t *testing.T) {
	base := parse(t, "old.yaml", deployment("web", "registry.example.com/web:1"), deployment("db", "registry.example.com/db:1"))
	head := parse(t, "new.yaml", deployment("frontend", "registry.example.com/web:2"), deployment("db", "registry.example.com/db:1"))
	if c := compare(t, base, head, delta.Renames{"old.yaml": "new.yaml"}); len(c.New) > 0 {
		t.Errorf("new: %+v", c.New[0].Subject)
	}
}

// TestAnotherImageIsAnotherObject: removing one workload and adding a
// different one is not a rename.
func TestAnotherImageIsAnotherObject(t *testing.T) {
	base := parse(t, "a.yaml", deployment("web", "registry.example.com/web:1"))
	head := parse(t, "b.yaml", deployment("miner", "evil.example.com/miner:9"))
	c := compare(t, base, head, nil)
	if len(c.Kept) > 0 || len(c.New) == 0 || len(c.Fixed) == 0 {
		t.Errorf("%d kept, %d new, %d fixed", len(c.Kept), len(c.New), len(c.Fixed))
	}
}

func TestOneFixHidesNoOther(t *testing.T) {
	pod := func(a, b string) string {
		return "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n    - {name: a, image: r/a:1, securityContext: {privileged: " + a +
			"}}\n    - {name: b, image: r/b:1, securityContext: {privileged: " + b + "}}\n"
	}
	c := compare(t, parse(t, "a", pod("true", "false")), parse(t, "a", pod("false", "true")), nil)
	if len(c.New) != 1 || c.New[0].Subject.Container != "containers[b]" || len(c.Fixed) != 1 || c.Fixed[0].Subject.Container != "containers[a]" {
		t.Errorf("new %+v, fixed %+v", c.New, c.Fixed)
	}
}

func TestRenamedContainer(t *testing.T) {
	base := parse(t, "a", deployment("web", "r/web:1"))
	head := parse(t, "a", strings.Replace(deployment("web", "r/web:2"), "name: app,", "name: main,", 1))
	if c := compare(t, base, head, nil); len(c.New) > 0 {
		t.Errorf("new: %+v", c.New[0].Subject)
	}
}

func TestWorsening(t *testing.T) {
	mount := func(dir string) string {
		return "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers: [{name: a, image: 'r/a:1'}]\n  volumes: [{name: v, hostPath: {path: " + dir + "}}]\n"
	}
	for _, tc := range []struct {
		from, to string
		worse    bool
	}{{"/var/log", "/", true}, {"/", "/var/log", false}, {"/var/log", "/var/log/pods", false}, {"/mnt/a", "/mnt/b", true}} {
		c := compare(t, parse(t, "a", mount(tc.from)), parse(t, "a", mount(tc.to)), nil)
		if (len(c.New) > 0) != tc.worse {
			t.Errorf("%s to %s: %d new", tc.from, tc.to, len(c.New))
		}
	}
}

func TestGeneratorHashAndNamespace(t *testing.T) {
	base := parse(t, "a", strings.Replace(deployment("config-5g2k8fh6tt", "r/web:1"), "metadata: {", "metadata: {namespace: one, ", 1))
	head := parse(t, "a", strings.Replace(deployment("config-9hm2tbk49d", "r/web:1"), "metadata: {", "metadata: {namespace: two, ", 1))
	if c := compare(t, base, head, nil); len(c.New) > 0 {
		t.Errorf("new: %+v", c.New[0].Subject)
	}
}

// TestImprovementIsNotNew: what is left of a weakness once its worse form is
// gone was there before; the reverse is new.
func TestImprovementIsNotNew(t *testing.T) {
	pod := func(container string) []*manifest.Object {
		return parse(t, "a", "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers: [{name: a, "+container+"}]\n")
	}
	for better, worse := range map[string]string{
		"image: a:1.0, securityContext: {capabilities: {add: [NET_ADMIN]}}":          "image: a:1.0, securityContext: {privileged: true}",
		"image: a:1.0, securityContext: {capabilities: {add: [NET_RAW, SYS_TIME]}}":  "image: a:1.0, securityContext: {capabilities: {add: [ALL]}}",
		"image: a:1.0, securityContext: {capabilities: {drop: [ALL], add: [CHOWN]}}": "image: a:1.0",
		"image: a:1.0": "image: a:1.0, securityContext: {seccompProfile: {type: Unconfined}}",
		"image: a:1":   "image: a",
	} {
		if c := compare(t, pod(worse), pod(better), nil); len(c.New) > 0 || len(c.Fixed) == 0 {
			t.Errorf("%s for %s: %d new, first %v; %d fixed", better, worse, len(c.New), c.New, len(c.Fixed))
		}
		if c := compare(t, pod(better), pod(worse), nil); len(c.New) == 0 {
			t.Errorf("%s for %s: nothing new", worse, better)
		}
	}
	// The worse form stays: what comes beside it is new.
	if c := compare(t, pod("image: a:1.0, securityContext: {privileged: true}"), pod("image: a:1.0, securityContext: {privileged: true, capabilities: {add: [SYS_ADMIN]}}"), nil); len(c.New) == 0 {
		t.Error("SYS_ADMIN beside privileged is not new")
	}
}

// TestShared holds that what several objects share is neither new in another nor
// fixed while one has it.
func TestShared(t *testing.T) {
	workload := func(kind, name, image string) string {
		return "apiVersion: apps/v1\nkind: " + kind + "\nmetadata: {name: " + name + "}\nspec:\n  template:\n    spec:\n      containers: [{name: a, image: \"" + image + "\"}]\n---\n"
	}
	scanned := map[string][]checks.Vulnerability{
		"a/web:1":   {{ID: "CVE-1", Package: "x", Severity: checks.High}, {ID: "CVE-2", Package: "x", Severity: checks.High}},
		"a/web:2":   {{ID: "CVE-1", Package: "x", Severity: checks.High}, {ID: "CVE-3", Package: "x", Severity: checks.High}},
		"a/other:1": {{ID: "CVE-1", Package: "x", Severity: checks.High}},
	}
	var rule checks.Rule
	for _, c := range checks.All {
		if c.ID == "image-new-vuln" {
			rule = checks.Rule{Check: c, Severity: c.Severity}
		}
	}
	for what, c := range map[string]struct{ base, head, fresh, fixed string }{
		"bumped":                {workload("Deployment", "web", "a/web:1"), workload("Deployment", "web", "a/web:2"), "CVE-3", "CVE-2"},
		"beside the old one":    {workload("Deployment", "web", "a/web:1"), workload("Deployment", "web", "a/web:1") + workload("DaemonSet", "job", "a/web:2"), "CVE-3", ""},
		"another image":         {workload("Deployment", "web", "a/web:1"), workload("Deployment", "web", "a/web:1") + workload("DaemonSet", "job", "a/other:1"), "CVE-1", ""},
		"one of two still has":  {workload("Deployment", "web", "a/web:1") + workload("DaemonSet", "job", "a/web:1"), workload("Deployment", "web", "a/web:2") + workload("DaemonSet", "job", "a/web:1"), "CVE-3", ""},
		"moved to another kind": {workload("Deployment", "web", "a/web:1"), workload("DaemonSet", "web", "a/web:1"), "", ""},
	} {
		t.Run(what, func(t *testing.T) {
			base, head := parse(t, "a.yaml", c.base), parse(t, "a.yaml", c.head)
			judge := func(objects []*manifest.Object) []checks.Finding {
				found, err := checks.Judge([]checks.Rule{rule}, "t", objects, checks.Settings{Scanned: scanned})
				if err != nil {
					t.Fatal(err)
				}
				return found
			}
			got := delta.Compare(delta.Match(base, head, nil), judge(base), judge(head))
			for _, one := range []struct {
				name, want string
				found      []checks.Finding
			}{{"new", c.fresh, got.New}, {"fixed", c.fixed, got.Fixed}} {
				var ids []string
				for _, f := range one.found {
					ids = append(ids, strings.Fields(f.Subject.Class)[0])
				}
				if strings.Join(ids, " ") != one.want {
					t.Errorf("%s: %v, want %q", one.name, ids, one.want)
				}
			}
		})
	}
}

// TestTwinsRenamed holds that objects which differ in nothing but their names are
// all matched when all of them are renamed.
func TestTwinsRenamed(t *testing.T) {
	base := parse(t, "a.yaml", deployment("alpha", "r/web:1"), deployment("beta", "r/web:1"))
	head := parse(t, "a.yaml", deployment("gamma", "r/web:1"), deployment("delta", "r/web:1"))
	if c := compare(t, base, head, nil); len(c.New) > 0 || len(c.Fixed) > 0 || len(c.Kept) == 0 {
		t.Errorf("%d new, %d fixed, %d kept", len(c.New), len(c.Fixed), len(c.Kept))
	}
}

// TestFindingOfAnotherTarget holds that a finding whose place is in an object that is
// not among the compared ones is compared all the same.
func TestFindingOfAnotherTarget(t *testing.T) {
	base, head := parse(t, "a.yaml", deployment("web", "r/web:1")), parse(t, "a.yaml", deployment("web", "r/web:1"))
	was, is := judge(t, base), judge(t, head)
	for what, c := range map[string]struct {
		base, head       []checks.Finding
		new, kept, fixed int
	}{
		"new":   {nil, is, len(is), 0, 0},
		"kept":  {was, is, 0, len(is), 0},
		"fixed": {was, nil, 0, 0, len(was)},
	} {
		got := delta.Compare(nil, c.base, c.head)
		if len(got.New) != c.new || len(got.Kept) != c.kept || len(got.Fixed) != c.fixed {
			t.Errorf("%s: %d new, %d kept, %d fixed", what, len(got.New), len(got.Kept), len(got.Fixed))
		}
	}
}

// TestNarrowerGoesBackToWider holds that what base had in a wider form goes back to
// that, so that whoever accepted it is asked.
func TestNarrowerGoesBackToWider(t *testing.T) {
	mount := func(paths ...string) string {
		text := "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers: [{name: a, image: 'r/a:1'}]\n  volumes:\n"
		for i, path := range paths {
			text += fmt.Sprintf("    - {name: v%d, hostPath: {path: %s}}\n", i, path)
		}
		return text
	}
	c := compare(t, parse(t, "a", mount("/mnt", "/srv")), parse(t, "a", mount("/srv/log", "/mnt")), nil)
	for i, f := range c.Kept {
		if want := map[string]string{"/srv/log": "/srv", "/mnt": "/mnt"}[f.Subject.Class]; f.Check.ID == "host-path" && c.KeptBase[i].Subject.Class != want {
			t.Errorf("%s goes back to %s, want %s", f.Subject.Class, c.KeptBase[i].Subject.Class, want)
		}
	}
	if len(c.New) > 0 {
		t.Errorf("new: %v", c.New)
	}
}
