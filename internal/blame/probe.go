package blame

import (
	"fmt"
	"io/fs"
	"sort"
	"strings"

	"github.com/rendergate/rendergate/internal/delta"
	"github.com/rendergate/rendergate/internal/git"
)

// blamer answers what goes away when a part of the change is reverted.
type blamer struct {
	Case
	files map[string]source // by the path at head, or at base when deleted
	cache map[string][]int
	spent int
}

// source is a changed file at both sides.
type source struct {
	diff       git.FileDiff
	base, head []string
	baseData   []byte
}

func newBlamer(c Case) *blamer {
	b := &blamer{Case: c, files: map[string]source{}, cache: map[string][]int{}}
	for _, file := range c.Change.Files {
		relevant := file.NewPath != "" && c.Inputs(file.NewPath) || file.OldPath != "" && c.Inputs(file.OldPath)
		if !relevant {
			continue
		}
		s := source{diff: file}
		if file.OldPath != "" {
			data, err := fs.ReadFile(c.Change.Base, file.OldPath)
			if err != nil {
				continue // a link or a pointer: it cannot be put back in part
			}
			s.baseData, s.base = data, splitLines(data)
		}
		if file.NewPath != "" {
			data, err := fs.ReadFile(c.Change.Head, file.NewPath)
			if err != nil {
				continue
			}
			s.head = splitLines(data)
		}
		b.files[file.Path()] = s
	}
	return b
}

// wholeEdit reverts a file. A renamed one keeps its place, since the render at
// head looks for it there.
func wholeEdit(file git.FileDiff) edit {
	return edit{path: file.Path(), oldPath: file.OldPath, whole: true, hunk: -1}
}

// fixed tells which findings go away with the edits reverted. False means that
// it does not render so, or that the budget is spent: there is no answer.
func (b *blamer) fixed(edits ...edit) (gone []int, renders bool) {
	id := identify(edits)
	known, asked := b.cache[id]
	if !asked {
		if b.spent >= b.Probes {
			return nil, false
		}
		b.spent++
		known = b.ask(edits)
		b.cache[id] = known
	}
	return known, known != nil
}

func identify(edits []edit) string {
	var ids []string
	for _, e := range edits {
		ids = append(ids, fmt.Sprintf("%s %v %d %d %d %d", e.path, e.whole, e.start, e.end, len(e.lines), e.deleted[0]))
	}
	sort.Strings(ids)
	return strings.Join(ids, "\n")
}

// ask renders head without the edits; nil when that does not render.
func (b *blamer) ask(edits []edit) []int {
	objects, findings, err := b.Judge(b.Change.Head.With(b.contents(edits)))
	if err != nil {
		return nil
	}
	compared := delta.Compare(delta.Match(objects, b.Objects, b.Renames), findings, b.Findings)
	gone := []int{}
	for i, f := range b.Findings {
		for _, n := range compared.New {
			if n.Node == f.Node && n.Check == f.Check && n.Subject == f.Subject {
				gone = append(gone, i)
				break
			}
		}
	}
	return gone
}

// contents are the files of the tree that the edits change.
func (b *blamer) contents(edits []edit) map[string][]byte {
	files := map[string][]byte{}
	parts := map[string][]edit{}
	for _, e := range edits {
		s := b.files[e.path]
		switch {
		case !e.whole:
			parts[e.path] = append(parts[e.path], e)
		case s.diff.OldPath == "":
			files[s.diff.NewPath] = nil
		default:
			files[e.path] = s.baseData
		}
	}
	for name, some := range parts {
		files[name] = apply(b.files[name].head, some)
	}
	return files
}
