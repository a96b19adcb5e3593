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
