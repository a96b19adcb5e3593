package git

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"
)

// Change is what lies between two trees.
type Change struct {
	Base, Head *Tree
	Files      []FileDiff
}

// FileDiff is one changed file. OldPath is empty for an added one, NewPath for
// a deleted one; both are set, and differ, for a renamed one.
type FileDiff struct {
	OldPath, NewPath string
	Hunks            []Hunk
	Binary           bool

	entry entry // what stands at NewPath
}

// Hunk replaces OldLines lines of the old file from OldStart by NewLines lines
// of the new one from NewStart. Lines count from 1; where a side has no lines,
// its start is the line before the hunk, as git prints it.
type Hunk struct {
	OldStart, OldLines int
	NewStart, NewLines int
}

// Path is the file's path at head, or at base when it is deleted.
func (f FileDiff) Path() string {
	if f.NewPath != "" {
		return f.NewPath
	}
	return f.OldPath
}

// Added says that a line of the new file is added by the change.
func (f FileDiff) Added(line int) bool {
	for _, h := range f.Hunks {
		if line >= h.NewStart && line < h.NewStart+h.NewLines {
			return true
		}
	}
	return false
}

// Deleted says that a line of the old file is deleted by the change.
func (f FileDiff) Deleted(line int) bool {
	for _, h := range f.Hunks {
		if line >= h.OldStart && line < h.OldStart+h.OldLines {
			return true
		}
	}
	return false
}

// Rename maps the paths of base to those of head for renamed files.
func (c *Change) Renames() map[string]string {
	renames := map[string]string{}
	for _, f := range c.Files {
		if f.OldPath != "" && f.NewPath != "" && f.OldPath != f.NewPath {
			renames[f.OldPath] = f.NewPath
		}
	}
	return renames
}

// File is the change of a path, named by either side.
func (c *Change) File(path, side string) (FileDiff, bool) {
	for _, f := range c.Files {
		if side == "base" && f.OldPath == path || side != "base" && f.NewPath == path {
			return f, true
		}
	}
	return FileDiff{}, false
}

// Diff compares two revisions: files with renames, and the lines of each.
func (r *Repo) Diff(ctx context.Context, base, head Revision) ([]FileDiff, error) {
	files, err := r.diff(ctx, r.dir, false, base, head)
	if err != nil || !slices.ContainsFunc(files, func(f FileDiff) bool { return f.Binary }) {
		return files, err
	}
	// A .gitattributes of the pull request can call any file binary. In the
	// folder that holds the repository itself git finds none.
	dir, err := r.git(ctx, "rev-parse", "--absolute-git-dir")
	if err != nil {
		return nil, fmt.Errorf("base and head cannot be compared: %w", err)
	}
	dir = strings.TrimSpace(dir)
	return r.diff(ctx, dir, true, base, head)
}

func (r *Repo) diff(ctx context.Context, dir string, bare bool, base, head Revision) ([]FileDiff, error) {
	args := []string{"-c", "core.quotePath=false"}
	if bare {
		args = append(args, "-c", "core.bare=true")
	}
	cmd := r.command(ctx, nil, append(args, "diff-tree", "-r", "-M", "-l2000", "--raw", "-p", "-U0", "-z",
		"--no-ext-diff", "--no-textconv", "--no-color", "--full-index", "--ignore-submodules=none", base.Tree, head.Tree)...)
	cmd.Dir = dir
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("base and head cannot be compared: %w", explained(err, stderr.String(), "diff-tree"))
	}
	files, patch, err := parseRaw(string(out))
	if err != nil {
		return nil, err
	}
	return files, parsePatch(files, patch)
}

// parseRaw reads the list of changed files that -z separates by NUL, and
// returns what follows it.
func parseRaw(out string) (files []FileDiff, rest string, err error) {
	next := func() string {
		field, after, _ := strings.Cut(out, "\x00")
		out = after
		return field
	}
	for strings.HasPrefix(out, ":") {
		fields := strings.Fields(next())
		if len(fields) != 5 {
			return nil, "", fmt.Errorf("git diff-tree printed %q", strings.Join(fields, " "))
		}
		id, err := objectOf(fields[3])
		kind, wrong := mode(fields[1])
		if err != nil || wrong != nil {
			return nil, "", fmt.Errorf("git diff-tree printed %q", strings.Join(fields, " "))
		}
		e := entry{mode: kind, id: id}
		switch fields[4][0] {
		case 'A':
			files = append(files, FileDiff{NewPath: next(), entry: e})
		case 'D':
			files = append(files, FileDiff{OldPath: next()})
		case 'R':
			files = append(files, FileDiff{OldPath: next(), NewPath: next(), entry: e})
		case 'C':
			next()
			files = append(files, FileDiff{NewPath: next(), entry: e})
		case 'T': // a type change prints as a deletion and an addition
			name := next()
			files = append(files, FileDiff{OldPath: name}, FileDiff{NewPath: name, entry: e})
		default:
			name := next()
			files = append(files, FileDiff{OldPath: name, NewPath: name, entry: e})
		}
	}
	return files, strings.TrimPrefix(out, "\x00"), nil
}

// parsePatch fills the hunks: the patch lists the files in the order of the
// raw list, so that no path of it has to be read.
func parsePatch(files []FileDiff, patch string) error {
	at := -1
	var old, added int // lines of the open hunk that are still to come
	for line := range strings.SplitSeq(patch, "\n") {
		switch {
		case old > 0 && strings.HasPrefix(line, "-"):
			old--
		case added > 0 && strings.HasPrefix(line, "+"):
			added--
		case strings.HasPrefix(line, "diff --git "):
			at++
		case at < 0 || at >= len(files):
		case strings.HasPrefix(line, "Binary files "):
			files[at].Binary = true
		case strings.HasPrefix(line, "@@ "):
			h, err := parseHunk(line)
			if err != nil {
				return err
			}
			old, added = h.OldLines, h.NewLines
			files[at].Hunks = append(files[at].Hunks, h)
		}
	}
	if at+1 != len(files) {
		return fmt.Errorf("git diff-tree listed %d files and printed %d patches", len(files), at+1)
	}
	return nil
}

func parseHunk(line string) (Hunk, error) {
	fields := strings.Fields(line)
	if len(fields) < 4 {
		return Hunk{}, fmt.Errorf("git printed the hunk %q", line)
	}
	var h Hunk
	var err error
	if h.OldStart, h.OldLines, err = span(fields[1][1:]); err != nil {
		return h, err
	}
	h.NewStart, h.NewLines, err = span(fields[2][1:])
	return h, err
}

func span(text string) (start, count int, err error) {
	first, rest, found := strings.Cut(text, ",")
	if start, err = strconv.Atoi(first); err != nil {
		return 0, 0, fmt.Errorf("git printed the range %q", text)
	}
	if !found {
		return start, 1, nil
	}
	if count, err = strconv.Atoi(rest); err != nil {
		return 0, 0, fmt.Errorf("git printed the range %q", text)
	}
	return start, count, nil
}

// Change reads what lies between two revisions.
func (r *Repo) Change(ctx context.Context, base, head Revision) (*Change, error) {
	c := &Change{}
	err := r.complete(ctx, base, head)
	if err != nil {
		return nil, err
	}
	if base.Tree == head.Tree {
		c.Base, err = r.Tree(ctx, base)
		c.Head = c.Base
		return c, err
	}
	// Starting git takes longer than what it is asked for.
	var group errgroup.Group
	group.Go(func() (err error) {
		c.Base, err = r.Tree(ctx, base)
		return err
	})
	group.Go(func() (err error) {
		c.Files, err = r.Diff(ctx, base, head)
		return err
	})
	if err := group.Wait(); err != nil {
		return nil, err
	}
	c.Head = c.Base.after(c.Files)
	return c, nil
}

// after is the tree with a change made to it.
func (t *Tree) after(files []FileDiff) *Tree {
	set := map[string]entry{}
	var removed []string
	for _, f := range files {
		if f.OldPath != "" && f.OldPath != f.NewPath {
			removed = append(removed, f.OldPath)
		}
		if f.NewPath != "" {
			set[f.NewPath] = f.entry
		}
	}
	return t.with(removed, set)
}
