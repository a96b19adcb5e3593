package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"
	"golang.org/x/term"

	"github.com/rendergate/rendergate/internal/gate"
	"github.com/rendergate/rendergate/render/manifest"
)

func (p *program) renderCommand() *cobra.Command {
	var f flags
	var provenance, secrets bool
	cmd := &cobra.Command{
		Use:   "render [PATH…]",
		Short: "Print the manifests that would be deployed",
		RunE: func(cmd *cobra.Command, args []string) error {
			if secrets && !p.terminal() {
				return errors.New("--show-secrets is for a terminal only, so that no log keeps them")
			}
			repo, err := p.open(cmd.Context(), &f, args)
			if err != nil {
				return err
			}
			defer repo.Close()
			f.options.Traced = provenance
			all, err := gate.Render(cmd.Context(), f.options)
			if err != nil {
				return asExit(err)
			}
			return p.print(all, provenance, secrets)
		},
	}
	f.register(cmd)
	cmd.Flags().StringVar(&f.options.Head, "rev", "", "the revision to render (default: HEAD)")
	cmd.Flags().BoolVar(&f.options.Worktree, "worktree", false, "render the work tree")
	cmd.Flags().BoolVar(&provenance, "provenance", false, "end each line with where it came from")
	cmd.Flags().BoolVar(&secrets, "show-secrets", false, "do not redact secrets; on a terminal only")
	return cmd
}

func (p *program) terminal() bool {
	out, ok := p.stdout.(*os.File)
	return ok && term.IsTerminal(int(out.Fd()))
}

// print writes what rendered; what did not is told on the side and makes the
// command fail.
func (p *program) print(all []gate.Rendered, provenance, secrets bool) error {
	failed := 0
	for _, r := range all {
		if secrets {
			r.Redact = manifest.Redactor{}
		}
		if r.Err != nil {
			if !r.Spare {
				failed++
			}
			fmt.Fprintf(p.stderr, "rendergate: %s does not render: %s\n", visible(r.Target), visible(r.Redact.Text(r.Err.Error())))
			continue
		}
		for _, m := range r.Result.Missing {
			fmt.Fprintf(p.stderr, "rendergate: %s: %s\n", visible(r.Target), visible(m.String()))
		}
		for _, o := range r.Result.Objects {
			if err := printObject(p.stdout, r, o, provenance); err != nil {
				return &exit{exitUndecided, err}
			}
		}
	}
	if failed > 0 {
		return &exit{code: exitUndecided}
	}
	return nil
}

func printObject(w io.Writer, r gate.Rendered, o *manifest.Object, provenance bool) error {
	var text bytes.Buffer
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(2)
	if err := encoder.Encode(o.Root.Shown()); err != nil {
		return err
	}
	origin := o.Origin.Path
	if origin == "" {
		origin = "(generated)"
	}
	if _, err := fmt.Fprintf(w, "---\n# Target: %s\n# Source: %s\n", visible(r.Target), visible(origin)); err != nil {
		return err
	}
	shown := r.Redact.Text(text.String())
	if provenance {
		shown = annotated(shown, writers(o, text.Bytes()))
	}
	_, err := io.WriteString(w, shown)
	return err
}
