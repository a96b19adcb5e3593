package github

import (
	"testing"

	"github.com/rendergate/rendergate/internal/report"
)

// TestWorthSaying holds that what blocks is told of where no finding of it is
// known, as of a repository's own policies in a second stage.
func TestWorthSaying(t *testing.T) {
	for verdict, want := range map[report.Verdict]bool{report.Pass: false, report.Fail: true, report.Unknown: true} {
		if got := worthSaying(&report.Report{Verdict: verdict}); got != want {
			t.Errorf("a summary of the verdict %s: %v", verdict, got)
		}
	}
	if !worthSaying(&report.Report{Verdict: report.Pass, Untold: 1}) {
		t.Error("what is new of checks that nobody knows is not worth a summary")
	}
}
