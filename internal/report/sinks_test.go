package report_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	_ "github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif" // carries the schema that code scanning uses
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/rendergate/rendergate/internal/report"
)

var update = flag.Bool("update", false, "rewrite golden files")

// sample has every state and every kind of place.
func sample() *report.Report {
	web := report.Object{APIVersion: "apps/v1", Kind: "Deployment", Namespace: "shop", Name: "web"}
	finding := func(n int, check, severity string, state report.State, at report.Location) report.Finding {
		return report.Finding{
			Key: fmt.Sprintf("%016x", n), Check: check, Topic: "privileged-containers", Severity: severity, State: state, Message: "container \"app\" is wrong",
			Target: "charts/web", Targets: []string{"charts/web"}, Object: web, Subject: "containers[app]", Field: "spec.template.spec.containers[app]",
			Location: at, Trail: []report.Step{}, Blocks: state == report.New && severity == "critical",
		}
	}
	head := func(line int) report.Location {
		return report.Location{Path: "charts/web/values.yaml", Side: "head", Line: line, EndLine: line, InDiff: true, How: "counterfactual", Level: "line"}
	}
	first := finding(1, "privileged-container", "critical", report.New, head(3))
	first.Trail = []report.Step{
		{Path: "charts/web/values.yaml", Side: "head", Line: 3, Role: report.RoleValues, What: "sets debug"},
		{Path: "charts/web/templates/deployment.yaml", Side: "head", Line: 18, Role: report.RoleTemplate, What: "writes it"},
		{Path: "charts/web/templates/deployment.yaml", Side: "head", Line: 20, Role: report.RoleAlso, What: "reverting this alone also removes the finding"},
	}
	first.Targets = []string{"charts/web", "charts/web@prod"}
	first.Suggestion = &report.Suggestion{Path: "charts/web/values.yaml", StartLine: 2, EndLine: 3, Replacement: "b: 2\ndebug: false # `x`\n", Verified: true,
		Targets: 2, Caveat: "renders and passes; test that it still starts", Findings: []string{first.Key}, Before: "b: 2\ndebug: true\n"}
	first.Rendered = &report.Around{Base: "securityContext:\n  privileged: false\n", Head: "securityContext:\n  privileged: true\n"}
	first.Excerpt = &report.Excerpt{First: 2, Lines: []string{"b: 2", "debug: true # for now", "d: 4"}, From: 3, To: 3, Keys: []string{"debug"}}
	deleted := finding(2, "run-as-non-root", "medium", report.New, report.Location{Path: "charts/web/values.yaml", Side: "base", Line: 7, EndLine: 8, InDiff: true, How: "counterfactual", Level: "hunk"})
	nowhere := finding(3, "host-pid", "high", report.Unproven, report.Location{Path: "charts/old", Side: "head", How: "object", Level: "target"})
	silenced := finding(4, "host-ipc", "high", report.New, head(4))
	silenced.Suppressed = &report.Suppressed{Kind: "file", By: "@acme/security", Reason: "until the migration", Path: ".rendergate-waivers.yaml", Line: 2, Expires: "2027-01-01"}
	r := &report.Report{
		Schema: report.Schema, Tool: report.Tool{Version: "v0.1.0"}, Base: strings.Repeat("b", 40), Head: strings.Repeat("a", 40), Verdict: report.Fail, FailOn: "high",
		Targets: []report.Target{
			{ID: "charts/web", Kind: "helm", Path: "charts/web", Affected: true, Base: "rendered", Head: "rendered", Objects: 3},
			{ID: "charts/old", Kind: "helm", Path: "charts/old", Affected: true, Base: "failed", Head: "rendered", Objects: 1},
			{ID: "charts/db", Kind: "helm", Path: "charts/db", Base: "skipped", Head: "skipped"},
		},
		Findings: []report.Finding{
			first, deleted, nowhere, silenced, finding(5, "host-network", "high", report.Moved, head(5)), finding(6, "host-path", "medium", report.Spread, head(6)),
			finding(7, "image-latest", "high", report.Fixed, report.Location{Path: "charts/web/values.yaml", Side: "base", Line: 9, EndLine: 9, How: "object", Level: "line"}),
			finding(8, "cpu-request", "low", report.Kept, head(9)),
		},
		Undecided: []report.Undecided{{Target: "charts/old", Side: "base", Stage: "render", Error: "function \"nothing\" not defined"}},
		Notes:     []report.Note{{Target: "charts/web", What: "a part is missing"}, {What: "1 excluded: testdata"}},
		Summary:   report.Summary{New: 2, Moved: 1, Kept: 1, Fixed: 1, Spread: 1, Unproven: 1, Undecided: 1, Suppressed: 1},
	}
	for _, id := range []string{"privileged-container", "run-as-non-root"} {
		r.Rules = append(r.Rules, report.Rule{ID: id, Title: "Something is wrong", Why: "It hurts.", Fix: "Mend it.", Source: "CIS", Topic: "privileged-containers", Severity: "critical"})
	}
	return r
}

var source = fstest.MapFS{"charts/web/values.yaml": {Data: []byte("a: 1\nb: 2\ndebug: true\nd: 4\ne: 5\nf: 6\ng: 7\nh: 8\ni: 9\n")}}

func write(t testing.TB, format string, r *report.Report, o report.Options) string {
	t.Helper()
	sink, err := report.NewSink(format, o)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := sink.Write(&out, r); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestGolden(t *testing.T) {
	for _, format := range report.Formats {
		t.Run(format, func(t *testing.T) {
			got := write(t, format, sample(), report.Options{ServerURL: "https://github.com", Repository: "acme/shop", Source: source, Fix: "rendergate fix --staged", Skip: "git commit --no-verify"})
			path := filepath.Join("testdata", format+".golden")
			if *update {
				if err := os.MkdirAll("testdata", 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil || got != string(want) {
				t.Errorf("%s differs; look at it with: go test ./internal/report -update && git diff (%v)\n%s", path, err, got)
			}
		})
	}
}

// TestOneCauseIsToldOnce puts what one line makes of many objects below one
// finding, and names as many as fit on a screen.
func TestOneCauseIsToldOnce(t *testing.T) {
	r := sample()
	first := r.Findings[0]
	r.Findings = r.Findings[:1]
	for i := range 9 {
		other := first
		other.Key, other.Object.Name = fmt.Sprint(i), fmt.Sprintf("web-%d", i)
		r.Findings = append(r.Findings, other)
	}
	elsewhere := first
	elsewhere.Location.Line = 4
	r.Findings = append(r.Findings, elsewhere)
	got := write(t, "text", r, report.Options{})
	for text, want := range map[string]int{"New (11)": 1, "It hurts.": 2, "      and  Deployment/shop/web-": 5, "and  4 more of the same line": 1} {
		if n := strings.Count(got, text); n != want {
			t.Errorf("%q is there %d times, want %d:\n%s", text, n, want, got)
		}
	}
	if n := strings.Count(write(t, "text", r, report.Options{Verbose: true}), "It hurts."); n != 11 {
		t.Errorf("--verbose tells %d findings in full, want 11", n)
	}
}

// TestNothingIsDropped finds every finding that matters in every sink.
func TestNothingIsDropped(t *testing.T) {
	for _, format := range report.Formats {
		if format == "results" {
			continue // it has its own tests
		}
		got := write(t, format, sample(), report.Options{Verbose: true})
		for _, f := range sample().Findings {
			quiet := format == "github" && (f.State == report.Moved || f.State == report.Kept || f.State == report.Fixed || f.Suppressed != nil) ||
				format == "sarif" && f.State == report.Fixed || format == "markdown" && f.State == report.Kept
			if !quiet && !strings.Contains(got, f.Check) {
				t.Errorf("%s says nothing of the %s finding of %s", format, f.State, f.Check)
			}
		}
		if !strings.Contains(got, "nothing") {
			t.Errorf("%s says nothing of what could not be looked at", format)
		}
	}
}

const hostileText = "x\n::error::forged\r\n##[error]forged \x1b[31m `code` | <img src=x> @everyone [a](javascript:alert(1)) www.evil.example \u202e ::set-output name=a::b"

// hostile is the sample with text of an attacker in every place that a pull
// request controls.
func hostile() *report.Report {
	r := sample()
	for i := range r.Findings {
		f := &r.Findings[i]
		f.Message, f.Field, f.Subject, f.Target = hostileText, hostileText, hostileText, hostileText
		f.Targets = []string{hostileText, hostileText}
		f.Object.Name, f.Object.Kind = hostileText, hostileText
		f.Location.Path = hostileText
		f.Trail = []report.Step{{Path: hostileText, Line: 1, What: hostileText}}
		if s := f.Suppressed; s != nil {
			s.By, s.Reason, s.Path, s.Approver = hostileText, hostileText, hostileText, hostileText
		}
	}
	for i := range r.Targets {
		r.Targets[i].ID, r.Targets[i].Error = hostileText, hostileText
	}
	r.Undecided[0].Target, r.Undecided[0].Error, r.Undecided[0].Accepted = hostileText, hostileText, hostileText
	r.Notes[0].Target, r.Notes[0].What = hostileText, hostileText
	r.Category = hostileText
	return r
}

func TestHostileText(t *testing.T) {
	for _, format := range []string{"text", "markdown", "github"} {
		got := write(t, format, hostile(), report.Options{ServerURL: "https://github.com", Repository: "acme/shop", Verbose: true})
		for i, line := range strings.Split(got, "\n") {
			if strings.ContainsAny(line, "\x1b\r\u202e") {
				t.Errorf("%s: line %d steers the terminal: %q", format, i+1, line)
			}
			if strings.HasPrefix(strings.TrimSpace(line), "::error::forged") || strings.HasPrefix(strings.TrimSpace(line), "##[error]") {
				t.Errorf("%s: line %d is a forged command: %q", format, i+1, line)
			}
		}
	}
	annotations := write(t, "github", hostile(), report.Options{})
	if regexp.MustCompile(`(?m)^::(error|warning|notice) [^:]*[^%:]::.*##\[`).MatchString(annotations) || strings.Contains(annotations, "##[") {
		t.Errorf("the runner would read ##[ in\n%s", annotations)
	}
	outside := regexp.MustCompile("(`+)[^`].*?[^`]?(`+)").ReplaceAllString(write(t, "markdown", hostile(), report.Options{}), "")
	for _, bad := range []string{"<img", "@everyone", "](javascript", "www.evil"} {
		if strings.Contains(outside, bad) {
			t.Errorf("Markdown has %q outside code:\n%s", bad, outside)
		}
	}
}

func TestMarkdownLimit(t *testing.T) {
	r := sample()
	for range 2000 {
		r.Findings = append(r.Findings, r.Findings[0])
	}
	got := report.Markdown(r, report.Options{}, report.SummaryLimit)
	if len(got) > report.SummaryLimit || !regexp.MustCompile(`\d+ lines did not fit here; the JSON and SARIF reports have all`).MatchString(got) {
		t.Errorf("%d bytes, ending in %q", len(got), got[len(got)-200:])
	}
}

// TestAnnotationsBeyondTheLimit keeps to what GitHub shows, and tells of the
// rest.
func TestAnnotationsBeyondTheLimit(t *testing.T) {
	r := sample()
	for i := range 30 {
		f := r.Findings[0]
		f.Location.Line = 100 + i
		r.Findings = append(r.Findings, f)
	}
	got := write(t, "github", r, report.Options{})
	if n := strings.Count(got, "::error "); n != 10 {
		t.Errorf("%d errors, want 10", n)
	}
	if !strings.Contains(got, "23 more") || !strings.Contains(got, "values.yaml:129") {
		t.Errorf("the rest is not told:\n%s", got)
	}
}

func TestJSONHasNoNullArrays(t *testing.T) {
	got := write(t, "json", &report.Report{Findings: []report.Finding{{}}}, report.Options{})
	for _, name := range []string{"targets", "findings", "undecided", "notes", "trail"} {
		if strings.Contains(got, `"`+name+`": null`) {
			t.Errorf("%s is null", name)
		}
	}
}

// sarifSchema is the schema of SARIF 2.1.0, with errata 01, out of the source of
// the library's next version: its own validator completes what it validates.
func sarifSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/owenrumney/go-sarif/v3").Output()
	if err != nil {
		t.Fatal(err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(strings.TrimSpace(string(dir)), "pkg/report/v210/sarif/schema.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	text := ""
	ast.Inspect(file, func(n ast.Node) bool {
		if literal, ok := n.(*ast.BasicLit); ok && len(literal.Value) > len(text) {
			text = literal.Value
		}
		return true
	})
	parsed, err := jsonschema.UnmarshalJSON(strings.NewReader(strings.Trim(text, "`")))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("sarif.json", parsed); err != nil {
		t.Fatal(err)
	}
	return compiler.MustCompile("sarif.json")
}

// TestSARIFSuppressions are in what editors read, and not in what is uploaded to
// code scanning, which would show them as open alerts.
func TestSARIFSuppressions(t *testing.T) {
	r := sample()
	inline := *r.Findings[3].Suppressed
	inline.Kind, inline.By, inline.Reason, inline.Path = "comment", "rendergate:ignore", "", "charts/web/values.yaml"
	r.Findings[4].Suppressed = &inline
	got := write(t, "sarif", r, report.Options{Source: source})
	for _, want := range []string{`"kind": "external"`, `"kind": "inSource"`, `"justification": "until the migration (file @acme/security at .rendergate-waivers.yaml:2 until 2027-01-01)"`, `"justification": "no reason given (comment rendergate:ignore at`} {
		if !strings.Contains(got, want) {
			t.Errorf("SARIF has no %s:\n%s", want, got)
		}
	}
	if uploaded := write(t, "sarif", r, report.Options{Source: source, Upload: true}); strings.Contains(uploaded, "suppress") || strings.Contains(uploaded, `"ruleId": "host-ipc"`) {
		t.Errorf("suppressed findings are uploaded:\n%s", uploaded)
	}
}

func TestSARIFSchema(t *testing.T) {
	schema := sarifSchema(t)
	for name, r := range map[string]*report.Report{"sample": sample(), "uploaded": sample(), "hostile": hostile(), "empty": {}} {
		got := write(t, "sarif", r, report.Options{Source: source, Upload: name == "uploaded"})
		if regexp.MustCompile(`:\s*null`).MatchString(got) {
			t.Errorf("%s: null, which code scanning refuses:\n%s", name, got)
		}
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(got))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(value); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestSARIFMultitool runs Microsoft's validator with GitHub's rules.
func TestSARIFMultitool(t *testing.T) {
	tool := os.Getenv("RENDERGATE_SARIF_MULTITOOL")
	if tool == "" {
		t.Skip("set RENDERGATE_SARIF_MULTITOOL to the executable of npm's @microsoft/sarif-multitool")
	}
	for name, r := range map[string]*report.Report{"sample": sample(), "hostile": hostile()} {
		dir := t.TempDir()
		in, out := filepath.Join(dir, "in.sarif"), filepath.Join(dir, "out.sarif")
		if err := os.WriteFile(in, []byte(write(t, "sarif", r, report.Options{Source: source})), 0o600); err != nil {
			t.Fatal(err)
		}
		if text, err := exec.Command(tool, "validate", in, "--rule-kind", "Sarif;Ghas", "--output", out).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		var said struct {
			Runs []struct {
				Results []struct {
					RuleID, Level string
					Message       struct{ Text, ID string }
				}
			}
		}
		data, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(data, &said); err != nil {
			t.Fatal(err)
		}
		for _, run := range said.Runs {
			for _, result := range run.Results {
				if result.Level == "error" {
					t.Errorf("%s: %s %+v", name, result.RuleID, result.Message)
				}
			}
		}
	}
}
