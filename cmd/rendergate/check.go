package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/rendergate/rendergate/internal/gate"
	"github.com/rendergate/rendergate/internal/git"
	"github.com/rendergate/rendergate/internal/report"
)

// flags are what check, scan and render have in common.
type flags struct {
	repo    string
	formats []string
	why     string
	verbose bool
	offline bool
	waited  bool   // people wait for it, so it starts no scanner
	skip    string // the command that goes on without a check
	options gate.Options
}

func (f *flags) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.repo, "repo", ".", "a folder in the repository, or a bare repository")
	cmd.Flags().StringVar(&f.options.Config, "config", "", "a configuration file instead of the tree's "+".rendergate.yaml")
	cmd.Flags().BoolVar(&f.offline, "offline", false, "fetch nothing: no chart, no remote base, and no commit that a shallow clone lacks")
}

func (f *flags) registerFormats(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&f.formats, "format", nil, "FORMAT or FORMAT=FILE: "+strings.Join(report.Formats, ", ")+"; may be repeated")
	cmd.Flags().StringArrayVar(&f.options.ImageReports, "image-report", nil, "a scanner's finished report about an image, JSON or SARIF, or IMAGE=FILE where it does not name its image; may be repeated")
	cmd.Flags().BoolVarP(&f.verbose, "verbose", "v", false, "also list what was there already")
}

func (p *program) checkCommand() *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:   "check [PATH…]",
		Short: "Compare what base and head would deploy, and fail on what is new",
		Long: "Renders what would be deployed at base and at head, checks both, and fails only on what the change newly introduces.\n" +
			"Exit codes: 0 nothing new, 1 something new, 2 usage or configuration, 3 could not look.",
		RunE: func(cmd *cobra.Command, args []string) error {
			if moreThanOne(f.options.Head != "", f.options.Staged, f.options.Worktree) {
				return errors.New("--head, --staged and --worktree exclude each other")
			}
			return p.check(cmd.Context(), f, args)
		},
	}
	f.register(cmd)
	f.registerFormats(cmd)
	cmd.Flags().StringVar(&f.options.Base, "base", "", "the revision to compare with (default: the merge base with the remote's default branch)")
	cmd.Flags().StringVar(&f.options.Head, "head", "", "the revision to judge (default: HEAD)")
	cmd.Flags().BoolVar(&f.options.Staged, "staged", false, "judge the index, against HEAD")
	cmd.Flags().BoolVar(&f.options.Worktree, "worktree", false, "judge the work tree, against HEAD")
	cmd.Flags().StringVar(&f.options.FailOn, "fail-on", "", "critical, high, medium, low or none (default: what configuration says, else high)")
	cmd.Flags().StringVar(&f.why, "why", "", "tell all that is known of the finding with this key")
	return cmd
}

func moreThanOne(set ...bool) bool {
	n := 0
	for _, s := range set {
		if s {
			n++
		}
	}
	return n > 1
}

// check opens the repository, runs the gate, writes the report in every asked
// format and turns the verdict into an exit code.
func (p *program) check(ctx context.Context, f flags, paths []string) error {
	if _, err := p.outputs(f.formats); err != nil {
		return err
	}
	repo, err := p.open(ctx, &f, paths)
	if err != nil {
		return err
	}
	defer repo.Close()
	return p.judge(ctx, f)
}

// judge runs the gate on an open repository.
func (p *program) judge(ctx context.Context, f flags) error {
	watched := p.progress()
	if watched != nil {
		f.options.Progress = watched.tell
	}
	r, change, err := gate.Check(ctx, f.options)
	watched.done()
	if err != nil {
		return asExit(err)
	}
	if f.why != "" {
		return p.explainFinding(r, f.why)
	}
	if err := p.write(f, r, change.Head); err != nil {
		return &exit{unwritten(r), err}
	}
	return verdictExit(r)
}

// open finds the repository, then shuts the process in: from here on nothing
// but git is started, and nothing is fetched but by what was taken before.
func (p *program) open(ctx context.Context, f *flags, paths []string) (*git.Repo, error) {
	workers, err := p.workers()
	if err != nil {
		return nil, err
	}
	repo, err := git.Open(ctx, f.repo)
	if err != nil {
		return nil, err
	}
	repo.Offline = f.offline
	f.options.Cache = p.cache()
	if !f.waited {
		f.options.Images = p.images()
	}
	if !f.offline {
		f.options.Charts = p.charts()
	}
	confine()
	prefix := ""
	if len(paths) > 0 {
		if prefix, err = repo.Prefix(); err != nil {
			return nil, err
		}
	}
	for _, name := range paths {
		name = path.Join(prefix, filepath.ToSlash(name))
		if !fs.ValidPath(name) {
			return nil, fmt.Errorf("%s is outside the repository", name)
		}
		f.options.Paths = append(f.options.Paths, name)
	}
	f.options.URLs = p.repositoryURLs()
	f.options.Repo, f.options.Workers, f.options.Version, f.options.Log = repo, workers, version(), p.stderr
	return repo, nil
}

// repositoryURLs are those by which GitHub knows the repository, in a workflow.
func (p *program) repositoryURLs() []string {
	if p.getenv("GITHUB_REPOSITORY") == "" || p.getenv("GITHUB_ACTIONS") == "" {
		return nil
	}
	return []string{orElse(p.getenv("GITHUB_SERVER_URL"), "https://github.com") + "/" + p.getenv("GITHUB_REPOSITORY")}
}

// asExit gives an error of the gate its code: the user's mistakes are 2, what
// nobody could look at is 3.
func asExit(err error) error {
	var usage *gate.UsageError
	if err == nil || errors.As(err, &usage) {
		return err
	}
	return &exit{exitUndecided, err}
}

// unwritten is the exit code where a report cannot be written: what is new wins.
func unwritten(r *report.Report) int {
	if r.Verdict == report.Fail {
		return exitNew
	}
	return exitUndecided
}

func verdictExit(r *report.Report) error {
	switch r.Verdict {
	case report.Pass:
		return nil
	case report.Fail:
		return &exit{code: exitNew}
	}
	return &exit{code: exitUndecided}
}

// output is a format and where it goes; an empty file is standard output.
type output struct{ format, file string }

func (p *program) outputs(asked []string) ([]output, error) {
	var all []output
	toStdout := 0
	for _, text := range asked {
		format, file, _ := strings.Cut(text, "=")
		if _, err := report.NewSink(format, report.Options{}); err != nil {
			return nil, err
		}
		if file == "" {
			toStdout++
		}
		all = append(all, output{format, file})
	}
	if toStdout > 1 {
		return nil, errors.New("only one --format can go to standard output: give the others a file, as in --format sarif=rendergate.sarif")
	}
	if len(all) == 0 {
		all = []output{{format: "text"}}
	}
	return all, nil
}

// write sends the report to every output. One that fails does not keep the
// others from being written.
func (p *program) write(f flags, r *report.Report, head fs.FS) error {
	outputs, err := p.outputs(f.formats)
	if err != nil {
		return err
	}
	var failed []error
	for _, o := range outputs {
		sink, err := report.NewSink(o.format, report.Options{
			Color: o.file == "" && p.colour(), Verbose: f.verbose, Source: head, Fix: f.fix(), Skip: f.skip,
			ServerURL: p.getenv("GITHUB_SERVER_URL"), Repository: p.getenv("GITHUB_REPOSITORY"), Upload: p.getenv("GITHUB_ACTIONS") != "", NewOnly: strings.HasPrefix(p.getenv("GITHUB_EVENT_NAME"), "pull_request"),
		})
		if err == nil {
			err = p.send(sink, o.file, r)
		}
		failed = append(failed, err)
	}
	return errors.Join(failed...)
}

// fix is the command that edits what was judged; empty where that is no index and
// no work tree.
func (f flags) fix() string {
	switch {
	case f.options.Base != "":
		return ""
	case f.options.Staged:
		return "rendergate fix --staged"
	case f.options.Worktree:
		return "rendergate fix"
	}
	return ""
}

func (p *program) send(sink report.Sink, file string, r *report.Report) (err error) {
	if file == "" {
		return sink.Write(p.stdout, r)
	}
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	return sink.Write(out, r)
}

// colour is for people at a terminal who did not refuse it.
func (p *program) colour() bool {
	out, ok := p.stdout.(*os.File)
	return ok && term.IsTerminal(int(out.Fd())) && p.getenv("NO_COLOR") == "" && p.getenv("TERM") != "dumb"
}
