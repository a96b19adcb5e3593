package gate

import (
	"slices"
	"strconv"
	"strings"

	"github.com/rendergate/rendergate/internal/report"
	"github.com/rendergate/rendergate/render"
)

// chartTargets are a chart's targets: its default and its variants.
//
// A guessed variant that does not render is told and decides nothing, since
// nobody said that it is deployed. Three rules keep that from hiding anything:
//
//   - The default decides as any target does where it rendered at base.
//   - A default that base does not render either, and that says itself that it
//     needs values, is a note, if a guessed variant deploys something at both
//     sides (at head, where the chart is new): that one stands for it. A default
//     that fails otherwise is undecided, since the variant that does render may
//     be the one that switches all but a corner of the chart off.
//   - Where a variant rendered at base and at head nothing of the chart does,
//     nobody looked at the chart, and that is undecided.
//
// A release of a Terraform module has a variant for each of the module's, which
// these rules hold for as well. What only a plan knows of it is what a chart that
// needs values lacks; and where no default declares it, the variants are all there
// is, so that one of them has to render.
type chartTargets []*target

// charts are the targets of Helm charts by their folder, and those of a module's
// releases by what declares them.
type charts map[string]chartTargets

func chartsOf(targets []*target) charts {
	all := make(charts, len(targets))
	for _, t := range targets {
		if key := chartKey(t.any()); key != "" {
			all[key] = append(all[key], t)
		}
	}
	return all
}

// chartKey is what the variants of a chart, or of a module's release, have in
// common; empty for what has no variants.
func chartKey(at *render.Target) string {
	switch {
	case at.Kind == render.TerraformRelease:
		return at.Dir + "\x00" + at.Declared.Object.String()
	case at.Declared != nil:
		return "" // it only stands in the folder of what declares it
	case at.Kind == render.Helm || at.Kind.Infrastructure():
		return at.Dir
	}
	return ""
}

func (c charts) of(t *target) chartTargets { return c[chartKey(t.any())] }

// standsFor says that guessed variants were judged in the place of a default
// that base does not render.
func (all chartTargets) standsFor(t *target) bool {
	at := t.any()
	given := len(at.Values) > 0 || at.Declared != nil && len(at.Declared.In.Values) > 0
	if t.guessed() || given || t.baseSide.result != nil && !t.baseSide.needsPlan() || !render.NeedsValues(t.headSide.err) && !t.headSide.needsPlan() {
		return false
	}
	return slices.ContainsFunc(all, func(v *target) bool { return v.stands(t.base == nil) })
}

// stands says that a guessed variant deploys something at both sides, or at
// head alone where the chart is new.
func (t *target) stands(isNew bool) bool {
	return t.guessed() && t.affected && t.headSide.rendered() && (t.baseSide.rendered() || isNew && t.base == nil)
}

// needsPlan says that a release was not looked at because only a plan knows what
// it is made of.
func (s side) needsPlan() bool {
	if s.err != nil {
		return render.NeedsPlan(s.err)
	}
	return s.result != nil && slices.ContainsFunc(s.result.Missing, func(m render.Missing) bool { return m.Kind == render.MissingValues })
}

func (all chartTargets) names() string {
	var names []string
	for _, t := range all {
		if t.guessed() && t.affected && t.headSide.rendered() {
			names = append(names, t.any().Variant)
		}
	}
	return strings.Join(names, ", ")
}

// defaultRenders says that the chart's own values, or those that somebody
// configured, render at head; when the change does not reach them, they do as
// well as before.
func (all chartTargets) defaultRenders() bool {
	return slices.ContainsFunc(all, func(t *target) bool {
		if t.guessed() || t.head == nil {
			return false
		}
		if t.any().Kind == render.TerraformRelease {
			return t.headSide.rendered() // one that needs a plan never did
		}
		return !t.affected || t.headSide.result != nil
	})
}

// onlyGuesses says that a release is declared by guessed variants of its module
// alone.
func (all chartTargets) onlyGuesses() bool {
	return all[0].any().Kind == render.TerraformRelease && !slices.ContainsFunc(all, func(t *target) bool { return !t.guessed() && t.head != nil })
}

// missedBefore says that a target of the chart that comes earlier lacks the
// same dependency, and tells of it.
func (all chartTargets) missedBefore(t *target, m render.Missing) bool {
	for _, other := range all {
		if other == t {
			return false
		}
		if other.headSide.result != nil && slices.ContainsFunc(other.headSide.result.Missing, m.Same) {
			return true
		}
	}
	return false
}

// guessesFailed tells of the guessed variants of a chart that do not render.
func (c comparer) guessesFailed(out *outcome, all chartTargets) {
	var failed []*target
	for _, t := range all {
		if t.affected && t.guessed() && t.headSide.state == report.Failed {
			failed = append(failed, t)
		}
	}
	if len(failed) == 0 {
		return
	}
	lost := slices.IndexFunc(failed, func(t *target) bool { return t.baseSide.rendered() })
	if alone := slices.IndexFunc(failed, func(t *target) bool { return t.touched }); lost < 0 && alone >= 0 && all.onlyGuesses() && !c.renders(all) {
		t := failed[alone]
		out.cannotTell(t, report.Head, t.headSide.stage, "no variant of the module renders it: %v", t.headSide.err)
		return
	}
	if lost >= 0 && !c.renders(all) {
		t := failed[lost]
		out.cannotTell(t, report.Head, t.headSide.stage, "rendered at base, and no variant of the chart renders any more: %v", t.headSide.err)
		return
	}
	text := "is a guessed variant that does not render"
	if len(failed) > 1 {
		var names []string
		for _, t := range failed[1:] {
			names = append(names, t.any().Variant)
		}
		text = "is one of " + strconv.Itoa(len(failed)) + " guessed variants that do not render, with " + strings.Join(names, ", ")
	}
	out.note(failed[0], "%s: %v", text, failed[0].headSide.err)
}

// renders says that head renders something of the chart.
func (c comparer) renders(all chartTargets) bool {
	return slices.ContainsFunc(all, func(t *target) bool {
		return t.affected && t.headSide.rendered() || !t.affected && t.head != nil && c.alive(t)
	})
}
