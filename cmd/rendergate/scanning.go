package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/rendergate/rendergate/internal/github"
	"github.com/rendergate/rendergate/internal/report"
)

// scanning is what a run tells code scanning: for which ref and commit, and
// whether it is due. On a pull request comments tell the same, so that only one
// of the two does.
type scanning struct {
	ref, commit string
	due         bool
}

func (a action) scanning(event github.Event, sides github.Sides) scanning {
	ref, commit, ok := event.Analysis(sides)
	return scanning{ref, commit, ok && (event.Number == 0 || a.alertsOnPulls())}
}

func (a action) alertsOnPulls() bool { return a.actions.GetInput("sarif-on-pr") == "true" }

// category is what a run is known by among others over one commit. Jobs that
// judge parts of a repository are told apart by these unless they say how.
func category(input string, paths []string) string {
	switch given := strings.Trim(input, "/ "); {
	case given != "":
		return given
	case len(paths) > 0:
		return report.DefaultCategory + "/" + strings.Join(paths, ",")
	}
	return report.DefaultCategory
}

// sarif writes the file wherever one is asked for. Only where an upload is due
// does the output name it.
func (a action) sarif(ctx context.Context, event github.Event, token string, r *report.Report, head fs.FS) error {
	file := a.actions.GetInput("sarif-file")
	if file == "" {
		return nil
	}
	options := a.options(head)
	options.Upload, options.NewOnly = true, event.Number > 0
	sink, err := report.NewSink("sarif", options)
	if err != nil {
		return err
	}
	if err := a.send(sink, file, r); err != nil || !a.scans.due {
		return err
	}
	if cut := report.Cut(r, options); cut != "" {
		a.warn(cut)
	}
	if a.actions.GetInput("upload") == "true" {
		return a.uploaded(ctx, event, token, file)
	}
	a.actions.SetOutput("sarif-file", file)
	return nil
}

// uploaded gives the results to code scanning. That it could not is a warning:
// the file, the annotations and the summary have everything.
func (a action) uploaded(ctx context.Context, event github.Event, token, file string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	client, err := github.Client(a.getenv, token, a.network, github.Sleep)
	if err != nil {
		return err
	}
	to := github.Upload{Client: client, Owner: event.Owner, Repo: event.Repo, Ref: a.scans.ref, Commit: a.scans.commit, Sleep: github.Sleep}
	if err := a.upload(ctx, to, data); err != nil {
		a.warn(err.Error() + "; " + file + " has them")
	}
	return nil
}

// folders are the paths that the input names, one a line.
func folders(input string) (all []string, err error) {
	for line := range strings.Lines(input) {
		name := strings.TrimSpace(line)
		if name == "" {
			continue
		}
		if name = path.Clean(name); !fs.ValidPath(name) {
			return nil, fmt.Errorf("paths: %q is no folder of the repository; name them from its root, one a line", name)
		}
		all = append(all, name)
	}
	return all, nil
}
