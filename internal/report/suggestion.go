package report

import (
	"fmt"
	"strings"

	"github.com/owenrumney/go-sarif/v2/sarif"
)

// Diff are the lines that a suggestion takes away and puts in, as DiffLines
// has them.
func (s *Suggestion) Diff() []string { return DiffLines(s.Before, s.Replacement) }

// comparable bounds what is compared line by line, in pairs of lines.
const comparable = 1 << 20

// DiffLines are the lines that one text has and the other has not, each behind
// a minus, a plus or a space, with one line around them that stays. Texts that
// are long and have little in common are taken as wholly different.
func DiffLines(one, other string) []string {
	before, after := lined(one), lined(other)
	var all []string
	first, last := 0, 0
	for first < min(len(before), len(after)) && before[first] == after[first] {
		first++
	}
	for last < min(len(before), len(after))-first && before[len(before)-1-last] == after[len(after)-1-last] {
		last++
	}
	tail := before[len(before)-last:]
	for _, line := range before[:first] {
		all = append(all, " "+line)
	}
	before, after = before[first:len(before)-last], after[first:len(after)-last]
	all = append(all, between(before, after)...)
	for _, line := range tail {
		all = append(all, " "+line)
	}
	return around(all)
}

// between compares the lines between what two texts begin and end with.
func between(before, after []string) []string {
	var kept [][2]int
	if len(before)*len(after) <= comparable {
		kept = common(before, after)
	}
	var all []string
	i, j := 0, 0
	for _, pair := range append(kept, [2]int{len(before), len(after)}) {
		for ; i < pair[0]; i++ {
			all = append(all, "-"+before[i])
		}
		for ; j < pair[1]; j++ {
			all = append(all, "+"+after[j])
		}
		if i < len(before) {
			all = append(all, " "+before[i])
		}
		i, j = i+1, j+1
	}
	return all
}

// around leaves out what stays but the lines next to what changes.
func around(all []string) []string {
	near := func(i int) bool { return i >= 0 && i < len(all) && all[i][0] != ' ' }
	var shown []string
	for i, line := range all {
		if near(i) || near(i-1) || near(i+1) {
			shown = append(shown, line)
		}
	}
	return shown
}

func lined(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(strings.ReplaceAll(text, "\r\n", "\n"), "\n"), "\n")
}

// common are the places of the lines that two texts share, in order.
func common(a, b []string) [][2]int {
	length := make([][]int, len(a)+1)
	for i := range length {
		length[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			length[i][j] = max(length[i+1][j], length[i][j+1])
			if a[i] == b[j] {
				length[i][j] = length[i+1][j+1] + 1
			}
		}
	}
	var pairs [][2]int
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			pairs = append(pairs, [2]int{i, j})
			i, j = i+1, j+1
		case length[i+1][j] >= length[i][j+1]:
			i++
		default:
			j++
		}
	}
	return pairs
}

// Proof says what is known of a suggestion.
func (s *Suggestion) Proof() string {
	text := "verified by rendering " + count(s.Targets, "target") + " again"
	if s.Caveat != "" {
		text += "; " + s.Caveat
	}
	return text
}

func (s *Suggestion) place() string { return where(Location{Path: s.Path, Line: s.First()}) }

// First is the first line that the edit changes, as numbered after it.
func (s *Suggestion) First() int {
	before, after := lined(s.Before), lined(s.Replacement)
	first := 0
	for first < len(before) && first < len(after) && before[first] == after[first] {
		first++
	}
	return s.StartLine + first
}

// Shifted is the suggestion for a file in which its lines stand so much lower.
func (s *Suggestion) Shifted(lines int) *Suggestion {
	if lines == 0 {
		return s
	}
	moved := *s
	moved.StartLine, moved.EndLine = s.StartLine+lines, s.EndLine+lines
	return &moved
}

// Same says that two suggestions are one.
func (s *Suggestion) Same(other *Suggestion) bool {
	if s == nil || other == nil {
		return s == other
	}
	return s.key() == other.key()
}

func (s *Suggestion) key() string {
	return fmt.Sprintf("%s:%d-%d\n%s", s.Path, s.StartLine, s.EndLine, s.Replacement)
}

// Plain says that a suggestion shows on a screen as what it is.
func (s *Suggestion) Plain() bool {
	for _, line := range lined(s.Replacement) {
		if Visible(strings.ReplaceAll(line, "\t", " ")) != strings.ReplaceAll(line, "\t", " ") {
			return false
		}
	}
	return true
}

// suggestion prints what to write instead, once where several findings share
// it.
func (p page) suggestion(s *Suggestion) {
	if s == nil || !s.Verified {
		return
	}
	if p.said[s.key()] {
		p.line("      edit as above, at %s", Visible(s.place()))
		return
	}
	p.said[s.key()] = true
	p.line("      edit %s (%s)", Visible(s.place()), s.Proof())
	for _, line := range s.Diff() {
		code := map[byte]string{'-': "31", '+': "32"}[line[0]]
		p.line("           %s", p.paint(code, Visible(line)))
	}
}

// rendered prints what the change makes of the object around the field, where
// there was one before.
func (p page) rendered(a *Around) {
	if a == nil || a.Base == "" || a.Base == a.Head || p.seen[*a] {
		return
	}
	p.seen[*a] = true
	label := "out "
	for _, line := range a.Diff() {
		p.line("      %s %s", label, Visible(line))
		label = "    "
	}
}

// Diff compares the two sides, in a few lines.
func (a *Around) Diff() []string {
	s := Suggestion{Before: a.Base, Replacement: a.Head}
	all := s.Diff()
	if a.Base == a.Head {
		all = nil
		for _, line := range lined(a.Head) {
			all = append(all, " "+line)
		}
	}
	if len(all) > maxAround {
		all = append(all[:maxAround], " …")
	}
	return all
}

// maxAround bounds the rendered lines that are shown of a finding.
const maxAround = 12

// Fenced is a diff as Markdown.
func Fenced(diff []string) string {
	var b strings.Builder
	for _, line := range diff {
		b.WriteString(Visible(line) + "\n")
	}
	fence := Fence(b.String())
	return fence + "diff\n" + b.String() + fence + "\n"
}

// titled is a text under a title of its own.
type titled struct{ title, text string }

// folded shows parts in one fold, so that many take no more room than one.
func (d *document) folded(title string, parts []titled) {
	switch {
	case len(parts) == 0:
		return
	case len(parts) == 1:
		title = parts[0].title
		parts[0].title = ""
	default:
		title = fmt.Sprintf("%s (%d)", title, len(parts))
	}
	if !d.add("<details><summary>" + title + "</summary>\n\n") {
		d.left += len(parts)
		return
	}
	for _, p := range parts {
		if p.title != "" {
			p.title += "\n\n"
		}
		if !d.add(p.title + p.text + "\n") {
			d.left++
		}
	}
	d.text.WriteString("</details>\n\n")
}

// suggestions are the edits that the findings share, each once.
func (d *document) suggestions(findings []Finding) {
	seen := map[string]bool{}
	var all []titled
	for _, f := range findings {
		s := f.Suggestion
		if s == nil || !s.Verified || seen[s.key()] {
			continue
		}
		seen[s.key()] = true
		title := fmt.Sprintf("Edit of %s for %s, %s", escapedHTML(s.place()), count(len(s.Findings), "finding"), s.Proof())
		all = append(all, titled{title, Fenced(s.Diff())})
	}
	d.folded("Edits that are proven to mend what is new", all)
}

// fields are the rendered fields before and after.
func (d *document) fields(findings []Finding) {
	seen := map[string]bool{}
	var all []titled
	for _, f := range findings {
		if f.Rendered == nil || seen[f.Object.String()+f.Rendered.Base+f.Rendered.Head] {
			continue
		}
		seen[f.Object.String()+f.Rendered.Base+f.Rendered.Head] = true
		all = append(all, titled{fmt.Sprintf("Rendered: %s, %s", escapedHTML(what(f)), CheckName(f.Check)), Fenced(f.Rendered.Diff())})
	}
	d.folded("What is rendered around it", all)
}

// escapedHTML is text within a tag's content, with no markup of any kind.
func escapedHTML(text string) string { return Escaped(clip(text, 300)) }

// sarifFixes are a finding's edit in the form that editors apply.
func sarifFixes(s *Suggestion) []*sarif.Fix {
	if s == nil || !s.Verified {
		return nil
	}
	at := location(s.Path, s.StartLine, s.EndLine).PhysicalLocation
	replacement := sarif.NewReplacement(at.Region).WithInsertedContent(&sarif.ArtifactContent{Text: ptr(strings.TrimSuffix(strings.TrimSuffix(s.Replacement, "\n"), "\r"))})
	change := sarif.NewArtifactChange(at.ArtifactLocation).WithReplacement(replacement)
	text := strings.ToUpper(s.Proof()[:1]) + s.Proof()[1:] + "."
	return []*sarif.Fix{sarif.NewFix().WithDescription(sarif.NewTextMessage(text)).WithArtifactChanges([]*sarif.ArtifactChange{change})}
}
