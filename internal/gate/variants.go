package gate

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/rendergate/rendergate/internal/git"
	"github.com/rendergate/rendergate/internal/report"
	"github.com/rendergate/rendergate/render"
)

// maxVariants bounds the guessed variants of one chart that are rendered.
const maxVariants = 30

// guessed says that the target is a variant by convention.
func (t *target) guessed() bool { return t.any().Guessed }

// fixture says that the target is a test's input, which is never deployed.
func (t *target) fixture() bool { return t.any().Fixture }

// layers are the values files that make the target a variant.
func (t *target) layers(change *git.Change) []string {
	if t.head != nil {
		return render.Layers(change.Head, *t.head)
	}
	return render.Layers(change.Base, *t.base)
}

// keptFile says that the values file of a guessed variant is there, in a chart,
// although the tree's own convention does not call it a variant: emptied, or
// renamed, it still is what the other side has.
func keptFile(tree fs.FS, t *render.Target, side map[string]*render.Target) bool {
	return t.Guessed && exists(side, folderKey(t)) && !render.Lacks(tree, *t)
}

// holdFixtures gives base the fixtures of head, where it has the chart: a
// test's input is no part of what is deployed, so it is the same on both sides
// and a fixture that head deleted is none.
func holdFixtures(all []*target) {
	charts := map[string]*target{}
	for _, t := range all {
		if t.head != nil && !t.head.Guessed {
			charts[t.head.Dir] = t
		}
	}
	for _, t := range all {
		if t.head == nil || !t.head.Fixture {
			continue
		}
		if chart := charts[t.head.Dir]; chart != nil && chart.base != nil && chart.base.Kind == render.Helm {
			base := t.head.In(chart.base.Dir)
			t.base = &base
		}
	}
}

// held is base's tree with head's copy of every fixture.
func held(change *git.Change, all []*target) *git.Tree {
	copies := map[string][]byte{}
	for _, t := range all {
		if !t.affected || !t.fixture() || t.base == nil {
			continue
		}
		from, to := path.Join(t.head.Dir, t.head.Values[0]), path.Join(t.base.Dir, t.base.Values[0])
		if change.Head.ID(from) == change.Base.ID(to) {
			continue
		}
		// A fixture that cannot be read fails at head, which is told there.
		if data, err := fs.ReadFile(change.Head, from); err == nil {
			copies[to] = data
		}
	}
	if len(copies) == 0 {
		return change.Base
	}
	return change.Base.With(copies)
}

// variants are the conventional variants of a described folder, with the
// entry's settings.
func (e described) variants(found []*target) []*target {
	with := func(at *render.Target, settings render.Target) *render.Target {
		if at == nil {
			return nil
		}
		settings.Kind, settings.Dir, settings.Values = at.Kind, at.Dir, slices.Clone(at.Values)
		settings.Variant, settings.Guessed, settings.Fixture = at.Variant, true, at.Fixture
		return &settings
	}
	var all []*target
	for _, t := range found {
		if t.guessed() && e.of(t) {
			all = append(all, &target{base: with(t.base, e.base), head: with(t.head, e.head)})
		}
	}
	return all
}

// touches tells which of the changed files reach a target of a tree. Charts
// share most of their inputs with their variants, so a folder is listed once.
type touches struct {
	tree    *git.Tree
	changed map[string]bool
	chart   func(string) bool   // says of a chart's folder that it reads some of them
	charts  map[string][]string // a chart's folder to the changed files that it reads
	readers map[string]bool     // charts whose templates may read any file
}

// reach says that a target reads a changed file. The values files of its other
// variants lie in the chart's folder and count only where templates read files.
func (r touches) reach(t *render.Target) bool {
	if t.Kind != render.Helm {
		return slices.ContainsFunc(render.Inputs(r.tree, *t), func(name string) bool { return r.changed[name] })
	}
	read, known := r.charts[t.Dir]
	if !known {
		if r.chart(t.Dir) {
			chart := render.Target{Kind: render.Helm, Dir: t.Dir}
			read = slices.DeleteFunc(render.Inputs(r.tree, chart), func(name string) bool { return !r.changed[name] })
		}
		if len(read) > 0 || t.Guessed {
			r.charts[t.Dir] = read // most charts have one target
		}
	}
	if len(t.Values) > 0 && !t.Fixture && slices.ContainsFunc(render.Layers(r.tree, *t), func(name string) bool { return r.changed[name] }) {
		return true
	}
	return slices.ContainsFunc(read, func(name string) bool {
		conventional, _ := render.Conventional(t.Dir, name)
		return !conventional || r.readsFiles(t.Dir)
	})
}

func (r touches) readsFiles(dir string) bool {
	if _, known := r.readers[dir]; !known {
		r.readers[dir] = render.ReadsFiles(r.tree, dir)
	}
	return r.readers[dir]
}

// markAffected finds the targets whose inputs differ between the sides.
func markAffected(change *git.Change, all []*target) {
	changed := map[string]bool{}
	for _, f := range change.Files {
		changed[f.OldPath] = true
		changed[f.NewPath] = true
	}
	delete(changed, "")
	names := sorted(changed)
	base := touches{change.Base, changed, render.ChartReads(change.Base, names), map[string][]string{}, map[string]bool{}}
	head := touches{change.Head, changed, render.ChartReads(change.Head, names), map[string][]string{}, map[string]bool{}}
	for _, t := range all {
		switch {
		case t.base == nil || t.head == nil || t.base.Dir != t.head.Dir || t.base.Variant != t.head.Variant:
			t.touched = true
		default:
			t.touched = base.reach(t.base) || head.reach(t.head)
		}
		t.affected = t.touched
	}
}

// bounded leaves out guessed variants over the cap of their chart, and says so.
// What base has comes first, so that a change cannot crowd it out, and values
// files come before fixtures.
func (r *run) bounded(all []*target) []*target {
	charts := map[string][]*target{}
	for _, t := range all {
		if t.affected && t.guessed() {
			charts[t.any().Dir] = append(charts[t.any().Dir], t)
		}
	}
	over := map[*target]bool{}
	for _, dir := range sorted(charts) {
		variants := charts[dir]
		if len(variants) <= maxVariants {
			continue
		}
		slices.SortStableFunc(variants, func(a, b *target) int { return r.standing(a) - r.standing(b) })
		var left []string
		for _, t := range variants[maxVariants:] {
			over[t] = true
			left = append(left, t.any().Variant)
		}
		r.note(dir, "only the first %d of %d guessed variants were looked at, not %s; name those that matter in targets of .rendergate.yaml",
			maxVariants, len(variants), strings.Join(left, ", "))
	}
	return slices.DeleteFunc(all, func(t *target) bool { return over[t] })
}

func (r *run) standing(t *target) int {
	rank := 0
	if t.fixture() {
		rank = 2
	}
	if t.base == nil || t.fixture() && r.change.Base.ID(path.Join(t.base.Dir, t.base.Values[0])) == "" {
		rank++
	}
	return rank
}

// rendered says that a side came out with something to judge.
func (s side) rendered() bool {
	return (s.state == report.Rendered || s.state == report.Partial) && len(s.result.Objects) > 0
}
