package report

import (
	"cmp"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// spot is where code scanning shows a finding. Its path is never empty: one
// result without a place makes code scanning reject the whole file
// (github/codeql-action#2459).
type spot struct {
	path          string
	line, endLine int
	hash          string // of the line, for the one finding of a rule that has it
}

// spots finds a file of head for every finding of a report. Code scanning knows
// no other side, no folder and no file that was deleted.
type spots struct {
	hashes  hashes
	targets map[string]string // a target's id to its path
	anchors map[string]string // a target's path to its first file
}

func newSpots(source fs.FS, targets []Target) spots {
	s := spots{hashes{source, map[string]lines{}}, map[string]string{}, map[string]string{}}
	for _, t := range targets {
		s.targets[t.ID] = t.Path
	}
	return s
}

// all gives each finding its spot, in the order of the findings.
func (s spots) all(findings []Finding) []spot {
	found := make([]spot, len(findings))
	order := make([]int, len(findings))
	for i, f := range findings {
		order[i], found[i] = i, s.find(f)
		if found[i].path == f.Location.Path { // a file that only stands in says nothing of the finding
			found[i].hash = s.hashes.line(found[i].path, found[i].line)
		}
	}
	// Findings of one rule that share a line would collapse into one alert, so
	// only one has the line's hash. It is one that was there before, the same in
	// every run: else a new finding would take over an old one's alert, and the
	// old one would be the new alert.
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(age(findings[a]), age(findings[b])), cmp.Compare(findings[a].Key, findings[b].Key))
	})
	taken := map[string]bool{}
	for _, i := range order {
		once := findings[i].Check + "\x00" + found[i].path + "\x00" + found[i].hash
		if taken[once] {
			found[i].hash = ""
		}
		taken[once] = true
	}
	return found
}

func age(f Finding) int {
	if f.State == New {
		return 1
	}
	return 0
}

// find prefers the finding's own place, then where its trail leads, then the
// target's first file, then the tree's. Without a tree to look at the place is
// taken as it is.
func (s spots) find(f Finding) spot {
	at := f.Location
	own := spot{path: at.Path, line: max(1, at.Line), endLine: max(1, at.Line, at.EndLine)}
	if at.Path != "" && s.hashes.source == nil || at.Side != Base && s.hashes.has(at.Path) {
		return own
	}
	places := []Step{{Path: at.Path, Line: at.Line}}
	places = append(places, f.Trail...)
	places = append(places, Step{Path: s.anchor(s.targets[f.Target])}, Step{Path: s.anchor(".")})
	for _, p := range places {
		if s.hashes.has(p.Path) {
			line := max(1, min(p.Line, s.hashes.file(p.Path).count))
			return spot{path: p.Path, line: line, endLine: line}
		}
	}
	// No file is known at all, so the one that configures rendergate stands in.
	return spot{path: ".rendergate.yaml", line: 1, endLine: 1}
}

// anchor is the file that stands for a folder: what makes it a target, else
// its first one.
func (s spots) anchor(dir string) string {
	if anchor, known := s.anchors[dir]; known || s.hashes.source == nil || !fs.ValidPath(dir) {
		return anchor
	}
	for _, name := range []string{".", "Chart.yaml", "kustomization.yaml", "kustomization.yml", "Kustomization"} {
		if name = path.Join(dir, name); s.hashes.has(name) {
			s.anchors[dir] = name
			return name
		}
	}
	found := ""
	// What cannot be read has no file to show; the result then goes without.
	walked := fs.WalkDir(s.hashes.source, dir, func(name string, entry fs.DirEntry, err error) error {
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
