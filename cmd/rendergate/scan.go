package main

import (
	"errors"

	"github.com/spf13/cobra"
)

func (p *program) scanCommand() *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:   "scan [PATH…]",
		Short: "List every finding of one tree",
		Long: "Judges every target of one tree, and tells what it holds by check, target and owner (CODEOWNERS).\n" +
			"With --against, findings carry the state that a comparison with that revision gives them.",
		RunE: func(cmd *cobra.Command, args []string) error {
			if moreThanOne(f.options.Head != "", f.options.Worktree) {
				return errors.New("--rev and --worktree exclude each other")
			}
			f.options.All, f.options.Scan, f.options.Debt, f.options.Sources = true, f.options.Base == "", true, true
			f.options.FailOn = "none"
			return p.check(cmd.Context(), f, args)
		},
	}
	f.register(cmd)
	f.registerFormats(cmd)
	cmd.Flags().StringVar(&f.options.Head, "rev", "", "the revision to judge (default: HEAD)")
	cmd.Flags().BoolVar(&f.options.Worktree, "worktree", false, "judge the work tree")
	cmd.Flags().StringVar(&f.options.Base, "against", "", "a revision to compare with")
	return cmd
}
