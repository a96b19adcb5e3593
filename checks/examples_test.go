package checks_test

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rendergate/rendergate/checks"
	"github.com/rendergate/rendergate/internal/delta"
	"github.com/rendergate/rendergate/render/manifest"
	"github.com/rendergate/rendergate/render/terraform"
)

var update = flag.Bool("update", false, "rewrite the list of ids and the documentation")

func TestExamples(t *testing.T) {
	for _, c := range checks.All {
		t.Run(c.ID, func(t *testing.T) {
			if c.Compare != nil {
				comparedExamples(t, c)
				return
			}
			if got, want := lines(t, c, c.Bad), wanted(c.Bad); !slices.Equal(got, want) || len(want) == 0 {
				t.Errorf("findings on lines %v, want %v, of\n%s", got, want, c.Bad)
			}
			for name, text := range map[string]string{"passing": c.Good, "near miss": c.NearMiss} {
				if got := lines(t, c, text); len(got) > 0 || text == "" {
					t.Errorf("findings on lines %v of the %s example, want none:\n%s", got, name, text)
				}
			}
			if c.Terraform != (checks.Examples{}) {
				terraformExamples(t, c)
			}
		})
	}
}

// comparedExamples holds the examples of a check that needs both sides, and that
// what does not change is nothing new.
func comparedExamples(t *testing.T, c *checks.Check) {
	t.Helper()
	plain := func(text string) []*manifest.Object {
		objects, err := manifest.Parse([]byte(text), manifest.Origin{})
		if err != nil {
			t.Fatal(err)
		}
		return objects
	}
	module := func(text string) []*manifest.Object {
		result, err := terraform.Evaluate(fstest.MapFS{"main.tf": {Data: []byte(text)}}, ".", nil)
		if err != nil || len(result.Skipped) > 0 {
			t.Fatalf("%v, skipped %v", err, result)
		}
		return result.Objects
	}
	comparedExample(t, c, plain, checks.Examples{Before: c.Before, Bad: c.Bad, Good: c.Good, NearMiss: c.NearMiss})
	if c.Terraform != (checks.Examples{}) {
		comparedExample(t, c, module, c.Terraform)
	}
}

func comparedExample(t *testing.T, c *checks.Check, read func(string) []*manifest.Object, e checks.Examples) {
	t.Helper()
	gone, found := changed(t, c, read(e.Before), read(e.Bad))
	if want, wantGone := wanted(e.Bad), wanted(e.Before); !slices.Equal(found, want) || !slices.Equal(gone, wantGone) || len(want)+len(wantGone) == 0 {
		t.Errorf("findings on lines %v of what is there and %v of what was, want %v and %v, of\n%s", found, gone, want, wantGone, e.Bad)
	}
	for name, text := range map[string]string{"passing": e.Good, "near miss": e.NearMiss} {
		if gone, found := changed(t, c, read(e.Before), read(text)); len(gone)+len(found) > 0 || text == "" {
			t.Errorf("findings on lines %v and %v of the %s example, want none:\n%s", found, gone, name, text)
		}
	}
	for _, text := range []string{e.Before, e.Bad, e.Good, e.NearMiss} {
		if gone, found := changed(t, c, read(text), read("# touched\n"+text)); len(gone)+len(found) > 0 {
			t.Errorf("findings on lines %v and %v of what did not change:\n%s", found, gone, text)
		}
	}
}

// changed are the lines of what a check finds in a change, in base and in head.
func changed(t *testing.T, c *checks.Check, base, head []*manifest.Object) (gone, found []int) {
	t.Helper()
	all, err := checks.Compare([]checks.Rule{{Check: c, Severity: c.Severity}}, "example", delta.SidesOf(base, head, nil), checks.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	gone, found = []int{}, []int{}
	for _, f := range all {
		if slices.Contains(base, f.Node.Object()) {
			gone = append(gone, f.Line)
		} else {
			found = append(found, f.Line)
		}
	}
	slices.Sort(gone)
	slices.Sort(found)
	return gone, found
}

func terraformExamples(t *testing.T, c *checks.Check) {
	t.Helper()
	if got, want := terraformLines(t, c, c.Terraform.Bad), wanted(c.Terraform.Bad); !slices.Equal(got, want) || len(want) == 0 {
		t.Errorf("findings on lines %v, want %v, of\n%s", got, want, c.Terraform.Bad)
	}
	for name, text := range map[string]string{"passing": c.Terraform.Good, "near miss": c.Terraform.NearMiss} {
		if got := terraformLines(t, c, text); len(got) > 0 || text == "" {
			t.Errorf("findings on lines %v of the %s example, want none:\n%s", got, name, text)
		}
	}
}

// terraformLines judges a module of one file.
func terraformLines(t *testing.T, c *checks.Check, text string) []int {
	t.Helper()
	result, err := terraform.Evaluate(fstest.MapFS{"main.tf": {Data: []byte(text)}}, ".", nil)
	if err != nil || len(result.Skipped) > 0 {
		t.Fatalf("%v, skipped %v", err, result)
	}
	found, err := checks.Judge([]checks.Rule{{Check: c, Severity: c.Severity}}, "example", result.Objects, checks.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	all := []int{}
	for _, f := range found {
		if f.Doubt == checks.Certain {
			all = append(all, f.Line)
		}
	}
	slices.Sort(all)
	return all
}

// lines judges an example and gives the lines of the findings, sorted.
func lines(t *testing.T, c *checks.Check, text string) []int {
	t.Helper()
	found := []int{}
	for _, f := range judge(t, text, c) {
		found = append(found, f.Line)
	}
	slices.Sort(found)
	return found
}

// judgedBy are what examples are judged by.
var judgedBy = checks.Settings{
	Registries:   []string{"ghcr.io/acme/"},
	ChartSources: []string{"https://charts.example.com", "oci://registry.example.com/", "http://chartmuseum.charts.svc.cluster.local:8080"},
	Scanned: map[string][]checks.Vulnerability{
		"registry.example.com/shop/vulnerable:1.1": {{ID: "CVE-2026-0001", Package: "openssl", Version: "3.0.1", Fixed: "3.0.2", Severity: checks.Critical}},
		"registry.example.com/shop/clean:1.1":      {},
	},
	Own: func(address string) (own, known bool) {
		return strings.Contains(address, "git.example.com"), strings.Contains(address, "git.")
	},
}

// judge parses manifests and runs checks over them as over one target.
func judge(t testing.TB, text string, all ...*checks.Check) []checks.Finding {
	t.Helper()
	objects, err := manifest.Parse([]byte(text), manifest.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	var rules []checks.Rule
	for _, c := range all {
		rules = append(rules, checks.Rule{Check: c, Severity: c.Severity})
	}
	found, err := checks.Judge(rules, "example", objects, judgedBy)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func wanted(text string) []int {
	var want []int
	for i, line := range strings.Split(text, "\n") {
		if strings.HasSuffix(line, "# want") {
			want = append(want, i+1)
		}
	}
	return want
}

func TestMetadata(t *testing.T) {
	known := map[string]bool{}
	var ids []string
	for _, c := range checks.All {
		ids = append(ids, c.ID)
		for field, value := range map[string]string{"Title": c.Title, "Since": c.Since, "Why": c.Why, "Fix": c.Fix, "Source": c.Source} {
			if value == "" {
				t.Errorf("%s: %s is empty", c.ID, field)
			}
		}
		if strings.HasSuffix(c.Title, ".") {
			t.Errorf("%s: the title ends with a full stop", c.ID)
		}
		functions := 0
		for _, set := range []bool{c.Run != nil, c.RunTarget != nil, c.Compare != nil} {
			if set {
				functions++
			}
		}
		if functions != 1 {
			t.Errorf("%s has %d functions, want one", c.ID, functions)
		}
		if !slices.Contains(checks.Topics, c.Topic) || c.Severity < checks.Low {
			t.Errorf("%s: topic %q, severity %s", c.ID, c.Topic, c.Severity)
		}
		if known[c.ID] {
			t.Errorf("%s is the id of two checks", c.ID)
		}
		known[c.ID] = true
		if again := slices.Sorted(slices.Values(c.Aliases)); len(slices.Compact(again)) < len(c.Aliases) || slices.Contains(c.Aliases, c.ID) {
			t.Errorf("%s is also known as %v, with a name twice", c.ID, c.Aliases)
		}
	}
	if !slices.IsSorted(ids) {
		t.Errorf("All is not sorted by id: %v", ids)
	}
	golden(t, filepath.Join("testdata", "ids.golden"), strings.Join(ids, "\n")+"\n")
}

// TestDocumentation keeps the pages as the checks say.
func TestDocumentation(t *testing.T) {
	folder := filepath.Join("..", "docs", "checks")
	var index strings.Builder
	index.WriteString("# Checks\n\nGenerated from the checks themselves; `rendergate explain` prints the same.\n")
	pages := map[string]bool{}
	said := saidOfExamples(t)
	for _, topic := range checks.Topics {
		header := "\n## " + string(topic) + "\n\n| Check | What is wrong | Severity | |\n|-|-|-|-|\n"
		for _, c := range checks.All {
			if c.Topic != topic {
				continue
			}
			off := ""
			if c.Off {
				off = "off by default"
			}
			index.WriteString(header + "| [" + c.ID + "](checks/" + c.ID + ".md) | " + c.Title + " | " + c.Severity.String() + " | " + off + " |\n")
			header = ""
			pages[c.ID+".md"] = true
			golden(t, filepath.Join("said", c.ID+".txt"), said[c.ID])
			golden(t, filepath.Join(folder, c.ID+".md"), checks.Page(c, said[c.ID]))
		}
	}
	golden(t, filepath.Join("..", "docs", "checks.md"), index.String())
	for _, folder := range []string{folder, "said"} {
		entries, err := os.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range entries {
			if !pages[strings.Replace(entry.Name(), ".txt", ".md", 1)] {
				t.Errorf("%s/%s is of no check; delete it", folder, entry.Name())
			}
		}
	}
}

func golden(t *testing.T, path, want string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(path)
	if err != nil || string(have) != want {
		t.Errorf("%s is not what the checks say; run: go test ./checks -update (%v)", path, err)
	}
}
