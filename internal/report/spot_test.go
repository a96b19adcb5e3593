package report_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rendergate/rendergate/internal/report"
)

// alert is what code scanning reads of a result.
type alert struct {
	RuleID    string
	Message   struct{ Text string }
	Locations []struct {
		PhysicalLocation struct {
			ArtifactLocation struct{ URI string }
			Region           struct{ StartLine, EndLine int }
		}
	}
	PartialFingerprints map[string]string
}

type sarifRun struct {
	Results     []alert
	Invocations []struct {
		ExecutionSuccessful        bool
		ToolExecutionNotifications []struct{ Message struct{ Text string } }
	}
}

func sarifOf(t *testing.T, r *report.Report, source fstest.MapFS) sarifRun {
	t.Helper()
	var o report.Options
	if source != nil { // a nil map in an interface would be a tree
		o.Source = source
	}
	var doc struct{ Runs []sarifRun }
	if err := json.Unmarshal([]byte(write(t, "sarif", r, o)), &doc); err != nil {
		t.Fatal(err)
	}
	return doc.Runs[0]
}

func one(key string, state report.State, at report.Location) report.Finding {
	return report.Finding{
		Key: key, Check: "host-pid", Severity: "high", State: state, Message: "pods share", Target: "web", Targets: []string{"web"},
		Object: report.Object{Kind: "Pod", Name: "a"}, Location: at,
	}
}

// TestSARIFPlaces holds that every alert stands at a file and a line of head.
func TestSARIFPlaces(t *testing.T) {
	tree := fstest.MapFS{"charts/web/.helmignore": {Data: []byte("x\n")}, "charts/web/Chart.yaml": {Data: []byte("a\nb\n")}, "plain/z.yaml": {Data: []byte("z")}}
	base := func(path string, line int) report.Location {
		return report.Location{Path: path, Side: report.Base, Line: line, EndLine: line, InDiff: true}
	}
	for name, c := range map[string]struct {
		at   report.Location
		dir  string
		want string
	}{
		"head":                {report.Location{Path: "charts/web/Chart.yaml", Side: report.Head, Line: 1, EndLine: 2}, "charts/web", "charts/web/Chart.yaml:1-2"},
		"deleted line":        {base("charts/web/Chart.yaml", 2), "charts/web", "charts/web/Chart.yaml:2-2"},
		"deleted at the end":  {base("charts/web/Chart.yaml", 9), "charts/web", "charts/web/Chart.yaml:2-2"},
		"deleted file":        {base("charts/web/values.yaml", 9), "charts/web", "charts/web/Chart.yaml:1-1"},
		"folder":              {report.Location{Path: "plain", Side: report.Head}, "plain", "plain/z.yaml:1-1"},
		"no path":             {report.Location{}, "charts/web", "charts/web/Chart.yaml:1-1"},
		"no target":           {report.Location{}, "gone", "charts/web/Chart.yaml:1-1"},
		"outside of the tree": {report.Location{Path: "../../etc/passwd", Line: 1}, "../..", "charts/web/Chart.yaml:1-1"},
	} {
		t.Run(name, func(t *testing.T) {
			r := &report.Report{Targets: []report.Target{{ID: "web", Path: c.dir}}, Findings: []report.Finding{one("k", report.New, c.at)}}
			got := ""
			result := sarifOf(t, r, tree).Results[0]
			for _, l := range result.Locations {
				got = fmt.Sprintf("%s:%d-%d", l.PhysicalLocation.ArtifactLocation.URI, l.PhysicalLocation.Region.StartLine, l.PhysicalLocation.Region.EndLine)
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if !strings.HasPrefix(got, c.at.Path) && !strings.Contains(result.Message.Text, c.at.Path) {
				t.Errorf("the message does not tell of %s: %s", c.at.Path, result.Message.Text)
			}
		})
	}
}

// TestSARIFAlwaysHasAPlace holds even where nothing is known, because code
// scanning rejects a whole file for one result without.
func TestSARIFAlwaysHasAPlace(t *testing.T) {
	r := &report.Report{Findings: []report.Finding{one("k", report.New, report.Location{})}}
	for name, tree := range map[string]fstest.MapFS{"no tree": nil, "an empty tree": {}} {
		places := sarifOf(t, r, tree).Results[0].Locations
		if len(places) != 1 || places[0].PhysicalLocation.ArtifactLocation.URI != ".rendergate.yaml" {
			t.Errorf("%s: %v", name, places)
		}
	}
}

// TestSARIFFingerprints holds that an alert is known by its finding, wherever
// its line goes and whatever stands beside it.
func TestSARIFFingerprints(t *testing.T) {
	tree := fstest.MapFS{"a.yaml": {Data: []byte("x\ny\n")}}
	at := report.Location{Path: "a.yaml", Side: report.Head, Line: 1, EndLine: 1}
	moved := report.Location{Path: "b.yaml", Side: report.Head, Line: 7, EndLine: 7}
	first, second := one("0123456789abcdef", report.New, at), one("fedcba9876543210", report.Kept, at)
	merged := first
	merged.State, merged.Location = report.Kept, moved
	prints := func(findings ...report.Finding) (all []string) {
		for _, result := range sarifOf(t, &report.Report{Findings: findings}, tree).Results {
			all = append(all, result.PartialFingerprints["primaryLocationLineHash"])
		}
		return all
	}
	if got := prints(first, second, first); !slices.Equal(got, []string{"0123456789abcdef:1", "0123456789abcdef:2", "fedcba9876543210:1"}) {
		t.Errorf("got %v", got)
	}
	if got := prints(merged); !slices.Equal(got, []string{"0123456789abcdef:1"}) {
		t.Errorf("after the merge: %v", got)
	}
}

// TestSARIFOnPullRequests has what is new, or may be, and nothing else.
func TestSARIFOnPullRequests(t *testing.T) {
	in := sample()
	in.Category = "charts/web"
	got := write(t, "sarif", in, report.Options{Source: source, Upload: true, NewOnly: true})
	var doc struct {
		Runs []struct {
			AutomationDetails struct{ ID string }
			Results           []struct {
				RuleID     string
				Properties struct{ State string }
			}
		}
	}
	if err := json.Unmarshal([]byte(got), &doc); err != nil {
		t.Fatal(err)
	}
	var rules []string
	for _, result := range doc.Runs[0].Results {
		rules = append(rules, result.RuleID+" "+result.Properties.State)
	}
	slices.Sort(rules)
	if want := []string{"could-not-look unproven", "host-pid unproven", "privileged-container new", "run-as-non-root new"}; !slices.Equal(rules, want) {
		t.Errorf("got %v, want %v", rules, want)
	}
	if len(doc.Runs) != 1 || doc.Runs[0].AutomationDetails.ID != "charts/web/" {
		t.Errorf("%d runs, the category is %q", len(doc.Runs), doc.Runs[0].AutomationDetails.ID)
	}
}

// TestSARIFUploaded says by a result what could not be looked at: code scanning
// throws away an analysis that failed, and takes what is missing for fixed.
func TestSARIFUploaded(t *testing.T) {
	r := sample()
	for upload, want := range map[bool]bool{true: true, false: false} {
		got := write(t, "sarif", r, report.Options{Source: source, Upload: upload})
		if strings.Contains(got, `"executionSuccessful": true`) != want || strings.Contains(got, `"ruleId": "could-not-look"`) != want {
			t.Errorf("upload %v:\n%s", upload, got)
		}
		if !strings.Contains(got, `could not look at charts/old at base (render): function`) {
			t.Errorf("what could not be looked at is not told:\n%s", got)
		}
	}
}

// TestSARIFRelated holds that an alert leads to the template and to the object.
func TestSARIFRelated(t *testing.T) {
	f := one("k", report.New, report.Location{Path: "values.yaml", Side: report.Head, Line: 3})
	f.Trail = []report.Step{{Path: "templates/pod.yaml", Line: 9, Role: report.RoleTemplate, What: "writes it"}}
	for at, want := range map[report.Location]string{
		{Path: "templates/pod.yaml", Line: 2}: "templates/pod.yaml:9 templates/pod.yaml:2",
		{Path: "templates/pod.yaml", Line: 9}: "templates/pod.yaml:9",
		{Path: "templates/pod.yaml"}:          "templates/pod.yaml:9",
		{Path: "values.yaml", Line: 3}:        "templates/pod.yaml:9",
		{}:                                    "templates/pod.yaml:9",
		{Path: "pod.yaml"}:                    "templates/pod.yaml:9 pod.yaml:1",
	} {
		f.Begins = at
		var doc struct {
			Runs []struct {
				Results []struct {
					Locations []struct {
						LogicalLocations []struct{ FullyQualifiedName, Kind string }
					}
					RelatedLocations []struct {
						PhysicalLocation struct {
							ArtifactLocation struct{ URI string }
							Region           struct{ StartLine int }
						}
					}
				}
			}
		}
		if err := json.Unmarshal([]byte(write(t, "sarif", &report.Report{Findings: []report.Finding{f}}, report.Options{})), &doc); err != nil {
			t.Fatal(err)
		}
		result := doc.Runs[0].Results[0]
		var got []string
		for _, l := range result.RelatedLocations {
			got = append(got, fmt.Sprintf("%s:%d", l.PhysicalLocation.ArtifactLocation.URI, l.PhysicalLocation.Region.StartLine))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%v: got %v, want %s", at, got, want)
		}
		if object := result.Locations[0].LogicalLocations[0]; object.FullyQualifiedName != "Pod//a" || object.Kind != "resource" {
			t.Errorf("the object is %+v", object)
		}
	}
}

// TestSARIFCut tells what code scanning would drop in silence.
func TestSARIFCut(t *testing.T) {
	for n, want := range map[int]string{5000: "", 5001: "keeps the 5000 most severe of these 5001", 25_002: "2 more are left out"} {
		r := &report.Report{Findings: make([]report.Finding, n)}
		if got := report.Cut(r, report.Options{Upload: true}); (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%d: %q", n, got)
		}
	}
}

// TestSARIFLimit keeps what blocks and tells what it left out.
func TestSARIFLimit(t *testing.T) {
	r := &report.Report{}
	for i := range 25_001 {
		r.Findings = append(r.Findings, one(fmt.Sprint(i), report.Kept, report.Location{Path: "a.yaml", Line: 1}))
	}
	last := one("blocks", report.Spread, report.Location{Path: "a.yaml", Line: 1})
	last.Blocks = true
	r.Findings = append(r.Findings, last)
	run := sarifOf(t, r, nil)
	if n := len(run.Results); n != 25_000 || run.Results[0].PartialFingerprints["rendergate/v1"] != "blocks" {
		t.Errorf("%d results, the first is %v", n, run.Results[0])
	}
	notes := run.Invocations[0].ToolExecutionNotifications
	if len(notes) != 1 || !strings.HasPrefix(notes[0].Message.Text, "2 results are left out") {
		t.Errorf("left out and told: %v", notes)
	}
}

// TestSARIFLinks holds that only our own links are links.
func TestSARIFLinks(t *testing.T) {
	f := one("k", report.New, report.Location{Path: "a.yaml", Line: 1})
	f.Message = `[a](javascript:1) \[b](javascript:2) \\[c\](javascript:3)`
	f.Trail = []report.Step{{Path: "b.yaml", Line: 2, What: "[d](1)"}, {What: "[e](1)"}, {Path: "[f](3).yaml", Line: 2}}
	got := sarifOf(t, &report.Report{Findings: []report.Finding{f}}, nil).Results[0].Message.Text
	bare := regexp.MustCompile(`\\.`).ReplaceAllString(got, "") // what an escape leaves
	if strings.Count(bare, "[") != 2 || !strings.Contains(bare, "[b.yaml:2](1)") || !strings.Contains(bare, "[see](2)") {
		t.Errorf("%s\nleaves %s", got, bare)
	}
}

// TestOneTreeShowsEveryState holds for --why, which tells of a new finding as
// if it were a tree, and for what was suppressed.
func TestOneTreeShowsEveryState(t *testing.T) {
	for _, format := range []string{"text", "markdown"} {
		r := sample()
		r.Scan = true
		got := write(t, format, r, report.Options{})
		for _, f := range r.Findings {
			if !strings.Contains(got, f.Check) {
				t.Errorf("%s says nothing of %s:\n%s", format, f.Check, got)
			}
		}
		if !strings.Contains(got, "7 findings in this tree") {
			t.Errorf("%s counts wrongly:\n%s", format, got)
		}
	}
}

func TestTextOrder(t *testing.T) {
	r := sample()
	r.Findings[0], r.Findings[1] = r.Findings[1], r.Findings[0]
	got := write(t, "text", r, report.Options{})
	if strings.Index(got, "[privileged-container]") > strings.Index(got, "[run-as-non-root]") {
		t.Errorf("what blocks is not first:\n%s", got)
	}
	r.Scan = true
	got = write(t, "text", r, report.Options{})
	if strings.Count(got, "charts/web/values.yaml (6)\n") != 1 || !strings.Contains(got, "charts/old (1)\n") {
		t.Errorf("not by file:\n%s", got)
	}
}

// TestCommandToLook is printed only where nobody can be made to run more.
func TestCommandToLook(t *testing.T) {
	for path, want := range map[string]bool{"charts/old": true, ".": true, "a;id": false, "$(id)": false, "--repo=x": false, "a b": false, "a\nb": false} {
		r := sample()
		r.Targets[1].Path = path
		got := write(t, "text", r, report.Options{})
		if strings.Contains(got, "rendergate render --rev "+r.Base+" "+path+"\n") != want || strings.Contains(got, "rendergate render") != want {
			t.Errorf("%q:\n%s", path, got)
		}
	}
}

// TestHostileMarkdown allows no markup outside of code but our own.
func TestHostileMarkdown(t *testing.T) {
	got := write(t, "markdown", hostile(), report.Options{})
	outside := regexp.MustCompile("``.*?[^`]``(?:[^`]|$)").ReplaceAllString(got, "")
	outside = regexp.MustCompile(`</?(br|details|summary|sub)>`).ReplaceAllString(outside, "")
	if bad := regexp.MustCompile(`[<>@]|\]\(|!\[|https?:|www\.`).FindString(outside); bad != "" {
		t.Errorf("%q outside of code:\n%s", bad, outside)
	}
	for line := range strings.Lines(got) {
		if strings.HasPrefix(line, "| ") && strings.Count(line, "|") != 5 && strings.Count(line, "|") != 7 {
			t.Errorf("a row has %d bars: %s", strings.Count(line, "|"), line)
		}
	}
}

// TestHostileAnnotations holds that the only line breaks in a message are ours.
func TestHostileAnnotations(t *testing.T) {
	got := write(t, "github", hostile(), report.Options{})
	if strings.Contains(got, "%0A") || strings.Contains(got, "%0D") {
		t.Errorf("untrusted text begins a line:\n%s", got)
	}
	for line := range strings.Lines(strings.TrimSpace(got)) {
		if !regexp.MustCompile(`^(::(error|warning|notice) [^:]+::|rendergate: )`).MatchString(line) {
			t.Errorf("not a command of ours: %s", line)
		}
	}
}

func TestNoLinkWithoutACommit(t *testing.T) {
	r := sample()
	r.Base, r.Head = "", ""
	if got := write(t, "markdown", r, report.Options{ServerURL: "https://github.com", Repository: "acme/shop"}); strings.Contains(got, "/blob/") {
		t.Errorf("a link to nowhere:\n%s", got)
	}
}

// full is a disk that takes no more.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

func TestWriteErrorsAreReturned(t *testing.T) {
	for _, format := range report.Formats {
		sink, err := report.NewSink(format, report.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := sink.Write(full{}, sample()); !errors.Is(err, io.ErrShortWrite) {
			t.Errorf("%s: %v", format, err)
		}
	}
	if _, err := report.NewSink("xml", report.Options{}); err == nil || !strings.Contains(err.Error(), strings.Join(report.Formats, ", ")) {
		t.Errorf("an unknown format: %v", err)
	}
}
