package github

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/rendergate/rendergate/internal/report"
)

// patchLine is a line that a pull request's diff shows on one side.
type patchLine struct {
	text    string
	hunk    int
	changed bool // added or deleted, not context
}

// patch holds the lines of a file's diff by number: those of head and those of
// base. Only these take comments.
type patch struct{ head, base map[int]patchLine }

var hunkHeader = regexp.MustCompile(`^@@ -(\d{1,9})(?:,\d{1,9})? \+(\d{1,9})(?:,\d{1,9})? @@`)

// parsePatch reads the patch of the API for pull request files. GitHub takes
// comments on context lines at head only, and on deleted lines at base.
func parsePatch(text string) patch {
	p := patch{map[int]patchLine{}, map[int]patchLine{}}
	hunk, old, now := 0, 0, 0
	for line := range strings.SplitSeq(text, "\n") {
		if m := hunkHeader.FindStringSubmatch(line); m != nil {
			hunk++
			old, now = number(m[1]), number(m[2])
			continue
		}
		if hunk == 0 || line == "" {
			continue
		}
		switch rest := line[1:]; line[0] {
		case '+':
			p.head[now] = patchLine{rest, hunk, true}
			now++
		case '-':
			p.base[old] = patchLine{rest, hunk, true}
			old++
		case ' ':
			p.head[now] = patchLine{rest, hunk, false}
			now++
			old++
		}
	}
	return p
}

func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0
	}
	return n
}

// diff holds the changed files of a pull request by the names that they have
// at head and at base.
type diff struct{ head, base map[string]changed }

// changed is a file of a diff. GitHub knows it by its name at head only.
type changed struct {
	path string
	patch
}

func (d diff) add(name, previous, status, text string) {
	c := changed{name, parsePatch(text)}
	d.head[name] = c
	switch status {
	case "added", "copied":
	case "renamed":
		d.base[previous] = c
	default:
		d.base[name] = c
	}
}

func (d diff) file(at report.Location) (changed, bool) {
	files := d.head
	if at.Side == report.Base {
		files = d.base
	}
	c, ok := files[at.Path]
	return c, ok
}

// anchor is where a comment goes.
type anchor struct {
	path       string // the name at head
	side       string // LEFT or RIGHT; empty for the file as a whole
	start, end int    // start is 0 for a single line
}

// lines finds the place of a location in the diff. What was compared need not
// be what the pull request shows (a merge commit has other line numbers than
// its head), so a line counts only where its text is the same.
func (p changed) lines(at report.Location, text func(line int) string) (anchor, bool) {
	side, shown := "RIGHT", p.head
	if at.Side == report.Base {
		side, shown = "LEFT", p.base
	}
	end := max(at.Line, at.EndLine)
	last, ok := find(shown, end, text(end))
	if !ok {
		return anchor{}, false
	}
	a := anchor{path: p.path, side: side, end: last}
	if first, ok := find(shown, at.Line, text(at.Line)); ok && last-first == end-at.Line && first < last && shown[first].hunk == shown[last].hunk {
		a.start = first
	}
	return a, true
}

// find is the line with that number and text, else the only changed line with
// that text.
func find(shown map[int]patchLine, line int, text string) (int, bool) {
	text = strings.TrimSuffix(text, "\r")
	if have, ok := shown[line]; ok && strings.TrimSuffix(have.text, "\r") == text {
		return line, true
	}
	found := 0
	for n, have := range shown {
		if have.changed && strings.TrimSuffix(have.text, "\r") == text {
			if found != 0 {
				return 0, false
			}
			found = n
		}
	}
	return found, found != 0 && strings.TrimSpace(text) != ""
}
