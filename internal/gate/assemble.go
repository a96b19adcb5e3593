package gate

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"github.com/rendergate/rendergate/checks"
	"github.com/rendergate/rendergate/internal/blame"
	"github.com/rendergate/rendergate/internal/report"
	"github.com/rendergate/rendergate/render/manifest"
)

// assembly turns placed findings into report data: one entry for what shows in
// several targets, a key for each, and nothing secret in any text.
type assembly struct {
	spreads bool // spread findings block too
	redact  manifest.Redactor
	owners  owners
	around  surroundings
	changes *changes // nil where there is nothing to compare
	source  excerpts
}

func (a assembly) findings(all []placed) []report.Finding {
	m := merger{index: map[string][]int{}, about: map[string][]int{}}
	for _, declared := range []bool{false, true} { // so that what stands alone is there for releases to join
		for _, p := range all {
			if (p.target.any().Declared != nil) == declared {
				m.add(p, a.finding(p))
			}
		}
	}
	for i, p := range m.from {
		if p.source != nil {
			m.merged[i].Location, m.merged[i].Trail = a.location(*p.source), a.trail(p.source.Trail)
			m.merged[i].Owners = a.owners.of(p.source.Path)
		}
	}
	slices.SortStableFunc(m.merged, compareFindings)
	number(m.merged)
	nameRemoved(m.merged)
	return m.merged
}

func (a assembly) finding(p placed) report.Finding {
	f := report.Finding{
		Check: p.Check.ID, Topic: string(p.Check.Topic), Severity: p.Severity.String(), State: p.state,
		Message: a.redact.Text(p.Message), Target: p.target.id, Targets: []string{p.target.id},
		Object:   report.Object{APIVersion: p.Object.APIVersion, Kind: p.Object.Kind, Namespace: p.Object.Namespace, Name: p.Object.Name},
		Subject:  a.redact.Text(p.Subject.String()),
		Field:    a.redact.Text(p.Field),
		Location: a.location(p.at), Begins: p.begins,
		Trail: a.trail(p.at.Trail), Owners: a.owners.of(p.at.Path),
		Blocks: a.blocks(p), Threshold: p.threshold,
		Rendered: a.around.of(p), Excerpt: a.source.of(p),
		Edges: a.edges(p.Finding),
	}
	if p.bump != nil && p.state == report.New {
		f.BroughtBy = a.redact.Text(p.bump.label())
	}
	if m := p.by; m != nil {
		f.Suppressed = &report.Suppressed{
			Kind: string(m.kind), By: a.redact.Text(m.by), Reason: a.redact.Text(m.reason), Path: m.path, Line: m.line, Expires: string(m.expires), Approver: m.approver,
		}
	}
	// What holds a secret cannot be shown, and redacted it could not be applied.
	if s := p.suggestion; s != nil && !a.redact.In(s.Replacement) && !a.redact.In(s.Before) {
		f.Suggestion = s
	}
	return f
}

func (a assembly) location(at blame.Location) report.Location {
	return report.Location{Path: at.Path, Side: at.Side, Line: at.Line, EndLine: at.EndLine, InDiff: at.InDiff, How: at.How, Level: at.Level}
}

func (a assembly) trail(steps []blame.Step) []report.Step {
	trail := []report.Step{}
	for _, step := range steps {
		trail = append(trail, report.Step{Path: step.Path, Side: step.Side, Line: step.Line, Role: step.Role, What: a.redact.Text(step.What)})
	}
	return trail
}

// blocks says that a finding alone makes the verdict fail.
func (a assembly) blocks(p placed) bool {
	if p.failOn == checks.None || p.Severity < p.failOn || p.by != nil {
		return false
	}
	return p.state == report.New || p.state == report.Spread && a.spreads
}

var stateOrder = map[report.State]int{
	report.New: 0, report.Unproven: 1, report.Moved: 2, report.Spread: 3, report.Fixed: 4, report.Kept: 5,
}

// compareFindings puts what a reader needs first first, and is otherwise
// stable against the order of targets and documents.
func compareFindings(a, b report.Finding) int {
	return cmp.Or(
		cmp.Compare(stateOrder[a.State], stateOrder[b.State]), cmp.Compare(rank(b.Severity), rank(a.Severity)),
		cmp.Compare(a.Location.Path, b.Location.Path), cmp.Compare(a.Location.Line, b.Location.Line),
		cmp.Compare(a.Check, b.Check), cmp.Compare(a.Target, b.Target), cmp.Compare(a.Object.String(), b.Object.String()),
		cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.Field, b.Field),
	)
}

// rank orders severities by name, the higher the graver.
func rank(severity string) checks.Severity {
	s, err := checks.ParseSeverity(severity)
	if err != nil {
		return checks.None
	}
	return s
}

// edges are what a finding opens, as data.
func (a assembly) edges(f checks.Finding) []report.Edge {
	var all []report.Edge
	for _, e := range f.Edges {
		all = append(all, report.Edge{From: a.redact.Text(e.From), To: a.redact.Text(e.To), Ports: e.Ports, Outside: e.Outside, Possible: f.Doubt != checks.Certain})
	}
	return all
}

// number gives each finding its key: what it is and where it is deployed, not
// where it is written, so that the key survives edits around it.
func number(findings []report.Finding) {
	seen := map[string]int{}
	for i := range findings {
		f := &findings[i]
		identity := strings.Join([]string{f.Check, f.Target, f.Object.Kind, f.Object.Namespace, f.Object.Name, f.Subject}, "\x00")
		seen[identity]++
		if n := seen[identity]; n > 1 {
			identity += "\x00" + strconv.Itoa(n)
		}
		sum := sha256.Sum256([]byte(identity))
		f.Key = hex.EncodeToString(sum[:8])
	}
}

// verdict decides: something new outweighs something unknown.
func verdict(r *report.Report, warnOnly bool) report.Verdict {
	if slices.ContainsFunc(r.Findings, func(f report.Finding) bool { return f.Blocks && f.Suppressed == nil }) {
		return report.Fail
	}
	if len(r.Open()) > 0 && !warnOnly {
		return report.Unknown
	}
	return report.Pass
}

// targets are the report's lines about targets.
func (a assembly) targets(all []*target) []report.Target {
	lines := []report.Target{}
	for _, t := range all {
		at := t.any()
		line := report.Target{
			ID: t.id, Kind: string(at.Kind), Path: at.Dir, Variant: at.Variant, Affected: t.affected,
			Base: t.baseSide.state, Head: t.headSide.state, Ms: (t.baseSide.took + t.headSide.took).Milliseconds(), Probes: t.probes, ProbeMs: t.placing.Milliseconds(),
		}
		for _, s := range []side{t.headSide, t.baseSide} {
			if s.err != nil && line.Error == "" {
				line.Error = a.redact.Text(s.err.Error())
			}
			if s.result != nil && line.Objects == 0 {
				line.Objects = len(s.result.Objects)
			}
			if s.result != nil && line.Error == "" && len(s.result.Missing) > 0 {
				line.Error = s.result.Missing[0].String()
			}
		}
		if a.changes != nil {
			line.Changes, line.Unshown = a.changes.of(t)
		}
		lines = append(lines, line)
	}
	return lines
}

// nameRemoved tells each suggestion the keys of the findings that it removes.
func nameRemoved(findings []report.Finding) {
	for _, f := range findings {
		if s := f.Suggestion; s != nil && !slices.Contains(s.Findings, f.Key) {
			s.Findings = append(s.Findings, f.Key)
		}
	}
}
