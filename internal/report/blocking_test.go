package report_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/rendergate/rendergate/internal/report"
)

// TestBlockingSpreadIsUploaded holds that results of a pull request alone have
// all that blocks it, whatever its state.
func TestBlockingSpreadIsUploaded(t *testing.T) {
	r := &report.Report{Schema: report.Schema, Verdict: report.Fail, Findings: []report.Finding{
		{Key: "0000000000000001", Check: "host-pid", Severity: "high", State: report.Spread, Blocks: true, Message: "it blocks"},
		{Key: "0000000000000002", Check: "host-pid", Severity: "high", State: report.Spread, Message: "it does not"},
	}}
	sink, err := report.NewSink("sarif", report.Options{Upload: true, NewOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := sink.Write(&out, r); err != nil {
		t.Fatal(err)
	}
	if text := out.String(); !strings.Contains(text, "it blocks") || strings.Contains(text, "it does not") {
		t.Errorf("the results are\n%s", text)
	}
}

// TestHeadlineWithoutTheBlockers holds that a second stage which knows none of
// the checks that block does not count nothing.
func TestHeadlineWithoutTheBlockers(t *testing.T) {
	r := &report.Report{Verdict: report.Fail, FailOn: "high"}
	if got := report.Headline(r); !strings.Contains(got, "not shown here") {
		t.Errorf("the headline is %q", got)
	}
}
