package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/rendergate/rendergate/checks"
	"github.com/rendergate/rendergate/internal/config"
	"github.com/rendergate/rendergate/internal/gate"
	"github.com/rendergate/rendergate/internal/report"
)

func (p *program) explainCommand() *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:   "explain [CHECK]",
		Short: "List the checks, or explain one",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return p.listChecks()
			}
			if strings.HasPrefix(args[0], "policy/") {
				return p.explainPolicy(cmd.Context(), f, args[0])
			}
			check := checks.Find(checks.All, args[0])
			if check == nil {
				return fmt.Errorf("there is no check %q; did you mean %q? rendergate explain lists them", args[0], config.Nearest(args[0], checkIDs()))
			}
			_, err := fmt.Fprint(p.stdout, checks.Page(check, checks.Said(check)))
			return err
		},
	}
	f.register(cmd)
	return cmd
}

// explainPolicy tells where a policy of the repository comes from.
func (p *program) explainPolicy(ctx context.Context, f flags, id string) error {
	repo, err := p.open(ctx, &f, nil)
	if err != nil {
		return err
	}
	defer repo.Close()
	all, err := gate.Policies(ctx, f.options)
	if err != nil {
		return asExit(err)
	}
	var ids []string
	for _, c := range all {
		if c.ID == id {
			_, err := fmt.Fprintf(p.stdout, "# %s\n\n%s.\n\nSeverity: %s\nDefined in: %s\n\n%s\n\n%s\n", c.ID, c.Title, c.Severity, visible(c.Source), visible(c.Why), c.Fix)
			return err
		}
		ids = append(ids, c.ID)
	}
	if len(ids) == 0 {
		return fmt.Errorf("there is no policy %q: the configuration of HEAD names no policies", id)
	}
	return fmt.Errorf("there is no policy %q; policies are %s", id, strings.Join(ids, ", "))
}

func checkIDs() []string {
	var ids []string
	for _, c := range checks.All {
		ids = append(ids, c.ID)
	}
	return ids
}

func (p *program) listChecks() error {
	table := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	for _, topic := range checks.Topics {
		for _, c := range checks.All {
			if c.Topic != topic {
				continue
			}
			off := ""
			if c.Off {
				off = "off by default"
			}
			if _, err := fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", topic, c.ID, c.Severity, c.Title, off); err != nil {
				return err
			}
		}
	}
	return table.Flush()
}

// explainFinding tells all that is known of one finding.
func (p *program) explainFinding(r *report.Report, key string) error {
	for _, f := range r.Findings {
		if !strings.HasPrefix(f.Key, key) {
			continue
		}
		one := *r
		one.Findings, one.Scan = []report.Finding{f}, true
		sink, err := report.NewSink("text", report.Options{Color: p.colour(), Verbose: true})
		if err != nil {
			return err
		}
		return sink.Write(p.stdout, &one)
	}
	return fmt.Errorf("there is no finding with the key %q in this comparison; --format json lists the keys", key)
}

// visible keeps untrusted text from steering the terminal.
func visible(text string) string { return report.Visible(text) }
