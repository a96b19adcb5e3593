package github

import (
	"fmt"
	"strings"
	"testing"

	"github.com/rendergate/rendergate/internal/report"
)

// TestOneFieldIsToldOnce holds that the vulnerabilities of one image share what a
// comment says of the image, and that each keeps its message and its marker.
func TestOneFieldIsToldOnce(t *testing.T) {
	var s spot
	for i := range 40 {
		s.findings = append(s.findings, report.Finding{
			Key: fmt.Sprintf("%016x", i), Check: "image-new-vuln", Severity: "high", Message: fmt.Sprintf("image has CVE-%d <img>", i), Subject: fmt.Sprintf("containers[web] CVE-%d x", i),
			Object: report.Object{Kind: "Deployment", Name: "web"}, Field: "spec.image", Target: "a", Targets: []string{"a"}, Blocks: true,
		})
	}
	s.findings = append(s.findings, report.Finding{Key: "f", Check: "host-network", Severity: "high", Message: "other", Field: "spec", Target: "a", Targets: []string{"a"}})
	body := Poster{}.commentBody(s, nil)
	if n := strings.Count(body, "spec.image"); n != 1 {
		t.Errorf("the field is named %d times in\n%s", n, body)
	}
	for i := range 40 {
		if !strings.Contains(body, fmt.Sprintf("CVE&#45;%d ", i)) || !strings.Contains(body, fmt.Sprintf("fp=%016x", i)) {
			t.Errorf("CVE-%d is not told of, or has no marker", i)
		}
	}
	if strings.Contains(body, "<img>") || !strings.Contains(body, "\n---\n\n**host-network**") {
		t.Error(body)
	}
}

// TestCommonIsToldOnce holds that findings of one place share what is rendered,
// where it comes from, their edit and one fold of proofs.
func TestCommonIsToldOnce(t *testing.T) {
	edit := report.Suggestion{Path: "values.yaml", StartLine: 9, EndLine: 9, Before: "a: 1\n", Replacement: "a: 2\n", Verified: true, Targets: 1}
	var s spot
	for i, check := range []string{"host-pid", "host-ipc", "host-network"} {
		own := edit
		f := report.Finding{
			Key: fmt.Sprintf("%016x", i), Check: check, Severity: "high", Message: "shares it", Object: report.Object{Kind: "ClusterRole", Name: "web"}, Field: "spec", Target: "a", Targets: []string{"a"},
			Location: report.Location{Path: "Chart.yaml", Line: 2}, Rendered: &report.Around{Head: "kind: Pod\n"}, Suggestion: &own,
			Trail: []report.Step{{Path: "Chart.yaml", Line: 2, Role: report.RoleValues, What: "sets name"}, {Path: "pod.yaml", Line: 3, Role: report.RoleTemplate}},
		}
		if check == "host-ipc" { // between two that share an edit
			f.Suggestion = nil
		}
		s.findings = append(s.findings, f)
	}
	s.end = 2
	body := Poster{}.commentBody(s, []report.Rule{{ID: "host-pid", Source: "CIS 1"}, {ID: "host-ipc", Source: "CIS 2"}})
	for text, want := range map[string]int{
		"kind: Pod": 1, "sets `name`": 1, "Edit of": 1, "How this is known": 1, "host-pid: Rule: CIS 1.": 1, "host-ipc: Rule: CIS 2.": 1, "`ClusterRole/web spec` of `a`": 3, "**host-network**": 1,
	} {
		if n := strings.Count(body, text); n != want {
			t.Errorf("%q is there %d times, want %d:\n%s", text, n, want, body)
		}
	}
}
