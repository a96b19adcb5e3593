package github

import (
	"cmp"
	"slices"
	"strings"

	"github.com/rendergate/rendergate/internal/report"
)

// The most that one pull request gets, so that a big change does not bury its
// reader nor meet GitHub's secondary limits.
const (
	maxInline = 30
	maxFile   = 10
)

// spot is a place in the diff with the findings to tell of there.
type spot struct {
	anchor
	findings []report.Finding
}

// graver are the severities, the worst first.
var graver = []string{"critical", "high", "medium", "low"}

// worth are the findings to comment on: new ones that matter and all that block,
// the worst first.
func worth(r *report.Report) []report.Finding {
	var all []report.Finding
	for _, f := range r.Findings {
		if f.Suppressed == nil && (f.Blocks || f.State == report.New && f.Severity != "low") {
			all = append(all, f)
		}
	}
	slices.SortStableFunc(all, func(a, b report.Finding) int {
		rank := map[bool]int{true: 0, false: 1}
		return cmp.Or(cmp.Compare(rank[a.Blocks], rank[b.Blocks]), cmp.Compare(slices.Index(graver, a.Severity), slices.Index(graver, b.Severity)))
	})
	return all
}

// plan sorts findings into lines, files and the rest. It must see those too
// that an earlier run told of: only then do the caps fall on the same ones in
// each run, and no run posts what the one before left out.
func (p Poster) plan(all []report.Finding, d diff) (inline, file []spot, rest []report.Finding) {
	for _, f := range all {
		c, changed := d.file(f.Location)
		at, ok := anchor{}, false
		if changed && f.Location.Line > 0 {
			f, at, ok = p.onLines(f, c)
		}
		whole := anchor{path: c.path}
		switch {
		case ok && room(inline, at, maxInline):
			inline = add(inline, at, f)
		case changed && room(file, whole, maxFile):
			file = add(file, whole, f)
		default:
			rest = append(rest, f)
		}
	}
	return inline, file, rest
}

// onLines is the place of a finding in the diff of its file, with its
// suggestion where the pull request's head is what that was proven for.
func (p Poster) onLines(f report.Finding, c changed) (report.Finding, anchor, bool) {
	text := p.text(f.Location)
	there := suggested(f)
	at, ok := c.lines(there, text)
	if s := f.Suggestion; ok && s != nil && there.Line == s.StartLine && there.Path == s.Path {
		if ok = c.holds(at, s.Before); ok {
			f.Suggestion = s.Shifted(at.end - there.EndLine)
		} else {
			f.Suggestion = nil
		}
	}
	if !ok {
		at, ok = c.lines(f.Location, text)
	}
	return f, at, ok
}

func (p Poster) text(at report.Location) []string {
	if p.Lines == nil {
		return nil
	}
	return p.Lines(at.Side, at.Path)
}

// room says that a finding may be added: to its place, or in a new one.
func room(spots []spot, at anchor, most int) bool {
	i := slices.IndexFunc(spots, func(s spot) bool { return s.anchor == at })
	if i < 0 {
		return len(spots) < most
	}
	return len(spots[i].findings) < maxTogether
}

func add(spots []spot, at anchor, f report.Finding) []spot {
	for i := range spots {
		if spots[i].anchor == at {
			spots[i].findings = append(spots[i].findings, f)
			return spots
		}
	}
	return append(spots, spot{at, []report.Finding{f}})
}

// unsaid are the spots without the findings that an earlier run told of.
func unsaid(spots []spot, said map[string]bool, o *Outcome) []spot {
	var left []spot
	for _, s := range spots {
		s.findings = fresh(s.findings, said, o)
		if len(s.findings) > 0 {
			left = append(left, s)
		}
	}
	return left
}

func fresh(findings []report.Finding, said map[string]bool, o *Outcome) []report.Finding {
	var left []report.Finding
	for _, f := range findings {
		if said[f.Key] {
			o.Existing = append(o.Existing, f.Key)
			continue
		}
		left = append(left, f)
	}
	return left
}

// suggests says that the comment stands on the very lines that the findings'
// one suggestion replaces, which is all that GitHub can apply. What would not
// show as it is, or not apply as it is, is no suggestion.
func (s spot) suggests() bool {
	suggestion := s.findings[0].Suggestion
	if s.side != "RIGHT" || suggestion == nil || !suggestion.Plain() || strings.Contains(suggestion.Replacement, "\r") {
		return false
	}
	for _, f := range s.findings {
		if !f.Suggestion.Same(suggestion) {
			return false
		}
	}
	first := s.end
	if s.start > 0 {
		first = s.start
	}
	return suggestion.Path == s.path && suggestion.StartLine == first && suggestion.EndLine == s.end
}

// suggested is the place of a finding's suggestion, where that includes the
// line that is to blame.
func suggested(f report.Finding) report.Location {
	at, s := f.Location, f.Suggestion
	if s != nil && s.Verified && at.Side == report.Head && at.Path == s.Path && s.StartLine <= at.Line && at.Line <= s.EndLine {
		at.Line, at.EndLine = s.StartLine, s.EndLine
	}
	return at
}

// holds says that the diff shows these lines at a place.
func (p changed) holds(a anchor, before string) bool {
	if before == "" {
		return true // there is nothing to compare with
	}
	lines := strings.Split(strings.TrimSuffix(before, "\n"), "\n")
	first := a.end - len(lines) + 1
	if a.start == 0 && len(lines) > 1 || a.start > 0 && a.start != first {
		return false
	}
	for i, text := range lines {
		have, shown := p.head[first+i]
		if !shown || have.text != strings.TrimSuffix(text, "\r") {
			return false
		}
	}
	return true
}

// onLastLines are the spots without their first lines.
func onLastLines(spots []spot) []spot {
	all := slices.Clone(spots)
	for i := range all {
		all[i].start = 0
	}
	return all
}

func keys(findings []report.Finding) []string {
	var all []string
	for _, f := range findings {
		all = append(all, f.Key)
	}
	return all
}

func keysAt(spots []spot) []string {
	var all []string
	for _, s := range spots {
		all = append(all, keys(s.findings)...)
	}
	return all
}
