package git

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Index is the tree that a commit of the index would have.
func (r *Repo) Index(ctx context.Context) (Revision, error) {
	f, err := r.facts()
	if err != nil {
		return Revision{}, err
	}
	if f.bare {
		return Revision{}, errors.New("a bare repository has no index: name a revision with --head")
	}
	env, err := r.indexFile(f)
	if err != nil {
		return Revision{}, err
	}
	out, err := r.gitWith(ctx, env, "write-tree")
	if err != nil {
		return Revision{}, fmt.Errorf("the index cannot be written as a tree (finish the merge with: git status): %w", err)
	}
	return Revision{Name: "the index", Tree: strings.TrimSpace(out)}, nil
}

// indexFile finds the index that git tells a hook of where the hook runs in a
// container, in which the repository lies elsewhere. What is not there git would
// take for an index without files, against which nothing is new.
func (r *Repo) indexFile(f facts) (env []string, err error) {
	for _, entry := range r.env {
		name, found := strings.CutPrefix(entry, "GIT_INDEX_FILE=")
		if !found || !filepath.IsAbs(name) {
			continue
		}
		if _, err := os.Stat(name); err == nil {
			continue
		}
		here := filepath.Join(f.dir, filepath.Base(name))
		if _, err := os.Stat(here); err != nil {
			return nil, fmt.Errorf("GIT_INDEX_FILE names %s, which is not here: unset it, or mount it", name)
		}
		env = []string{"GIT_INDEX_FILE=" + here}
	}
	return env, nil
}

// Underway are the commits besides HEAD that what is staged now comes from: those
// that are merged, the one that is picked, and in a rebase the one that is replayed
// and the one below them all. None where nothing is underway.
func (r *Repo) Underway(ctx context.Context) ([]Revision, error) {
	f, err := r.facts()
	if err != nil || f.bare {
		return nil, err
	}
	var all []Revision
	add := func(what, commit string) error {
		v, err := r.Resolve(ctx, commit)
		if err != nil {
			return fmt.Errorf("%s is not to be had, so nobody can say what it had before: %w", what, err)
		}
		v.Name = what
		all = append(all, v)
		return nil
	}
	merged, err := lines(filepath.Join(f.dir, "MERGE_HEAD"))
	if err != nil {
		return nil, err
	}
	if len(merged) == 0 {
		merged = r.merging()
	}
	for _, commit := range merged {
		if err := add("the commit being merged", commit); err != nil {
			return nil, err
		}
	}
	// The references are asked for by name: not every storage has a file for each.
	if commit, _, ok := r.commit(ctx, "CHERRY_PICK_HEAD"); ok {
		if err := add("the commit being picked", commit); err != nil {
			return nil, err
		}
	}
	for _, dir := range []string{"rebase-merge", "rebase-apply"} {
		onto, err := lines(filepath.Join(f.dir, dir, "onto"))
		if err != nil {
			return nil, err
		}
		for _, commit := range onto {
			if err := add("the commit that is rebased onto", commit); err != nil {
				return nil, err
			}
		}
		// The name stays behind when a rebase is over, so alone it says nothing.
		if commit, _, ok := r.commit(ctx, "REBASE_HEAD"); ok && len(onto) > 0 {
			if err := add("the commit being rebased", commit); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

// lines are those of a file of git's own; none where there is no file.
func lines(name string) ([]string, error) {
	data, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return strings.Fields(string(data)), err
}

// merging are the commits that git merge tells a pre-merge-commit hook about,
// before it writes them down.
func (r *Repo) merging() []string {
	var all []string
	for _, entry := range r.env {
		name, _, _ := strings.Cut(entry, "=")
		if commit, found := strings.CutPrefix(name, "GITHEAD_"); found && isSHA(commit) {
			all = append(all, commit)
		}
	}
	return all
}
