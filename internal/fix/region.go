package fix

import "strings"

// Region is the smallest run of whole lines in which two texts differ: lines
// start up to end, counted from 1, give way to the replacement. What is only
// put in replaces the line before it with itself and the new lines, because a
// suggestion must stand on lines that are there.
type Region struct {
	Start, End  int
	Replacement string
}

// Between is the region in which two texts differ; false when they do not, or
// when there is no line that it could stand on.
func Between(old, now string) (Region, bool) {
	a, b := splitLines(old), splitLines(now)
	first := 0
	for first < len(a) && first < len(b) && a[first] == b[first] {
		first++
	}
	last := 0
	for last < len(a)-first && last < len(b)-first && a[len(a)-1-last] == b[len(b)-1-last] {
		last++
	}
	if first == len(a)-last && first > 0 { // nothing goes
		if first == len(b)-last {
			return Region{}, false
		}
		first--
	}
	r := Region{Start: first + 1, End: len(a) - last, Replacement: strings.Join(b[first:len(b)-last], "")}
	return r, r.End >= r.Start
}

// Widened also covers some lines before and behind, as they are.
func (r Region) Widened(old string, start, end int) Region {
	lines := splitLines(old)
	start, end = max(1, min(start, r.Start)), min(len(lines), max(end, r.End))
	before := strings.Join(lines[start-1:r.Start-1], "")
	after := strings.Join(lines[r.End:end], "")
	return Region{start, end, before + r.Replacement + after}
}

// Apply makes the region's text of a file's.
func (r Region) Apply(old string) string {
	lines := splitLines(old)
	if r.Start < 1 || r.End > len(lines) || r.Start > r.End {
		return old
	}
	return strings.Join(lines[:r.Start-1], "") + r.Replacement + strings.Join(lines[r.End:], "")
}
