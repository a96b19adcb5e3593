package gate

import (
	"slices"

	"github.com/rendergate/rendergate/checks"
	"github.com/rendergate/rendergate/internal/blame"
	"github.com/rendergate/rendergate/internal/delta"
	"github.com/rendergate/rendergate/internal/git"
	"github.com/rendergate/rendergate/internal/report"
	"github.com/rendergate/rendergate/internal/waive"
	"github.com/rendergate/rendergate/render/manifest"
)

// weighed are the findings of a target's two sides, parted into those that
// count and those that somebody accepted. What base accepted and head does not
// is not there at base, so that a comparison finds it new.
type weighed struct {
	base, head []checks.Finding  // that count
	accepted   []accepted        // head's
	released   map[weakness]mark // head's that count, and that base accepted
}

// accepted is a finding of head with the waiver that counts for it.
type accepted struct {
	checks.Finding
	by mark
}

// weakness tells the findings of one side apart.
type weakness struct {
	check   *checks.Check
	node    manifest.Node
	subject manifest.Subject
}

func weaknessOf(f checks.Finding) weakness { return weakness{f.Check, f.Node, f.Subject} }

// weigh asks both sides' waivers about the findings of both.
func (w *waivers) weigh(b, h side, pairs []delta.Pair) weighed {
	base, head := w.of(b), w.of(h)
	var out weighed
	var silenced []checks.Finding
	known := map[weakness]mark{}
	for _, f := range b.findings {
		if m := w.before(base, f); m != nil {
			silenced, known[weaknessOf(f)] = append(silenced, f), *m
			continue
		}
		out.base = append(out.base, f)
	}
	out.released = map[weakness]mark{}
	if len(silenced) > 0 {
		// Of findings that are alike those that count meet each other first.
		all := delta.Compare(pairs, slices.Concat(out.base, silenced), h.findings)
		for i, f := range all.Kept {
			if m, was := known[weaknessOf(all.KeptBase[i])]; was {
				out.released[weaknessOf(f)] = m
			}
		}
	}
	partners := partnersOf(pairs)
	for _, f := range h.findings {
		_, was := out.released[weaknessOf(f)]
		if m := w.accepts(base, head, f, partners[f.Node.Object()], was); m != nil {
			out.accepted = append(out.accepted, accepted{f, *m})
			delete(out.released, weaknessOf(f))
			continue
		}
		out.head = append(out.head, f)
	}
	return out
}

func partnersOf(pairs []delta.Pair) map[*manifest.Object]*manifest.Object {
	partners := map[*manifest.Object]*manifest.Object{}
	for _, pair := range pairs {
		if pair.Head != nil && pair.Base != nil {
			partners[pair.Head] = pair.Base
		}
	}
	return partners
}

// sift parts findings of head that have no other side.
func (w *waivers) sift(h side, findings []checks.Finding, pairs []delta.Pair, base *cover) (count []checks.Finding, some []accepted) {
	partners, head := partnersOf(pairs), w.of(h)
	for _, f := range findings {
		if m := w.accepts(base, head, f, partners[f.Node.Object()], false); m != nil {
			some = append(some, accepted{f, *m})
			continue
		}
		count = append(count, f)
	}
	return count, some
}

// acceptsTaken is the waiver that counts for a finding about what only base has,
// nil for none: one that stood there, or an entry of head's file that counts.
func (w *waivers) acceptsTaken(b side, f checks.Finding) *mark {
	base := w.of(b)
	if base == nil {
		return nil
	}
	if m := w.before(base, f); m != nil && m.kind != waive.InFile {
		return m
	}
	head := w.cover(b, w.head)
	head.ofHead = true
	var entries []mark
	for _, m := range w.usable(head, f) {
		if m.kind == waive.InFile {
			entries = append(entries, m)
		}
	}
	return w.trusted(entries, func(m mark) bool { return w.guarded || w.stands(m, base, head, f, nil) })
}

// headOnly adds the findings of a target of which only head is known.
func (c comparer) headOnly(out *outcome, t *target, state report.State) {
	count, some := c.waivers.sift(t.headSide, t.headSide.findings, nil, nil)
	out.add(t, state, report.Head, count)
	out.accept(t, state, some)
}

// accept adds findings of head that somebody accepted.
func (o *outcome) accept(t *target, state report.State, some []accepted) {
	for _, a := range some {
		if a.Doubt == checks.Unprovable {
			continue // it says nothing, whoever accepts it
		}
		a.Target = t.id
		o.findings = append(o.findings, stated{Finding: a.Finding, target: t, state: state, side: report.Head, by: &a.by})
	}
}

// proven has in the place of what head cannot prove what a comparison makes of it
// where base had proved it safe.
func proven(some []accepted, found []checks.Finding) []accepted {
	for i := range some {
		if at := slices.IndexFunc(found, stated{Finding: some[i].Finding}.same); at >= 0 {
			some[i].Finding = found[at]
		}
	}
	return some
}

// acceptAll adds those of a comparison, each with the state that it would have.
func (c comparer) acceptAll(out *outcome, t *target, b side, some []accepted, kept []checks.Finding, old report.State) {
	for _, a := range some {
		state := report.New
		if slices.ContainsFunc(kept, stated{Finding: a.Finding}.same) {
			state = old
		} else if _, unproven := c.unproven(b, []checks.Finding{a.Finding}); len(unproven) > 0 {
			state = report.Unproven
		}
		out.accept(t, state, []accepted{a})
	}
}

// counting are the findings of a side that nobody accepts there.
func (w *waivers) counting(s side) []checks.Finding {
	c := w.of(s)
	return slices.DeleteFunc(slices.Clone(s.findings), func(f checks.Finding) bool { return w.before(c, f) != nil })
}

// moved says what became of a finding whose object went from one target to
// another: accepted before, it must still be.
func (w *waivers) moved(s *stated, from stated) (stays bool) {
	was := w.before(w.of(from.target.baseSide), from.Finding)
	switch {
	case was == nil || s.by != nil:
		return true
	}
	if usable := w.usable(w.of(s.target.headSide), s.Finding); len(usable) > 0 {
		s.by = &usable[0]
		return true
	}
	s.was = was
	return false
}

// partByWaiver parts findings into those that the change causes and those that
// base accepted, which have another cause: what became of their waiver.
func partByWaiver(findings []stated, members []int) [][]int {
	var parts [2][]int
	for _, i := range members {
		if findings[i].was == nil {
			parts[0] = append(parts[0], i)
		} else {
			parts[1] = append(parts[1], i)
		}
	}
	return slices.DeleteFunc(parts[:], func(part []int) bool { return len(part) == 0 })
}

// blame makes waivers a part of the question what caused a finding: with a part
// of the change taken back it may be accepted again.
func (w *waivers) blame(c *blame.Case, t *target) {
	inputs, judge := c.Inputs, w.judge
	judge.supply = judge.supply.known()
	c.Inputs = func(name string) bool { return inputs(name) || name == w.base.file || name == w.head.file }
	c.Judge = func(tree *git.Tree) ([]*manifest.Object, []checks.Finding, error) {
		s := judge.look(w.ctx, tree, t.id, t.head)
		if s.err != nil {
			return nil, nil, s.err
		}
		list, err := waiversOf(tree, w.head.file)
		if err != nil {
			return nil, nil, err
		}
		cover := w.cover(s, entries{file: w.head.file, list: list}.indexed())
		left := slices.DeleteFunc(slices.Clone(s.findings), func(f checks.Finding) bool { return w.before(cover, f) != nil })
		return s.result.Judged(), left, nil
	}
}

// withWaiver tells where base accepted a finding that it accepts no more.
func withWaiver(at blame.Location, was *mark) blame.Location {
	if was != nil {
		step := blame.Step{Path: was.path, Side: report.Base, Line: was.line, Role: "waiver", What: "accepted it at base: " + orNoReason(was.reason)}
		at.Trail = append([]blame.Step{step}, at.Trail...)
	}
	return at
}

func orNoReason(reason string) string {
	if reason == "" {
		return "no reason given"
	}
	return reason
}
