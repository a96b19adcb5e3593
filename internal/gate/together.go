package gate

import (
	"context"
	"iter"
	"slices"

	"github.com/rendergate/rendergate/checks"
	"github.com/rendergate/rendergate/internal/git"
	"github.com/rendergate/rendergate/internal/report"
	"github.com/rendergate/rendergate/render/manifest"
)

// company is what is deployed with a target, as configuration says.
type company struct {
	base    []*manifest.Object // its objects at base
	head    []*manifest.Object // and at head
	still   []*manifest.Object // those of targets that the change does not touch
	touched []*target          // the others
}

// groups are the targets that are deployed together, by group; a target may be
// in several.
func (r *run) groups(all []*target) [][]*target {
	found := make([][]*target, len(r.settings.decides.Together))
	for _, t := range all {
		for _, i := range r.settings.decides.GroupsOf(t.any().Dir) {
			found[i] = append(found[i], t)
		}
	}
	clusters := clustersOf(all)
	for _, name := range sorted(clusters) {
		found = append(found, slices.DeleteFunc(clusters[name], func(t *target) bool { return !t.affected }))
	}
	return found
}

// affectTogether lets a change of one target reach all that are deployed with
// it: a policy that goes there isolates nobody here any more.
func (r *run) affectTogether(all []*target) {
	for _, group := range r.groups(all) {
		affected := slices.ContainsFunc(group, func(t *target) bool { return t.affected })
		for _, t := range group {
			t.affected = t.affected || affected
		}
	}
}

// judgeTogether judges the targets of groups again, now that one knows what
// else is deployed with each. A variant that nobody said is deployed is no
// company.
func (r *run) judgeTogether(all []*target) {
	r.judge.with = map[string]company{}
	for t, others := range r.companions(all) {
		var c company
		for _, other := range others {
			c.base = append(c.base, other.baseSide.result.Judged()...)
			c.head = append(c.head, other.headSide.result.Judged()...)
			if other.touched {
				c.touched = append(c.touched, other)
			} else {
				c.still = append(c.still, other.headSide.result.Judged()...)
			}
		}
		r.judge.with[t.id] = c
		r.judge.beside(t, &t.baseSide, c.base)
		r.judge.beside(t, &t.headSide, c.head)
	}
}

// companions are the targets that were looked at with those that are deployed
// with each.
func (r *run) companions(all []*target) iter.Seq2[*target, []*target] {
	return func(yield func(*target, []*target) bool) {
		groups := r.groups(all)
		for _, t := range all {
			var others []*target
			for _, group := range groups {
				for _, other := range group {
					if slices.Contains(group, t) && other != t && other.affected && !other.guessed() && !slices.Contains(others, other) {
						others = append(others, other)
					}
				}
			}
			if len(others) > 0 && !yield(t, others) {
				return
			}
		}
	}
}

// beside judges a side with what is deployed beside it.
func (j judge) beside(t *target, s *side, with []*manifest.Object) {
	if s.result == nil || s.err != nil {
		return
	}
	at := t.head
	if s == &t.baseSide {
		at = t.base
	}
	settings := j.settingsOf(at, s.result)
	settings.Together = with
	if s.findings, s.err = checks.Judge(j.rules, t.id, s.result.Judged(), settings); s.err != nil {
		s.stage, s.state = "check", report.Failed
	}
}

// over is the judge of a target whose company is what another tree makes of
// it.
func (j judge) over(ctx context.Context, tree *git.Tree, id string) (judge, error) {
	c, ok := j.with[id]
	if !ok || len(c.touched) == 0 {
		return j, nil
	}
	objects := slices.Clone(c.still)
	j.supply = j.supply.known()
	for _, other := range c.touched {
		at := other.head
		if at == nil && holdsAny(tree, other.base.Dir) {
			at = other.base // what the change deleted is back in this tree
		}
		if at == nil {
			continue
		}
		result, err := j.supplied(ctx, tree, *at)
		if err != nil {
			return j, err
		}
		objects = append(objects, result.Judged()...)
	}
	j.with = map[string]company{id: {base: c.base, head: objects}}
	return j, nil
}

// holdsAny says that a tree has a file in a folder.
func holdsAny(tree *git.Tree, dir string) bool {
	return slices.ContainsFunc(tree.Files(), func(name string) bool { return inFolder(name, dir) })
}
