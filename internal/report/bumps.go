package report

import (
	"fmt"
	"strings"
)

// Bump is a dependency that the change moves to another version, with what that
// alone brings.
type Bump struct {
	Kind    string     `json:"kind"` // chart, release (a chart that is deployed as it is), base
	Name    string     `json:"name"`
	From    string     `json:"from"`
	To      string     `json:"to"`
	Label   string     `json:"label"` // what findings name it by
	Places  []Location `json:"places"`
	Targets []string   `json:"targets"`

	// Findings are the keys of those that it brings; Rights, Exposure and APIs
	// those among them that are about permissions, what can be reached, and
	// versions of APIs that go away.
	Findings []string `json:"findings"`
	Rights   []string `json:"permissions"`
	Exposure []string `json:"exposure"`
	APIs     []string `json:"apis"`
	Blocks   int      `json:"blocks"` // how many of them block
	Fixed    int      `json:"fixed"`  // findings that are gone with it

	Images   []string `json:"imagesAdded,omitempty"`
	Without  []string `json:"imagesRemoved,omitempty"`
	Added    []Object `json:"objectsAdded,omitempty"`
	Removed  []Object `json:"objectsRemoved,omitempty"`
	Unserved []string `json:"versionsRemoved,omitempty"` // of the kinds that it defines itself
	// Unknown is why nobody can say what it brings, at least to one of the targets.
	Unknown string `json:"unknown,omitempty"`
}

// brings says in a few words what comes with a bump, the worst first.
func (b Bump) brings() string {
	if b.Unknown != "" && len(b.Findings) == 0 {
		return "nobody can say what it brings: " + b.Unknown
	}
	var parts []string
	add := func(n int, noun string) {
		if n > 0 {
			parts = append(parts, count(n, noun))
		}
	}
	add(len(b.Findings), "finding")
	if b.Blocks > 0 {
		parts[0] += fmt.Sprintf(" (%d blocking)", b.Blocks)
	}
	add(len(b.Rights), "new permission")
	add(len(b.Exposure), "new exposure")
	add(len(b.APIs)+len(b.Unserved), "API removal")
	add(len(b.Images), "new image")
	add(len(b.Added), "new object")
	text := "brings " + strings.Join(parts, ", ")
	if len(parts) == 0 {
		text = "brings no finding, permission, exposure, image or object"
	}
	if len(b.Removed) > 0 {
		text += "; takes away " + count(len(b.Removed), "object")
	}
	if b.Fixed > 0 {
		text += "; mends " + count(b.Fixed, "finding")
	}
	if b.Unknown != "" {
		text += "; of some targets nobody can say: " + b.Unknown
	}
	return text
}

// place is where the change names the new version.
func (b Bump) place() Location {
	if len(b.Places) == 0 {
		return Location{}
	}
	return b.Places[0]
}

// mostListed bounds the names of one kind that are told of a bump.
const mostListed = 12

// lists are what a bump brings that is no finding, by what it is.
func (b Bump) lists() (titles []string, names [][]string) {
	add := func(title string, all []string) {
		if rest := len(all) - mostListed; rest > 0 {
			all = append(all[:mostListed:mostListed], fmt.Sprintf("and %d more", rest))
		}
		if len(all) > 0 {
			titles, names = append(titles, title), append(names, all)
		}
	}
	add("new images", b.Images)
	add("images that go", b.Without)
	add("new objects", objectNames(b.Added))
	add("objects that go", objectNames(b.Removed))
	add("versions that are no longer served", b.Unserved)
	return titles, names
}

func objectNames(all []Object) []string {
	var names []string
	for _, o := range all {
		names = append(names, o.name())
	}
	return names
}

// broughtBy are the findings of a bump, in the report's order.
func (r *Report) broughtBy(b Bump) []Finding {
	var all []Finding
	for _, f := range shown(r, New) {
		if f.BroughtBy == b.Label {
			all = append(all, f)
		}
	}
	return all
}

// bumps tells what new versions of dependencies bring, a fold for each that
// brings anything.
func (d *document) bumps() {
	if len(d.report.Bumps) == 0 {
		return
	}
	if !d.add(fmt.Sprintf("**Dependencies (%d)**\n\n", len(d.report.Bumps))) {
		d.left += len(d.report.Bumps)
		return
	}
	for _, b := range d.report.Bumps {
		if !d.add(d.bump(b)) {
			d.left++
		}
	}
	d.text.WriteString("\n")
}

func (d *document) bump(b Bump) string {
	titles, lists := b.lists()
	findings := d.report.broughtBy(b)
	says := escapedHTML(b.brings())
	if b.Blocks > 0 {
		says = "<b>" + says + "</b>"
	}
	if len(findings)+len(titles) == 0 {
		return fmt.Sprintf("- %s (%s): %s\n", Escaped(b.Label), d.place(b.place()), Escaped(b.brings()))
	}
	var t strings.Builder
	fmt.Fprintf(&t, "<details><summary>%s: %s</summary>\n\nNamed at %s, of %s\n\n", escapedHTML(b.Label), says, d.place(b.place()), In(Finding{Target: b.Targets[0], Targets: b.Targets}, 3, Code))
	if len(findings) > 0 {
		t.WriteString("| | check | what |\n|-|-|-|\n")
	}
	for i, f := range findings {
		if i == mostListed {
			fmt.Fprintf(&t, "\nand %d more under New\n", len(findings)-i)
			break
		}
		severity := f.Severity
		if f.Blocks {
			severity = "**" + severity + "**, blocks"
		}
		fmt.Fprintf(&t, "| %s | %s | %s<br>%s |\n", severity, CheckName(f.Check), Escaped(clip(f.Message, 300)), Code(clip(what(f), 200)))
	}
	t.WriteString("\n")
	for i, title := range titles {
		var names []string
		for _, name := range lists[i] {
			names = append(names, Code(clip(name, 200)))
		}
		fmt.Fprintf(&t, "- %s: %s\n", title, strings.Join(names, ", "))
	}
	t.WriteString("\n</details>\n")
	return t.String()
}

// bumps tells the same on a terminal.
func (p page) bumps() {
	if len(p.report.Bumps) == 0 {
		return
	}
	p.line("%s", p.paint("1", fmt.Sprintf("Dependencies (%d)", len(p.report.Bumps))))
	for _, b := range p.report.Bumps {
		at := ""
		if place := b.place(); place.Path != "" {
			at = Visible(where(place)) + ": "
		}
		p.line("  %s%s %s", at, p.paint("1", Visible(b.Label)), Visible(b.brings()))
		titles, lists := b.lists()
		for i, title := range titles {
			p.line("      %s: %s", title, Visible(strings.Join(lists[i], ", ")))
		}
	}
	p.line("")
}
