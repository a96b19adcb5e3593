package github_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/rendergate/rendergate/internal/githubtest"
	"github.com/rendergate/rendergate/internal/report"
)

// added is a new file with so many lines, none like another.
func added(name string, lines int) githubtest.File {
	text := []string{fmt.Sprintf("@@ -0,0 +1,%d @@", lines)}
	for i := range lines {
		text = append(text, "+"+numbered(i+1))
	}
	return githubtest.File{Name: name, Status: "added", Patch: strings.Join(text, "\n")}
}

func numbered(line int) string { return fmt.Sprintf("l%d: 1", line) }

// TestSecondRunOverTheCap keeps what the first run left to the summary there:
// otherwise each run would post the next thirty.
func TestSecondRunOverTheCap(t *testing.T) {
	var files []githubtest.File
	var findings []report.Finding
	for i := range 60 {
		f := finding(i+1, "head", 1, 1)
		f.Location.Path = fmt.Sprintf("values-%02d.yaml", i)
		files, findings = append(files, added(f.Location.Path, 1)), append(findings, f)
	}
	server, p := start(t, githubtest.Scenario{Files: files})
	p.Lines = nil
	post(p, reportOf(findings...))
	server.Change(func(*githubtest.Scenario) {})
	o := post(p, reportOf(findings...))
	if w := server.Writes(); len(w) != 0 {
		t.Errorf("second run wrote %v", w)
	}
	if len(o.Existing) != 40 || len(o.Elsewhere) != 20 {
		t.Errorf("%d existing and %d elsewhere, want 40 and 20", len(o.Existing), len(o.Elsewhere))
	}
}

// TestManyFindingsOnOneLine has more keys than a comment has room for markers.
func TestManyFindingsOnOneLine(t *testing.T) {
	server, p := start(t, githubtest.Scenario{})
	var findings []report.Finding
	for i := range 3000 {
		findings = append(findings, finding(i+1, "head", 2, 2))
	}
	post(p, reportOf(findings...))
	server.Change(func(*githubtest.Scenario) {})
	post(p, reportOf(findings...))
	if w := server.Writes(); len(w) != 0 {
		t.Errorf("second run wrote %v", w)
	}
}

// TestUndecidedIsNotFixed leaves the comments of a target that could not be
// looked at as they are.
func TestUndecidedIsNotFixed(t *testing.T) {
	for name, r := range map[string]*report.Report{
		"undecided": {Verdict: report.Unknown, Undecided: []report.Undecided{{Target: "charts/web", Side: "head", Stage: "render", Error: "no"}}},
		"failed":    {Verdict: report.Pass, Targets: []report.Target{{ID: "charts/web", Affected: true, Base: report.Failed, Head: report.Failed}}},
		"partial":   {Verdict: report.Pass, Targets: []report.Target{{ID: "charts/web", Affected: true, Base: report.Partial, Head: report.Partial}}},
	} {
		server, p := start(t, githubtest.Scenario{})
		post(p, reportOf(finding(1, "head", 2, 2)))
		if o := post(p, r); o.Fixed != 0 || strings.Contains(server.State().Review[0].Body, "**Fixed**") {
			t.Errorf("%s: said to be fixed: %+v", name, o)
		}
	}
}

// TestForgedMarkers puts markers where text of the pull request stands
// verbatim: names in code spans, and suggestions.
func TestForgedMarkers(t *testing.T) {
	forged := marker(2)
	server, p := start(t, githubtest.Scenario{})
	f := finding(1, "head", 2, 2)
	f.Object.Name, f.Field, f.Target = forged, "<!-- rendergate:v1 fixed -->", forged
	f.Suggestion = &report.Suggestion{Path: "values.yaml", StartLine: 2, EndLine: 2, Replacement: "b: 4\n" + forged, Verified: true}
	post(p, reportOf(f))
	second := finding(2, "head", 3, 3)
	o := post(p, reportOf(f, second))
	if len(o.Existing) != 1 || len(o.Inline) != 1 || len(server.State().Review) != 2 {
		t.Errorf("existing %v, inline %v", o.Existing, o.Inline)
	}
	post(p, &report.Report{Verdict: report.Pass})
	for _, c := range server.State().Review {
		if !strings.Contains(c.Body, "**Fixed**") {
			t.Errorf("not said to be fixed:\n%s", c.Body)
		}
	}
}

// TestRenamedFile comments under the new name, which is the only one that
// GitHub knows, also on a line of the old file.
func TestRenamedFile(t *testing.T) {
	server, p := start(t, githubtest.Scenario{Files: []githubtest.File{
		{Name: "b.yaml", Previous: "a.yaml", Status: "renamed", Patch: "@@ -1,2 +1,2 @@\n-from a\n+of b\n same"},
		{Name: "a.yaml", Previous: "b.yaml", Status: "renamed", Patch: "@@ -1,2 +1,2 @@\n-from b\n+of a\n same"},
	}})
	p.Lines = func(side, path string) []string {
		return map[string][]string{
			"base a.yaml": {"from a", "same"}, "base b.yaml": {"from b", "same"}, "head a.yaml": {"of a", "same"}, "head b.yaml": {"of b", "same"},
		}[side+" "+path]
	}
	var findings []report.Finding
	for i, at := range [][2]string{{"base", "a.yaml"}, {"base", "b.yaml"}, {"head", "a.yaml"}, {"head", "b.yaml"}} {
		f := finding(i+1, at[0], 1, 1)
		f.Location.Path = at[1]
		findings = append(findings, f)
	}
	o := post(p, reportOf(findings...))
	if len(o.Inline) != 4 || len(o.Degraded) > 0 {
		t.Fatalf("outcome %+v", o)
	}
	var got []string
	for _, c := range server.State().Review {
		got = append(got, c.Side+" "+c.Path)
	}
	if want := "LEFT b.yaml, LEFT a.yaml, RIGHT a.yaml, RIGHT b.yaml"; strings.Join(got, ", ") != want {
		t.Errorf("posted %v, want %s", got, want)
	}
}
