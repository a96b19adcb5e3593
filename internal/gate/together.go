package gate

import (
	"context"

	"github.com/rendergate/rendergate/checks"
	"github.com/rendergate/rendergate/internal/report"
	"github.com/rendergate/rendergate/render/manifest"
)

// groups are the targets that configuration says are deployed together, by
// group; a target may be in several.
func (r *run) groups(all []*target) [][]*target {
	found := make([][]*target, len(r.settings.decides.Together))
	for _, t := range all {
		for _, i := range r.settings.decides.GroupsOf(t.any().Dir) {
			found[i] = append(found[i], t)
		}
	}
	return found
}

// affectTogether lets a change of one target reach all that are deployed with
// it: a policy that goes there isolates nobody here any more.
func (r *run) affectTogether(all []*target) {
	for _, group := range r.groups(all) {
		affected := false
		for _, t := range group {
			affected = affected || t.affected
		}
		for _, t := range group {
			t.affected = t.affected || affected
		}
	}
}

// judgeTogether judges the targets of groups again, now that one knows what
// else is deployed with each.
func (r *run) judgeTogether(ctx context.Context, all []*target) {
	base, head := map[*target][]*manifest.Object{}, map[*target][]*manifest.Object{}
	for _, group := range r.groups(all) {
		for _, t := range group {
			for _, other := range group {
				if other == t || !other.affected || other.guessed() {
					continue
				}
				base[t] = append(base[t], other.baseSide.result.Judged()...)
				head[t] = append(head[t], other.headSide.result.Judged()...)
			}
		}
	}
	r.judge.together = map[string][]*manifest.Object{}
	for _, t := range all {
		if len(base[t])+len(head[t]) == 0 || ctx.Err() != nil {
			continue
		}
		r.judge.together[t.id] = head[t]
		r.judge.beside(t, &t.baseSide, base[t])
		r.judge.beside(t, &t.headSide, head[t])
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
