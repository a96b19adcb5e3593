package report_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/rendergate/rendergate/internal/report"
)

func edges(n int) []report.Edge {
	var all []report.Edge
	for i := range n {
		all = append(all, report.Edge{From: fmt.Sprintf("Deployment shop/front%d", i), To: "Deployment shop/web", Ports: "TCP 80"})
	}
	return all
}

func graphOf(all []report.Edge, limit int) string {
	r := &report.Report{Findings: []report.Finding{
		{Check: "reachability-widened", Severity: "medium", State: report.New, Edges: all},
		{Check: "reachability-widened", Severity: "medium", State: report.New, Edges: all}, // another target shows the same
	}}
	return report.Markdown(r, report.Options{}, limit)
}

func TestGraph(t *testing.T) {
	text := graphOf([]report.Edge{
		{From: "any address", To: "Deployment shop/web", Ports: "TCP 80,443", Outside: true},
		{From: "Deployment shop/web", To: "Deployment shop/db", Ports: "any port", Possible: true},
	}, report.SummaryLimit)
	want := "```mermaid\n" + `flowchart LR
  n0(["any address"])
  n1["Deployment shop/web"]
  n0 -->|"TCP 80,443"| n1
  n2["Deployment shop/db"]
  n1 -.->|"any port"| n2
` + "```"
	if !strings.Contains(text, want) {
		t.Errorf("the summary does not draw\n%s\nbut says\n%s", want, text)
	}
	for _, want := range []string{"opens (2)", "| any address | Deployment shop/web | TCP 80,443 |  |", "| Deployment shop/web | Deployment shop/db | any port | possible |"} {
		if !strings.Contains(text, want) {
			t.Errorf("the summary has no %q:\n%s", want, text)
		}
	}
}

// TestGraphIsBounded: what does not fit is counted, never dropped in silence.
func TestGraphIsBounded(t *testing.T) {
	text := graphOf(edges(200), report.SummaryLimit)
	if !strings.Contains(text, "opens (200)") || !strings.Contains(text, "170 more are not drawn") || strings.Count(text, "-->|") != 30 {
		t.Errorf("200 edges are not drawn as 30 and counted:\n%s", text)
	}
	if !strings.Contains(text, "140 lines did not fit") {
		t.Errorf("the rows left out are not counted:\n%s", text[len(text)-400:])
	}
	if short := graphOf(edges(30), 3000); len(short) > 3000 || !strings.Contains(short, "did not fit") {
		t.Errorf("%d bytes: %s", len(short), short)
	}
}

// TestGraphHoldsNames: no name ends its label, its line or the fence.
func TestGraphHoldsNames(t *testing.T) {
	evil := "x\"] --> n9\n```\n<img src=x> @team %%{init: {}}%% | a `b` [c](https://example.com)\u202e #quot;"
	text := report.Mermaid([]report.Edge{{From: evil, To: evil + "2", Ports: evil}})
	for _, line := range strings.Split(strings.TrimSpace(text), "\n")[1:] {
		if strings.Count(line, `"`) != 2 || strings.ContainsAny(line[strings.Index(line, `"`)+1:strings.LastIndex(line, `"`)], "`<>|[]{}()@%&\"\u202e\n") {
			t.Errorf("a name is more than a label: %q", line)
		}
	}
	if whole := graphOf([]report.Edge{{From: evil, To: evil, Ports: evil}}, report.SummaryLimit); strings.Count(whole, "```") != 2 || strings.Contains(whole, "<img") {
		t.Errorf("a name is more than text: %s", whole)
	}
}
