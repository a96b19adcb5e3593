package report_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/rendergate/rendergate/internal/report"
)

// TestHeadlineSaysWhatWasNotSeen in every verdict: could not look is never nothing
// found.
func TestHeadlineSaysWhatWasNotSeen(t *testing.T) {
	blocking, quiet := sample().Findings[0], sample().Findings[1]
	for _, c := range []struct {
		verdict  report.Verdict
		findings []report.Finding
		places   int
		want     string
	}{
		{report.Pass, nil, 0, "Nothing new"},
		{report.Pass, nil, 2, "Nothing new in what could be looked at; 2 places could not be looked at"},
		{report.Pass, []report.Finding{quiet}, 1, "Nothing blocks: 1 new finding, none at or above high; 1 place could not be looked at"},
		{report.Fail, []report.Finding{blocking, quiet}, 1, "This change is blocked: 1 new finding at or above high; 1 place could not be looked at"},
		{report.Unknown, nil, 2, "Undecided: 2 places could not be looked at, and nobody can say what is new there"},
		{report.Unknown, []report.Finding{quiet}, 1, "Undecided: 1 place could not be looked at, and nobody can say what is new there; elsewhere 1 new finding, none at or above high"},
	} {
		r := &report.Report{Verdict: c.verdict, Findings: c.findings, FailOn: "high"}
		for range c.places {
			r.Undecided = append(r.Undecided, report.Undecided{Target: "charts/web", Side: "head", Stage: "render", Error: "no"})
		}
		r.Summary = report.Summarize(r)
		if got := report.Headline(r); got != c.want {
			t.Errorf("%s, %d findings, %d places: %q, want %q", c.verdict, len(c.findings), c.places, got, c.want)
		}
	}
}

// TestSummaryOfMuch shows what blocks and folds the rest, tells a reason of several
// targets once and first where it decides, and loses nothing.
func TestSummaryOfMuch(t *testing.T) {
	r := sample()
	first, quiet := r.Findings[0], r.Findings[1]
	r.Findings, r.Undecided, r.Notes = nil, nil, []report.Note{{What: "this change changes the workflow"}}
	for i := range 30 {
		f := quiet
		if i < 2 {
			f = first
		}
		f.Key, f.Object.Name = fmt.Sprint(i), fmt.Sprintf("web-%d", i)
		if f.Severity = "medium"; i > 20 {
			f.Severity = "low"
		}
		edit := *first.Suggestion
		edit.StartLine = i + 2
		f.Suggestion, f.Rendered = &edit, &report.Around{Base: fmt.Sprintf("a: %d\n", i), Head: "a: x\n"}
		r.Findings = append(r.Findings, f)
		r.Notes = append(r.Notes, report.Note{Target: fmt.Sprintf("note-%d", i), What: "a part is missing"})
	}
	for _, target := range []string{"charts/a", "charts/b", "charts/c"} {
		r.Undecided = append(r.Undecided, report.Undecided{Target: target, Side: "head", Stage: "render", Error: "the same reason"})
	}
	r.Verdict, r.Summary = report.Unknown, report.Summarize(r)
	got := write(t, "markdown", r, report.Options{})
	open := unfolded(got)
	order := []string{"### rendergate: Undecided", "**Could not look (3)**", "- `charts/a`, `charts/b`, `charts/c` at head (render): the same reason", "| target |", "**New, blocks (2)**", "web-1 ", "the workflow"}
	last := -1
	for _, want := range order {
		at := strings.Index(open, want)
		if at <= last {
			t.Errorf("%q is not in its place:\n%s", want, open)
		}
		last = at
	}
	for _, not := range []string{"web-2 ", "Edit of", "Rendered: ", "note-1"} {
		if strings.Contains(open, not) {
			t.Errorf("%q is not folded:\n%s", not, open)
		}
	}
	for _, want := range []string{"New, blocks nothing: 19 medium, 9 low (28)", "web-29 ", "Edits that are proven to mend what is new (30)", "What is rendered around it (30)", "note-29"} {
		if !strings.Contains(got, want) {
			t.Errorf("nothing of %q in\n%s", want, got)
		}
	}
}

// unfolded is Markdown without what a reader has to open.
func unfolded(text string) string {
	var open []string
	depth := 0
	for line := range strings.Lines(text) {
		depth += strings.Count(line, "<details>")
		if depth == 0 {
			open = append(open, line)
		}
		depth -= strings.Count(line, "</details>")
	}
	return strings.Join(open, "")
}

// TestOwnTargetIsNotRepeated where the table names one alone.
func TestOwnTargetIsNotRepeated(t *testing.T) {
	r := sample()
	r.Findings = r.Findings[1:2]
	of := "spec.template.spec.containers[app]` of `charts/web`"
	if got := write(t, "markdown", r, report.Options{}); !strings.Contains(got, of) {
		t.Errorf("of two targets the finding's is not named:\n%s", got)
	}
	r.Targets = slices.DeleteFunc(r.Targets, func(t report.Target) bool { return t.ID == "charts/old" })
	if got := write(t, "markdown", r, report.Options{}); strings.Contains(got, of) {
		t.Errorf("the only target is named again:\n%s", got)
	}
}
