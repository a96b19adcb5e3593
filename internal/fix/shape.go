package fix

import (
	"strings"
	"unicode/utf8"
)

// shapeOf is a template as YAML of the same lines and columns: each action is
// masked, so that what a template writes literally can be found and edited as
// in any YAML. What is no template is its own shape.
func shapeOf(text string) string {
	if !strings.Contains(text, "{{") {
		return text
	}
	var b strings.Builder
	for len(text) > 0 {
		start := strings.Index(text, "{{")
		if start < 0 {
			break
		}
		b.WriteString(text[:start])
		end := actionEnd(text[start:])
		mask(&b, text[start:start+end])
		text = text[start+end:]
	}
	b.WriteString(text)
	return blankActions(b.String())
}

// masked stands for a character of an action; no text of a chart holds it.
const masked = '\uE000'

func mask(b *strings.Builder, action string) {
	for _, r := range action {
		if r == '\n' || r == '\r' {
			b.WriteRune(r)
			continue
		}
		b.WriteRune(masked)
	}
}

// actionEnd is where an action ends that text starts with: strings and comments
// in it may hold what looks like its end.
func actionEnd(text string) int {
	body := strings.TrimPrefix(strings.TrimPrefix(text[2:], "-"), " ")
	if strings.HasPrefix(body, "/*") {
		if end := strings.Index(text, "*/"); end >= 0 {
			if rest := strings.Index(text[end:], "}}"); rest >= 0 {
				return end + rest + 2
			}
		}
		return len(text)
	}
	for i := 2; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == '"' || r == '`':
			i += size + quoted(text[i+size:], byte(r))
			continue
		case strings.HasPrefix(text[i:], "}}"):
			return i + 2
		}
		i += size
	}
	return len(text)
}

// quoted is the length of a string's rest with its closing quote.
func quoted(text string, quote byte) int {
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\' && quote == '"':
			i++
		case text[i] == quote:
			return i + 1
		case text[i] == '\n' && quote == '"':
			return i
		}
	}
	return len(text)
}

// blankActions makes lines that hold nothing but actions blank, and leaves
// something that YAML reads as a word of the others.
func blankActions(text string) string {
	var b strings.Builder
	for line := range strings.SplitAfterSeq(text, "\n") {
		if strings.ContainsRune(line, masked) && strings.Trim(line, " \t\r\n"+string(masked)) == "" {
			line = strings.ReplaceAll(line, string(masked), " ")
		}
		b.WriteString(strings.ReplaceAll(line, string(masked), "x"))
	}
	return b.String()
}

// depths tells for each line how many conditions and loops of the template are
// open where it starts.
func depths(text string, lines int) []int {
	all := make([]int, lines+1)
	open, line := 0, 0
	for len(text) > 0 {
		start := strings.Index(text, "{{")
		if start < 0 {
			start = len(text)
		}
		for range strings.Count(text[:start], "\n") {
			line++
			all[min(line, lines)] = open
		}
		if start == len(text) {
			break
		}
		text = text[start:]
		end := actionEnd(text)
		switch word := keyword(text[:end]); word {
		case "if", "with", "range", "define", "block":
			open++
		case "end":
			open--
		}
		for range strings.Count(text[:end], "\n") {
			line++
			all[min(line, lines)] = open
		}
		text = text[end:]
	}
	for i := line + 1; i <= lines; i++ {
		all[i] = open
	}
	return all
}

// keyword is the first word of an action.
func keyword(action string) string {
	action = strings.TrimLeft(strings.TrimPrefix(action, "{{"), "- \t\r\n")
	end := strings.IndexFunc(action, func(r rune) bool { return r < 'a' || r > 'z' })
	if end < 0 {
		return action
	}
	return action[:end]
}
