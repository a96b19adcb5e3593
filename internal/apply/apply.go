// Package apply writes proven edits into the work tree, and into the index
// where that is what was judged. It writes to nothing but regular files of the
// repository, and never through a symbolic link.
package apply

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/rendergate/rendergate/internal/fix"
	"github.com/rendergate/rendergate/internal/git"
	"github.com/rendergate/rendergate/internal/report"
)

// Done is what became of a suggestion.
type Done struct {
	*report.Suggestion
	Note string // what a reader should know of where it was written
	Err  error  // why it was not written
}

// Into writes suggestions for the files of a tree, which is the index when
// staged is set and else the work tree. Of those that meet, the first is
// written; the others are left out of what is returned, because they were
// proven for what is no more.
func Into(ctx context.Context, repo *git.Repo, tree fs.FS, staged bool, all []*report.Suggestion) ([]Done, error) {
	top, err := repo.Top(ctx)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(top)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	w := writer{ctx, repo, tree, root, staged}
	var done []Done
	for _, name := range files(all) {
		some := apart(all, name)
		note, err := w.file(name, some)
		for _, s := range slices.Backward(some) {
			done = append(done, Done{s, note, err})
		}
	}
	return done, nil
}

func files(all []*report.Suggestion) []string {
	var names []string
	for _, s := range all {
		if !slices.Contains(names, s.Path) {
			names = append(names, s.Path)
		}
	}
	slices.Sort(names)
	return names
}

// apart are the suggestions for a file that do not meet, from its end.
func apart(all []*report.Suggestion, name string) []*report.Suggestion {
	var taken []*report.Suggestion
	for _, s := range all {
		meets := slices.ContainsFunc(taken, func(o *report.Suggestion) bool { return s.StartLine <= o.EndLine && o.StartLine <= s.EndLine })
		if s.Path == name && s.Verified && !meets {
			taken = append(taken, s)
		}
	}
	slices.SortFunc(taken, func(a, b *report.Suggestion) int { return cmp.Compare(b.StartLine, a.StartLine) })
	return taken
}

type writer struct {
	ctx    context.Context
	repo   *git.Repo
	tree   fs.FS
	root   *os.Root
	staged bool
}

// file makes the edits in one file.
func (w writer) file(name string, some []*report.Suggestion) (note string, err error) {
	judged, err := fs.ReadFile(w.tree, name)
	if err != nil {
		return "", err
	}
	edited := string(judged)
	for _, s := range some {
		edited = fix.Region{Start: s.StartLine, End: s.EndLine, Replacement: s.Replacement}.Apply(edited)
	}
	there, err := w.read(name)
	if err != nil {
		return "", err
	}
	next, ok, err := w.onto(there, judged, []byte(edited))
	if err != nil {
		return "", err
	}
	switch {
	case w.staged:
		if err := w.repo.Stage(w.ctx, name, []byte(edited)); err != nil {
			return "", err
		}
		if !ok {
			return "only in the index: the work tree has other changes at the same lines", nil
		}
	case !ok:
		return "", errors.New("the file is not as it was judged")
	}
	return "", w.write(name, next)
}

// onto makes the change from judged to edited in what the work tree has: the
// same but for line ends that git converts, or other changes beside it.
func (w writer) onto(there, judged, edited []byte) (next []byte, ok bool, err error) {
	crlf := func(data []byte) []byte {
		return bytes.ReplaceAll(bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n"))
	}
	switch {
	case bytes.Equal(there, judged):
		return edited, true, nil
	case bytes.Equal(there, crlf(judged)):
		return crlf(edited), true, nil
	case !w.staged:
		return nil, false, nil
	}
	if bytes.Contains(there, []byte("\r\n")) && !bytes.Contains(judged, []byte("\r\n")) {
		judged, edited = crlf(judged), crlf(edited)
	}
	return w.repo.Merge(w.ctx, there, judged, edited)
}

// plain fails unless a path leads through folders to a regular file.
func (w writer) plain(name string) error {
	if !fs.ValidPath(name) {
		return fmt.Errorf("%q is no path of the repository", name)
	}
	parts := strings.Split(name, "/")
	for i := range parts {
		at := path.Join(parts[:i+1]...)
		info, err := w.root.Lstat(at)
		switch {
		case err != nil:
			return err
		case i < len(parts)-1 && !info.IsDir() || i == len(parts)-1 && !info.Mode().IsRegular():
			return fmt.Errorf("%s is a symbolic link or no file, and is not written through", at)
		}
	}
	return nil
}

func (w writer) read(name string) ([]byte, error) {
	if err := w.plain(name); err != nil {
		return nil, err
	}
	return w.root.ReadFile(name)
}

// write puts other content into a file that keeps its mode.
func (w writer) write(name string, data []byte) (err error) {
	if err := w.plain(name); err != nil {
		return err
	}
	file, err := w.root.OpenFile(name, os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	_, err = io.Copy(file, bytes.NewReader(data))
	return err
}
