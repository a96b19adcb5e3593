package report

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Excerpt are lines of the source around a finding's place, redacted.
type Excerpt struct {
	First    int      // the number of the first line
	Lines    []string // without line ends
	From, To int      // the numbers of the lines that are the cause
	Keys     []string // what the cause sets, the likeliest first; empty where it is whole lines
}

// mostColumns bounds how much of a line is shown.
const mostColumns = 120

// excerpt prints the source with a caret under the cause.
func (p page) excerpt(e *Excerpt) {
	if e == nil {
		return
	}
	width := len(strconv.Itoa(e.First + len(e.Lines) - 1))
	for i, text := range e.Lines {
		n, mark := e.First+i, " "
		text = Visible(text)
		cause := n >= e.From && n <= e.To
		if cause {
			mark = p.paint("1;31", ">")
		}
		from, to := e.span(text)
		shown, cut := window(text, from)
		number := strconv.Itoa(n)
		p.line("    %s %s%s | %s", mark, strings.Repeat(" ", width-len(number)), number, shown)
		if cause && e.From == e.To {
			before := utf8.RuneCountInString(text[:from]) - cut
			length := max(1, min(utf8.RuneCountInString(text[from:to]), mostColumns-before))
			p.line("      %s | %s%s", strings.Repeat(" ", width), strings.Repeat(" ", before), p.paint("1;31", strings.Repeat("^", length)))
		}
	}
}

// span is the part of a line that is the cause: the value of what it sets, else
// all that is written.
func (e *Excerpt) span(line string) (from, to int) {
	for _, key := range e.Keys {
		if from, to, found := valueOf(line, key); found {
			return from, to
		}
	}
	trimmed := strings.TrimRight(line, " ")
	from = len(trimmed) - len(strings.TrimLeft(trimmed, " "))
	return from, len(trimmed)
}

// valueOf finds what a line gives a key, as YAML and HCL write it; the key
// itself where its value is on other lines.
func valueOf(line, key string) (from, to int, found bool) {
	for start := 0; ; {
		at := strings.Index(line[start:], key)
		if at < 0 {
			return 0, 0, false
		}
		at += start
		end := at + len(key)
		start = end
		if at > 0 && !strings.ContainsRune(" {,\"'", rune(line[at-1])) {
			continue
		}
		rest := strings.TrimLeft(strings.TrimLeft(line[end:], `"'`), " ")
		if !strings.HasPrefix(rest, ":") && !strings.HasPrefix(rest, "=") {
			continue
		}
		value := strings.TrimLeft(rest[1:], " ")
		from = len(line) - len(value)
		if value = ended(value); value == "" {
			return at, end, true
		}
		return from, from + len(value), true
	}
}

// ended cuts off what follows a value: the rest of a flow mapping, a comment.
func ended(value string) string {
	if value == "" || value[0] == '#' {
		return ""
	}
	if quote := value[0]; quote == '"' || quote == '\'' {
		if at := strings.IndexByte(value[1:], quote); at >= 0 {
			return value[:at+2]
		}
		return value
	}
	if at := strings.Index(value, " #"); at >= 0 {
		value = value[:at]
	}
	if at := strings.IndexAny(value, ",}]"); at >= 0 && !strings.ContainsAny(value[:1], "{[") && !strings.Contains(value, "{{") {
		value = value[:at]
	}
	return strings.TrimRight(value, " ")
}

// window is the part of a long line in which a place is, and how many
// characters are cut off before it.
func window(text string, from int) (shown string, cut int) {
	runes := []rune(text)
	at := utf8.RuneCountInString(text[:from])
	if at > mostColumns-40 {
		cut = at - 40
		runes = runes[cut:]
		runes[0] = '…'
	}
	if len(runes) > mostColumns {
		runes = append(runes[:mostColumns-1], '…')
	}
	return string(runes), cut
}
