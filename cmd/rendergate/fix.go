package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rendergate/rendergate/checks"
	"github.com/rendergate/rendergate/internal/apply"
	"github.com/rendergate/rendergate/internal/gate"
	"github.com/rendergate/rendergate/internal/git"
	"github.com/rendergate/rendergate/internal/report"
)

func (p *program) fixCommand() *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:   "fix [PATH…]",
		Short: "Make the edits that are proven to remove what is new",
		Long: "Checks the work tree against HEAD and writes each suggestion into it: edits of the source that, rendered again, remove their\n" +
			"findings and change nothing else. It then checks again. What it leaves, it names, with the reason.\n" +
			"With --staged it judges the index, and writes to the index and to the work tree, whose other changes stay apart.\n" +
			"Exit codes are those of check, after the edits.",
		RunE: func(cmd *cobra.Command, args []string) error {
			f.options.Worktree = !f.options.Staged
			return p.fix(cmd.Context(), f, args)
		},
	}
	f.register(cmd)
	cmd.Flags().StringVar(&f.options.Base, "base", "", "the revision to compare with (default: HEAD)")
	cmd.Flags().BoolVar(&f.options.Staged, "staged", false, "judge and edit the index, and edit the work tree alike")
	cmd.Flags().StringVar(&f.options.FailOn, "fail-on", "", "critical, high, medium, low or none (default: what configuration says, else high)")
	return cmd
}

// mostRounds bounds how often what an edit leaves is looked at again: some
// edits are proven only once others are made.
const mostRounds = 5

// fix writes suggestions and checks again until none is left to write.
func (p *program) fix(ctx context.Context, f flags, paths []string) error {
	f.waited = true
	repo, err := p.open(ctx, &f, paths)
	if err != nil {
		return err
	}
	defer repo.Close()
	failed := map[string]error{} // by the place of the suggestion
	for round := 0; ; round++ {
		r, change, err := gate.Check(ctx, f.options)
		if err != nil {
			return asExit(err)
		}
		written := 0
		if round < mostRounds {
			if written, err = p.apply(ctx, repo, change.Head, f.options.Staged, r, failed); err != nil {
				return &exit{exitUndecided, err}
			}
		}
		if written == 0 {
			p.left(r, failed)
			fmt.Fprintln(p.stdout, report.Headline(r))
			return verdictExit(r)
		}
	}
}

// apply writes the suggestions of a report that did not fail before.
func (p *program) apply(ctx context.Context, repo *git.Repo, head *git.Tree, staged bool, r *report.Report, failed map[string]error) (written int, err error) {
	var all []*report.Suggestion
	for _, f := range r.Findings {
		if s := f.Suggestion; s != nil && f.State == report.New && f.Suppressed == nil && failed[s.Path] == nil {
			all = append(all, s)
		}
	}
	if len(all) == 0 {
		return 0, nil
	}
	done, err := apply.Into(ctx, repo, head, staged, all)
	if err != nil {
		return 0, err
	}
	seen := map[*report.Suggestion]bool{}
	for _, d := range done {
		if seen[d.Suggestion] {
			continue
		}
		seen[d.Suggestion] = true
		if d.Err != nil {
			failed[d.Path] = d.Err
			continue
		}
		written++
		p.wrote(r, d)
	}
	return written, nil
}

// wrote tells of an edit.
func (p *program) wrote(r *report.Report, d apply.Done) {
	var names []string
	for _, f := range r.Findings {
		if d.Same(f.Suggestion) && f.State == report.New {
			names = append(names, report.Visible(f.Check))
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	fmt.Fprintf(p.stdout, "edited %s:%d: %s (%s)\n", report.Visible(d.Path), d.First(), strings.Join(names, ", "), d.Proof())
	if d.Note != "" {
		fmt.Fprintf(p.stdout, "    %s\n", d.Note)
	}
	for _, line := range d.Diff() {
		fmt.Fprintf(p.stdout, "    %s\n", report.Visible(line))
	}
}

// left tells what is still new, and why it was not edited.
func (p *program) left(r *report.Report, failed map[string]error) {
	for _, f := range r.Findings {
		if f.State != report.New || f.Suppressed != nil {
			continue
		}
		why := "no edit of the source is proven to remove it and nothing else"
		check := checks.Find(checks.All, f.Check)
		switch {
		case f.Suggestion != nil && failed[f.Suggestion.Path] != nil:
			why = failed[f.Suggestion.Path].Error()
		case f.Suggestion != nil:
			why = "edits were made too often: run it again"
		case check != nil && check.Mend == nil:
			why = "a person has to say: " + check.Fix
		}
		fmt.Fprintf(p.stdout, "left %s:%d: %s [%s] (%s): %s\n", report.Visible(f.Location.Path), f.Location.Line, report.Visible(f.Message), report.Visible(f.Check), f.Severity, report.Visible(why))
	}
	for _, u := range r.Undecided {
		fmt.Fprintf(p.stdout, "could not look at %s at %s (%s): %s\n", report.Visible(u.Target), u.Side, u.Stage, report.Visible(u.Error))
	}
}
