package gate

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/rendergate/rendergate/internal/git"
	"github.com/rendergate/rendergate/internal/report"
	"github.com/rendergate/rendergate/render/manifest"
)

// mostExcerpt bounds the lines of a cause that are shown of its source.
const mostExcerpt = 4

// excerpts cut out of both sides' files what a finding is shown at.
type excerpts struct {
	change *git.Change
	redact manifest.Redactor
	files  map[string]sourceFile // by side and path
}

type sourceFile struct {
	lines  []string
	redact manifest.Redactor // of what only this file holds
}

// of are the lines of a finding's cause with one on each side, without secrets;
// nil where there is nothing to show. It is a hint: what cannot be read is told
// where it matters.
func (x excerpts) of(p placed) *report.Excerpt {
	if p.at.Line == 0 || p.state != report.New && p.state != report.Unproven {
		return nil
	}
	file := x.file(p.at.Side, p.at.Path)
	last := min(max(p.at.Line, p.at.EndLine), len(file.lines))
	if p.at.Line > last {
		return nil
	}
	last = min(last, p.at.Line+mostExcerpt-1)
	first, end := max(1, p.at.Line-1), min(len(file.lines), last+1)
	if !isYAML(p.at.Path) { // nobody knows which of its lines hold secrets
		first, end = p.at.Line, last
	}
	e := &report.Excerpt{First: first, From: p.at.Line, To: last}
	for _, line := range file.lines[first-1 : end] {
		e.Lines = append(e.Lines, file.redact.Text(x.redact.Text(strings.TrimSuffix(line, "\r"))))
	}
	if p.at.Line == last {
		e.Keys = causes(p)
	}
	return e
}

// causes are the names of what a line may set that is the cause, the likeliest first.
func causes(p placed) []string {
	var keys []string
	add := func(field string) {
		name := field[strings.LastIndexByte(field, '.')+1:]
		if at := strings.IndexByte(name, '['); at > 0 {
			name = name[:at]
		}
		if name != "" && !slices.Contains(keys, name) {
			keys = append(keys, name)
		}
	}
	for _, step := range p.at.Trail {
		if what, sets := strings.CutPrefix(step.What, "sets "); sets && step.Path == p.at.Path && step.Line == p.at.Line {
			add(what)
		}
	}
	add(p.Field)
	return keys
}

func (x excerpts) file(side, name string) sourceFile {
	key := side + ":" + name
	if known, found := x.files[key]; found {
		return known
	}
	tree := x.change.Head
	if side == report.Base {
		tree = x.change.Base
	}
	var file sourceFile
	if data, err := fs.ReadFile(tree, path.Clean(name)); err == nil {
		file.lines = strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
		if isYAML(name) {
			file.redact = manifest.NewRedactor(manifest.SecretValues(data)).ShownBy(x.redact)
		}
	}
	x.files[key] = file
	return file
}
