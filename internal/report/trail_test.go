package report_test

import (
	"testing"

	"github.com/rendergate/rendergate/internal/report"
)

func TestProofAndOrigin(t *testing.T) {
	step := func(role, path string, line int, what string) report.Step {
		return report.Step{Path: path, Side: report.Head, Line: line, Role: role, What: what}
	}
	at := report.Location{Path: "values.yaml", Side: report.Head, Line: 7, EndLine: 7, InDiff: true, How: "counterfactual", Level: "line"}
	deleted := report.Location{Path: "values.yaml", Side: report.Base, Line: 7, EndLine: 8, InDiff: true, How: "counterfactual", Level: "line"}
	traced := report.Location{Path: "pod.yaml", Side: report.Head, Line: 3, EndLine: 3, InDiff: true, How: "traced", Level: "line"}
	for name, c := range map[string]struct {
		at            report.Location
		trail         []report.Step
		proof, origin string
	}{
		"a line": {at, nil, "Without <values.yaml:7> this finding disappears: head was rendered so.", ""},
		"a deletion": {deleted, nil,
			"Without <the deletion of values.yaml:7-8> this finding disappears: head was rendered so.", ""},
		"a set": {at, []report.Step{step(report.RoleWith, "b.yaml", 2, ""), step(report.RoleWith, "c.yaml", 3, "")},
			"Without <values.yaml:7>, <b.yaml:2> and <c.yaml:3> this finding disappears: head was rendered so.", ""},
		"either": {at, []report.Step{step(report.RoleAlso, "b.yaml", 2, "")},
			"Without <values.yaml:7> this finding disappears: head was rendered so. It also disappears without <b.yaml:2>.", ""},
		"switched on": {traced, []report.Step{step(report.RoleFile, "pod.yaml", 3, "has it"), step(report.RoleSwitch, "kustomization.yaml", 9, "")},
			"<kustomization.yaml:9> switches the object on.", ""},
		"the way of a value": {at, []report.Step{step(report.RoleValues, "values.yaml", 7, "sets image.tag"), step(report.RoleCall, "a.yaml", 1, ""), step(report.RoleTemplate, "_h.tpl", 4, "writes it")},
			"Without <values.yaml:7> this finding disappears: head was rendered so.", "<values.yaml:7> sets <image.tag>, and <_h.tpl:4> writes it."},
		"included": {at, []report.Step{step(report.RoleCall, "a.yaml", 1, ""), step(report.RoleTemplate, "_h.tpl", 4, "writes it")},
			"Without <values.yaml:7> this finding disappears: head was rendered so.", "<a.yaml:1> includes what <_h.tpl:4> writes."},
	} {
		t.Run(name, func(t *testing.T) {
			f := report.Finding{Location: c.at, Trail: c.trail}
			quote := func(s string) string { return "<" + s + ">" }
			if got := report.Proof(f, quote); got != c.proof {
				t.Errorf("proof %q, want %q", got, c.proof)
			}
			if got := report.Origin(f, quote); got != c.origin {
				t.Errorf("origin %q, want %q", got, c.origin)
			}
		})
	}
}
