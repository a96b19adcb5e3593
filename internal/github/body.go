package github

import (
	"crypto/sha256"
	"encoding/hex"
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
	keyMarker   = regexp.MustCompile(`^<!-- rendergate:v1 (fp|was)=([0-9a-f]{16}) at=([0-9a-f]{8})(?: of=([0-9a-f]{8}))? ([a-z0-9:./-]{1,60}) -->$`)
	fixedMarker = "<!-- rendergate:v1 fixed -->"
)

// categoryOf stands for the category of a report. The default one has nothing in
// markers, as comments had before there were categories.
func categoryOf(r *report.Report) string {
	if r.Category == "" || r.Category == report.DefaultCategory {
		return ""
	}
	return placeOf(r.Category)
}

func inMarker(category string) string {
	if category == "" {
		return ""
	}
	return " of=" + category
}

// summaryMarker begins the summary of a category.
func summaryMarker(category string) string {
	return "<!-- rendergate:v1 summary" + inMarker(category) + " -->"
}

// mark is what a comment of ours keeps of one of its findings.
type mark struct {
	key   string
	at    string // of the target: see placeOf
	of    string // whose comment it is: see categoryOf
	check string
	gone  bool // said to be gone, while others of the comment are not
}

func (p Poster) markOf(f report.Finding) mark {
	m := mark{key: f.Key, at: placeOf(f.Target), of: p.category, check: f.Check}
	if len(m.check) > 60 || !report.Named(m.check) {
		m.check = "policy"
	}
	return m
}

// placeOf stands for a target's id or a category, which may hold anything.
func placeOf(name string) string {
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:4])
}

func (m mark) String() string {
	word := "fp"
	if m.gone {
		word = "was"
	}
	return fmt.Sprintf("<!-- rendergate:v1 %s=%s at=%s%s %s -->", word, m.key, m.at, inMarker(m.of), m.check)
}

// marksOf are the findings that a comment of ours tells of, and its text
// without them.
func marksOf(body string) (text string, marks []mark) {
	lines := strings.Split(strings.TrimSpace(body), "\n")
	for len(lines) > 0 {
		m := keyMarker.FindStringSubmatch(strings.TrimSpace(lines[len(lines)-1]))
		if m == nil {
			break
		}
		marks = append(marks, mark{gone: m[1] == "was", key: m[2], at: m[3], of: m[4], check: m[5]})
		lines = lines[:len(lines)-1]
	}
	slices.Reverse(marks)
	return strings.TrimSpace(strings.Join(lines, "\n")), marks
}

// keysOf are those of a comment's findings that it does not call gone.
func keysOf(body string) []string {
	var keys []string
	_, marks := marksOf(body)
	for _, m := range marks {
		if !m.gone {
			keys = append(keys, m.key)
		}
	}
	return keys
}

// settled says that a comment of ours was marked as fixed.
func settled(body string) bool { return strings.HasPrefix(body, fixedMarker) }

// What fits into a comment. GitHub takes 65,536 characters; a byte counts as
// one here, and what is left is for notes that something is fixed.
const (
	maxBody     = 64_000
	maxTogether = 200                       // findings in one comment, each with a marker
	maxText     = maxBody - 132*maxTogether // what the markers leave
	enoughText  = maxText / 2               // after so much no further finding is told of in full
)

// commentBody tells of the findings of one place, at most maxTogether. What several
// have in common is told once.
func (p Poster) commentBody(s spot, rules []report.Rule) string {
	var b strings.Builder
	told := map[string]bool{}
	var proofs []string
	for i, f := range s.findings {
		if i > 0 && sameField(s.findings[i-1], f) { // all but its subject was told with the first
			fmt.Fprintf(&b, "\n**%s**%s: %s\n", report.Escaped(f.Severity), blocksOf(f), report.Escaped(short(f.Message)))
		} else {
			if i > 0 {
				b.WriteString("\n---\n\n")
			}
			if slices.ContainsFunc(s.findings[i+1:], func(later report.Finding) bool { return f.Suggestion.Same(later.Suggestion) }) {
				f.Suggestion = nil // told with the last that shares it
			}
			t := telling{f, rules, s.end == 0, s.suggests(), told}
			t.write(&b)
			proofs = append(proofs, t.once(t.proof()))
		}
		if more := len(s.findings) - i - 1; more > 0 && b.Len() > enoughText {
			fmt.Fprintf(&b, "\n%d more here; the summary has them.\n", more)
			break
		}
	}
	if proof := details(proofs); b.Len()+len(proof) <= maxText {
		b.WriteString(proof)
	}
	if p.Caution != "" {
		fmt.Fprintf(&b, "\n<sub>%s</sub>\n", p.Caution)
	}
	b.WriteString("\n")
	for _, f := range s.findings {
		b.WriteString(p.markOf(f).String() + "\n")
	}
	return b.String()
}

// sameField says that two findings are of one check about one field, such as two
// vulnerabilities of an image, and that neither is mended by itself.
func sameField(a, b report.Finding) bool {
	return a.Check == b.Check && a.Object == b.Object && a.Field == b.Field && a.Target == b.Target && a.Location == b.Location &&
		a.Subject != b.Subject && a.Suggestion == nil && b.Suggestion == nil
}

func blocksOf(f report.Finding) string {
	if f.Blocks {
		return ", blocks"
	}
	return ""
}

// telling is one finding on its way into a comment.
type telling struct {
	report.Finding
	rules   []report.Rule
	placed  bool            // the comment is on the file as a whole, so the line must be said
	suggest bool            // the comment stands on the very lines of the suggestion
	told    map[string]bool // what the comment has said already
}

// once is a text, empty where the comment has it already.
func (t telling) once(text string) string {
	if t.told[text] {
		return ""
	}
	t.told[text] = true
	return text
}

func quote(name string) string { return report.Code(short(name)) }

// write adds what would be deployed in a finding's own words, and of what
// explains it as much as there is room for.
func (t telling) write(b *strings.Builder) {
	fmt.Fprintf(b, "**%s** (%s%s): %s\n\n", report.CheckName(short(t.Check)), report.Escaped(t.Severity), blocksOf(t.Finding), report.Escaped(short(t.Message)))
	fmt.Fprintf(b, "%s of %s", quote(report.What(t.Finding)), report.In(t.Finding, 5, quote))
	if t.BroughtBy != "" {
		fmt.Fprintf(b, ", brought by %s", quote(t.BroughtBy))
	}
	if t.placed && t.Location.Line > 0 {
		fmt.Fprintf(b, ", because of %s", quote(report.Where(t.Location)))
	}
	b.WriteString("\n")
	for _, part := range []string{t.once(t.rendered()), t.reasons(), t.edit()} {
		if b.Len()+len(part) <= maxText {
			b.WriteString(part)
		}
	}
}

// What is rendered is shown without being asked for where it has no more lines and
// characters.
const (
	plainLines = 6
	plainText  = 600
)

// rendered is what the field becomes.
func (t telling) rendered() string {
	if t.Rendered == nil {
		return ""
	}
	diff := t.Rendered.Diff()
	if len(diff) <= plainLines && len(strings.Join(diff, "\n")) <= plainText {
		return "\n" + report.Fenced(diff)
	}
	return "\n<details><summary>Rendered</summary>\n\n" + report.Fenced(diff) + "\n</details>\n"
}

// reasons are why it matters, where it comes from, and what to do, a sentence
// each.
func (t telling) reasons() string {
	rule := t.rule()
	var parts []string
	if why := t.once(report.Prose(rule.Why)); why != "" {
		parts = append(parts, why)
	}
	if origin := t.once(report.Origin(t.Finding, quote)); origin != "" {
		parts = append(parts, origin)
	}
	if fix := t.once(report.Prose(rule.Fix)); fix != "" {
		parts = append(parts, "**Fix:** "+fix)
	}
	if len(parts) == 0 {
		return ""
	}
	return "\n" + strings.Join(parts, "\n\n") + "\n"
}

func (t telling) rule() report.Rule {
	for _, rule := range t.rules {
		if rule.ID == t.Check {
			return rule
		}
	}
	return report.Rule{}
}

// edit is the suggestion: to be applied by a click where the comment stands on
// its lines.
func (t telling) edit() string {
	s := t.Suggestion
	if s == nil || !s.Verified {
		return ""
	}
	if t.suggest {
		fence := report.Fence(s.Replacement)
		return fmt.Sprintf("\n%ssuggestion\n%s\n%s\n<sub>%s</sub>\n", fence, strings.TrimSuffix(s.Replacement, "\n"), fence, s.Proof())
	}
	if len(s.Diff()) == 0 {
		return ""
	}
	at := fmt.Sprintf("%s:%d", short(s.Path), s.First())
	return fmt.Sprintf("\n<details><summary>Edit of %s, %s</summary>\n\n%s\n</details>\n", report.Escaped(at), s.Proof(), report.Fenced(s.Diff()))
}

// proof is for those who doubt: how the cause is known, and whose rule it is.
func (t telling) proof() string {
	var parts []string
	if proof := report.Proof(t.Finding, quote); proof != "" {
		parts = append(parts, proof)
	}
	if source := t.rule().Source; source != "" {
		parts = append(parts, "Rule: "+report.Escaped(source)+".")
	}
	if len(parts) == 0 {
		return ""
	}
	return report.CheckName(short(t.Check)) + ": " + strings.Join(parts, " ")
}

// details folds the proofs of a comment.
func details(proofs []string) string {
	proofs = slices.DeleteFunc(proofs, func(proof string) bool { return proof == "" })
	if len(proofs) == 0 {
		return ""
	}
	return "\n<details><summary>How this is known</summary>\n\n" + strings.Join(proofs, "\n\n") + "\n\n</details>\n"
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
