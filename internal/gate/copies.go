package gate

import (
	"cmp"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/rendergate/rendergate/render"
)

// mostCopies bounds how many folders are rendered to find what one was copied from.
const mostCopies = 3

// original is a folder of base that another may be a copy of.
type original struct {
	dir         string
	equal, some int // of the copy's files: those that are the same here, and that there are
}

// copied are the targets of base that one in a folder of head's own may have been
// made of, the likeliest first: a chart of its name, as where each version has a
// folder, or manifests in files of the same names.
func (s siblings) copied(t *target) []*target {
	if t.head.Declared != nil || t.head.Kind != render.Helm && t.head.Kind != render.Manifests {
		return nil
	}
	var names []string
	for _, name := range render.Inputs(s.change.Head, *t.head) {
		if rest, own := strings.CutPrefix(name, t.head.Dir+"/"); own {
			names = append(names, rest)
		}
	}
	var folders []original
	seen, known := map[string]bool{t.head.Dir: true}, slices.Concat(s.all, s.beside(t))
	for _, other := range known {
		if !mayBeCopied(t, other) || seen[other.base.Dir] {
			continue
		}
		seen[other.base.Dir] = true
		if f := s.compared(t.head.Dir, other.base.Dir, names); f.some > 0 && 2*f.some >= len(names) && s.sameChart(t, other) {
			folders = append(folders, f)
		}
	}
	slices.SortStableFunc(folders, func(a, b original) int { return cmp.Or(b.equal-a.equal, b.some-a.some) })
	var all []*target
	for _, f := range folders[:min(len(folders), mostCopies)] {
		all = append(all, standingFor(t, f.dir, known)...)
	}
	return all
}

// mayBeCopied says that a target is of the kind of a new one, and was at base.
func mayBeCopied(t, other *target) bool {
	return other.base != nil && other.base.Declared == nil && other.base.Kind == t.head.Kind
}

// sameChart says that a chart has the name of a new one; manifests have none.
func (s siblings) sameChart(t, other *target) bool {
	return t.head.Kind != render.Helm || render.ChartName(s.change.Base, other.base.Dir) == render.ChartName(s.change.Head, t.head.Dir)
}

// compared counts which files of a new folder another had at base.
func (s siblings) compared(dir, other string, names []string) original {
	f := original{dir: other}
	for _, name := range names {
		id := s.change.Base.ID(path.Join(other, name))
		if id == "" {
			continue
		}
		f.some++
		if id == s.change.Head.ID(path.Join(dir, name)) {
			f.equal++
		}
	}
	return f
}

// beside are the folders of plain manifests around a new one, as base has them:
// those that the change does not touch are no targets.
func (s siblings) beside(t *target) []*target {
	if t.head.Kind != render.Manifests {
		return nil
	}
	parent := path.Dir(t.head.Dir)
	list, err := fs.ReadDir(s.change.Base, parent)
	if err != nil {
		return nil // there is nothing beside it
	}
	dirs := []string{parent}
	for _, entry := range list {
		if entry.IsDir() {
			dirs = append(dirs, path.Join(parent, entry.Name()))
		}
	}
	var all []*target
	for _, dir := range dirs {
		if at := (render.Target{Kind: render.Manifests, Dir: dir}); render.Deployable(s.change.Base, at) {
			all = append(all, &target{id: dir, base: &at})
		}
	}
	return all
}

// standingFor are the targets of a folder at base that may stand for t: the variant
// of its name, then the default, the guessed ones and the fixtures.
func standingFor(t *target, dir string, known []*target) []*target {
	var all []*target
	for _, other := range known {
		if mayBeCopied(t, other) && other.base.Dir == dir {
			all = append(all, other)
		}
	}
	slices.SortStableFunc(all, func(a, b *target) int {
		return cmp.Or(later(a.base.Variant != t.head.Variant, b.base.Variant != t.head.Variant), b.likelihood()-a.likelihood())
	})
	return all
}

// later orders what is so behind what is not.
func later(x, y bool) int {
	switch {
	case x == y:
		return 0
	case x:
		return 1
	}
	return -1
}

// isCopy says that most objects of a target stand in another one too: other files
// of the same names, such as deployment.yaml, make no copy.
func isCopy(t, of side) bool {
	if t.result == nil || len(t.result.Objects) == 0 {
		return false
	}
	there := map[[2]string]bool{}
	for _, o := range of.result.Objects {
		there[[2]string{o.GroupKind(), o.Name}] = true
	}
	common := 0
	for _, o := range t.result.Objects {
		if there[[2]string{o.GroupKind(), o.Name}] {
			common++
		}
	}
	return float64(common) >= enough*float64(len(t.result.Objects))
}
