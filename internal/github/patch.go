package github

import (
	"maps"
	"regexp"
	"slices"
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
// base. Context of base is there to find one's way by; it takes no comments.
type patch struct{ head, base map[int]patchLine }

var hunkHeader = regexp.MustCompile(`^@@ -(\d{1,9})(?:,\d{1,9})? \+(\d{1,9})(?:,\d{1,9})? @@`)

// parsePatch reads the patch of the API for pull request files.
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
		switch rest := strings.TrimSuffix(line[1:], "\r"); line[0] {
		case '+':
			p.head[now] = patchLine{rest, hunk, true}
			now++
		case '-':
			p.base[old] = patchLine{rest, hunk, true}
			old++
		case ' ':
			p.head[now] = patchLine{rest, hunk, false}
			p.base[old] = patchLine{rest, hunk, false}
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
// be what the pull request shows: a merge commit has other line numbers than
// its head as soon as base touched the file. text is the file as it was
// compared, nil where the numbers are the pull request's own.
func (p changed) lines(at report.Location, text []string) (anchor, bool) {
	side, shown := "RIGHT", p.head
	if at.Side == report.Base {
		side, shown = "LEFT", p.base
	}
	takes := func(n int) bool { return n > 0 && shown[n].hunk > 0 && (side == "RIGHT" || shown[n].changed) }
	there := aligned(shown, text)
	end := max(at.Line, at.EndLine)
	last := there(end)
	if !takes(last) {
		return anchor{}, false
	}
	a := anchor{path: p.path, side: side, end: last}
	if first := there(at.Line); takes(first) && last-first == end-at.Line && first < last && shown[first].hunk == shown[last].hunk {
		a.start = first
	}
	return a, true
}

// aligned maps line numbers of a file as it was compared to those that the
// diff shows, 0 for none. A hunk lies where all of its lines stand one after
// the other; where that is nowhere, because base changed what is around, only
// a changed line that occurs once is found again.
func aligned(shown map[int]patchLine, text []string) func(line int) int {
	if text == nil {
		return func(line int) int { return line }
	}
	there := map[int]int{}
	offset := 0
	for _, block := range blocks(shown) {
		if at, ok := lies(block, shown, text, offset); ok {
			offset = at
			for _, n := range block {
				there[n+at] = n
			}
		}
	}
	return func(line int) int {
		if n, ok := there[line]; ok {
			return n
		}
		return once(shown, text, line)
	}
}

// blocks are the lines of each hunk, in order.
func blocks(shown map[int]patchLine) [][]int {
	var all [][]int
	hunk := 0
	for _, n := range slices.Sorted(maps.Keys(shown)) {
		if shown[n].hunk != hunk {
			all = append(all, nil)
			hunk = shown[n].hunk
		}
		all[len(all)-1] = append(all[len(all)-1], n)
	}
	return all
}

// lies is by how many lines a hunk is shifted in a text: where that may be
// several places, the one that is shifted most like the hunk before.
func lies(block []int, shown map[int]patchLine, text []string, near int) (shift int, found bool) {
	for start := 0; start+len(block) <= len(text); start++ {
		offset := start + 1 - block[0]
		if found && distance(offset, near) >= distance(shift, near) {
			continue
		}
		fits := true
		for i, n := range block {
			if fits = text[start+i] == shown[n].text; !fits {
				break
			}
		}
		if fits {
			shift, found = offset, true
		}
	}
	return shift, found
}

func distance(a, b int) int { return max(a-b, b-a) }

// once is the changed line with the text of a compared line, if both occur
// once only.
func once(shown map[int]patchLine, text []string, line int) int {
	if line < 1 || line > len(text) || strings.TrimSpace(text[line-1]) == "" {
		return 0
	}
	same := 0
	for _, other := range text {
		if other == text[line-1] {
			same++
		}
	}
	found := 0
	for n, have := range shown {
		if have.changed && have.text == text[line-1] {
			if found != 0 || same > 1 {
				return 0
			}
			found = n
		}
	}
	return found
}
