package gate

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/rendergate/rendergate/checks"
	"github.com/rendergate/rendergate/internal/delta"
	"github.com/rendergate/rendergate/internal/report"
	"github.com/rendergate/rendergate/render"
	"github.com/rendergate/rendergate/render/manifest"
)

// outcome is what the comparison of all targets found.
type outcome struct {
	findings  []stated
	undecided []report.Undecided
	notes     []report.Note
}

// stated is a finding with its state.
type stated struct {
	checks.Finding
	target    *target
	state     report.State
	side      string          // the side whose text the finding's place is in
	from      *target         // whose object it was at base, where that moved
	failOn    checks.Severity // the threshold of its target's environment
	threshold string          // and how people know that
	by        *mark           // the waiver that counts for it; nil: nobody accepted it
	was       *mark           // the waiver that base has, and head has not
	bump      *bump           // that alone brings it; nil: none does, or nobody can say
}

func (o *outcome) add(t *target, state report.State, side string, findings []checks.Finding) {
	for _, f := range findings {
		if f.Doubt == checks.Unprovable {
			continue // it says nothing without a base that could prove it
		}
		f.Target = t.id
		o.findings = append(o.findings, stated{Finding: f, target: t, state: state, side: side})
	}
}

func (o *outcome) cannotTell(t *target, side, stage, format string, args ...any) {
	o.undecided = append(o.undecided, report.Undecided{Target: t.id, Side: side, Stage: stage, Error: fmt.Sprintf(format, args...)})
}

func (o *outcome) note(t *target, format string, args ...any) {
	o.notes = append(o.notes, report.Note{Target: t.id, What: fmt.Sprintf(format, args...)})
}

// comparer compares the two sides of all targets.
type comparer struct {
	judge           judge
	waivers         *waivers
	renames         delta.Renames
	scan            bool // one tree only: what does not render cannot be anyone's old debt
	requireComplete bool
	changed         func(file string) bool
	// siblings are base's sides of what is akin to a target that base has not;
	// the nearest first.
	siblings func(t *target) iter.Seq[side]
	// alive says that head still renders a target that the change does not reach.
	alive func(t *target) bool
}

// compare decides about each affected target by the table of the two sides'
// states, and collects the findings.
func (c comparer) compare(targets []*target) (*outcome, error) {
	var out outcome
	var vanished, appeared []*target
	all := chartsOf(targets)
	relocate(slices.DeleteFunc(slices.Clone(targets), func(t *target) bool { return !t.affected }))
	for _, t := range targets {
		if !t.affected {
			continue
		}
		c.notLookedAt(&out, t, all.of(t))
		b, h := t.baseSide, t.headSide
		switch {
		case h.state == report.Failed && t.guessed():
			// Told of all variants of the chart together.
		case h.state == report.Failed && all.of(t).standsFor(t):
			out.note(t, "does not render without values (%v); its variants were judged: %s", h.err, all.of(t).names())
		case b.state == report.Failed && h.state != report.Absent && t.guessed():
			c.headOnly(&out, t, report.Unproven)
			out.note(t, "is a guessed variant and does not render at base, so nobody can say what is new in it: %v", b.err)
		case h.state == report.Failed:
			c.headFailed(&out, t)
		case b.state == report.Failed && h.state == report.Absent:
		case b.state == report.Failed:
			c.headOnly(&out, t, report.Unproven)
			out.cannotTell(t, report.Base, b.stage, "base does not render, so nobody can say what is new: %v; mend the base branch first", b.err)
		case h.state == report.Absent:
			vanished = append(vanished, t)
		case b.state == report.Absent:
			appeared = append(appeared, t)
		default:
			before := len(out.findings)
			if err := c.both(&out, t, b, h, report.Kept); err != nil {
				return nil, err
			}
			c.unprovenParts(&out, t, before)
		}
	}
	for _, dir := range sorted(all) {
		c.guessesFailed(&out, all[dir])
	}
	return &out, c.moves(&out, vanished, appeared)
}

// notLookedAt reports what a render left out. What the default of a chart tells
// its guessed variants need not tell again, and alone they decide nothing, but
// where the default does not render they stand for it.
func (c comparer) notLookedAt(out *outcome, t *target, siblings chartTargets) {
	h := t.headSide
	if h.result == nil || h.state == report.Failed {
		return
	}
	for _, s := range h.result.Skipped {
		if s.Broken && (c.scan || c.changed(s.Path)) {
			out.cannotTell(t, report.Head, "render", "%s cannot be looked at: %s", s.Path, s.Why)
			continue
		}
		out.note(t, "%s was not looked at in full: %s", s.Path, s.Why)
	}
	for _, what := range h.result.Notes {
		out.note(t, "%s", what)
	}
	c.dependencies(out, t, siblings)
}

func (c comparer) headFailed(out *outcome, t *target) {
	h := t.headSide
	switch {
	case t.baseSide.state == report.Failed && !t.touched && !c.scan:
		out.note(t, "does not render at either side, and the change does not touch it: %v", h.err)
	case t.baseSide.state != report.Rendered && t.baseSide.state != report.Partial && render.NeedsValues(h.err):
		out.cannotTell(t, report.Head, h.stage, "%v; give the chart values: targets of .rendergate.yaml name a values file, or set them", h.err)
	default:
		out.cannotTell(t, report.Head, h.stage, "%v", h.err)
	}
}

// both compares a target that stands at both sides; old is what findings are
// that both have.
func (c comparer) both(out *outcome, t *target, b, h side, old report.State) error {
	pairs := delta.Match(b.result.Judged(), h.result.Judged(), c.renames)
	all := delta.Compare(pairs, b.findings, h.findings)
	weighed := c.waivers.weigh(b, h, pairs)
	compared := delta.Compare(pairs, weighed.base, weighed.head)
	found, unproven := c.unproven(b, compared.New)
	from := len(out.findings)
	out.add(t, report.New, report.Head, found)
	for i := range out.findings[from:] {
		s := &out.findings[from+i]
		if m, was := weighed.released[weaknessOf(s.Finding)]; was && old == report.Kept {
			s.was = &m
		}
	}
	c.unread(out, t, unproven)
	out.add(t, old, report.Head, compared.Kept)
	out.add(t, report.Fixed, report.Base, slices.DeleteFunc(all.Fixed, c.uncompared))
	c.acceptAll(out, t, b, proven(weighed.accepted, all.New), all.Kept, old)
	if old != report.Kept {
		return nil // a sibling is not what was there before
	}
	return c.transition(out, t, b, h, pairs)
}

// unread adds what stands in a file that nobody could read at base.
func (c comparer) unread(out *outcome, t *target, unproven []checks.Finding) {
	out.add(t, report.Unproven, report.Head, unproven)
	// Of images it is said where they are looked at.
	unproven = slices.DeleteFunc(slices.Clone(unproven), c.uncompared)
	if len(unproven) > 0 {
		out.cannotTell(t, report.Base, "render", "base's %s cannot be read, so nobody can say what is new in it; mend the base branch first", unproven[0].Node.Object().Origin.Path)
	}
}

// unproven parts what is found at head into what is new and what stands in a
// file that nobody could read at base, or in an image that nobody can compare.
func (c comparer) unproven(b side, all []checks.Finding) (found, unproven []checks.Finding) {
	broken := map[string]bool{}
	for _, s := range b.result.Skipped {
		if s.Broken {
			broken[s.Path] = true
			broken[c.renames[s.Path]] = true
		}
	}
	for _, f := range all {
		if c.uncompared(f) {
			unproven = append(unproven, f)
			continue
		}
		if o := f.Node.Object(); o != nil && o.Origin.Path != "" && broken[o.Origin.Path] {
			unproven = append(unproven, f)
			continue
		}
		found = append(found, f)
	}
	return found, unproven
}

// uncompared says that a finding is about an image that cannot be compared.
func (c comparer) uncompared(f checks.Finding) bool {
	return f.Check.Shared != nil && c.judge.uncompared[f.Node.Text()]
}

// moves handles the targets of one side only. A target that vanished and one
// that appeared with the same objects are one, moved; what else appeared is
// compared with its sibling at base; what else vanished leaves nothing behind.
func (c comparer) moves(out *outcome, vanished, appeared []*target) error {
	for _, pair := range sameObjects(vanished, appeared) {
		pair.head.base, pair.head.baseSide = pair.base.base, pair.base.baseSide
		pair.head.before = slices.Concat(pair.base.before, pair.head.before)
		if err := c.both(out, pair.head, pair.base.baseSide, pair.head.headSide, report.Kept); err != nil {
			return err
		}
		vanished = without(vanished, pair.base)
		appeared = without(appeared, pair.head)
	}
	for _, t := range appeared {
		if err := c.alone(out, t); err != nil {
			return err
		}
	}
	for _, t := range vanished {
		if err := c.vanished(out, t); err != nil {
			return err
		}
	}
	c.movedObjects(out)
	return nil
}

// alone judges a target that only head has. What a sibling at base has too is
// spread, whichever sibling it is; what no sibling had is new.
func (c comparer) alone(out *outcome, t *target) error {
	var nearest *outcome
	for sibling := range c.siblings(t) {
		if nearest == nil {
			nearest = &outcome{}
			if err := c.both(nearest, t, sibling, t.headSide, report.Spread); err != nil {
				return err
			}
		} else {
			c.alsoIn(nearest, t, sibling)
		}
		if !slices.ContainsFunc(nearest.findings, func(s stated) bool { return s.state == report.New }) {
			break
		}
	}
	if nearest == nil {
		c.headOnly(out, t, report.New)
	} else {
		// What the sibling has and the newcomer has not is not fixed: the sibling stays.
		out.findings = append(out.findings, slices.DeleteFunc(nearest.findings, func(s stated) bool { return s.state == report.Fixed })...)
	}
	return c.newcomer(out, t)
}

// alsoIn makes spread of what is new so far and this sibling has.
func (c comparer) alsoIn(so *outcome, t *target, sibling side) {
	pairs := delta.Match(sibling.result.Judged(), t.headSide.result.Judged(), c.renames)
	kept := delta.Compare(pairs, c.waivers.counting(sibling), t.headSide.findings).Kept
	for i := range so.findings {
		if s := &so.findings[i]; s.state == report.New && slices.ContainsFunc(kept, s.same) {
			s.state, s.was = report.Spread, nil
		}
	}
}

// movedObjects pairs objects that vanished from one target with those that
// appeared in another: what they had before has only moved. Guessed variants
// show one chart's objects again, so they follow what became of its default:
// what only goes from one variant to another of the chart is new there.
func (c comparer) movedObjects(out *outcome) {
	gone, come := map[*manifest.Object]bool{}, map[*manifest.Object]bool{}
	var goneFindings, comeFindings []checks.Finding
	for _, s := range out.findings {
		o := s.Node.Object()
		if o == nil || s.target.guessed() {
			continue
		}
		switch {
		case s.state == report.Fixed && unpaired(s, o):
			gone[o] = true
			goneFindings = append(goneFindings, s.Finding)
		case s.state == report.New && unpaired(s, o):
			come[o] = true
			comeFindings = append(comeFindings, s.Finding)
		}
	}
	if len(gone) == 0 || len(come) == 0 {
		return
	}
	compared := delta.Compare(akin(delta.Match(inOrder(out.findings, gone), inOrder(out.findings, come), c.renames)), goneFindings, comeFindings)
	var went []checks.Finding // what only became narrower did not go anywhere: it is fixed
	for i, f := range compared.KeptBase {
		if f.Check == compared.Kept[i].Check && f.Subject.Class == compared.Kept[i].Subject.Class {
			went = append(went, f)
		}
	}
	moved := map[string]bool{}
	for i := range out.findings {
		s := &out.findings[i]
		switch {
		case s.state == report.New && slices.ContainsFunc(compared.Kept, s.same):
			from := compared.KeptBase[slices.IndexFunc(compared.Kept, s.same)]
			at := slices.IndexFunc(out.findings, func(f stated) bool { return f.state == report.Fixed && f.same(from) })
			if at >= 0 && !c.waivers.moved(s, out.findings[at]) {
				continue
			}
			s.state = report.Moved
			if at >= 0 {
				s.from = out.findings[at].target
			}
			moved[s.inChart()] = true
		case s.state == report.Fixed && slices.ContainsFunc(went, s.same):
			moved[s.inChart()] = true
		}
	}
	for i := range out.findings {
		if s := &out.findings[i]; s.state == report.New && s.target.guessed() && moved[s.inChart()] {
			s.state = report.Moved
		}
	}
	out.findings = slices.DeleteFunc(out.findings, func(s stated) bool {
		return s.state == report.Fixed && (slices.ContainsFunc(went, s.same) || s.target.guessed() && moved[s.inChart()])
	})
}

// akin parts the pairs whose objects only look alike: neither is the other one moved.
func akin(pairs []delta.Pair) (all []delta.Pair) {
	for _, p := range pairs {
		if p.Base != nil && p.Head != nil && !delta.Akin(p.Base, p.Head) {
			all = append(all, delta.Pair{Base: p.Base}, delta.Pair{Head: p.Head})
			continue
		}
		all = append(all, p)
	}
	return all
}

// inChart names a finding's weakness in whatever variant of its chart, at its
// side of the change.
func (s stated) inChart() string {
	return strings.Join([]string{s.side, s.target.any().Dir, s.Check.ID, s.Object.APIVersion, s.Object.String(), s.Subject.String()}, "\x00")
}

// unpaired says that the other side of the finding's target has no object of
// that identity.
func unpaired(s stated, o *manifest.Object) bool {
	other := s.target.headSide.result
	if s.side == report.Head {
		other = s.target.baseSide.result
	}
	return !slices.ContainsFunc(other.Judged(), func(p *manifest.Object) bool {
		return p.GroupKind() == o.GroupKind() && p.Name == o.Name && p.Namespace == o.Namespace
	})
}

func (s stated) same(f checks.Finding) bool {
	return f.Node == s.Node && f.Check == s.Check && f.Subject == s.Subject
}

func inOrder(findings []stated, of map[*manifest.Object]bool) []*manifest.Object {
	var objects []*manifest.Object
	for _, s := range findings {
		if o := s.Node.Object(); of[o] {
			objects = append(objects, o)
			delete(of, o)
		}
	}
	return objects
}

// targetPair is a target that went from one place to another.
type targetPair struct{ base, head *target }

// enough is the share of a target's objects that must stand in another for the
// two to be the same target moved.
const enough = 0.5

// sameObjects pairs vanished targets with appeared ones by what they deploy.
func sameObjects(vanished, appeared []*target) []targetPair {
	var pairs []targetPair
	taken := map[*target]bool{}
	for _, h := range appeared {
		var best *target
		score := 0.0
		for _, b := range vanished {
			if share := shared(b.baseSide.result, h.headSide.result); !taken[b] && share >= enough && share > score {
				best, score = b, share
			}
		}
		if best != nil {
			taken[best] = true
			pairs = append(pairs, targetPair{best, h})
		}
	}
	return pairs
}

// shared is the share of objects, of the larger side, that both have.
func shared(base, head *render.Result) float64 {
	names := map[manifest.Ref]int{}
	for _, o := range base.Objects {
		names[o.Ref]++
	}
	common := 0
	for _, o := range head.Objects {
		if names[o.Ref] > 0 {
			names[o.Ref]--
			common++
		}
	}
	most := max(len(base.Objects), len(head.Objects))
	if most == 0 {
		return 0
	}
	return float64(common) / float64(most)
}

func without(all []*target, one *target) []*target {
	return slices.DeleteFunc(slices.Clone(all), func(t *target) bool { return t == one })
}
