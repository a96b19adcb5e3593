package report

import (
	"bytes"
	"io/fs"
	"path"
	"strings"
)

// spot is where code scanning shows a finding. Its path is never empty: one
// result without a place makes code scanning reject the whole file
// (github/codeql-action#2459).
type spot struct {
	path          string
	line, endLine int
}

// spots finds a file of head for every finding of a report. Code scanning knows
// no other side, no folder and no file that was deleted.
type spots struct {
	files   files
	targets map[string]string // a target's id to its path
	anchors map[string]string // a target's path to its first file
}

func newSpots(source fs.FS, targets []Target) spots {
	s := spots{files{source, map[string]int{}}, map[string]string{}, map[string]string{}}
	for _, t := range targets {
		s.targets[t.ID] = t.Path
	}
	return s
}

// find prefers the finding's own place, then where its trail leads, then the
// target's first file, then the tree's. Without a tree to look at the place is
// taken as it is.
func (s spots) find(f Finding) spot {
	at := f.Location
	own := spot{path: at.Path, line: max(1, at.Line), endLine: max(1, at.Line, at.EndLine)}
	if at.Path != "" && s.files.source == nil || at.Side != Base && s.files.has(at.Path) {
		return own
	}
	places := []Step{{Path: at.Path, Line: at.Line}}
	places = append(places, f.Trail...)
	places = append(places, Step{Path: s.anchor(s.targets[f.Target])}, Step{Path: s.anchor(".")})
	for _, p := range places {
		if s.files.has(p.Path) {
			line := max(1, min(p.Line, s.files.count(p.Path)))
			return spot{path: p.Path, line: line, endLine: line}
		}
	}
	// No file is known at all, so the one that configures rendergate stands in.
	return spot{path: ".rendergate.yaml", line: 1, endLine: 1}
}

// anchor is the file that stands for a folder: what makes it a target, else
// its first one.
func (s spots) anchor(dir string) string {
	if anchor, known := s.anchors[dir]; known || s.files.source == nil || !fs.ValidPath(dir) {
		return anchor
	}
	for _, name := range []string{".", "Chart.yaml", "kustomization.yaml", "kustomization.yml", "Kustomization"} {
		if name = path.Join(dir, name); s.files.has(name) {
			s.anchors[dir] = name
			return name
		}
	}
	found := ""
	// What cannot be read has no file to show; the result then goes without.
	walked := fs.WalkDir(s.files.source, dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || found != "" {
			return fs.SkipAll
		}
		if entry.Type().IsRegular() && !strings.HasPrefix(path.Base(name), ".") {
			found = name
		}
		return nil
	})
	if walked != nil {
		found = ""
	}
	s.anchors[dir] = found
	return found
}

// files counts the lines of the files of a tree, once each.
type files struct {
	source fs.FS
	lines  map[string]int
}

// count is how many lines an editor shows, so at least 1; 0 of what is no file
// of the tree or cannot be read.
func (f files) count(name string) int {
	if f.source == nil || !fs.ValidPath(name) {
		return 0
	}
	known, read := f.lines[name]
	if read {
		return known
	}
	if data, err := fs.ReadFile(f.source, name); err == nil {
		known = max(1, bytes.Count(data, []byte("\n")))
		if len(data) > 0 && data[len(data)-1] != '\n' && bytes.Contains(data, []byte("\n")) {
			known++
		}
	}
	f.lines[name] = known
	return known
}

func (f files) has(name string) bool { return f.count(name) > 0 }
