package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/sethvargo/go-githubactions"
	"github.com/spf13/cobra"

	"github.com/rendergate/rendergate/internal/fetch"
	"github.com/rendergate/rendergate/internal/gate"
	"github.com/rendergate/rendergate/internal/git"
	"github.com/rendergate/rendergate/internal/github"
	"github.com/rendergate/rendergate/internal/report"
)

func (p *program) actionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "action",
		Short: "The entry point of action.yml: judge the event of this workflow run, and answer it",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			// The transport is taken before rendering is shut off from the network.
			network := fetch.Network()
			a := action{program: p, network: network, sleep: github.Sleep, actions: githubactions.New(githubactions.WithWriter(p.stdout), githubactions.WithGetenv(p.getenv))}
			return a.run(cmd.Context())
		},
	}
}

// action is one run in GitHub Actions.
type action struct {
	*program
	network http.RoundTripper
	sleep   func(context.Context, time.Duration) error
	actions *githubactions.Action
	scans   scanning
}

func (a action) run(ctx context.Context) error {
	event, err := github.ReadEvent(a.getenv, a.actions.GetInput("allow-pull-request-target") == "true")
	if err != nil {
		return a.fail(err)
	}
	token := a.actions.GetInput("token")
	if token != "" { // the runner complains of an empty secret
		a.actions.AddMask(token)
	}
	f := flags{repo: orElse(a.actions.GetInput("working-directory"), orElse(a.getenv("GITHUB_WORKSPACE"), "."))}
	repo, err := git.Open(ctx, f.repo)
	if err != nil {
		return a.fail(err)
	}
	defer repo.Close()
	repo.Trust() // the workspace of this run, whoever mounted it
	repo.Login = git.Login{URL: orElse(a.getenv("GITHUB_SERVER_URL"), "https://github.com"), Token: token}
	charts, cache, scanner := a.charts(), a.cache(), a.images()
	if event.Privileged() {
		charts.Logins = fetch.LoginsFrom(func(string) string { return "" })
		scanner = scanner.WithoutLogins()
	}
	confine()
	sides, err := a.choose(ctx, event, token, repo, &f.options)
	if err != nil {
		return a.fail(err)
	}
	if event.Privileged() {
		// What anybody may have written is fetched with the token and judged
		// without: nothing that could be made to use it has it then.
		if err := repo.Obtain(ctx, f.options.Base, f.options.Head); err != nil {
			return a.fail(&exit{exitUndecided, err})
		}
		repo.Login, token, f.options.Approvals = git.Login{}, "", nil
		a.warn("pull_request_target: the pull request is judged without a token, so nothing is commented; post the results with rendergate review in another job")
	}
	a.scans = a.scanning(event, sides)
	f.options.Charts, f.options.Cache, f.options.Images = charts, cache, scanner
	f.options.ImageReports = strings.Fields(a.actions.GetInput("image-reports"))
	r, change, err := gate.Check(ctx, f.options)
	if err != nil {
		return a.fail(asExit(err))
	}
	r.Category = category(a.actions.GetInput("category"), f.options.Paths)
	return a.answer(ctx, event, token, r, change)
}

// choose settles the options from the event and the inputs.
func (a action) choose(ctx context.Context, event github.Event, token string, repo *git.Repo, o *gate.Options) (github.Sides, error) {
	sides, err := event.Sides(func(commit string) ([]string, error) { return repo.Parents(ctx, commit) })
	if err != nil {
		return sides, err
	}
	if sides.MergeBase && a.actions.GetInput("base") == "" {
		if sides.Base, err = a.mergeBase(ctx, event, token, repo, sides); err != nil {
			return sides, err
		}
	}
	paths, err := folders(a.actions.GetInput("paths"))
	if err != nil {
		return sides, err
	}
	workers, err := a.workers()
	if err != nil {
		return sides, err
	}
	*o = gate.Options{
		Repo: repo, Workers: workers, Base: orElse(a.actions.GetInput("base"), sides.Base), Head: sides.Head, FailOn: a.actions.GetInput("fail-on"),
		URLs: a.repositoryURLs(), Strict: true, Version: version(), Log: a.stderr, Paths: paths,
	}
	if event.Number > 0 && token != "" {
		o.Approvals = a.approvals(event, token)
	}
	if sides.Scan && o.Base == "" {
		o.Scan, o.Debt = true, true
	}
	// Code scanning keeps of a branch what its last analysis has.
	if _, _, ok := event.Analysis(sides); o.Scan || ok && event.Number == 0 && a.actions.GetInput("sarif-file") != "" {
		o.All, o.Sources = true, true
	}
	return sides, nil
}

// approvals asks GitHub, where base's configuration wants to know.
func (a action) approvals(event github.Event, token string) func(context.Context, []string) (string, []string) {
	return func(ctx context.Context, approvers []string) (string, []string) {
		client, err := github.Client(a.getenv, token, a.network, a.sleep)
		if err != nil {
			return "", []string{fmt.Sprintf("who approved cannot be asked, so nobody did: %v", err)}
		}
		ask := github.Approvers{Client: client, Owner: event.Owner, Repo: event.Repo, Number: event.Number, HeadSHA: event.PullHead}
		return ask.Of(ctx, approvers)
	}
}

// mergeBase is found in the clone, or, where that is too shallow, by GitHub.
func (a action) mergeBase(ctx context.Context, event github.Event, token string, repo *git.Repo, sides github.Sides) (string, error) {
	found, err := repo.CommonAncestor(ctx, sides.Base, sides.Head)
	if err != nil && event.Number == 0 { // the base is a branch, which a checkout of another one knows by its remote's name
		if tracked, known := repo.CommonAncestor(ctx, "refs/remotes/origin/"+sides.Base, sides.Head); known == nil {
			return tracked.SHA(), nil
		}
	}
	if err == nil {
		return found.SHA(), nil
	}
	client, clientErr := github.Client(a.getenv, token, a.network, a.sleep)
	if clientErr != nil {
		return "", clientErr
	}
	sha, askErr := github.MergeBase(ctx, client, event.Owner, event.Repo, sides.Base, sides.Head)
	if askErr != nil {
		return "", fmt.Errorf("%w; and GitHub was asked in vain: %w", err, askErr)
	}
	return sha, nil
}

// answer tells everybody: files and outputs first, because they need no
// network and lose nothing, then the pull request.
func (a action) answer(ctx context.Context, event github.Event, token string, r *report.Report, change *git.Change) error {
	failed := []error{a.log(r, change.Head), a.annotate(r), a.toPage(r, a.options(change.Head)), a.results(r)}
	a.actions.SetOutput("verdict", string(r.Verdict))
	a.actions.SetOutput("new", strconv.Itoa(r.Summary.New))
	a.actions.SetOutput("undecided", strconv.Itoa(r.Summary.Undecided))
	failed = append(failed, a.sarif(ctx, event, token, r, change.Head))
	if event.Number > 0 && a.actions.GetInput("comment") != "false" && !a.alertsOnPulls() && token != "" {
		failed = append(failed, a.comment(ctx, event, token, r, change))
	}
	if err := errors.Join(failed...); err != nil {
		return a.fail(&exit{unwritten(r), err})
	}
	return verdictExit(r)
}

// log writes the whole report into the log, which has no limits and fails last.
func (a action) log(r *report.Report, head fs.FS) error {
	options := a.options(head)
	options.Full = true
	sink, err := report.NewSink("text", options)
	if err != nil {
		return err
	}
	a.actions.Group("rendergate: the report in full")
	defer a.actions.EndGroup()
	return sink.Write(a.stdout, r)
}

// annotate stops the runner from reading commands out of anything but the
// annotations themselves, which the sink escapes.
func (a action) annotate(r *report.Report) error {
	sink, err := report.NewSink("github", report.Options{})
	if err != nil {
		return err
	}
	return sink.Write(a.stdout, r)
}

func (a action) options(head fs.FS) report.Options {
	return report.Options{ServerURL: a.getenv("GITHUB_SERVER_URL"), Repository: a.getenv("GITHUB_REPOSITORY"), Source: head}
}

// results are for the second stage, rendergate review. That they cannot be
// written is a warning where the rest of the answer has everything.
func (a action) results(r *report.Report) error {
	path := a.actions.GetInput("results-file")
	if path == "" {
		return nil
	}
	sink, err := report.NewSink("results", report.Options{})
	if err != nil {
		return err
	}
	if err := a.send(sink, path, r); err != nil {
		a.warn("the results for rendergate review cannot be written: " + err.Error())
		return nil
	}
	a.actions.SetOutput("results-file", path)
	return nil
}

// comment posts to the pull request. That it could not is a warning: the
// annotations and the summary have everything, and the verdict stands.
func (a action) comment(ctx context.Context, event github.Event, token string, r *report.Report, change *git.Change) error {
	client, err := github.Client(a.getenv, token, a.network, a.sleep)
	if err != nil {
		return err
	}
	poster := github.Poster{
		Client: client, Owner: event.Owner, Repo: event.Repo, Number: event.Number, HeadSHA: event.PullHead, Lines: linesOf(change),
		Author: a.actions.GetInput("comment-author"), GraphQL: a.getenv("GITHUB_GRAPHQL_URL"),
	}
	outcome := poster.Post(ctx, r, report.Markdown(r, a.options(change.Head), report.SummaryLimit))
	if outcome.ReadOnly {
		a.warn("the token may not comment here, as on a pull request from a fork; the annotations and the summary of this run have everything (GitHub says: " + orElse(outcome.Refusal, "nothing") + ")")
	}
	for _, what := range outcome.Degraded {
		a.warn(what)
	}
	return nil
}

// linesOf reads files of both trees. One that cannot be read has no lines, so
// that nothing is placed on any.
func linesOf(change *git.Change) func(side, path string) []string {
	files := map[string][]string{}
	return func(side, path string) []string {
		tree := change.Head
		if side == report.Base {
			tree = change.Base
		}
		key := side + " " + path
		if lines, known := files[key]; known {
			return lines
		}
		lines := []string{}
		if data, err := fs.ReadFile(tree, path); err == nil {
			for text := range bytes.Lines(data) {
				lines = append(lines, strings.TrimRight(string(text), "\r\n"))
			}
		}
		files[key] = lines
		return lines
	}
}

func (a action) warn(text string) { a.actions.Warningf("%s", report.Logged(visible(text))) }

// fail tells of an error as an annotation too, because few read logs.
func (a action) fail(err error) error {
	a.actions.Errorf("%s", report.Logged(visible(err.Error())))
	var end *exit
	if errors.As(err, &end) {
		return err
	}
	return fmt.Errorf("%w", err)
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
