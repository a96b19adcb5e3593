package gate

import (
	"path"
	"slices"

	"github.com/rendergate/rendergate/checks"
	"github.com/rendergate/rendergate/internal/delta"
	"github.com/rendergate/rendergate/internal/report"
	"github.com/rendergate/rendergate/render"
	"github.com/rendergate/rendergate/render/manifest"
)

// relocate tells each target what it had before: an object that left one target
// and appeared in another was in the other already, so that what guards or holds
// rights and only moves is neither taken away nor new. Between environments of
// one thing nothing moves: what guards one is missed there.
func relocate(targets []*target) {
	lost, came := map[manifest.Ref][]at{}, map[manifest.Ref][]at{}
	for _, t := range targets {
		before, now := t.baseSide.result.Judged(), t.headSide.result.Judged()
		t.before = slices.Clone(before)
		if t.guessed() {
			continue
		}
		for _, o := range missingIn(now, before) {
			lost[keyOf(o)] = append(lost[keyOf(o)], at{t, o})
		}
		for _, o := range missingIn(before, now) {
			came[keyOf(o)] = append(came[keyOf(o)], at{t, o})
		}
	}
	for key, from := range lost {
		for _, to := range came[key] {
			i := slices.IndexFunc(from, func(f at) bool { return !alternatives(f.target, to.target) })
			if i < 0 {
				continue
			}
			to.target.before = append(to.target.before, from[i].object)
			from[i].target.before = slices.DeleteFunc(from[i].target.before, func(o *manifest.Object) bool { return o == from[i].object })
		}
	}
}

// at is an object of a target.
type at struct {
	target *target
	object *manifest.Object
}

// alternatives says that two targets are variants of a chart, or overlays beside
// each other: of which a cluster has one.
func alternatives(a, b *target) bool {
	x, y := a.any(), b.any()
	return x.Dir == y.Dir && x.Kind == y.Kind || x.Kind == render.Kustomize && y.Kind == render.Kustomize && path.Dir(x.Dir) == path.Dir(y.Dir)
}

// missingIn are the named objects of a list whose identity another has not.
func missingIn(others, objects []*manifest.Object) []*manifest.Object {
	there := map[manifest.Ref]bool{}
	for _, o := range others {
		there[keyOf(o)] = true
	}
	var missing []*manifest.Object
	for _, o := range objects {
		if o.Name != "" && !there[keyOf(o)] {
			missing = append(missing, o)
		}
	}
	return missing
}

// keyOf is an object's identity, whatever the version of its API.
func keyOf(o *manifest.Object) manifest.Ref {
	if o.Address.Name != "" {
		return o.Address
	}
	return manifest.Ref{APIVersion: o.Group(), Kind: o.Kind, Namespace: o.Namespace, Name: o.Name}
}

// brought asks the checks that compare what a change makes of a target.
func (j judge) brought(t *target, base, head []*manifest.Object, renames delta.Renames) ([]checks.Finding, error) {
	settings := j.settings
	settings.KubeVersion = t.any().KubeVersion
	settings.Together, settings.TogetherBefore = j.with[t.id].head, j.with[t.id].base
	return checks.Compare(j.rules, t.id, delta.SidesOf(base, head, renames), settings)
}

// transition adds what the checks that compare say of a target of both sides.
func (c comparer) transition(out *outcome, t *target, b, h side, pairs []delta.Pair) error {
	brought, err := c.judge.brought(t, t.before, h.result.Judged(), c.renames)
	if err != nil {
		return err
	}
	brought, gone := missed(brought, h)
	if !lacksMore(b, h) {
		c.taken(out, t, b, gone)
	}
	brought, some := c.waivers.sift(h, brought, pairs, c.waivers.of(b))
	found, unproven := c.unproven(b, brought)
	out.add(t, report.New, report.Head, found)
	out.untell(t, found)
	c.unread(out, t, unproven)
	c.acceptAll(out, t, b, some, nil, report.New)
	return nil
}

// untell drops what is new of one side where a comparison says it, graver: that nothing
// guards a pod, where it says that what guarded the pod is gone.
func (o *outcome) untell(t *target, by []checks.Finding) {
	o.findings = slices.DeleteFunc(o.findings, func(s stated) bool {
		return s.target == t && s.state == report.New && s.by == nil && slices.ContainsFunc(by, func(f checks.Finding) bool {
			return f.Doubt == checks.Certain && slices.Contains(f.Tells, s.Check.ID) && f.Severity >= s.Severity &&
				f.Node.Object() == s.Node.Object() && f.Subject.Container == s.Subject.Container
		})
	})
}

// lacksMore says that head was rendered without a part that base was rendered
// with: what that part has is not gone, and the run is undecided for it. What both
// lack hides nothing that was taken away from the rest.
func lacksMore(b, h side) bool {
	for _, m := range h.result.Missing {
		if !slices.ContainsFunc(b.result.Missing, m.Same) {
			return true
		}
	}
	for _, s := range h.result.Skipped {
		if s.Broken && !slices.ContainsFunc(b.result.Skipped, func(was render.Skipped) bool { return was.Broken && was.Path == s.Path }) {
			return true
		}
	}
	return false
}

// taken adds findings about what only base has.
func (c comparer) taken(out *outcome, t *target, b side, gone []checks.Finding) {
	for _, f := range gone {
		if m := c.waivers.acceptsTaken(b, f); m != nil {
			f.Target = t.id
			out.findings = append(out.findings, stated{Finding: f, target: t, state: report.New, side: report.Base, by: m})
			continue
		}
		out.add(t, report.New, report.Base, []checks.Finding{f})
	}
}

// missed parts findings about what only base has from the others.
func missed(all []checks.Finding, h side) (rest, gone []checks.Finding) {
	of := map[*manifest.Object]bool{}
	for _, o := range h.result.Judged() {
		of[o] = true
	}
	for _, f := range all {
		if o := f.Node.Object(); o != nil && !of[o] {
			gone = append(gone, f)
			continue
		}
		rest = append(rest, f)
	}
	return rest, gone
}

// vanished adds what is missed of a target that head has no more. A guessed
// variant is no more deployed without its values file than with it.
func (c comparer) vanished(out *outcome, t *target) error {
	out.add(t, report.Fixed, report.Base, t.baseSide.findings)
	if t.guessed() {
		return nil
	}
	gone, err := c.judge.brought(t, t.before, nil, c.renames)
	if err != nil {
		return err
	}
	_, gone = missed(gone, t.headSide)
	c.taken(out, t, t.baseSide, gone)
	return nil
}

// newcomer adds what the checks that compare say of a target that only head
// has: all of it is new, but what a sibling at base has too is spread.
func (c comparer) newcomer(out *outcome, t *target) error {
	h := t.headSide
	left, err := c.judge.brought(t, t.before, h.result.Judged(), c.renames)
	if err != nil {
		return err
	}
	left, gone := missed(left, h)
	c.taken(out, t, t.baseSide, gone) // of what moved here and lost something on the way
	left, spread, err := c.beyondSiblings(t, left)
	if err != nil {
		return err
	}
	for state, findings := range map[report.State][]checks.Finding{report.New: left, report.Spread: spread} {
		count, some := c.waivers.sift(h, findings, nil, nil)
		out.add(t, state, report.Head, count)
		out.accept(t, state, some)
	}
	return nil
}

// beyondSiblings parts what a target has that its nearest sibling has not from
// what that one has too. The nearest is told for each check: of the siblings,
// the one that leaves the least to say. What is said, and where, depends on what
// a target is compared with, so that findings cannot be matched one by one.
func (c comparer) beyondSiblings(t *target, all []checks.Finding) (left, spread []checks.Finding, err error) {
	least := map[*checks.Check][]checks.Finding{}
	for sibling := range c.siblings(t) {
		beyond, err := c.judge.brought(t, sibling.result.Judged(), t.headSide.result.Judged(), c.renames)
		if err != nil {
			return nil, nil, err
		}
		beyond, gone := missed(beyond, t.headSide)
		by, lost := byCheck(beyond), byCheck(gone)
		for check := range byCheck(all) {
			if len(lost[check]) > 0 {
				continue // what only the sibling has may be what makes it others than the target
			}
			if known, seen := least[check]; !seen || len(by[check]) < len(known) {
				least[check] = by[check]
			}
		}
	}
	for check, found := range byCheck(all) {
		beyond, compared := least[check]
		if !compared {
			left = append(left, found...)
			continue
		}
		left = append(left, beyond...)
		for _, f := range found {
			if !slices.ContainsFunc(beyond, func(b checks.Finding) bool { return b.Node.Object() == f.Node.Object() && b.Field == f.Field }) {
				spread = append(spread, f)
			}
		}
	}
	return left, spread, nil
}

// byCheck sorts findings by their checks.
func byCheck(found []checks.Finding) map[*checks.Check][]checks.Finding {
	by := map[*checks.Check][]checks.Finding{}
	for _, f := range found {
		by[f.Check] = append(by[f.Check], f)
	}
	return by
}

// changing adds to what a tree of blame's finds what the checks that compare
// say of the change from base.
func (j judge) changing(t *target, objects []*manifest.Object, found []checks.Finding, renames delta.Renames) ([]checks.Finding, error) {
	if t.baseSide.err != nil {
		return found, nil
	}
	brought, err := j.brought(t, t.before, objects, renames)
	return append(found, brought...), err
}
