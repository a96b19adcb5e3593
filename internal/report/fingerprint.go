package report

import (
	"bytes"
	"fmt"
	"io/fs"
	"unicode/utf16"
)

// lineHashes computes primaryLocationLineHash for every line of a file as
// github/codeql-action does (fingerprints.ts): a rolling hash over 100
// characters from the line's start, without spaces and tabs, and how many
// times the same hash came before.
func lineHashes(content string) []string {
	const (
		block = 100
		mod   = 37
		end   = 65535
	)
	units := utf16.Encode([]rune(content))
	var first uint64 = 1
	for range block {
		first *= mod
	}
	h := hashing{window: make([]uint64, block), starts: make([]int, block), first: first, mod: mod, seen: map[uint64]int{}}
	for i := range h.starts {
		h.starts[i] = -1
	}
	line, fresh, previousCR := 0, true, false
	for at := 0; at <= len(units)+block; at++ {
		current := uint64(end)
		if at < len(units) {
			current = uint64(units[at])
		}
		if at > len(units) {
			h.next(0, -1)
			continue
		}
		if current == ' ' || current == '\t' || previousCR && current == '\n' {
			previousCR = false
			continue
		}
		if previousCR = current == '\r'; previousCR {
			current = '\n'
		}
		start := -1
		if fresh {
			fresh, start = false, line
			line++
		}
		fresh = current == '\n'
		h.next(current, start)
	}
	return h.lines
}

// hashing is the rolling window.
type hashing struct {
	window     []uint64
	starts     []int // the line that begins at each place of the window, or -1
	at         int
	hash       uint64
	first, mod uint64
	seen       map[uint64]int
	lines      []string
}

func (h *hashing) next(current uint64, start int) {
	if line := h.starts[h.at]; line >= 0 {
		h.seen[h.hash]++
		for len(h.lines) <= line {
			h.lines = append(h.lines, "")
		}
		h.lines[line] = fmt.Sprintf("%x:%d", h.hash, h.seen[h.hash])
	}
	h.starts[h.at] = start
	begin := h.window[h.at]
	h.window[h.at] = current
	h.hash = h.mod*h.hash + current - h.first*begin
	h.at = (h.at + 1) % len(h.window)
}

// hashes reads lines' hashes of the files of a tree, once each.
type hashes struct {
	source fs.FS
	files  map[string]lines
}

// lines is what is known of a file: nothing when count is 0.
type lines struct {
	hashes []string
	count  int // what an editor counts, so at least 1
}

func (h hashes) file(name string) lines {
	if h.source == nil || !fs.ValidPath(name) {
		return lines{}
	}
	known, read := h.files[name]
	if read {
		return known
	}
	if data, err := fs.ReadFile(h.source, name); err == nil {
		known = lines{lineHashes(string(data)), max(1, bytes.Count(data, []byte("\n")))}
		if len(data) > 0 && data[len(data)-1] != '\n' && bytes.Contains(data, []byte("\n")) {
			known.count++
		}
	}
	h.files[name] = known
	return known
}

// has says that the tree has the file and that it can be read.
func (h hashes) has(name string) bool { return h.file(name).count > 0 }

// line is empty when the line is not known.
func (h hashes) line(name string, line int) string {
	known := h.file(name).hashes
	if line < 1 || line > len(known) {
		return ""
	}
	return known[line-1]
}
