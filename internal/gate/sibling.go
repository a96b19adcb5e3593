package gate

import (
	"context"
	"iter"
	"path"
	"slices"

	"github.com/rendergate/rendergate/internal/git"
	"github.com/rendergate/rendergate/render"
)

// siblings finds for a target that only head has what base had of its kind:
// another variant of the same chart, a kustomization on the same folder, or the
// chart or the manifests that it is a copy of.
type siblings struct {
	ctx    context.Context
	change *git.Change
	judge  judge
	all    []*target
	looked map[*target]side
}

// of renders the siblings at base: all other variants of a chart, or the
// nearest kustomization. A fixture is deployed nowhere, so it counts only where
// no other variant renders, and only as base has it. They are rendered as they
// are asked for.
func (s siblings) of(t *target) iter.Seq[side] {
	type relative struct {
		*target
		score int
	}
	var akin []relative
	for _, other := range s.all {
		if other == t || other.base == nil {
			continue
		}
		if n := s.kinship(t, other); n > 0 {
			akin = append(akin, relative{other, n})
		}
	}
	slices.SortStableFunc(akin, func(a, b relative) int { return b.score - a.score })
	copied := len(akin) == 0
	if copied {
		for _, other := range s.copied(t) {
			akin = append(akin, relative{other, 0})
		}
	}
	return func(yield func(side) bool) {
		found := false
		for _, r := range akin {
			if found && r.fixture() {
				return
			}
			at := s.look(r.target)
			if at.result != nil && at.err == nil && (!copied || isCopy(t.headSide, at)) {
				found = true
				if !yield(at) {
					return
				}
			}
			if !copied && r.base.Kind != render.Helm && !r.base.Kind.Infrastructure() {
				return
			}
		}
	}
}

// look is base's side of a target, rendered now where the change does not
// reach it.
func (s siblings) look(t *target) side {
	if t.baseSide.result != nil || t.baseSide.err != nil {
		return t.baseSide
	}
	at, known := s.looked[t]
	if !known {
		at = s.judge.look(s.ctx, s.change.Base, t.id, t.base)
		s.looked[t] = at
	}
	return at
}

// alive renders a target at head that the change does not reach.
func (s siblings) alive(t *target) bool {
	return s.judge.look(s.ctx, s.change.Head, t.id, t.head).rendered()
}

// kinship counts what two targets have in common; 0 means that they are not
// related.
func (s siblings) kinship(t, other *target) int {
	if t.head.Declared != nil {
		return releaseKinship(t.head, other.base)
	}
	if t.head.Kind != other.base.Kind && other.base.Kind != render.Manifests {
		return 0
	}
	if t.head.Kind == render.Helm || t.head.Kind.Infrastructure() {
		related := other.base.Dir == t.head.Dir || other.head != nil && other.head.Dir == t.head.Dir
		if !related || other.fixture() && s.changedFixture(other) {
			return 0
		}
		return other.likelihood()
	}
	if t.head.Kind != render.Kustomize {
		return 0
	}
	mine := map[string]bool{}
	for _, dir := range render.Folders(s.change.Head, *t.head) {
		mine[dir] = true
	}
	common := 0
	for _, dir := range append(render.Folders(s.change.Base, *other.base), other.base.Dir) {
		if mine[dir] {
			common++
		}
	}
	return common
}

// likelihood orders variants by how sure it is that they are deployed.
func (t *target) likelihood() int {
	switch {
	case t.fixture():
		return 1
	case t.guessed():
		return 2
	}
	return 3
}

// changedFixture says that a fixture is not what base has.
func (s siblings) changedFixture(t *target) bool {
	return t.head == nil || s.change.Base.ID(path.Join(t.base.Dir, t.base.Values[0])) != s.change.Head.ID(path.Join(t.head.Dir, t.head.Values[0]))
}

// releaseKinship says what a release that only head has was before: the same
// release elsewhere, or the chart or overlay that it deploys.
func releaseKinship(t, other *render.Target) int {
	switch {
	case other.Declared != nil && other.Kind == t.Kind && other.Declared.Object.Name == t.Declared.Object.Name:
		return 2
	case other.Declared == nil && other.Kind != render.Manifests && !other.Guessed && slices.Contains(t.Declared.Reads, other.Dir):
		return 1
	}
	return 0
}
