package report

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

// Visible makes text from a pull request safe to print: what would move the
// cursor, change colours, begin a line or turn the direction of text around is
// shown as its code instead.
func Visible(text string) string {
	if strings.IndexFunc(text, invisible) < 0 {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteByte(' ')
		case invisible(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func invisible(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029' || r == unicode.ReplacementChar
}

// markdownSpecial are the characters that mean something in GitHub's Markdown.
const markdownSpecial = "\\`*_{}[]()<>#+-.!|~&@:$^="

// Escaped is text as Markdown that shows it as it is: no markup, no link, no
// image, no mention, no reference to an issue.
func Escaped(text string) string {
	var b strings.Builder
	for _, r := range Visible(text) {
		if strings.ContainsRune(markdownSpecial, r) {
			// An entity is never markup, where a backslash would not stop an
			// autolink. GitHub looks for mentions and references in what was
			// rendered, entities included, so that there a space without width
			// has to stand between.
			fmt.Fprintf(&b, "&#%d;", r)
			if r == '@' || r == '#' {
				b.WriteString("&#8203;")
			}
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Prose is text of a rule as Markdown: code spans stay, and nothing else in it
// is markup. Rules come from policies of the repository too.
func Prose(text string) string {
	var b strings.Builder
	for i, part := range strings.Split(text, "`") {
		switch {
		case i%2 == 0:
			b.WriteString(Escaped(part))
		case part != "":
			b.WriteString(Code(part))
		}
	}
	return b.String()
}

var checkName = regexp.MustCompile(`^[a-z0-9]+(?:[:./-][a-z0-9]+)*$`)

// Named says that a text has the form of a check's id. That of a policy has
// what its author called it in it.
func Named(check string) bool { return checkName.MatchString(check) }

// CheckName is a check's id as Markdown.
func CheckName(check string) string {
	if Named(check) {
		return check
	}
	return Escaped(check)
}

// Code is text as a code span, whatever backticks it holds. In a table a pipe
// would end the cell, so it is replaced by one that looks alike.
func Code(text string) string {
	text = strings.ReplaceAll(Visible(text), "|", "¦")
	fence := strings.Repeat("`", longestRun(text)+1)
	if strings.HasPrefix(text, "`") || strings.HasSuffix(text, "`") || strings.TrimSpace(text) == "" {
		text = " " + text + " "
	}
	return fence + text + fence
}

// Fence is a line of backticks that no line of the text can close.
func Fence(text string) string { return strings.Repeat("`", max(3, longestRun(text)+1)) }

func longestRun(text string) int {
	longest, run := 0, 0
	for _, r := range text {
		if r != '`' {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}

// clip cuts text to at most so many bytes, at a character.
func clip(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	const ellipsis = "…"
	cut := limit - len(ellipsis)
	for cut > 0 && text[cut]&0xC0 == 0x80 {
		cut--
	}
	return text[:cut] + ellipsis
}
