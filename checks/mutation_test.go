package checks_test

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"go.yaml.in/yaml/v3"

	"github.com/rendergate/rendergate/checks"
	"github.com/rendergate/rendergate/internal/delta"
	"github.com/rendergate/rendergate/render"
	"github.com/rendergate/rendergate/render/manifest"
)

// form is a way in which a manifest comes into a cluster.
type form struct {
	name   string
	target render.Target
	files  func(text string) map[string]string
	// not says why a check has no such form.
	not func(c *checks.Check) string
}

var forms = []form{
	{name: "manifest", target: render.Target{Kind: render.Manifests, Dir: "x"}, files: func(text string) map[string]string {
		return map[string]string{"x/app.yaml": text}
	}},
	{name: "cron job", target: render.Target{Kind: render.Manifests, Dir: "x"}, files: func(text string) map[string]string {
		return map[string]string{"x/app.yaml": asCronJob(text)}
	}, not: func(c *checks.Check) string {
		switch {
		case !strings.Contains(c.Bad, "kind: Deployment"):
			return "is not about pods"
		case slices.Contains([]string{"liveness-probe", "readiness-probe"}, c.ID):
			return "is about what runs for ever"
		}
		return ""
	}},
	{name: "chart", target: render.Target{Kind: render.Helm, Dir: "x"}, files: func(text string) map[string]string {
		return map[string]string{"x/Chart.yaml": chartYAML, "x/templates/app.yaml": escaped(text)}
	}},
	{name: "overlay", target: render.Target{Kind: render.Kustomize, Dir: "x/prod"}, files: func(text string) map[string]string {
		return map[string]string{
			"x/prod/kustomization.yaml": "resources: [../base]\ncommonAnnotations: {stage: prod}\n",
			"x/base/kustomization.yaml": "resources: [app.yaml]\n", "x/base/app.yaml": text,
		}
	}, not: func(c *checks.Check) string {
		if nameless.MatchString(c.Bad) {
			return "its example is of no cluster"
		}
		return ""
	}},
}

// nameless are objects that are no cluster's: kustomize wants a name of each.
var nameless = regexp.MustCompile(`(?m)^kind: (Chart|Cluster|ClusterConfiguration|KubeletConfiguration|Kustomization|MachineConfig|Policy|EncryptionConfiguration|AuthenticationConfiguration)$`)

const chartYAML = "apiVersion: v2\nname: app\nversion: 0.1.0\n"

// TestMutations makes each check's passing example the failing one and back, in
// every form: what the check finds must come, and go, and stay where nothing but
// a comment changes.
func TestMutations(t *testing.T) {
	flipped := map[string]int{}
	for _, c := range checks.All {
		if c.Compare != nil {
			continue // TestDocumentation judges its examples against each other
		}
		bad := strings.ReplaceAll(c.Bad, " # want\n", "\n")
		for _, f := range forms {
			if f.not != nil && f.not(c) != "" {
				continue
			}
			flips(t, f.name, c, f.target, f.files(c.Good), f.files(bad))
			flipped[f.name]++
		}
		if good, bad, values := throughValues(c.Good, bad); good != nil {
			flips(t, "values", c, render.Target{Kind: render.Helm, Dir: "x"}, good, bad)
			flipped["values "+values]++
			flipped["values"]++
		}
	}
	for name, least := range map[string]int{"manifest": len(checks.All) * 8 / 10, "cron job": 25, "chart": len(checks.All) * 8 / 10, "overlay": len(checks.All) / 2, "values": 5} {
		if flipped[name] < least {
			t.Errorf("%d checks were flipped in the form %q, want %d at least", flipped[name], name, least)
		}
	}
	t.Log(flipped)
}

// flips holds what a check finds between two versions of a target.
func flips(t *testing.T, form string, c *checks.Check, target render.Target, good, bad map[string]string) {
	t.Helper()
	before, after := looked(t, c, target, good), looked(t, c, target, bad)
	if len(before.found) > 0 || len(after.found) == 0 {
		t.Errorf("%s as a %s: %d findings of the passing example and %d of the failing one", c.ID, form, len(before.found), len(after.found))
		return
	}
	for name, test := range map[string]struct {
		from, to               look
		brought, fixed, stayed int
	}{
		"good to bad": {before, after, len(after.found), 0, 0},
		"bad to good": {after, before, 0, len(after.found), 0},
		"bad to bad":  {after, looked(t, c, target, commented(bad)), 0, 0, len(after.found)},
	} {
		got := delta.Compare(delta.Match(test.from.objects, test.to.objects, nil), test.from.found, test.to.found)
		if len(got.New) != test.brought || len(got.Fixed) != test.fixed || len(got.Kept) != test.stayed {
			t.Errorf("%s as a %s, %s: %d new, %d fixed, %d kept; want %d, %d, %d", c.ID, form, name,
				len(got.New), len(got.Fixed), len(got.Kept), test.brought, test.fixed, test.stayed)
		}
	}
}

// look is what a target renders, and what a check finds there.
type look struct {
	objects []*manifest.Object
	found   []checks.Finding
}

func looked(t *testing.T, c *checks.Check, target render.Target, files map[string]string) look {
	t.Helper()
	tree := fstest.MapFS{}
	for name, text := range files {
		tree[name] = &fstest.MapFile{Data: []byte(text)}
	}
	result, err := render.Render(tree, target)
	if err != nil {
		t.Errorf("%s: %v", c.ID, err)
		return look{}
	}
	rules := []checks.Rule{{Check: c, Severity: c.Severity}}
	found, err := checks.Judge(rules, target.ID(), result.Judged(), judgedBy)
	if err != nil {
		t.Error(err)
	}
	return look{result.Judged(), found}
}

// commented are the files with a comment atop each that takes one.
func commented(files map[string]string) map[string]string {
	next := map[string]string{}
	for name, text := range files {
		next[name] = "# touched\n" + text
	}
	return next
}

// escaped is a manifest as the text of a template.
func escaped(text string) string { return strings.ReplaceAll(text, "{{", "{{ `{{` }}") }

// scalar is a line with a field and a plain value.
var scalar = regexp.MustCompile(`^( *(?:- )?\w+: )([\w./:@-]+)$`)

// throughValues makes charts of two examples that differ in the value of one
// field: it comes from values.yaml. Nil where they do not.
func throughValues(good, bad string) (goodChart, badChart map[string]string, field string) {
	from, to := strings.Split(good, "\n"), strings.Split(bad, "\n")
	if len(from) != len(to) {
		return nil, nil, ""
	}
	at := -1
	for i := range from {
		if from[i] != to[i] {
			if at >= 0 {
				return nil, nil, ""
			}
			at = i
		}
	}
	if at < 0 {
		return nil, nil, ""
	}
	a, b := scalar.FindStringSubmatch(from[at]), scalar.FindStringSubmatch(to[at])
	if a == nil || b == nil || a[1] != b[1] {
		return nil, nil, ""
	}
	lines := slices.Clone(from)
	lines[at] = a[1] + "{{ .Values.field | toJson }}"
	chart := func(value string) map[string]string {
		return map[string]string{"x/Chart.yaml": chartYAML, "x/templates/app.yaml": strings.Join(lines, "\n"), "x/values.yaml": "field: " + value + "\n"}
	}
	return chart(a[2]), chart(b[2]), strings.Trim(a[1], " -:")
}

// asCronJob puts the pods of an example's Deployments into CronJobs.
func asCronJob(text string) string {
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	decoder := yaml.NewDecoder(strings.NewReader(text))
	for {
		var doc map[string]any
		if err := decoder.Decode(&doc); err == io.EOF {
			return out.String()
		} else if err != nil {
			return fmt.Sprintf("%q: %v", text, err)
		}
		if doc["kind"] == "Deployment" {
			spec, _ := doc["spec"].(map[string]any)
			job := map[string]any{"template": spec["template"]}
			doc["apiVersion"], doc["kind"] = "batch/v1", "CronJob"
			doc["spec"] = map[string]any{"schedule": "@daily", "jobTemplate": map[string]any{"spec": job}}
		}
		if err := encoder.Encode(doc); err != nil {
			return err.Error()
		}
	}
}
