package github

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/rendergate/rendergate/internal/report"
)

// The markers by which a later run finds what an earlier one posted. They
// count only in comments of our own: anybody can paste one.
var (
	keyMarker     = regexp.MustCompile(`<!-- rendergate:v1 fp=([0-9a-f]{16}) -->`)
	summaryMarker = "<!-- rendergate:v1 summary -->"
	fixedMarker   = "<!-- rendergate:v1 fixed -->"
)

// maxBody is what GitHub takes as a comment, less what we may add to it.
const maxBody = 65_000

// commentBody tells of the findings of one place.
func commentBody(findings []report.Finding, rules []report.Rule, suggest bool) string {
	var b strings.Builder
	for i, f := range findings {
		if i > 0 {
			b.WriteString("\n---\n\n")
		}
		writeFinding(&b, f, rules, suggest)
		if b.Len() > maxBody/2 {
			fmt.Fprintf(&b, "\n%d more here; the summary has them.\n", len(findings)-i-1)
			break
		}
	}
	b.WriteString("\n")
	for _, f := range findings {
		if b.Len() > maxBody-100 {
			break
		}
		fmt.Fprintf(&b, "<!-- rendergate:v1 fp=%s -->\n", f.Key)
	}
	return b.String()
}

func writeFinding(b *strings.Builder, f report.Finding, rules []report.Rule, suggest bool) {
	blocks := ""
	if f.Blocks {
		blocks = ", blocks"
	}
	fmt.Fprintf(b, "**%s** (%s%s): %s\n\n", f.Check, f.Severity, blocks, report.Escaped(short(f.Message)))
	fmt.Fprintf(b, "%s %s", report.Code(short(f.Object.String())), report.Code(short(f.Field)))
	if len(f.Targets) > 1 {
		fmt.Fprintf(b, " in %d targets, %s among them", len(f.Targets), report.Code(short(f.Target)))
	} else {
		fmt.Fprintf(b, " of %s", report.Code(short(f.Target)))
	}
	b.WriteString("\n")
	for _, step := range f.Trail {
		fmt.Fprintf(b, "- %s: %s\n", report.Code(short(fmt.Sprintf("%s:%d", step.Path, step.Line))), report.Escaped(short(step.What)))
	}
	for _, rule := range rules {
		if rule.ID == f.Check {
			fmt.Fprintf(b, "\n%s\n\n**Fix** %s\n", rule.Why, rule.Fix)
		}
	}
	if s := f.Suggestion; suggest && s != nil && s.Verified {
		fence := report.Fence(s.Replacement)
		fmt.Fprintf(b, "\n%ssuggestion\n%s\n%s\n", fence, s.Replacement, fence)
	}
}

// short keeps one name from filling a comment.
func short(text string) string {
	const most = 1000
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}

func keysOf(body string) []string {
	var keys []string
	for _, m := range keyMarker.FindAllStringSubmatch(body, -1) {
		keys = append(keys, m[1])
	}
	return keys
}
