package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/rendergate/rendergate/internal/git"
)

func (p *program) hookCommand() *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:   "hook",
		Short: "The entry point of pre-commit and prek: judge what would be committed",
		Long: "Compares the index with HEAD. Where they are equal, as with --all-files, it compares HEAD with the merge base,\n" +
			"and where that is HEAD itself with the commit before; it says which.",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := p.choose(cmd.Context(), &f); err != nil {
				return err
			}
			return p.check(cmd.Context(), f, args)
		},
	}
	f.register(cmd)
	f.registerFormats(cmd)
	cmd.Flags().StringVar(&f.options.FailOn, "fail-on", "", "critical, high, medium, low or none (default: what configuration says, else high)")
	return cmd
}

// choose settles what a hook compares, so that it is never a tree with itself.
func (p *program) choose(ctx context.Context, f *flags) error {
	repo, err := git.Open(ctx, f.repo)
	if err != nil {
		return err
	}
	defer repo.Close()
	if from, to := p.getenv("PRE_COMMIT_FROM_REF"), p.getenv("PRE_COMMIT_TO_REF"); from != "" && to != "" {
		return p.between(ctx, f, repo, from, to)
	}
	index, err := repo.Index(ctx)
	if err != nil {
		return err
	}
	head, err := repo.Resolve(ctx, "HEAD")
	if err != nil || head.Tree != index.Tree {
		f.options.Staged = true
		return nil
	}
	base, err := repo.MergeBase(ctx, head)
	if err != nil || base.Tree == head.Tree {
		if base, err = repo.Before(ctx, head); err != nil {
			return err
		}
	}
	f.options.Base, f.options.Head = base.SHA(), "HEAD"
	fmt.Fprintf(p.stderr, "rendergate: nothing is staged; comparing HEAD with %s (%.12s)\n", visible(base.Name), base.SHA())
	return nil
}

// between compares what a push or --from-ref names.
func (p *program) between(ctx context.Context, f *flags, repo *git.Repo, from, to string) error {
	base, err := repo.CommonAncestor(ctx, from, to)
	if err != nil {
		return err
	}
	f.options.Base, f.options.Head = base.SHA(), to
	fmt.Fprintf(p.stderr, "rendergate: comparing %s with %s (%.12s)\n", visible(to), visible(base.Name), base.SHA())
	return nil
}
