package gate

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/rendergate/rendergate/internal/git"
	"github.com/rendergate/rendergate/internal/report"
)

// against is a further commit that head comes from, and what the comparison of head
// with it found. It is compared as HEAD is, by the same rules.
type against struct {
	git.Revision
	targets   map[string]*target
	found     map[string][]stated // by what tells findings of head apart
	undecided map[string][]report.Undecided
	unsure    bool // something was not looked at, and nobody knows of which targets
}

// withParents takes out of an outcome what is not new against every commit that
// head comes from: in a merge that is what only one side brings along, which the
// other side's own checks have seen. What cannot be told against one is still
// not new where another has it.
func (r *run) withParents(ctx context.Context, head git.Revision, targets []*target, out *outcome) error {
	if !r.options.Staged && !r.options.Worktree || r.options.Base != "" || !openIn(out) {
		return nil
	}
	parents, err := r.options.Repo.Underway(ctx)
	if err != nil {
		return err
	}
	var all []*against
	for _, parent := range parents {
		a, err := r.against(ctx, parent, head, targets)
		if err != nil {
			return fmt.Errorf("%s (%.12s) cannot be compared with: %w", parent.Name, parent.SHA(), err)
		}
		all = append(all, a)
	}
	for _, a := range all {
		if n := a.settle(out.findings); n > 0 {
			r.note("", "%d new against HEAD, but in %s (%.12s) already", n, a.Name, a.SHA())
		}
	}
	if len(all) > 0 {
		undecidedByAll(out, targets, all)
	}
	return nil
}

// openIn says that another parent could make a difference.
func openIn(out *outcome) bool {
	return len(out.undecided) > 0 || slices.ContainsFunc(out.findings, func(s stated) bool { return s.by == nil && age[s.state] > 0 })
}

// against compares head with a further parent, the targets of the first included.
func (r *run) against(ctx context.Context, parent, head git.Revision, known []*target) (*against, error) {
	change, err := r.options.Repo.Change(ctx, parent, head)
	if err != nil {
		return nil, err
	}
	other := &run{change: change, options: r.options, judge: r.judge, settings: r.settings, folders: map[string]bool{}}
	for _, t := range known {
		other.folders[t.any().Dir] = true
	}
	own, err := readSettings(ctx, change, r.options)
	if err != nil {
		return nil, err
	}
	// HEAD alone decides: a check that only the other parent switches off would
	// find nothing new, and say nothing about it.
	other.settings.entries = own.entries
	if other.waivers, err = newWaivers(ctx, other); err != nil {
		return nil, err
	}
	targets, out, err := other.compared(ctx)
	if err != nil {
		return nil, err
	}
	a := &against{Revision: parent, targets: map[string]*target{}, found: map[string][]stated{}, undecided: map[string][]report.Undecided{}}
	for _, t := range targets {
		a.targets[t.id] = t
	}
	for _, s := range out.findings {
		a.found[s.identity()] = append(a.found[s.identity()], s)
	}
	for _, u := range slices.Concat(other.undecided, out.undecided) {
		u.Error = fmt.Sprintf("against %s (%.12s): %s", parent.Name, parent.SHA(), u.Error)
		a.undecided[u.Target] = append(a.undecided[u.Target], u)
		a.unsure = a.unsure || u.Target == ""
	}
	return a, nil
}

// identity tells the findings of one head apart, whatever it is compared with.
func (s stated) identity() string {
	at := s.Origin.Path + ":" + strconv.Itoa(s.Line)
	if s.side == report.Base {
		at = report.Base // the two parents may have it at different places
	}
	return strings.Join([]string{s.target.id, s.Check.ID, s.Object.APIVersion, s.Object.String(), s.Subject.String(), s.Field, at}, "\x00")
}

// age orders the states by how much they are the change's own doing.
var age = map[report.State]int{
	report.Fixed: 0, report.Kept: 0, report.Moved: 0, report.Spread: 1, report.Unproven: 2, report.New: 3,
}

// settle gives each finding the state that it has against this parent, where that
// makes it less new, and counts those that are no more.
func (a *against) settle(findings []stated) (old int) {
	for i := range findings {
		s := &findings[i]
		if s.by != nil || age[s.state] == 0 {
			continue
		}
		state, by := a.state(*s)
		if by == nil && age[state] >= age[s.state] {
			continue
		}
		if s.state, s.by = state, by; by == nil && age[state] == 0 {
			old++
		}
	}
	return old
}

// state is what a finding of head is against the parent, with the waiver that
// counts there. What nobody looked for there stays new.
func (a *against) state(s stated) (report.State, *mark) {
	t := a.targets[s.target.id]
	switch {
	case t == nil && a.reaches(s.target) || a.unsure:
		return report.New, nil
	case t == nil || !t.affected:
		return report.Kept, nil
	}
	if same := a.found[s.identity()]; len(same) > 0 {
		a.found[s.identity()] = same[1:]
		return same[0].state, same[0].by
	}
	if !t.headSide.rendered() || s.Check.Compare != nil && a.brings(s) {
		return report.New, nil
	}
	return report.Kept, nil
}

// brings says that head brings something of a finding's check against the parent
// too. What a comparison says, and where, depends on what it compares with, so
// that its findings against two parents cannot be told to be two.
func (a *against) brings(s stated) bool {
	for _, found := range a.found {
		for _, other := range found {
			if other.target.id == s.target.id && other.Check == s.Check && other.by == nil && age[other.state] > 0 {
				return true
			}
		}
	}
	return false
}

// reaches says that the change from the parent may reach a target that was not
// found on its way. A release whose declaring target it does not reach was not
// looked for, and is as it was.
func (a *against) reaches(t *target) bool {
	for up := t.parent; up != nil; up = up.parent {
		if at := a.targets[up.id]; at != nil {
			return at.affected
		}
	}
	return true
}

// decided says that a target could be compared with the parent.
func (a *against) decided(t *target) bool {
	at := a.targets[t.id]
	return !a.unsure && len(a.undecided[t.id]) == 0 && (at != nil || !a.reaches(t))
}

// undecidedByAll keeps what could not be looked at where that matters: where no
// parent at all could tell of a target, or where a finding of it depends on one.
func undecidedByAll(out *outcome, targets []*target, all []*against) {
	known, open, told := map[string]*target{}, map[string]bool{}, map[string]bool{}
	for _, t := range targets {
		known[t.id] = t
	}
	for _, s := range out.findings {
		open[s.target.id] = open[s.target.id] || s.by == nil && s.state == report.Unproven
	}
	var kept []report.Undecided
	for _, u := range out.undecided {
		t := known[u.Target]
		if t == nil || open[t.id] || !slices.ContainsFunc(all, func(a *against) bool { return a.decided(t) }) {
			kept, told[u.Target] = append(kept, u), true
		}
	}
	for _, a := range all {
		for _, id := range sorted(a.undecided) {
			if open[id] && !told[id] {
				kept = append(kept, a.undecided[id]...)
			}
		}
	}
	out.undecided = kept
}
