package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
)

// text is the sink for people at a terminal and in logs.
type text struct{ options Options }

// The colours of severities, as terminal codes.
var colours = map[string]string{"critical": "1;31", "high": "31", "medium": "33", "low": "36"}

func (t text) Write(w io.Writer, r *Report) error {
	out := bufio.NewWriter(w)
	p := page{out, t.options, r, map[string]bool{}, map[Around]bool{}}
	if r.Scan {
		p.files(listed(r))
	} else {
		p.bumps()
		p.news(shown(r, New))
		p.section("Unproven: base does not render, so nobody can say whether these are new", shown(r, Unproven))
		p.section("Spread: a new target shares these with its sibling at base", shown(r, Spread))
		p.brief("Moved", shown(r, Moved))
		p.brief("Fixed", shown(r, Fixed))
		if t.options.Verbose {
			p.brief("There already", shown(r, Kept))
		}
	}
	p.suppressed()
	p.undecided()
	p.debt()
	p.closing()
	return out.Flush()
}

// page is a report on its way to the terminal. Errors of the writer surface
// when it is flushed.
type page struct {
	out     *bufio.Writer
	options Options
	report  *Report
	said    map[string]bool // those printed
	seen    map[Around]bool
}

func (p page) line(format string, args ...any) {
	fmt.Fprintln(p.out, uncommanded(fmt.Sprintf(format, args...)))
}

func (p page) paint(code, text string) string {
	if !p.options.Color || code == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (p page) section(title string, findings []Finding) {
	if len(findings) == 0 {
		return
	}
	p.line("%s", p.paint("1", fmt.Sprintf("%s (%d)", title, len(findings))))
	for _, alike := range p.alike(findings) {
		p.finding(alike[0])
		p.others(alike[1:])
	}
	p.line("")
}

// alike puts findings of one check together that one line causes, in the order of
// the first of each: what mends one mends them all.
func (p page) alike(findings []Finding) [][]Finding {
	type cause struct {
		check, severity string
		blocks          bool
		at              Location
	}
	var groups [][]Finding
	index := map[cause]int{}
	for _, f := range findings {
		c := cause{f.Check, f.Severity, f.Blocks, f.Location}
		at, known := index[c]
		if known && !p.inFull() && f.Location.Line > 0 {
			groups[at] = append(groups[at], f)
			continue
		}
		index[c] = len(groups)
		groups = append(groups, []Finding{f})
	}
	return groups
}

// mostAlike bounds the others of a cause that are named.
const mostAlike = 5

// others names what else the cause of the finding before makes.
func (p page) others(findings []Finding) {
	for _, f := range findings[:min(mostAlike, len(findings))] {
		p.line("      and  %s: %s", Visible(what(f)), Visible(f.Message))
	}
	if rest := len(findings) - mostAlike; rest > 0 {
		p.line("      and  %d more of the same line: --verbose tells all of them", rest)
	}
}

// fewer are so many findings that do not block that each is told in full where
// none blocks, and most are those that get a line otherwise.
const (
	fewer = 5
	most  = 20
)

// inFull says that everything new is told in full.
func (p page) inFull() bool { return p.options.Full || p.options.Verbose }

// news tells what blocks in full and first; what does not must not push it off
// the screen.
func (p page) news(findings []Finding) {
	blocking := slices.IndexFunc(findings, func(f Finding) bool { return !f.Blocks })
	if blocking < 0 || blocking == 0 && len(findings) <= fewer || p.inFull() {
		p.section("New", findings)
		return
	}
	p.section("New, blocks", findings[:blocking])
	rest := findings[blocking:]
	p.line("%s", p.paint("1", fmt.Sprintf("New, blocks nothing (%d)", len(rest))))
	for _, f := range rest[:min(most, len(rest))] {
		p.short(f)
	}
	if more := len(rest) - most; more > 0 {
		p.line("  and %d more, none graver than %s", more, rest[most].Severity)
	}
	p.line("  --verbose tells all of them in full")
	p.line("")
}

// files lists the findings of one tree by the file in which they stand.
func (p page) files(findings []Finding) {
	slices.SortStableFunc(findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Location.Path, b.Location.Path), cmp.Compare(a.Location.Line, b.Location.Line))
	})
	for len(findings) > 0 {
		name := findings[0].Location.Path
		end := slices.IndexFunc(findings, func(f Finding) bool { return f.Location.Path != name })
		if end < 0 {
			end = len(findings)
		}
		p.section(cmp.Or(Visible(name), "Without a file"), findings[:end])
		findings = findings[end:]
	}
}

// finding tells what, where, why and what to do.
func (p page) finding(f Finding) {
	rule := p.report.rule(f.Check)
	label := f.Severity
	if f.Blocks {
		label += ", blocks"
	}
	p.line("  %s: %s [%s] %s", p.paint("1", Visible(where(f.Location))), Visible(f.Message), Visible(f.Check), p.paint(colours[f.Severity], "("+label+")"))
	p.excerpt(f.Excerpt)
	p.line("      in   %s", Visible(what(f)))
	most := 5
	if p.options.Verbose {
		most = len(f.Targets)
	}
	p.line("      of   %s", In(f, most, Visible))
	if f.BroughtBy != "" {
		p.line("      with %s", Visible(f.BroughtBy))
	}
	for _, step := range f.Trail {
		if here(f, step) && !p.options.Verbose {
			continue
		}
		p.line("      via  %s: %s", Visible(where(Location{Path: step.Path, Side: step.Side, Line: step.Line})), Visible(step.What))
	}
	if proof := Proof(f, Visible); proof != "" && p.options.Verbose {
		p.line("      proof %s", proof)
	}
	p.rendered(f.Rendered)
	if rule.Why != "" {
		p.line("      why  %s", Visible(rule.Why))
	}
	if rule.Fix != "" {
		p.line("      fix  %s", Visible(rule.Fix))
	}
	p.suggestion(f.Suggestion)
	if p.options.Verbose {
		p.line("      key  %s", f.Key)
	}
}

func (p page) brief(title string, findings []Finding) {
	if len(findings) == 0 {
		return
	}
	p.line("%s", p.paint("1", fmt.Sprintf("%s (%d)", title, len(findings))))
	for _, f := range findings {
		p.short(f)
	}
	p.line("")
}

func (p page) short(f Finding) {
	p.line("  %s: %s [%s] %s", Visible(where(f.Location)), Visible(f.Message), Visible(f.Check), p.paint(colours[f.Severity], "("+f.Severity+")"))
}

func (p page) suppressed() {
	for _, f := range p.report.Findings {
		if s := f.Suppressed; s != nil {
			p.line("suppressed by %s: %s: %s: %s [%s]", Visible(s.who()), Visible(s.why()), Visible(where(f.Location)), Visible(f.Message), Visible(f.Check))
		}
	}
}

func (p page) undecided() {
	if len(p.report.Undecided) == 0 {
		return
	}
	p.line("%s", p.paint("1;35", fmt.Sprintf("Could not look (%d)", len(p.report.Undecided))))
	for _, u := range p.report.Undecided {
		p.line("  %s at %s (%s): %s", Visible(u.Target), Visible(u.Side), Visible(u.Stage), Visible(u.Error))
		if u.Accepted != "" {
			p.line("      accepted by %s", Visible(u.Accepted))
		}
		if command := p.report.look(u); command != "" {
			p.line("      look %s", command)
		}
	}
	p.line("")
}

func (p page) closing() {
	for _, n := range p.report.Notes {
		if n.Target != "" {
			p.line("note: %s: %s", Visible(n.Target), Visible(n.What))
			continue
		}
		p.line("note: %s", Visible(n.What))
	}
	if rest := before(p.report); rest != "" && !p.report.Scan {
		p.line("%s; none of these blocks", rest)
	}
	p.line("%s", coverage(p.report))
	colour := "1;32"
	if p.report.Verdict != Pass {
		colour = "1;31"
	}
	p.line("%s", p.paint(colour, headline(p.report, Visible)))
	p.next()
}

// next are the commands for what a reader does now.
func (p page) next() {
	blocking := blockers(p.report)
	if len(blocking) == 0 || p.report.Scan {
		return
	}
	type command struct{ what, text string }
	var all []command
	edits := map[string]bool{}
	for _, f := range blocking {
		if f.Suggestion != nil && f.Suggestion.Verified {
			edits[f.Suggestion.key()] = true
		}
	}
	if len(edits) > 0 && p.options.Fix != "" {
		all = append(all, command{p.options.Fix, "makes " + count(len(edits), "proven edit")})
	}
	if plain.MatchString(blocking[0].Check) {
		all = append(all, command{"rendergate explain " + blocking[0].Check, "tells more of the check"})
	}
	if p.options.Skip != "" {
		all = append(all, command{p.options.Skip, "goes on without; the pull request is judged all the same"})
	}
	width := 0
	for _, c := range all {
		width = max(width, len(c.what))
	}
	for _, c := range all {
		p.line("  %-*s  %s", width, c.what, c.text)
	}
}
