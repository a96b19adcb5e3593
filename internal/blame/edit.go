package blame

import (
	"path"
	"slices"
	"strings"

	"github.com/rendergate/rendergate/internal/git"
)

// edit is a reversal of a part of one file's change: the lines of head from
// start up to end give way to lines of base. What it stands for in the diff is
// told by added and deleted.
type edit struct {
	path       string // at head; at base for a deleted file
	whole      bool   // the whole file as it was at base
	start, end int    // 0-based lines of the head file, end excluded
	lines      []string
	added      [2]int // 1-based first and last line of head that it takes away; 0 when none
	deleted    [2]int // the same of base for lines that it brings back
	oldPath    string
	hunk       int // the index of the hunk, -1 for the whole file
	block      bool
}

// level orders edits by how exactly they point: a line before a hunk before a
// file.
func (e edit) level() int {
	switch {
	case e.whole:
		return 2
	case e.hunkWide():
		return 1
	}
	return 0
}

// size counts the lines that the edit touches on both sides.
func (e edit) size() int { return e.end - e.start + len(e.lines) }

func (e edit) hunkWide() bool {
	lines := func(r [2]int) int {
		if r[0] == 0 {
			return 0
		}
		return r[1] - r[0] + 1
	}
	return !e.block && (lines(e.added) > 1 || lines(e.deleted) > 1)
}

// smallBlock is what a reader takes in at a glance.
const smallBlock = 7

// location is the place that a reader of the diff finds the edit at.
func (e edit) location(change *git.Change) Location {
	at := Location{Path: e.path, Side: sideHead, How: howCounterfactual, Level: levelLine}
	switch {
	case e.whole:
		at.Level = levelFile
		if file, _ := change.File(e.path, sideHead); file.NewPath == "" {
			at.Side = sideBase
		}
		return at
	case e.added[0] > 0:
		at.Line, at.EndLine = e.added[0], e.added[1]
	default:
		at.Path, at.Side = e.oldPath, sideBase
		at.Line, at.EndLine = e.deleted[0], e.deleted[1]
	}
	switch {
	case e.block && e.added[0] == 0 && len(e.lines) <= smallBlock:
		at.EndLine = at.Line + len(e.lines) - 1 // what is gone is seen at once
	case e.block:
		at.EndLine = at.Line // the line that opens the block stands for it
	}
	if e.hunkWide() {
		at.Level = levelHunk
	}
	at.InDiff = true
	return at
}

// apply gives the file's content after some edits, which must not overlap.
func apply(lines []string, edits []edit) []byte {
	sorted := slices.Clone(edits)
	slices.SortStableFunc(sorted, func(a, b edit) int { return b.start - a.start })
	out := slices.Clone(lines)
	for _, e := range sorted {
		out = slices.Replace(out, e.start, e.end, e.lines...)
	}
	return []byte(strings.Join(out, ""))
}

// splitLines keeps line ends, so that joining gives the same text again.
func splitLines(data []byte) []string {
	if len(data) == 0 {
		return nil
	}
	return strings.SplitAfter(strings.TrimSuffix(string(data), "\n"), "\n")
}

// isMetadata names a chart's own description, which changes with each version.
func isMetadata(name string) bool {
	switch path.Base(name) {
	case "Chart.yaml", "Chart.lock", "requirements.yaml", "requirements.lock":
		return true
	}
	return false
}

// hunkEdit reverts one hunk.
func hunkEdit(file git.FileDiff, index int, base []string) edit {
	h := file.Hunks[index]
	e := edit{path: file.NewPath, oldPath: file.OldPath, hunk: index}
	e.start = h.NewStart - 1
	if h.NewLines == 0 {
		e.start = h.NewStart
	} else {
		e.added = [2]int{h.NewStart, h.NewStart + h.NewLines - 1}
	}
	e.end = e.start + h.NewLines
	if h.OldLines > 0 {
		e.lines = base[h.OldStart-1 : h.OldStart-1+h.OldLines]
		e.deleted = [2]int{h.OldStart, h.OldStart + h.OldLines - 1}
	}
	return e
}
