package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rendergate/rendergate/internal/gate"
	"github.com/rendergate/rendergate/internal/git"
	"github.com/rendergate/rendergate/internal/report"
	"github.com/rendergate/rendergate/internal/starter"
)

func (p *program) initCommand() *cobra.Command {
	var f flags
	var yes bool
	var owners []string
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Propose configuration, a workflow, code owners and a hook for this repository",
		Long: "Looks at what the work tree deploys and proposes .rendergate.yaml, a workflow, the lines of CODEOWNERS that guard both, and the\n" +
			"entry for pre-commit. It writes what is accepted, or all with --yes; files that are there get lines added and are never overwritten.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.propose(cmd.Context(), f, owners, yes)
		},
	}
	f.register(cmd)
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "write everything without asking")
	cmd.Flags().StringSliceVar(&owners, "owner", nil, "who guards the gate, such as @organisation/team (default: the owners of everything in CODEOWNERS)")
	return cmd
}

func (p *program) propose(ctx context.Context, f flags, owners []string, yes bool) error {
	f.options.Worktree = true
	top, err := p.topOf(ctx, f.repo)
	if err != nil {
		return err
	}
	f.repo = top
	repo, err := p.open(ctx, &f, nil)
	if err != nil {
		return err
	}
	defer repo.Close()
	rendered, err := gate.Render(ctx, f.options)
	var none *gate.UsageError
	if err != nil && !errors.As(err, &none) {
		return asExit(err)
	}
	about := starter.Repository{Tree: os.DirFS(top), Owners: owners, Version: release, Branch: repo.DefaultBranch(ctx)}
	failed := 0
	for _, r := range rendered {
		about.Targets = append(about.Targets, starter.Target{Kind: string(r.At.Kind), Dir: r.At.Dir, Values: r.At.Values, Guessed: r.At.Guessed, Err: r.Err})
		if r.Err != nil {
			failed++
		}
	}
	fmt.Fprintf(p.stdout, "Found %d targets, of which %d render.\n", len(rendered), len(rendered)-failed)
	if len(rendered) == 0 && err != nil {
		fmt.Fprintln(p.stdout, report.Visible(err.Error()))
	}
	all, there, err := about.Proposals()
	if err != nil {
		return err
	}
	for _, what := range there {
		fmt.Fprintln(p.stdout, report.Visible(what))
	}
	return p.offer(top, all, yes)
}

// topOf is the root of the work tree that a folder belongs to.
func (p *program) topOf(ctx context.Context, dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	repo, err := git.Open(ctx, abs)
	if err != nil {
		return "", err
	}
	prefix, err := repo.Prefix()
	if err != nil {
		return "", err
	}
	for range strings.Count(prefix, "/") {
		abs = filepath.Dir(abs)
	}
	return abs, nil
}

// offer shows each proposal and writes what is accepted.
func (p *program) offer(top string, all []starter.Proposal, yes bool) error {
	answers := bufio.NewScanner(p.stdin)
	var failed []error
	for _, proposal := range all {
		p.show(proposal)
		if proposal.Manual != "" {
			continue
		}
		if !yes {
			fmt.Fprintf(p.stdout, "Write %s? [y/N] ", report.Visible(proposal.Path))
			accepted := answers.Scan() && strings.EqualFold(strings.TrimSpace(answers.Text()), "y")
			fmt.Fprintln(p.stdout)
			if !accepted {
				continue
			}
		}
		if err := starter.Write(top, proposal); err != nil {
			failed = append(failed, err)
			continue
		}
		fmt.Fprintln(p.stdout, "wrote", report.Visible(proposal.Path))
	}
	fmt.Fprint(p.stdout, "\n"+nextSteps)
	return errors.Join(failed...)
}

// nextSteps say what no file of the repository can do.
const nextSteps = `Next:
- Commit it, and require the check "rendergate" for the default branch in a ruleset.
- A pull request can change the workflow that judges it. Require reviews by code owners for the files named in
  CODEOWNERS, or require the workflow itself in a ruleset of the organisation. The summary shows such a change.
- rendergate scan tells what is there already; it never blocks.
`

func (p *program) show(proposal starter.Proposal) {
	what, text := "is new", proposal.Text
	switch {
	case proposal.Manual != "":
		what = "is there; " + proposal.Manual
	case !proposal.New():
		what, text = "is there and gets these lines", proposal.Added
	}
	fmt.Fprintf(p.stdout, "\n%s %s:\n", report.Visible(proposal.Path), what)
	for line := range strings.Lines(strings.Trim(text, "\n")) {
		fmt.Fprintln(p.stdout, "  +", report.Visible(strings.TrimRight(line, "\n")))
	}
}
