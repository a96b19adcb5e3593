package gate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/rendergate/rendergate/checks"
	"github.com/rendergate/rendergate/internal/config"
	"github.com/rendergate/rendergate/internal/fetch"
	"github.com/rendergate/rendergate/internal/git"
	"github.com/rendergate/rendergate/internal/images"
)

// looker learns which vulnerabilities an image has: from finished reports, else from
// the scanner that base names. Base, and whoever starts the run, say what it may
// ask; of the pull request it has nothing but the image's reference.
type looker struct {
	configured config.Images
	finished   *images.Finished
	scanner    func() (*images.Scanner, error)
	absent     bool          // no scanner is started here
	source     *fetch.Source // asks registries; nil: nothing is fetched
	closed     string        // why nothing is fetched
	note       func(what string)
	least      checks.Severity
}

// looker prepares the questions about the images of a run.
func (r *run) looker(ctx context.Context, all shelf) (*looker, error) {
	l := &looker{configured: r.settings.decides.Images, least: checks.Low, absent: r.options.Images == nil, note: func(what string) { r.note("", "%s", what) }}
	if text := l.configured.Least; text != "" {
		least, err := checks.ParseSeverity(text)
		if err != nil {
			return nil, err
		}
		l.least = least
	}
	top, err := r.options.Repo.Top(ctx)
	if err != nil {
		top = "" // a bare repository has no work tree
	}
	if l.finished, err = r.finished(top); err != nil {
		return nil, err
	}
	if by := l.finished.Scanner(); by != "" && l.configured.Scanner != "" && by != l.configured.Scanner {
		return nil, fmt.Errorf("the finished reports are by %s, and images.scanner is %s: what two scanners say cannot be compared", by, l.configured.Scanner)
	}
	l.scanner = r.scanner(ctx, top, l.configured)
	switch {
	case r.settings.decides.Network.None:
		l.closed = "the base branch's configuration says network: none, so that no scanner is started"
	case r.options.Charts == nil:
		l.closed = "nothing is fetched (--offline), so that no scanner is started"
	default:
		l.source, err = r.registries(all)
	}
	return l, err
}

// errNoScanner is of runs that start no scanner, whatever base names: hooks.
var errNoScanner = errors.New("no scanner is started here")

// scanner finds the program that base names, once somebody asks.
func (r *run) scanner(ctx context.Context, top string, configured config.Images) func() (*images.Scanner, error) {
	var found *images.Scanner
	var failed error
	return func() (*images.Scanner, error) {
		if found != nil || failed != nil {
			return found, failed
		}
		var untrusted []string
		if top != "" {
			untrusted = append(untrusted, top)
		}
		found, failed = r.options.Images.Scanner(ctx, configured.Scanner, configured.ScanTime(), configured.Environment, untrusted...)
		return found, failed
	}
}

// finished reads the reports that base's configuration and the options name. What
// a pull request can write is none.
func (r *run) finished(top string) (*images.Finished, error) {
	files := slices.Clone(r.options.ImageReports)
	for _, pattern := range r.settings.decides.Images.Reports {
		if top == "" {
			return nil, errors.New("images.reports names files of a work tree, which this repository has not: give them with --image-report")
		}
		found, err := doublestar.Glob(os.DirFS(top), pattern, doublestar.WithFilesOnly(), doublestar.WithNoFollow())
		if err != nil {
			return nil, fmt.Errorf("images.reports: %s: %w", pattern, err)
		}
		for _, name := range found {
			files = append(files, filepath.Join(top, filepath.FromSlash(name)))
		}
	}
	for _, text := range files {
		if err := r.foreign(top, images.FileOf(text)); err != nil {
			return nil, err
		}
	}
	return images.Read(files)
}

// foreign refuses a report that is a file of the repository: the pull request would
// judge itself.
func (r *run) foreign(top, file string) error {
	if top == "" {
		return nil
	}
	file, err := filepath.Abs(file)
	if err != nil {
		return err
	}
	real, err := filepath.EvalSymlinks(file)
	if err != nil {
		return err
	}
	if link, err := filepath.EvalSymlinks(top); err == nil && !strings.HasPrefix(file, top+string(filepath.Separator)) {
		top = link
	}
	trees := []fs.FS{r.change.Base}
	if !r.options.Worktree { // whose tree has what git does not know too
		trees = append(trees, r.change.Head)
	}
	for _, one := range []string{file, real} {
		name, err := filepath.Rel(top, one)
		if err != nil || !filepath.IsLocal(name) {
			continue
		}
		for _, tree := range trees {
			if _, err := fs.Stat(tree, filepath.ToSlash(name)); !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("%s is a file of the repository, which a pull request can write, so it is not believed: write reports where git does not know them", filepath.ToSlash(name))
			}
		}
	}
	return nil
}

// registries are those that may be asked: where images are that name none, those of
// base's images, and what base's files and configuration name.
func (r *run) registries(all shelf) (*fetch.Source, error) {
	allowed, err := locations(r.change.Base, r.settings.decides)
	if err != nil {
		return nil, err
	}
	texts := slices.Concat([]string{"docker.io"}, r.settings.decides.Images.Registries, r.settings.decides.Registries.Allowed)
	for text := range all.had {
		if at, err := images.ParseReference(text); err == nil {
			texts = append(texts, at.Registry())
		}
	}
	for text := range all.wanted {
		if at, err := images.ParseReference(text); err == nil && !slices.Contains(texts, at.Registry()) && namedByBase(r.change.Base, at.Registry()) {
			texts = append(texts, at.Registry())
		}
	}
	for _, text := range texts {
		if p, err := fetch.ParsePrefix("oci://" + strings.TrimSuffix(text, "/")); err == nil {
			allowed = append(allowed, p)
		}
	}
	return r.options.Charts.From(allowed), nil
}

// namedByBase says that a file of base names a registry, as values files do whose
// chart the change does not reach.
func namedByBase(base *git.Tree, host string) bool {
	named := regexp.MustCompile(`(?m)(^|[\s"'=/])` + regexp.QuoteMeta(host) + `(/|["'\s]|$)`)
	return slices.ContainsFunc(base.Files(), func(name string) bool {
		if !mayName(name) {
			return false
		}
		data, err := fs.ReadFile(base, name)
		return err == nil && len(data) <= maxNaming && bytes.Contains(data, []byte(host)) && named.Match(data)
	})
}

// at are the vulnerabilities of an image, or why nobody can tell.
func (l *looker) at(ctx context.Context, text string) ([]checks.Vulnerability, error) {
	at, err := images.ParseReference(text)
	if err != nil {
		return nil, err
	}
	if found := l.finished.Of(at); found != nil {
		return l.counted(text, found), nil
	}
	switch {
	case l.configured.Scanner == "":
		return nil, fmt.Errorf("no report names it: give one more with --image-report, as this command writes it: trivy image --format json --output FILE %s", at)
	case l.absent:
		return nil, errNoScanner
	case l.source == nil:
		return nil, fmt.Errorf("%s: give a finished report with --image-report", l.closed)
	}
	if err := l.source.Allows(at.Repository); err != nil {
		return nil, fmt.Errorf("nothing of base names the registry %s, so nothing is pulled from there; to allow it, put this into .rendergate.yaml on the base branch: images: {registries: [%q]}", at.Registry(), at.Registry())
	}
	scanner, err := l.scanner()
	if err != nil {
		return nil, err
	}
	if l.configured.Resolve && at.Digest == "" {
		if at.Digest, err = l.source.Digest(ctx, at.String()); err != nil {
			return nil, err
		}
		if found := l.finished.Of(at); found != nil {
			return l.counted(text, found), nil
		}
	}
	report, err := scanner.Scan(ctx, at)
	if err != nil {
		return nil, err
	}
	return l.counted(text, report), nil
}

// counted are the vulnerabilities of a report that count, by base's configuration.
func (l *looker) counted(text string, report *images.Report) []checks.Vulnerability {
	for _, doubt := range report.Doubts {
		l.note(fmt.Sprintf("image %s was looked at, but %s", text, doubt))
	}
	return slices.DeleteFunc(slices.Clone(report.Found), func(v checks.Vulnerability) bool {
		return v.Severity < l.least || l.configured.IgnoreUnfixed && v.Fixed == ""
	})
}
