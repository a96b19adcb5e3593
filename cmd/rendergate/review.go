package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/rendergate/rendergate/checks"
	"github.com/rendergate/rendergate/internal/fetch"
	"github.com/rendergate/rendergate/internal/github"
	"github.com/rendergate/rendergate/internal/report"
)

func (p *program) reviewCommand() *cobra.Command {
	var file, author string
	cmd := &cobra.Command{
		Use:   "review --results FILE",
		Short: "Post what a run without rights found: the second stage for pull requests from forks",
		Long: "Runs on the event workflow_run and posts the results of the finished run to its pull request. Nothing in FILE is believed:\n" +
			"it may name checks, files, lines and objects; every sentence is this program's own, and the pull request is the one that GitHub names.\n" +
			"Exit codes: 0 posted, or nothing to post to; 2 usage, or results that rendergate did not write; 3 GitHub did not take everything.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.review(cmd.Context(), file, author) },
	}
	cmd.Flags().StringVar(&file, "results", "", "what rendergate check --format results=FILE, or the action's results-file, wrote")
	cmd.Flags().StringVar(&author, "comment-author", "", "the login that the token comments as, for tokens that GitHub does not tell it of")
	if err := cmd.MarkFlagRequired("results"); err != nil {
		panic(err)
	}
	return cmd
}

// caution tells readers what the second stage cannot know.
const caution = "From a run over the pull request's own code, which could have altered this text's numbers and names, and nothing else in it. What counts is the check of that run."

func (p *program) review(ctx context.Context, file, author string) error {
	run, err := github.ReadRun(p.getenv)
	if err != nil {
		return err
	}
	token := orElse(p.getenv("GITHUB_TOKEN"), p.getenv("INPUT_TOKEN"))
	if token == "" {
		return errors.New("there is no token to post with: set env GITHUB_TOKEN to ${{ github.token }}, with pull-requests: write")
	}
	r, err := p.results(file)
	if err != nil {
		return err
	}
	client, err := github.Client(p.getenv, token, fetch.Network(), github.Sleep)
	if err != nil {
		return err
	}
	confine()
	options := report.Options{ServerURL: p.getenv("GITHUB_SERVER_URL"), Repository: p.getenv("GITHUB_REPOSITORY"), Caution: caution}
	if err := p.toPage(r, options); err != nil {
		return &exit{exitUndecided, err}
	}
	pull, err := run.Pull(ctx, client)
	switch {
	case errors.Is(err, github.ErrNoPull):
		fmt.Fprintf(p.stdout, "rendergate: %v, so nothing is posted\n", err)
		return nil
	case err != nil:
		return &exit{exitUndecided, err}
	}
	poster := github.Poster{
		Client: client, Owner: run.Owner, Repo: run.Repo, Number: pull.GetNumber(), HeadSHA: run.HeadSHA, Author: author,
		GraphQL: p.getenv("GITHUB_GRAPHQL_URL"), Caution: caution,
	}
	same, err := run.SameLines(ctx, client, pull, r.Base, r.Head)
	if !same { // then a line number may be another line's
		poster.Lines = func(string, string) []string { return []string{} }
	}
	if err != nil {
		fmt.Fprintf(p.stderr, "rendergate: %v; comments go to files instead of lines\n", err)
	}
	return p.told(poster.Post(ctx, r, report.Markdown(r, options, report.SummaryLimit)), r)
}

// results reads a file that whoever opened the pull request may have made.
func (p *program) results(file string) (*report.Report, error) {
	// A link in an artifact could lead to any file of the machine.
	if info, err := os.Lstat(file); err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(err, fmt.Errorf("%s is no regular file; rendergate check --format results=FILE writes one", file))
	}
	in, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	r, err := report.ReadResults(in, rules())
	return r, errors.Join(err, in.Close())
}

// rules are those of the checks that this program knows.
func rules() []report.Rule {
	var all []report.Rule
	for _, c := range checks.All {
		all = append(all, report.Rule{ID: c.ID, Title: c.Title, Why: c.Why, Fix: c.Fix, Source: c.Source, Topic: string(c.Topic), Severity: c.Severity.String()})
	}
	return all
}

// told says what became of a report.
func (p *program) told(o github.Outcome, r *report.Report) error {
	fmt.Fprintf(p.stdout, "rendergate: %s\n", visible(report.Headline(r)))
	fmt.Fprintf(p.stdout, "posted %d findings on lines and %d on files; %d were there already, %d are in the summary alone; %d comments are settled\n",
		len(o.Inline), len(o.File), len(o.Existing), len(o.Elsewhere), o.Fixed)
	if o.ReadOnly {
		o.Degraded = append(o.Degraded, "the token may not comment: give the job pull-requests: write (GitHub says: "+orElse(o.Refusal, "nothing")+")")
	}
	var failed []error
	for _, what := range o.Degraded {
		failed = append(failed, errors.New(visible(what)))
	}
	if len(failed) > 0 && !o.Moved {
		return &exit{exitUndecided, errors.Join(failed...)}
	}
	return nil
}

// toPage adds a report to the summary page of the workflow run, where there is
// one.
func (p *program) toPage(r *report.Report, o report.Options) (err error) {
	path := p.getenv("GITHUB_STEP_SUMMARY")
	if path == "" {
		return nil
	}
	out, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	_, err = io.WriteString(out, report.Markdown(r, o, report.PageLimit))
	return err
}
