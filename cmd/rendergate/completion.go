package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/rendergate/rendergate/checks"
	"github.com/rendergate/rendergate/internal/report"
)

// complete tells shells what may stand where; `rendergate completion` writes what
// they need for it, and explains how to install it.
func complete(root *cobra.Command) error {
	fixed := map[string][]cobra.Completion{
		"format":  report.Formats,
		"fail-on": {"critical", "high", "medium", "low", "none"},
	}
	for _, cmd := range root.Commands() {
		for name, values := range fixed {
			if cmd.Flags().Lookup(name) == nil {
				continue
			}
			if err := cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)); err != nil {
				return err
			}
		}
		if cmd.Name() == "explain" {
			cmd.ValidArgsFunction = completeChecks
		}
	}
	return nil
}

// completeChecks offers the checks, with what they are about.
func completeChecks(_ *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var all []cobra.Completion
	for _, c := range checks.All {
		if len(args) == 0 && strings.HasPrefix(c.ID, begun) {
			all = append(all, cobra.CompletionWithDesc(c.ID, c.Title))
		}
	}
	return all, cobra.ShellCompDirectiveNoFileComp
}
