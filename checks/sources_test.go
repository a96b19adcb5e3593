package checks_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"go.yaml.in/yaml/v3"

	"github.com/rendergate/rendergate/checks"
	"github.com/rendergate/rendergate/render/cloudformation"
	"github.com/rendergate/rendergate/render/manifest"
	"github.com/rendergate/rendergate/render/terraform"
)

// sources are files of the sources of infrastructure that no check's examples
// are written in: each line says which checks find something there.
func sources(t *testing.T) map[string]string {
	t.Helper()
	names, err := filepath.Glob("testdata/sources/*")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	all := map[string]string{}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(name)] = string(data)
	}
	return all
}

// described are the objects of a file: what its module or its templates deploy,
// or its manifests.
func described(t *testing.T, name, text string) []*manifest.Object {
	t.Helper()
	if strings.HasSuffix(name, ".tf") {
		result, err := terraform.Evaluate(fstest.MapFS{name: {Data: []byte(text)}}, ".", nil)
		if err != nil || len(result.Skipped) > 0 {
			t.Fatalf("%v, skipped %v", err, result)
		}
		return result.Objects
	}
	templates, err := cloudformation.Parse(name, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if len(templates) == 0 {
		objects, err := manifest.Parse([]byte(text), manifest.Origin{Path: name, Exact: true})
		if err != nil || len(objects) == 0 {
			t.Fatal(objects, err)
		}
		return objects
	}
	var all []*manifest.Object
	for _, template := range templates {
		found, err := template.Evaluate(nil)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, found.Objects...)
	}
	return all
}

// everything switches all checks on, those of hygiene that every manifest fails
// aside.
func everything(t *testing.T) []checks.Rule {
	t.Helper()
	rules, err := checks.Rules(checks.All, checks.Selection{EnableAll: true, Disable: []string{"schema-invalid", "default-namespace"}})
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

// TestSources holds that all checks find what the lines say, and nothing else.
func TestSources(t *testing.T) {
	for name, text := range sources(t) {
		t.Run(name, func(t *testing.T) {
			found, err := checks.Judge(everything(t), name, described(t, name, text), checks.Settings{})
			if err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(text, "\n")
			got, want := map[int][]string{}, map[int][]string{}
			for i, line := range lines {
				if _, ids, says := strings.Cut(line, "# want "); says {
					want[i+1] = strings.Fields(ids)
					slices.Sort(want[i+1])
				}
			}
			for _, f := range found {
				if f.Doubt == checks.Certain {
					got[f.Line] = append(got[f.Line], f.Check.ID)
					slices.Sort(got[f.Line])
				}
			}
			for _, line := range slices.Sorted(maps.Keys(got)) {
				if fmt.Sprint(got[line]) != fmt.Sprint(want[line]) {
					t.Errorf("%s:%d: found %v, want %v: %s", name, line, got[line], want[line], strings.TrimSpace(lines[line-1]))
				}
			}
			for line, ids := range want {
				if got[line] == nil {
					t.Errorf("%s:%d: found nothing, want %v: %s", name, line, ids, strings.TrimSpace(lines[line-1]))
				}
			}
		})
	}
}

// TestUnknownSourcesFindNoMore takes each value of those files away: no
// check finds something then in an object that it passed before.
func TestUnknownSourcesFindNoMore(t *testing.T) {
	rules := everything(t)
	for name, text := range sources(t) {
		objects := described(t, name, text)
		before := certain(t, rules, objects)
		var roots []*yaml.Node
		for _, o := range objects {
			roots = append(roots, o.Root.YAML())
		}
		for _, at := range valuesIn(roots) {
			was := *at.node
			*at.node = *manifest.NewUnknown(at.node.Line)
			for key, message := range certain(t, rules, objects) {
				if before[key] == "" {
					t.Errorf("%s: where %s on line %d is unknown: %s", name, at.key, at.node.Line, message)
				}
			}
			*at.node = was
		}
	}
}

// certain are the findings of which there is no doubt, by check and object.
func certain(t *testing.T, rules []checks.Rule, objects []*manifest.Object) map[string]string {
	t.Helper()
	found, err := checks.Judge(rules, "source", objects, checks.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, f := range found {
		if f.Doubt == checks.Certain {
			all[fmt.Sprint(f.Check.ID, f.Object)] = f.Check.ID + ": " + f.Message
		}
	}
	return all
}
