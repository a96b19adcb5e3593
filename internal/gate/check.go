package gate

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/rendergate/rendergate/checks"
	"github.com/rendergate/rendergate/internal/delta"
	"github.com/rendergate/rendergate/internal/git"
	"github.com/rendergate/rendergate/internal/report"
	"github.com/rendergate/rendergate/render"
	"github.com/rendergate/rendergate/render/manifest"
)

// Check runs the whole way: change, targets, objects, findings of both sides,
// delta, placed, report, verdict. It returns the change with the report. A
// *UsageError is the user's to mend; any other error means that nobody could
// look.
func Check(ctx context.Context, o Options) (*report.Report, *git.Change, error) {
	o.Repo.Ahead = render.Foreseen
	change, base, head, err := changeOf(ctx, o)
	if err != nil {
		return nil, nil, err
	}
	go render.Anticipate(change.Base)
	run, err := start(ctx, change, o)
	if err != nil {
		return nil, nil, err
	}
	defer run.judge.supply.bases.close()
	if base.Tree == head.Tree && !o.Scan {
		run.note("", "base and head hold the same files: there is nothing to compare")
	}
	targets, outcome, err := run.compared(ctx)
	if err == nil {
		err = run.withParents(ctx, head, targets, outcome)
	}
	if err != nil {
		return nil, nil, err
	}
	run.tell("looking for the causes, and for edits that mend them")
	all := place(ctx, change, run.judge, run.waivers, outcome.findings)
	for _, t := range targets {
		if t.gaveUp != nil {
			run.note(t.id, "the search for causes gave up, so that findings may stand where their objects do: %v", t.gaveUp)
		}
	}
	if o.Sources {
		sources(ctx, change, run.judge, all)
	}
	all = run.suggest(ctx, targets, all)
	return run.report(base, head, targets, outcome, all), change, nil
}

func (r *run) tell(what string) {
	if r.options.Progress != nil {
		r.options.Progress(what)
	}
}

// start reads what a run decides by.
func start(ctx context.Context, change *git.Change, o Options) (*run, error) {
	s, err := readSettings(ctx, change, o)
	if err != nil {
		return nil, err
	}
	r := &run{change: change, options: o, judge: judge{
		rules: s.rules, workloads: workloadsOf(s.decides), workers: o.Workers, budget: budgetOf(s.decides),
		settings: checks.Settings{Registries: s.decides.Registries.Allowed, ChartSources: s.decides.Registries.Charts, Own: ownRepository(ctx, o), Keyring: s.keyring(change)},
		supply:   newSupply(change, o, s.decides), progress: o.Progress,
	}}
	r.settings = s // with what the keyring had to say
	r.waivers, err = newWaivers(ctx, r)
	return r, err
}

// compared are the targets of a run, and what the comparison of their sides finds.
func (r *run) compared(ctx context.Context) ([]*target, *outcome, error) {
	targets := r.targets(ctx)
	r.judge.lookAll(ctx, r.change, targets)
	targets = r.releases(ctx, targets)
	targets = r.reachNeighbours(ctx, targets)
	r.judgeTogether(targets)
	unseen := r.images(ctx, targets)
	r.waivers.warm(targets)
	outcome, err := r.comparer(ctx, targets).compare(targets)
	if err == nil {
		outcome.undecided = append(outcome.undecided, unseen...)
		r.bumps(ctx, targets, outcome)
		r.vouch(ctx, targets)
		outcome.findings, err = r.settings.environments.settle(outcome.findings)
	}
	return targets, outcome, err
}

// changeOf resolves the two sides.
func changeOf(ctx context.Context, o Options) (change *git.Change, base, head git.Revision, err error) {
	var early chan error // base, where it does not depend on head
	if o.Base != "" {
		early = make(chan error, 1)
		go func() {
			var err error
			base, err = o.Repo.Resolve(ctx, o.Base)
			early <- err
		}()
	}
	head, err = headOf(ctx, o)
	if early != nil {
		err = errors.Join(err, <-early)
	} else if err == nil {
		base, err = baseOf(ctx, o, head)
	}
	if err != nil {
		return nil, base, head, &UsageError{err}
	}
	change, err = o.Repo.Change(ctx, base, head)
	return change, base, head, err
}

func headOf(ctx context.Context, o Options) (git.Revision, error) {
	switch {
	case o.Staged && o.Index.Tree != "":
		return o.Index, nil
	case o.Staged:
		return o.Repo.Index(ctx)
	case o.Worktree:
		return o.Repo.Worktree(ctx)
	case o.Head != "":
		return o.Repo.Resolve(ctx, o.Head)
	}
	return o.Repo.Resolve(ctx, "HEAD")
}

func baseOf(ctx context.Context, o Options, head git.Revision) (git.Revision, error) {
	switch {
	case o.Scan && o.Base == "":
		return head, nil
	case o.Staged || o.Worktree:
		if base, err := o.Repo.Resolve(ctx, "HEAD"); err == nil {
			return base, nil
		}
		return o.Repo.Empty(ctx) // nothing was committed yet
	}
	return o.Repo.MergeBase(ctx, head)
}

// run is one comparison on its way.
type run struct {
	change   *git.Change
	options  Options
	settings settings
	judge    judge
	waivers  *waivers
	notes    []report.Note

	folders   map[string]bool // in which plain manifests are looked for as well
	declaring declaring
	planned   []*target          // whatever paths were asked for, without releases
	undecided []report.Undecided // before anything was compared
}

// targets are those that will be looked at, and those that need not be.
func (r *run) targets(ctx context.Context) []*target {
	excluded := map[string]bool{}
	r.declaring = findDeclaring(ctx, r.change, r.options)
	touched := foldersOf(r.change, r.declaring.folders())
	plainIn := func(dir string) bool {
		return r.options.All || r.folders[dir] || touched(dir) || len(r.settings.decides.GroupsOf(dir)) > 0 || r.waivers.droppedOf(dir)
	}
	all := plan(r.change, r.settings.entries, plainIn, func(dir string) bool {
		hit := r.settings.decides.Excluded(dir)
		if hit {
			excluded[dir] = true
		}
		return hit
	})
	if len(excluded) > 0 {
		r.note("", "%d excluded: %s", len(excluded), strings.Join(sorted(excluded), ", "))
	}
	if r.options.Scan {
		for _, t := range all {
			t.affected, t.touched = true, true
		}
	} else {
		markAffected(r.change, all)
		r.affectTogether(all)
		for _, t := range all {
			t.affected = t.affected || r.options.All || r.waivers.droppedOf(t.id, t.any().ID(), t.any().Dir)
		}
	}
	r.planned = slices.Clone(all)
	all = r.bounded(r.within(all))
	r.around(all)
	return all
}

// within keeps the targets under the asked paths.
func (r *run) within(all []*target) []*target {
	if len(r.options.Paths) == 0 {
		return all
	}
	kept := slices.DeleteFunc(slices.Clone(all), func(t *target) bool {
		return !slices.ContainsFunc(r.options.Paths, func(p string) bool { return inFolder(t.any().Dir, path.Clean(p)) })
	})
	r.note("", "only targets under %s were asked for: %d of %d", strings.Join(r.options.Paths, ", "), len(kept), len(all))
	return kept
}

func inFolder(dir, folder string) bool {
	return folder == "." || dir == folder || strings.HasPrefix(dir, folder+"/")
}

func (r *run) note(target, format string, args ...any) {
	r.notes = append(r.notes, report.Note{Target: target, What: fmt.Sprintf(format, args...)})
}

func (r *run) comparer(ctx context.Context, all []*target) comparer {
	siblings := siblings{ctx: ctx, change: r.change, judge: r.judge, all: all, looked: map[*target]side{}}
	return comparer{
		judge: r.judge, waivers: r.waivers, renames: delta.Renames(r.change.Renames()), scan: r.options.Scan,
		requireComplete: r.settings.decides.RequireComplete, siblings: siblings.of, alive: siblings.alive, changed: changedBy(r.change),
	}
}

// changedBy says whether a change touches a file.
func changedBy(change *git.Change) func(string) bool {
	files := map[string]bool{}
	for _, f := range change.Files {
		files[f.OldPath], files[f.NewPath] = true, true
	}
	return func(file string) bool { return files[file] }
}

// report puts everything together as data, redacted.
func (r *run) report(base, head git.Revision, targets []*target, out *outcome, placed []placed) *report.Report {
	a := assembly{spreads: r.settings.decides.BlockSpread(), redact: redactor(r.change, targets)}
	var unread []string
	a.owners, unread = ownersOf(r.change.Head)
	a.around = surroundings{delta.Renames(r.change.Renames()), a.redact, map[*target][]delta.Pair{}, map[*target]map[*manifest.Object]*manifest.Object{}}
	if !r.options.Scan {
		a.changes = &changes{a.around, linesOfReport}
	}
	a.source = excerpts{r.change, a.redact, map[string]sourceFile{}}
	rep := &report.Report{
		Schema: report.Schema, Tool: report.Tool{Version: r.options.Version}, Base: base.SHA(), Head: head.SHA(),
		Targets: a.targets(targets), Findings: a.findings(placed), Undecided: []report.Undecided{}, Notes: []report.Note{},
		FailOn: r.settings.failOn.String(), Scan: r.options.Scan,
	}
	rep.Bumps = a.bumps(targets, rep.Findings)
	for _, what := range slices.Concat(r.settings.notes, guardNotes(r.change), unread) {
		rep.Notes = append(rep.Notes, report.Note{What: a.redact.Text(what)})
	}
	for _, n := range slices.Concat(r.notes, out.notes, r.waivers.notes(targets), policyNotes(r.settings.policies)) {
		n.What = a.redact.Text(n.What)
		rep.Notes = append(rep.Notes, n)
	}
	for _, u := range slices.Concat(r.settings.undecided, r.undecided, out.undecided) {
		u.Error, u.Accepted = a.redact.Text(u.Error), r.waivers.approver
		rep.Undecided = append(rep.Undecided, u)
	}
	for _, rule := range r.settings.rules {
		rep.Rules = append(rep.Rules, ruleData(rule))
	}
	if r.options.Debt {
		rep.Debt = report.DebtOf(rep)
	}
	rep.Summary = report.Summarize(rep)
	rep.Verdict = verdict(rep, r.settings.decides.WarnOnUndecided())
	return rep
}

func ruleData(rule checks.Rule) report.Rule {
	return report.Rule{
		ID: rule.ID, Title: rule.Title, Why: rule.Why, Fix: rule.Fix, Source: rule.Source,
		Topic: string(rule.Topic), Severity: rule.Severity.String(),
	}
}
