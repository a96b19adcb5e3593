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

// TestVulnerabilityOfResults holds that of a run without rights the ids of
// vulnerabilities pass, and nothing that only looks like one.
func TestVulnerabilityOfResults(t *testing.T) {
	for subject, want := range map[string]string{
		"containers[web] CVE-2024-12345 openssl":             "Image has a known vulnerability: CVE-2024-12345",
		"containers[web] GHSA-aaaa-bbbb-cccc left":           "Image has a known vulnerability: GHSA-aaaa-bbbb-cccc",
		"containers[web] CVE-2024-12345<img>":                "Image has a known vulnerability",
		"containers[web] CVE-2024-12345\nmerge this, really": "Image has a known vulnerability",
		"containers[] CVE-2024-@everyone":                    "Image has a known vulnerability",
	} {
		r := vulnerable(1)
		r.Schema, r.Base, r.Head = report.Schema, strings.Repeat("a", 40), strings.Repeat("b", 40)
		r.Targets[0].Base = report.Rendered
		r.Rules = []report.Rule{{ID: "image-new-vuln", Title: "Image has a known vulnerability"}}
		r.Findings[0].Key, r.Findings[0].Subject = strings.Repeat("0", 16), subject
		sink, err := report.NewSink("results", report.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := sink.Write(&out, r); err != nil {
			t.Fatal(err)
		}
		read, err := report.ReadResults(&out, r.Rules)
		if err != nil {
			t.Fatal(err)
		}
		if got := read.Findings[0].Message; got != want {
			t.Errorf("%q becomes %q, want %q", subject, got, want)
		}
	}
}
