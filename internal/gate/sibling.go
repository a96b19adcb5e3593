package gate

import (
	"context"
	"slices"

	"github.com/rendergate/rendergate/internal/git"
	"github.com/rendergate/rendergate/internal/report"
	"github.com/rendergate/rendergate/render"
)

// siblings finds for a target that only head has what base had of its kind:
// another variant of the same chart, or a kustomization on the same folder.
type siblings struct {
	ctx    context.Context
	change *git.Change
	judge  judge
	all    []*target
	looked map[*target]side
}

// of renders the nearest sibling at base; false when there is none that
// renders.
func (s siblings) of(t *target) (side, bool) {
	best, score := (*target)(nil), 0
	for _, other := range s.all {
		if other == t || other.base == nil {
			continue
		}
		if n := s.kinship(t, other); n > score {
			best, score = other, n
		}
	}
	if best == nil {
		return side{}, false
	}
	at := best.baseSide
	if at.result == nil && at.err == nil {
		var known bool
		if at, known = s.looked[best]; !known {
			at = s.judge.look(s.ctx, s.change.Base, best.id, best.base)
			s.looked[best] = at
		}
	}
	return at, at.state == report.Rendered || at.state == report.Partial
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
	if t.head.Kind == render.Helm {
		if other.base.Dir == t.head.Dir || other.head != nil && other.head.Dir == t.head.Dir {
			return 1
		}
		return 0
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

// releaseKinship says what a release that only head has was before: the same
// release elsewhere, or the chart or overlay that it deploys.
func releaseKinship(t, other *render.Target) int {
	switch {
	case other.Declared != nil && other.Kind == t.Kind && other.Declared.Object.Name == t.Declared.Object.Name:
		return 2
	case other.Declared == nil && other.Kind != render.Manifests && slices.Contains(t.Declared.Reads, other.Dir):
		return 1
	}
	return 0
}
