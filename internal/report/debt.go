package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Debt is what a tree holds, told three ways. A finding of several targets or
// owners counts for each.
type Debt struct {
	Checks  []Share `json:"checks"`
	Targets []Share `json:"targets"`
	Owners  []Share `json:"owners"` // an empty name: nobody owns the file
}

// Share is how many findings are of one check, target or owner.
type Share struct {
	Name     string `json:"name"`
	Severity string `json:"severity"` // the worst
	Findings int    `json:"findings"`
	New      int    `json:"new"`   // of them, against the other revision
	Fixed    int    `json:"fixed"` // since the other revision; not among the findings
}

// DebtOf counts what nobody suppressed.
func DebtOf(r *Report) *Debt {
	checks, targets, owners := tally{}, tally{}, tally{}
	for _, f := range r.Findings {
		if f.Suppressed != nil {
			continue
		}
		checks.add(f, f.Check)
		targets.add(f, f.Targets...)
		if len(f.Owners) == 0 {
			owners.add(f, "")
		}
		owners.add(f, f.Owners...)
	}
	return &Debt{checks.shares(), targets.shares(), owners.shares()}
}

type tally map[string]*Share

func (t tally) add(f Finding, names ...string) {
	for _, name := range names {
		s := t[name]
		if s == nil {
			s = &Share{Name: name}
			t[name] = s
		}
		switch f.State {
		case Fixed:
			s.Fixed++
			continue
		case New, Unproven, Spread:
			s.New++
		}
		s.Findings++
		if slices.Index(severities, f.Severity) > slices.Index(severities, s.Severity) {
			s.Severity = f.Severity
		}
	}
}

var severities = []string{"", "low", "medium", "high", "critical"}

// shares are those of a tally, the worst and the largest first.
func (t tally) shares() []Share {
	all := []Share{}
	for _, s := range t {
		all = append(all, *s)
	}
	slices.SortFunc(all, func(a, b Share) int {
		return cmp.Or(cmp.Compare(slices.Index(severities, b.Severity), slices.Index(severities, a.Severity)),
			cmp.Compare(b.Findings, a.Findings), cmp.Compare(a.Name, b.Name))
	})
	return all
}

// parts are the three ways, with what an empty name stands for.
func (d *Debt) parts() []part {
	return []part{{"check", "", d.Checks}, {"target", "", d.Targets}, {"owner", "nobody", d.Owners}}
}

type part struct {
	by, nameless string
	shares       []Share
}

func (p part) name(s Share) string { return cmp.Or(s.Name, p.nameless) }

// changed tells of the other revision, where there is one.
func (s Share) changed() string {
	var parts []string
	if s.New > 0 {
		parts = append(parts, fmt.Sprintf("%d new", s.New))
	}
	if s.Fixed > 0 {
		parts = append(parts, fmt.Sprintf("%d fixed", s.Fixed))
	}
	return strings.Join(parts, ", ")
}

// debt lists the shares at a terminal.
func (p page) debt() {
	if p.report.Debt == nil {
		return
	}
	for _, part := range p.report.Debt.parts() {
		if len(part.shares) == 0 {
			continue
		}
		p.line("%s", p.paint("1", "By "+part.by))
		for _, s := range part.shares {
			text := fmt.Sprintf("%6d  %-8s  %s", s.Findings, cmp.Or(s.Severity, "–"), Visible(part.name(s)))
			if changed := s.changed(); changed != "" {
				text += "  (" + changed + ")"
			}
			p.line("%s", text)
		}
		p.line("")
	}
}

// mostShares bounds each table of the summary; the first are the worst.
const mostShares = 30

// debt puts the shares into tables.
func (d *document) debt() {
	if d.report.Debt == nil {
		return
	}
	for _, part := range d.report.Debt.parts() {
		if len(part.shares) == 0 {
			continue
		}
		var b strings.Builder
		fmt.Fprintf(&b, "| by %s | worst | findings | new | fixed |\n|-|-|-|-|-|\n", part.by)
		for _, s := range part.shares[:min(mostShares, len(part.shares))] {
			fmt.Fprintf(&b, "| %s | %s | %d | %d | %d |\n", Code(clip(part.name(s), 200)), cmp.Or(s.Severity, "–"), s.Findings, s.New, s.Fixed)
		}
		if rest := len(part.shares) - mostShares; rest > 0 {
			fmt.Fprintf(&b, "\n%d more in the JSON report.\n", rest)
		}
		if !d.add(b.String() + "\n") {
			d.left += len(part.shares)
		}
	}
}
