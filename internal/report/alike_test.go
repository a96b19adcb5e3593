package report_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/rendergate/rendergate/internal/report"
)

// vulnerable is a report about an image with some new vulnerabilities.
func vulnerable(n int) *report.Report {
	r := &report.Report{FailOn: "high", Verdict: report.Fail, Targets: []report.Target{{ID: "a", Affected: true, Head: report.Rendered}}}
	for i := range n {
		r.Findings = append(r.Findings, report.Finding{
			Check: "image-new-vuln", Severity: "high", State: report.New, Target: "a", Targets: []string{"a"}, Blocks: true,
			Message: fmt.Sprintf("image has CVE-%d", i), Subject: fmt.Sprintf("containers[web] CVE-%d x|@everyone", i), Field: "spec.image",
			Object: report.Object{Kind: "Deployment", Name: "web"}, Location: report.Location{Path: "values.yaml", Side: report.Head, Line: 3, EndLine: 3, InDiff: true},
		})
	}
	r.Summary = report.Summarize(r)
	return r
}

// TestAlike holds that the many vulnerabilities of one image are one entry, with
// the names of the others and how many are not named.
func TestAlike(t *testing.T) {
	text := report.Markdown(vulnerable(40), report.Options{}, report.SummaryLimit)
	if n := strings.Count(text, "values.yaml:3"); n != 1 {
		t.Errorf("the place is named %d times in\n%s", n, text)
	}
	for _, want := range []string{"**New (40)**", "and 39 more: `CVE-1 x", "and 19 others"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
	if strings.Contains(text, "|@everyone") {
		t.Errorf("a subject breaks out of its cell:\n%s", text)
	}
	sink, err := report.NewSink("github", report.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := sink.Write(&out, vulnerable(40)); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(out.String(), "::error"); n != 1 {
		t.Errorf("%d annotations:\n%s", n, out.String())
	}
}

// TestNotAlike holds that what stands at another place, or is mended by itself, is
// told by itself.
func TestNotAlike(t *testing.T) {
	r := vulnerable(4)
	r.Findings[1].Location.Line = 4
	r.Findings[2].Severity = "critical"
	r.Findings[3].Suggestion = &report.Suggestion{}
	if groups := report.Alike(r.Findings); len(groups) != 4 {
		t.Errorf("%d groups of %d", len(groups), len(r.Findings))
	}
}
