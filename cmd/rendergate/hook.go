package main

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/rendergate/rendergate/internal/git"
)

func (p *program) hookCommand() *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:   "hook",
		Short: "The entry point of pre-commit and prek: judge what would be committed",
		Long: "Compares the index with HEAD, and in a merge, a rebase or a cherry-pick with what is merged, rebased or picked as well:\n" +
			"new is what is new against each. Where index and HEAD are equal, as with --all-files, it compares HEAD with the merge base,\n" +
			"and where that is HEAD itself with the commit before; it says which. Before a push it compares what is pushed with what the\n" +
			"remote has.",
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.hook(cmd.Context(), f, args)
		},
	}
	f.register(cmd)
	f.registerFormats(cmd)
	cmd.Flags().StringVar(&f.options.FailOn, "fail-on", "", "critical, high, medium, low or none (default: what configuration says, else high)")
	return cmd
}

// hook runs the gate on what is to be committed or pushed.
func (p *program) hook(ctx context.Context, f flags, paths []string) error {
	if _, err := p.outputs(f.formats); err != nil {
		return err
	}
	f.waited = true
	repo, err := p.open(ctx, &f, paths)
	if err != nil {
		return err
	}
	defer repo.Close()
	nothing, err := p.choose(ctx, &f, repo)
	if err != nil || nothing {
		return err
	}
	return p.judge(ctx, f)
}

// choose settles what a hook compares, so that it is never a tree with itself.
// Nothing to judge is a push that only deletes.
func (p *program) choose(ctx context.Context, f *flags, repo *git.Repo) (nothing bool, err error) {
	if from, to := p.pushed(); to != "" {
		if isZero(to) {
			fmt.Fprintln(p.stderr, "rendergate: the push only deletes: there is nothing to judge")
			return true, nil
		}
		return false, p.between(ctx, f, repo, from, to)
	}
	var head git.Revision
	var none error // nothing was committed yet
	var asked sync.WaitGroup
	asked.Go(func() { head, none = repo.Resolve(ctx, "HEAD") })
	index, err := repo.Index(ctx)
	asked.Wait()
	if err != nil {
		return false, err
	}
	f.options.Index, f.skip = index, "git commit --no-verify"
	if none != nil || head.Tree != index.Tree {
		f.options.Staged = true
		return false, nil
	}
	// A merge may well leave HEAD as it is; what is to be committed is that.
	if underway, err := repo.Underway(ctx); err != nil || len(underway) > 0 {
		f.options.Staged = true
		return false, err
	}
	base, err := p.before(ctx, repo, head)
	if err != nil {
		return false, err
	}
	f.options.Base, f.options.Head, f.skip = base.SHA(), "HEAD", ""
	fmt.Fprintf(p.stderr, "rendergate: nothing is staged; comparing HEAD with %s (%.12s)\n", visible(base.Name), base.SHA())
	return false, nil
}

// pushed is what pre-commit and prek name: the two ends of a push or of
// --from-ref, or only the branch where a remote has none of its commits. An
// empty to is neither.
func (p *program) pushed() (from, to string) {
	from, to = p.getenv("PRE_COMMIT_FROM_REF"), p.getenv("PRE_COMMIT_TO_REF")
	if to == "" {
		return "", p.getenv("PRE_COMMIT_LOCAL_BRANCH")
	}
	return from, to
}

// isZero says that git stands for no commit by this name: a branch that is new,
// or gone.
func isZero(ref string) bool { return ref != "" && strings.Trim(ref, "0") == "" }

// between compares what a push or --from-ref names. A branch that is new to the
// remote, or there at a commit that nobody has here, has the default branch before it.
func (p *program) between(ctx context.Context, f *flags, repo *git.Repo, from, to string) error {
	head, err := repo.Resolve(ctx, to)
	if err != nil {
		return err
	}
	var base git.Revision
	if from != "" && !isZero(from) {
		if common, err := repo.CommonAncestor(ctx, from, head.Commit); err == nil {
			base = common
		}
	}
	if base.Tree == "" {
		if base, err = p.before(ctx, repo, head); err != nil {
			return err
		}
	}
	f.options.Base, f.options.Head, f.skip = base.SHA(), head.Commit, "git push --no-verify"
	fmt.Fprintf(p.stderr, "rendergate: comparing %s with %s (%.12s)\n", visible(to), visible(base.Name), base.SHA())
	return nil
}

// before is what a commit is compared with where nobody says: the merge base with
// the default branch, and where that is the commit itself or not to be had the
// commit before it.
func (p *program) before(ctx context.Context, repo *git.Repo, head git.Revision) (git.Revision, error) {
	base, err := repo.MergeBase(ctx, head)
	if err != nil || base.Tree == head.Tree {
		return repo.Before(ctx, head)
	}
	return base, nil
}
