package github

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/rendergate/rendergate/internal/report"
)

// The markers by which a later run finds what an earlier one posted. They
// count only in comments of our own, because anybody can paste one, and only
// where no text of the pull request can stand: keys in the last lines of a
// comment, the others at its very beginning.
var (
	keyMarker     = regexp.MustCompile(`^<!-- rendergate:v1 fp=([0-9a-f]{16}) -->$`)
	summaryMarker = "<!-- rendergate:v1 summary -->"
	fixedMarker   = "<!-- rendergate:v1 fixed -->"
)

// What fits into a comment. GitHub takes 65,536 characters; a byte counts as
// one here, and what is left is for the note that something is fixed.
const (
	maxBody     = 65_000
	maxTogether = 500                      // findings in one comment, each with a marker
	maxText     = maxBody - 50*maxTogether // what the markers leave
	enoughText  = maxText / 2              // after so much no further finding is told of in full
)

// commentBody tells of the findings of one place, at most maxTogether.
func commentBody(findings []report.Finding, rules []report.Rule, suggest bool) string {
	var b strings.Builder
	for i, f := range findings {
		if i > 0 {
			b.WriteString("\n---\n\n")
		}
		shared := i+1 < len(findings) && f.Suggestion.Same(findings[i+1].Suggestion) // told once, with the last
		if shared {
			f.Suggestion = nil
		}
		writeFinding(&b, f, rules, suggest)
		if more := len(findings) - i - 1; more > 0 && b.Len() > enoughText {
			fmt.Fprintf(&b, "\n%d more here; the summary has them.\n", more)
			break
		}
	}
	b.WriteString("\n")
	for _, f := range findings {
		fmt.Fprintf(&b, "<!-- rendergate:v1 fp=%s -->\n", f.Key)
	}
	return b.String()
}

// writeFinding adds the finding's own words, and of what explains it as much
// as there is room for.
func writeFinding(b *strings.Builder, f report.Finding, rules []report.Rule, suggest bool) {
	blocks := ""
	if f.Blocks {
		blocks = ", blocks"
	}
	fmt.Fprintf(b, "**%s** (%s%s): %s\n\n", f.Check, f.Severity, blocks, report.Escaped(short(f.Message)))
	fmt.Fprintf(b, "%s %s", report.Code(short(f.Object.String())), report.Code(short(f.Field)))
	fmt.Fprintf(b, " of %s\n", report.In(f, 5, func(target string) string { return report.Code(short(target)) }))
	for _, part := range explanation(f, rules, suggest) {
		if b.Len()+len(part) <= maxText {
			b.WriteString(part)
		}
	}
}

// explanation is where the finding comes from, why it matters, and what to do.
func explanation(f report.Finding, rules []report.Rule, suggest bool) []string {
	var parts []string
	quote := func(name string) string { return report.Code(short(name)) }
	if text := strings.TrimSpace(report.Origin(f, quote) + " " + report.Proof(f, quote)); text != "" {
		parts = append(parts, "\n"+text+"\n")
	}
	if a := f.Rendered; a != nil {
		parts = append(parts, "\n<details><summary>Rendered</summary>\n\n"+report.Fenced(a.Diff())+"\n</details>\n")
	}
	for _, rule := range rules {
		if rule.ID == f.Check {
			parts = append(parts, fmt.Sprintf("\n%s\n\n**Fix** %s\n", rule.Why, rule.Fix))
		}
	}
	switch s := f.Suggestion; {
	case s == nil || !s.Verified:
	case suggest:
		fence := report.Fence(s.Replacement)
		parts = append(parts, fmt.Sprintf("\n%ssuggestion\n%s\n%s\n<sub>%s</sub>\n", fence, strings.TrimSuffix(s.Replacement, "\n"), fence, s.Proof()))
	case len(s.Diff()) > 0:
		at := fmt.Sprintf("%s:%d", short(s.Path), s.First())
		parts = append(parts, fmt.Sprintf("\n<details><summary>Edit of %s, %s</summary>\n\n%s\n</details>\n", report.Escaped(at), s.Proof(), report.Fenced(s.Diff())))
	}
	return parts
}

// short keeps one name from filling a comment.
func short(text string) string {
	const most = 300
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}

// first is the text's beginning, cut at a character.
func first(text string, bytes int) string {
	if len(text) <= bytes {
		return text
	}
	return strings.ToValidUTF8(text[:bytes], "")
}

// keysOf are the findings that a comment of ours tells of.
func keysOf(body string) []string {
	var keys []string
	for _, line := range slices.Backward(strings.Split(strings.TrimSpace(body), "\n")) {
		m := keyMarker.FindStringSubmatch(strings.TrimSpace(line))
		if m == nil {
			break
		}
		keys = append(keys, m[1])
	}
	return keys
}

// settled says that a comment of ours was marked as fixed.
func settled(body string) bool { return strings.HasPrefix(body, fixedMarker) }
