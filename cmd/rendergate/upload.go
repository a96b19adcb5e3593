package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rendergate/rendergate/internal/github"
	"github.com/rendergate/rendergate/internal/report"
)

func (p *program) uploadCommand() *cobra.Command {
	var to struct{ repository, ref, commit string }
	cmd := &cobra.Command{
		Use:   "upload FILE",
		Short: "Give a SARIF file to GitHub's code scanning, and wait for what it says",
		Long: "Uploads SARIF where github/codeql-action/upload-sarif cannot be used, and waits up to three minutes until it is processed.\n" +
			"GITHUB_TOKEN needs security-events: write. GITHUB_API_URL names another GitHub. What code scanning refuses ends with 3.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			token := orElse(p.getenv("GITHUB_TOKEN"), p.getenv("GH_TOKEN"))
			owner, name, found := strings.Cut(orElse(to.repository, p.getenv("GITHUB_REPOSITORY")), "/")
			ref, commit := orElse(to.ref, p.getenv("GITHUB_REF")), orElse(to.commit, p.getenv("GITHUB_SHA"))
			switch {
			case token == "":
				return errors.New("there is no token: set GITHUB_TOKEN, in a workflow with env: {GITHUB_TOKEN: ${{ github.token }}}")
			case !found || ref == "" || commit == "":
				return errors.New("what the results are about is not known: name it with --repository OWNER/NAME --ref refs/heads/BRANCH --commit SHA")
			}
			data, err := os.ReadFile(args[0])
			if err != nil {
				return err
			}
			client, err := github.Client(p.getenv, token, http.DefaultTransport, github.Sleep)
			if err != nil {
				return err
			}
			upload := github.Upload{Client: client, Owner: owner, Repo: name, Ref: ref, Commit: commit, Sleep: github.Sleep}
			return p.upload(cmd.Context(), upload, data)
		},
	}
	cmd.Flags().StringVar(&to.repository, "repository", "", "OWNER/NAME (default: GITHUB_REPOSITORY)")
	cmd.Flags().StringVar(&to.ref, "ref", "", "refs/heads/BRANCH, refs/pull/N/merge or refs/pull/N/head (default: GITHUB_REF)")
	cmd.Flags().StringVar(&to.commit, "commit", "", "the commit that was judged (default: GITHUB_SHA)")
	return cmd
}

func (p *program) upload(ctx context.Context, to github.Upload, sarif []byte) error {
	later, err := to.Send(ctx, sarif)
	if err != nil {
		return &exit{exitUndecided, errors.New(report.Visible(err.Error()))}
	}
	fmt.Fprintln(p.stderr, "rendergate:", report.Visible(orElse(later, fmt.Sprintf("code scanning has the results for %s at %s", to.Ref, to.Commit))))
	return nil
}
