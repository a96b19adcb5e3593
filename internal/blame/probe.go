package blame

import (
	"fmt"
	"io/fs"
	"slices"
	"sort"
	"strings"

	"github.com/rendergate/rendergate/checks"
	"github.com/rendergate/rendergate/internal/delta"
	"github.com/rendergate/rendergate/internal/git"
	"github.com/rendergate/rendergate/render/manifest"
)

// blamer answers what goes away when a part of the change is reverted.
type blamer struct {
	Case
	files  map[string]source // by the path at head, or at base when deleted
	cache  map[string]answer
	spent  int
	traced *traces
	sets   [][]edit // what was found to act only together
	bumps  []bump
}

// answer is what a probe said: the findings that went, and of them those whose
// object went too.
type answer struct {
	renders    bool
	gone, gate []int
}

// source is a changed file at both sides.
type source struct {
	diff       git.FileDiff
	base, head []string
	baseData   []byte
}

func newBlamer(c Case) *blamer {
	b := &blamer{Case: c, files: map[string]source{}, cache: map[string]answer{}}
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
	b.bumps = b.findBumps()
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
	a := b.probe(edits)
	return a.gone, a.renders
}

// opens says that it is the finding's object that goes with the edits: they do
// not make it weak, they switch it on.
func (b *blamer) opens(i int, edits ...edit) bool { return slices.Contains(b.probe(edits).gate, i) }

func (b *blamer) probe(edits []edit) answer {
	id := identify(edits)
	known, asked := b.cache[id]
	if asked {
		return known
	}
	if b.spent >= b.Probes {
		return answer{}
	}
	b.spent++
	known = b.ask(edits)
	b.cache[id] = known
	return known
}

func identify(edits []edit) string {
	var ids []string
	for _, e := range edits {
		ids = append(ids, fmt.Sprintf("%s %v %d %d %d %d", e.path, e.whole, e.start, e.end, len(e.lines), e.deleted[0]))
	}
	sort.Strings(ids)
	return strings.Join(ids, "\n")
}

// ask renders head without the edits.
func (b *blamer) ask(edits []edit) answer {
	objects, findings, err := b.Judge(b.Change.Head.With(b.contents(edits)))
	if err != nil {
		return answer{}
	}
	pairs := delta.Match(objects, b.Objects, b.Renames)
	if slices.ContainsFunc(pairs, emptied) {
		return answer{}
	}
	alone := map[*manifest.Object]bool{}
	for _, pair := range pairs {
		if pair.Base == nil {
			alone[pair.Head] = true
		}
	}
	back := map[weakness]bool{}
	for _, n := range delta.Exactly(pairs, findings, b.Findings).New {
		back[weakness{n.Check, n.Node, n.Subject}] = true
	}
	a := answer{renders: true}
	for i, f := range b.Findings {
		if b.taken(f) {
			if !slices.ContainsFunc(findings, func(g checks.Finding) bool {
				return g.Check == f.Check && g.Node.Object() == f.Node.Object() && g.Field == f.Field && g.Subject == f.Subject
			}) {
				a.gone = append(a.gone, i)
			}
			continue
		}
		if back[weakness{f.Check, f.Node, f.Subject}] {
			a.gone = append(a.gone, i)
			if alone[f.Node.Object()] {
				a.gate = append(a.gate, i)
			}
		}
	}
	return a
}

// emptied says that an object runs nothing any more: half of a block was taken
// back, and what is left is no manifest.
func emptied(p delta.Pair) bool {
	return p.Base != nil && p.Head != nil && runs(p.Head) && !runs(p.Base)
}

func runs(o *manifest.Object) bool {
	for range o.Containers() {
		return true
	}
	return false
}

// weakness tells findings of one render apart.
type weakness struct {
	check   *checks.Check
	node    manifest.Node
	subject manifest.Subject
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
