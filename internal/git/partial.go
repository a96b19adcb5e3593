package git

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Obtain fetches what the clone lacks of some revisions, so that nothing has to
// be fetched when they are read.
func (r *Repo) Obtain(ctx context.Context, names ...string) error {
	var all []Revision
	for _, name := range names {
		v, err := r.Resolve(ctx, name)
		if err != nil {
			return err
		}
		all = append(all, v)
	}
	return r.complete(ctx, all...)
}

// complete fetches at once what a partial clone lacks of some revisions. Left
// alone, git would fetch each object by itself as it is read, and without a
// login where the clone keeps none. What cannot be had is an error where it is
// read: it may never be, and nobody else has to do without an answer.
func (r *Repo) complete(ctx context.Context, all ...Revision) error {
	if !r.partial() {
		return nil
	}
	r.fetching.Lock()
	defer r.fetching.Unlock()
	// A clone without trees tells level by level what it lacks.
	for range 64 {
		missing, err := r.missing(ctx, all)
		if err != nil || len(missing) == 0 {
			return err
		}
		if r.Offline || r.fetchObjects(ctx, missing) != nil {
			return r.without(missing)
		}
	}
	return fmt.Errorf("this clone is a partial one that cannot be completed; complete it with: git fetch --refetch origin")
}

// without remembers what the clone lacks, so that nobody asks git for it, which
// ends over such a question.
func (r *Repo) without(ids []string) error {
	for _, name := range ids {
		id, err := objectOf(name)
		if err != nil {
			return fmt.Errorf("git names a missing object %q: %w", name, err)
		}
		r.absent.Store(id, true)
	}
	return nil
}

// missing are the objects of revisions that the clone lacks.
func (r *Repo) missing(ctx context.Context, all []Revision) ([]string, error) {
	args := []string{"rev-list", "--objects", "--missing=print", "--no-object-names", "--no-walk"}
	for _, v := range all {
		args = append(args, v.SHA())
	}
	out, err := r.git(ctx, args...)
	if err != nil {
		return nil, fmt.Errorf("what this partial clone lacks cannot be listed: %w", err)
	}
	var ids []string
	for line := range strings.Lines(out) {
		if id, lacks := strings.CutPrefix(strings.TrimSpace(line), "?"); lacks {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// fetchObjects fetches objects by their ids, as git itself does for a partial
// clone: without asking what history they belong to.
func (r *Repo) fetchObjects(ctx context.Context, ids []string) error {
	cmd := r.command(ctx, configured(r.env, r.Login.config()...), "-c", "fetch.negotiationAlgorithm=noop",
		"fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--filter=blob:none", "--stdin", "origin")
	cmd.Stdin = strings.NewReader(strings.Join(ids, "\n") + "\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		return explained(err, string(out), "fetch")
	}
	return nil
}

// partial says that the clone was made with a filter, which git marks beside
// the packs that it got so. Asking git would cost every run a process.
func (r *Repo) partial() bool {
	marks, err := filepath.Glob(filepath.Join(r.gitDir(), "objects", "pack", "*.promisor"))
	return err == nil && len(marks) > 0
}

// gitDir is the folder of the repository itself, also of a linked work tree;
// empty where there is none.
func (r *Repo) gitDir() string {
	for dir := r.dir; ; dir = filepath.Dir(dir) {
		dot := filepath.Join(dir, ".git")
		if info, err := os.Stat(dot); err == nil {
			if info.IsDir() {
				return dot
			}
			return linkedDir(dir, dot)
		}
		if info, err := os.Stat(filepath.Join(dir, "objects")); err == nil && info.IsDir() {
			return dir
		}
		if dir == filepath.Dir(dir) {
			return ""
		}
	}
}

// linkedDir follows the file that stands for a .git folder to the one that has
// the objects.
func linkedDir(dir, dot string) string {
	at := func(from, name string) (string, bool) {
		data, err := os.ReadFile(name)
		if err != nil {
			return "", false
		}
		to := strings.TrimSpace(strings.TrimPrefix(string(data), "gitdir: "))
		if !filepath.IsAbs(to) {
			to = filepath.Join(from, to)
		}
		return to, true
	}
	own, ok := at(dir, dot)
	if !ok {
		return ""
	}
	if shared, ok := at(own, filepath.Join(own, "commondir")); ok {
		return shared
	}
	return own
}
