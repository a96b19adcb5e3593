package report

import (
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
)

// SummaryLimit is below what GitHub accepts as a comment, 65,536 characters;
// PageLimit below what it takes as a step's summary, 1 MiB.
const (
	SummaryLimit = 60_000
	PageLimit    = 900_000
)

// markdownSink writes the summary of a run.
type markdownSink struct{ options Options }

func (m markdownSink) Write(w io.Writer, r *Report) error {
	_, err := io.WriteString(w, Markdown(r, m.options, SummaryLimit))
	return err
}

// Markdown is the report as GitHub's Markdown in at most limit bytes. Entries
// that do not fit are counted, and named as standing in JSON and SARIF.
func Markdown(r *Report, o Options, limit int) string {
	d := &document{options: o, report: r, limit: limit - reserve}
	d.add(fmt.Sprintf("### %s: %s\n\n", Name(r), headline(r, Escaped)))
	if o.Caution != "" {
		d.add("> " + o.Caution + "\n\n")
	}
	if r.Verdict == Unknown { // then this is what somebody has to mend
		d.undecided()
	}
	d.debt()
	d.targets()
	d.bumps()
	if r.Scan {
		d.findings("Findings", listed(r), false)
	} else {
		d.news(shown(r, New))
		d.graph()
		d.suggestions(shown(r, New))
		d.fields(shown(r, New))
		d.findings("Unproven: base does not render", shown(r, Unproven), false)
	}
	if r.Verdict != Unknown {
		d.undecided()
	}
	if !r.Scan {
		d.findings("Spread: a new target shares these with its sibling at base", shown(r, Spread), true)
		d.findings("Moved", shown(r, Moved), true)
		d.findings("Fixed", shown(r, Fixed), true)
	}
	d.suppressed()
	d.notes()
	d.attached()
	d.changes()
	return d.close()
}

// reserve is kept for the closing lines.
const reserve = 1500

// document is Markdown that stops growing at its limit.
type document struct {
	options Options
	report  *Report
	limit   int
	text    strings.Builder
	left    int // entries that did not fit
}

func (d *document) add(text string) bool {
	if d.text.Len()+len(text) > d.limit {
		return false
	}
	d.text.WriteString(text)
	return true
}

// plainRows is how many new findings are shown without being asked for, where not
// all of them block.
const plainRows = 10

// news tells of what is new; where that is much, what does not block is folded.
func (d *document) news(all []Finding) {
	quiet := slices.IndexFunc(all, func(f Finding) bool { return !f.Blocks })
	if quiet < 0 || len(Alike(all)) <= plainRows {
		d.findings("New", all, false)
		return
	}
	d.findings("New, blocks", all[:quiet], false)
	d.findings("New, blocks nothing: "+bySeverity(all[quiet:]), all[quiet:], len(Alike(all[quiet:])) > fewer)
}

// bySeverity counts findings, the worst first.
func bySeverity(all []Finding) string {
	counts := map[string]int{}
	for _, f := range all {
		counts[f.Severity]++
	}
	var parts []string
	for _, severity := range slices.Backward(severities) {
		if n := counts[severity]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, severity))
		}
	}
	return strings.Join(parts, ", ")
}

func (d *document) findings(title string, all []Finding, folded bool) {
	if len(all) == 0 {
		return
	}
	head := fmt.Sprintf("**%s (%d)**\n\n| | check | what | where |\n|-|-|-|-|\n", title, len(all))
	tail := "\n"
	if folded {
		head = fmt.Sprintf("<details><summary>%s (%d)</summary>\n\n| | check | what | where |\n|-|-|-|-|\n", title, len(all))
		tail = "\n</details>\n\n"
	}
	if !d.add(head) {
		d.left += len(all)
		return
	}
	for _, group := range Alike(all) {
		if !d.add(d.row(group)) {
			d.left += len(group)
		}
	}
	d.text.WriteString(tail)
}

// row tells of findings that are alike.
func (d *document) row(group []Finding) string {
	f, more := group[0], others(group, Code)
	if more != "" {
		more = "<br>" + more
	}
	severity := f.Severity
	if f.Blocks {
		severity = "**" + severity + "**, blocks"
	}
	of := ""
	if !d.onlyTarget(f) {
		of = " of " + In(f, 3, Code)
	}
	return fmt.Sprintf("| %s | %s | %s%s<br>%s%s | %s |\n",
		severity, CheckName(f.Check), Escaped(clip(f.Message, 500)), more, Code(clip(what(f), 300)), of, d.place(f.Location))
}

// onlyTarget says that a finding is of the one target that the table above shows.
func (d *document) onlyTarget(f Finding) bool {
	if len(f.Targets) > 1 || d.report.Scan {
		return false
	}
	for _, t := range d.report.Targets {
		if t.Affected && t.ID != f.Target {
			return false
		}
	}
	return true
}

// place links to the line where the commit is known.
func (d *document) place(at Location) string {
	if at.Path == "" {
		return "–"
	}
	label := Code(where(at))
	commit := d.report.Head
	if at.Side == Base {
		commit = d.report.Base
	}
	if d.options.ServerURL == "" || d.options.Repository == "" || commit == "" {
		return label
	}
	link := d.options.ServerURL + "/" + d.options.Repository + "/blob/" + commit + "/" + escapedPath(at.Path)
	if at.Line > 0 {
		link += fmt.Sprintf("#L%d", at.Line)
		if at.EndLine > at.Line {
			link += fmt.Sprintf("-L%d", at.EndLine)
		}
	}
	return "[" + label + "](" + link + ")"
}

// escapedPath is a path for a URL, where nothing can end a Markdown link.
func escapedPath(name string) string {
	parts := strings.Split(name, "/")
	for i, part := range parts {
		parts[i] = strings.NewReplacer("(", "%28", ")", "%29").Replace(url.PathEscape(part))
	}
	return strings.Join(parts, "/")
}

func (d *document) undecided() {
	all := d.report.Undecided
	if len(all) == 0 {
		return
	}
	if !d.add(fmt.Sprintf("**Could not look (%d)**\n\n", len(all))) {
		d.left += len(all)
		return
	}
	for _, same := range alikeUndecided(all) {
		u, accepted := same[0], ""
		if u.Accepted != "" {
			accepted = "; accepted by " + Escaped(u.Accepted)
		}
		var names []string
		for _, one := range same {
			names = append(names, Code(clip(one.Target, 300)))
		}
		if !d.add(fmt.Sprintf("- %s at %s (%s): %s%s\n", strings.Join(names, ", "), Escaped(u.Side), Escaped(u.Stage), Escaped(clip(u.Error, 1500)), accepted)) {
			d.left += len(same)
		}
	}
	d.text.WriteString("\n")
}

// alikeUndecided puts places together that could not be looked at for one reason.
func alikeUndecided(all []Undecided) [][]Undecided {
	var groups [][]Undecided
	for _, u := range all {
		at := slices.IndexFunc(groups, func(g []Undecided) bool {
			other := g[0]
			other.Target = u.Target
			return other == u && len(g) < mostNamed
		})
		if at < 0 {
			groups = append(groups, []Undecided{u})
			continue
		}
		groups[at] = append(groups[at], u)
	}
	return groups
}

func (d *document) suppressed() {
	var all []Finding
	for _, f := range d.report.Findings {
		if f.Suppressed != nil {
			all = append(all, f)
		}
	}
	if len(all) == 0 {
		return
	}
	if !d.add(fmt.Sprintf("<details><summary>Suppressed (%d)</summary>\n\n| | check | what | why |\n|-|-|-|-|\n", len(all))) {
		d.left += len(all)
		return
	}
	for _, f := range all {
		s := f.Suppressed
		row := fmt.Sprintf("| %s, %s | %s | %s<br>%s of %s | %s<br>%s |\n", f.Severity, f.State, CheckName(f.Check), Escaped(clip(f.Message, 500)),
			Code(clip(what(f), 300)), In(f, 3, Code), Escaped(clip(s.why(), 500)), Escaped(clip(s.who(), 300)))
		if !d.add(row) {
			d.left++
		}
	}
	d.text.WriteString("\n</details>\n\n")
}

// notes are folded where there are many, but for those about the change as a whole,
// such as one to what has it judged.
func (d *document) notes() {
	var own []Note
	for _, n := range d.report.Notes {
		if n.Target != "" {
			own = append(own, n)
			continue
		}
		d.note("- " + Escaped(clip(n.What, 1000)) + "\n")
	}
	folded := len(own) > fewer && d.add(fmt.Sprintf("\n<details><summary>Notes on targets (%d)</summary>\n\n", len(own)))
	for _, n := range own {
		d.note("- " + Code(n.Target) + ": " + Escaped(clip(n.What, 1000)) + "\n")
	}
	if folded {
		d.text.WriteString("\n</details>\n")
	}
	if len(d.report.Notes) > 0 {
		d.text.WriteString("\n") // no fold stands in the list
	}
}

func (d *document) note(text string) {
	if !d.add(text) {
		d.left++
	}
}

// close adds what always has its place: what did not fit, what else there is,
// and what was looked at.
func (d *document) close() string {
	if d.left > 0 {
		fmt.Fprintf(&d.text, "\n%s did not fit here; the JSON and SARIF reports have all of head, and JSON also what was fixed or suppressed.\n", count(d.left, "line"))
	}
	if rest := before(d.report); rest != "" && !d.report.Scan {
		fmt.Fprintf(&d.text, "\n%s; none of these blocks.\n", rest)
	}
	fmt.Fprintf(&d.text, "\n<sub>%s</sub>\n", coverage(d.report))
	return d.text.String()
}
