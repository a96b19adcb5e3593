package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// mostTargets bounds the table of targets; plainTargets is how many are shown
// without being asked for.
const (
	mostTargets  = 50
	plainTargets = 10
)

// tallied is a target with its findings counted.
type tallied struct {
	Target
	blocks, new, unproven, fixed, old int
}

// targets puts what was looked at into a table, first what has something to
// tell.
func (d *document) targets() {
	if d.report.Scan {
		return
	}
	all := tallies(d.report)
	if len(all) == 0 {
		return
	}
	head, tail := "", "\n"
	if len(all) > plainTargets {
		head, tail = fmt.Sprintf("<details><summary>%s</summary>\n\n", count(len(all), "target")), "\n</details>\n\n"
	}
	var b strings.Builder
	b.WriteString(head + "| target | base | head | new | fixed | old |\n|-|-|-|-|-|-|\n")
	told := map[string]bool{} // with what could not be looked at
	for _, u := range d.report.Undecided {
		told[u.Target] = true
	}
	for _, t := range all[:min(mostTargets, len(all))] {
		if told[t.ID] {
			t.Error = ""
		}
		b.WriteString(t.row())
	}
	if rest := len(all) - mostTargets; rest > 0 {
		fmt.Fprintf(&b, "\n%d more in the JSON report, none with more to tell than these.\n", rest)
	}
	if !d.add(b.String() + tail) {
		d.left += len(all)
	}
}

func tallies(r *Report) []tallied {
	index := map[string]int{}
	var all []tallied
	for _, t := range r.Targets {
		if t.Affected {
			index[t.ID] = len(all)
			all = append(all, tallied{Target: t})
		}
	}
	for _, f := range r.Findings {
		for _, id := range f.Targets {
			if at, known := index[id]; known && f.Suppressed == nil {
				all[at].count(f)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b tallied) int {
		return cmp.Or(cmp.Compare(b.blocks, a.blocks), cmp.Compare(b.new, a.new), cmp.Compare(b.trouble(), a.trouble()), cmp.Compare(b.unproven, a.unproven), cmp.Compare(b.fixed, a.fixed))
	})
	return all
}

func (t *tallied) count(f Finding) {
	switch f.State {
	case New:
		t.new++
		if f.Blocks {
			t.blocks++
		}
	case Unproven:
		t.unproven++
	case Fixed:
		t.fixed++
	default:
		t.old++
	}
}

// trouble is how little of a target was seen.
func (t tallied) trouble() int {
	n := 0
	for _, state := range []string{t.Base, t.Head} {
		n += map[string]int{Failed: 2, Partial: 1}[state]
	}
	return n
}

func (t tallied) row() string {
	fresh := fmt.Sprint(t.new)
	if t.blocks > 0 {
		fresh = fmt.Sprintf("**%d**", t.new)
	}
	if t.unproven > 0 {
		fresh += fmt.Sprintf(", %d unproven", t.unproven)
	}
	head := state(t.Head)
	if t.Head == Rendered || t.Head == Partial {
		head += ", " + count(t.Objects, "object")
	}
	if t.Error != "" {
		head += "<br>" + Escaped(clip(t.Error, 200))
	}
	return fmt.Sprintf("| %s (%s) | %s | %s | %s | %d | %d |\n", Code(clip(t.ID, 200)), Escaped(t.Kind), state(t.Base), head, fresh, t.fixed, t.old)
}

func state(name string) string {
	if name == Failed || name == Partial {
		return "**" + name + "**"
	}
	return Escaped(name)
}

// changes shows what the change makes of the rendered objects, a fold for each
// target. Targets in which the same changes share one.
func (d *document) changes() {
	var folds []fold
	index := map[string]int{}
	for _, t := range tallies(d.report) {
		if len(t.Changes) == 0 && t.Unshown == 0 {
			continue
		}
		f := foldOf(t.Target)
		if at, same := index[f.text()]; same {
			folds[at].targets = append(folds[at].targets, t.ID)
			continue
		}
		index[f.text()] = len(folds)
		folds = append(folds, f)
	}
	for _, f := range folds {
		if !f.addTo(d) {
			d.left++
		}
	}
}

// fold is the changes of a target, or of several in which they are the same.
type fold struct {
	targets []string
	counts  string
	lines   []string
	unshown int
}

func (f fold) text() string { return f.counts + "\n" + strings.Join(f.lines, "\n") }

func foldOf(t Target) fold {
	f := fold{targets: []string{t.ID}, unshown: t.Unshown}
	kinds := map[string]int{}
	for _, c := range t.Changes {
		kinds[c.What]++
		f.lines = append(f.lines, c.lines()...)
	}
	var counts []string
	for _, what := range []string{Changed, Renamed, Added, Removed} {
		if n := kinds[what]; n > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n, what))
		}
	}
	f.counts = strings.Join(counts, ", ")
	return f
}

// lines are a change as a diff, its fields under the object's name.
func (c Change) lines() []string {
	name := c.Object.name()
	switch {
	case c.What == Removed:
		return []string{"@@ " + name + " @@", "-whole object"}
	case c.Was != nil:
		name += " (was " + c.Was.name() + ")"
	case c.What == Added:
		name += " (added)"
	}
	lines := []string{"@@ " + name + " @@"}
	for _, f := range c.Fields {
		if f.Field != "" {
			lines = append(lines, "  "+f.Field)
		}
		lines = append(lines, f.Lines...)
	}
	return lines
}

func (o Object) name() string {
	if o.Namespace == "" {
		return o.Kind + "/" + o.Name
	}
	return o.String()
}

// enoughDiff is what is worth showing of a diff that does not fit as a whole.
const enoughDiff = 20

// addTo shows the diff, or as much of it as there is room for.
func (f fold) addTo(d *document) bool {
	f.targets[0] = cmp.Or(f.targets[0], "–")
	title := "Rendered diff of " + In(Finding{Target: f.targets[0], Targets: f.targets}, 3, escapedHTML)
	if f.counts != "" {
		title += ": " + f.counts
	}
	for lines := f.lines; ; lines = lines[:len(lines)*3/4] {
		text := "<details><summary>" + title + "</summary>\n\n"
		if len(lines) > 0 {
			text += Fenced(lines) + "\n"
		}
		if rest := len(f.lines) - len(lines); rest > 0 {
			text += fmt.Sprintf("%d of %d lines; the JSON report has the others.\n\n", len(lines), len(f.lines))
		}
		if f.unshown > 0 {
			text += fmt.Sprintf("%s not shown in full: see them with `rendergate render`.\n\n", count(f.unshown, "changed object"))
		}
		if d.add(text + "</details>\n\n") {
			return true
		}
		if len(lines) < enoughDiff {
			return false
		}
	}
}

// attached shows what else targets have to show.
func (d *document) attached() {
	for _, t := range d.report.Targets {
		for _, a := range t.Attachments {
			if !d.add(fmt.Sprintf("<details><summary>%s: %s</summary>\n\n%s\n</details>\n\n", escapedHTML(a.Title), escapedHTML(t.ID), a.fenced())) {
				d.left++
			}
		}
	}
}

// languages are those of attachments that GitHub draws or colours.
var languages = []string{"diff", "mermaid", "yaml"}

func (a Attachment) fenced() string {
	var b strings.Builder
	for line := range strings.Lines(a.Text) {
		b.WriteString(Visible(strings.TrimRight(line, "\r\n")) + "\n")
	}
	language := ""
	if slices.Contains(languages, a.Language) {
		language = a.Language
	}
	fence := Fence(b.String())
	return fence + language + "\n" + b.String() + fence + "\n"
}
