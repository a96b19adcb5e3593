// Package git reads revisions, trees and changes of a git repository through
// the git program, without a checkout: blobs come from one long-lived
// `git cat-file --batch`.
package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
)

// Repo is a repository, bare or not.
type Repo struct {
	program string // absolute path of git
	dir     string
	facts   func() (facts, error)
	env     []string
	blobs   *batch

	starting sync.Mutex // guards blobs
	absent   sync.Map   // objects that a partial clone lacks and could not fetch
	fetching sync.Mutex // two fetches into one shallow clone get into each other's way

	// Ahead names files whose contents are asked for while a tree is still
	// listed, because they will be needed; nil: none.
	Ahead func(name string) bool
	// Offline keeps missing commits and objects from being fetched.
	Offline bool
	// Login is for fetches from origin; without it the clone's own counts.
	Login Login
}

// Open takes the repository that dir belongs to. It fails when git is missing;
// whether dir is in a repository the first question to it tells.
func Open(ctx context.Context, dir string) (*Repo, error) {
	program, err := exec.LookPath("git")
	if err != nil {
		return nil, errors.New("git is not on the PATH: install it, for example with `apt-get install git`")
	}
	if program, err = filepath.Abs(program); err != nil {
		return nil, err
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	r := &Repo{program: program, dir: abs, env: environment(os.Environ())}
	r.facts = sync.OnceValues(func() (facts, error) {
		out, err := r.git(ctx, "rev-parse", "--is-bare-repository", "--absolute-git-dir", "--show-prefix")
		if err != nil {
			return facts{}, fmt.Errorf("%s is not in a git repository: %w", dir, err)
		}
		bare, rest, _ := strings.Cut(out, "\n")
		if bare == "true" {
			return facts{bare: true}, nil
		}
		dir, prefix, _ := strings.Cut(rest, "\n")
		return facts{dir: dir, prefix: strings.TrimSuffix(prefix, "\n")}, nil
	})
	return r, nil
}

// facts are what most runs never ask: each costs a start of git.
type facts struct {
	bare   bool
	dir    string // of git's own files; that of a linked work tree where it is one
	prefix string // where the folder lies below the root
}

// Prefix is where the folder that the repository was opened in lies below its
// root: empty for the root and for a bare repository.
func (r *Repo) Prefix() (string, error) {
	f, err := r.facts()
	return f.prefix, err
}

// environment keeps the caller's, less what would change git's answers.
func environment(from []string) []string {
	keep := []string{"LC_ALL=C", "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0"}
	for _, entry := range from {
		name, _, _ := strings.Cut(entry, "=")
		switch name {
		case "LC_ALL", "LANG", "GIT_OPTIONAL_LOCKS", "GIT_TERMINAL_PROMPT", "GIT_EXTERNAL_DIFF", "GIT_DIFF_OPTS", "GIT_TRACE":
		default:
			keep = append(keep, entry)
		}
	}
	return keep
}

// Remotes are the URLs of the repository's remotes, as git fetches from them;
// none where it has none or does not say.
func (r *Repo) Remotes(ctx context.Context) []string {
	out, err := r.git(ctx, "config", "--get-regexp", `^remote\..*\.url$`)
	if err != nil {
		return nil // git fails where nothing matches
	}
	var urls []string
	for line := range strings.Lines(out) {
		if _, url, found := strings.Cut(strings.TrimSpace(line), " "); found {
			urls = append(urls, url)
		}
	}
	return urls
}

// Close ends the program that serves blobs.
func (r *Repo) Close() error {
	if r.blobs == nil {
		return nil
	}
	return r.blobs.close()
}

func (r *Repo) command(ctx context.Context, env []string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, r.program, args...)
	cmd.Dir = r.dir
	cmd.Env = append(append([]string{}, r.env...), env...)
	return cmd
}

// git runs a command to its end and returns what it printed.
func (r *Repo) git(ctx context.Context, args ...string) (string, error) {
	return r.gitWith(ctx, nil, args...)
}

func (r *Repo) gitWith(ctx context.Context, env []string, args ...string) (string, error) {
	cmd := r.command(ctx, env, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err == nil {
		return string(out), nil
	}
	return "", explained(err, stderr.String(), args[0])
}

// explained is why a command of git failed, in its own words if it has any.
func explained(err error, said, command string) error {
	if text := strings.TrimSpace(said); text != "" {
		return errors.New(text)
	}
	return fmt.Errorf("git %s: %w", command, err)
}

// Revision is a resolved tree, and the commit that it belongs to.
type Revision struct {
	Name   string // as asked for
	Commit string // empty for the index and the work tree
	Tree   string
}

// SHA names the revision in reports: the commit, else the tree.
func (v Revision) SHA() string {
	if v.Commit != "" {
		return v.Commit
	}
	return v.Tree
}

// Resolve reads a revision. A commit named by its full SHA that a shallow
// clone lacks is fetched from origin, alone.
func (r *Repo) Resolve(ctx context.Context, name string) (Revision, error) {
	if strings.HasPrefix(name, "-") {
		return Revision{}, fmt.Errorf("%q is no revision", name)
	}
	v, err := r.resolve(ctx, name)
	if err == nil {
		return v, nil
	}
	if _, none := r.facts(); none != nil {
		return v, none
	}
	if !isSHA(name) {
		return v, err
	}
	if r.Offline {
		return Revision{}, fmt.Errorf("commit %s is not in this clone; fetch it with: git fetch --depth=1 origin %s", name, name)
	}
	r.fetching.Lock()
	defer r.fetching.Unlock()
	if _, fetchErr := r.gitWith(ctx, configured(r.env, r.Login.config()...), "fetch", "--quiet", "--no-tags", "--depth=1", "--no-recurse-submodules", "origin", name); fetchErr != nil {
		return Revision{}, fmt.Errorf("commit %s is not in this clone and could not be fetched (%s); fetch it with: git fetch --depth=1 origin %s",
			name, firstLine(fetchErr.Error()), name)
	}
	return r.resolve(ctx, name)
}

func (r *Repo) resolve(ctx context.Context, name string) (Revision, error) {
	if commit, tree, ok := r.commit(ctx, name); ok {
		return Revision{Name: name, Commit: commit, Tree: tree}, nil
	}
	out, err := r.git(ctx, "rev-parse", "--revs-only", name+"^{commit}", name+"^{tree}")
	fields := strings.Fields(out)
	if len(fields) != 2 && isSHA(name) {
		if tree, treeErr := r.git(ctx, "rev-parse", "--verify", "--quiet", name+"^{tree}"); treeErr == nil {
			return Revision{Name: name, Tree: strings.TrimSpace(tree)}, nil
		}
	}
	if err != nil || len(fields) != 2 {
		return Revision{}, fmt.Errorf("there is no revision %q here; list branches with: git branch -a, or fetch it with: git fetch origin %s", name, name)
	}
	return Revision{Name: name, Commit: fields[0], Tree: fields[1]}, nil
}

// commit asks the program that serves blobs. Where that cannot live with what
// it was asked, another one is started when it is needed.
func (r *Repo) commit(ctx context.Context, name string) (commit, tree string, ok bool) {
	blobs, err := r.startBatch(ctx)
	if err != nil {
		return "", "", false
	}
	if commit, tree, ok = blobs.commit(name); ok || !blobs.ended() {
		return commit, tree, ok
	}
	r.starting.Lock()
	defer r.starting.Unlock()
	if r.blobs == blobs {
		r.blobs = nil
		_ = blobs.close() // it says why it ended, and rev-parse says it better
	}
	return "", "", false
}

func isSHA(name string) bool {
	return len(name) >= 40 && strings.Trim(name, "0123456789abcdef") == ""
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// MergeBase is the best common ancestor of the remote's default branch and
// head, with the name of that branch.
func (r *Repo) MergeBase(ctx context.Context, head Revision) (Revision, error) {
	branch, err := r.defaultBranch(ctx)
	if err != nil {
		return Revision{}, err
	}
	v, err := r.CommonAncestor(ctx, branch, head.Commit)
	v.Name = "the merge base with " + strings.TrimPrefix(strings.TrimPrefix(branch, "refs/remotes/"), "refs/heads/")
	return v, err
}

// CommonAncestor is the best one of two revisions. Where history was cut off
// there is none, and the error says how to get more of it.
func (r *Repo) CommonAncestor(ctx context.Context, a, b string) (Revision, error) {
	out, err := r.git(ctx, "merge-base", "--end-of-options", a, b)
	if err != nil {
		return Revision{}, fmt.Errorf("%s and %s have no common ancestor in this clone; deepen it with: git fetch --unshallow origin, or name the base with --base", a, b)
	}
	v, err := r.Resolve(ctx, strings.TrimSpace(out))
	v.Name = "the merge base with " + a
	return v, err
}

// Before is a commit's first parent, or no files at all for a first commit.
func (r *Repo) Before(ctx context.Context, v Revision) (Revision, error) {
	parents, err := r.Parents(ctx, v.Commit)
	if err != nil {
		return Revision{}, err
	}
	if len(parents) == 0 {
		return r.Empty(ctx)
	}
	before, err := r.Resolve(ctx, parents[0])
	before.Name = "the commit before"
	return before, err
}

// Parents are a commit's parents, also those that a shallow clone lacks.
func (r *Repo) Parents(ctx context.Context, commit string) ([]string, error) {
	out, err := r.git(ctx, "cat-file", "commit", commit)
	if err != nil {
		return nil, err
	}
	var parents []string
	for line := range strings.Lines(out) {
		if line == "\n" {
			break
		}
		if parent, found := strings.CutPrefix(line, "parent "); found {
			parents = append(parents, strings.TrimSpace(parent))
		}
	}
	return parents, nil
}

// Empty is the tree without files.
func (r *Repo) Empty(ctx context.Context) (Revision, error) {
	out, err := r.git(ctx, "hash-object", "-t", "tree", os.DevNull)
	return Revision{Name: "nothing", Tree: strings.TrimSpace(out)}, err
}

// DefaultBranch is the name of the remote's default branch, else of the only one
// that is usual; empty where neither is known.
func (r *Repo) DefaultBranch(ctx context.Context) string {
	name, err := r.defaultBranch(ctx)
	if err != nil {
		return ""
	}
	for _, prefix := range []string{"refs/remotes/origin/", "refs/heads/", "origin/"} {
		name = strings.TrimPrefix(name, prefix)
	}
	return name
}

func (r *Repo) defaultBranch(ctx context.Context) (string, error) {
	if out, err := r.git(ctx, "symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD"); err == nil {
		return strings.TrimSpace(out), nil
	}
	for _, name := range []string{"refs/remotes/origin/main", "refs/remotes/origin/master", "refs/heads/main", "refs/heads/master"} {
		if _, err := r.git(ctx, "rev-parse", "--verify", "--quiet", name); err == nil {
			return name, nil
		}
	}
	return "", errors.New("the default branch is not known here; name the base, for example: rendergate check --base origin/main, or tell git with: git remote set-head origin --auto")
}

// Worktree is the tree that a commit of all files would have, untracked ones
// included and ignored ones not. The index is left alone.
func (r *Repo) Worktree(ctx context.Context) (Revision, error) {
	f, err := r.facts()
	if err != nil {
		return Revision{}, err
	}
	if f.bare {
		return Revision{}, errors.New("a bare repository has no work tree: name a revision with --head")
	}
	out, err := r.git(ctx, "rev-parse", "--path-format=absolute", "--git-path", "index", "--show-toplevel")
	if err != nil {
		return Revision{}, err
	}
	paths := strings.Split(strings.TrimSpace(out), "\n")
	if len(paths) != 2 {
		return Revision{}, fmt.Errorf("git named %d paths for the index and the work tree", len(paths))
	}
	dir, err := os.MkdirTemp("", "rendergate-index-")
	if err != nil {
		return Revision{}, err
	}
	defer os.RemoveAll(dir)
	index := filepath.Join(dir, "index")
	if data, err := os.ReadFile(paths[0]); err == nil {
		if err := os.WriteFile(index, data, 0o600); err != nil {
			return Revision{}, err
		}
	} else if !errors.Is(err, os.ErrNotExist) {
		return Revision{}, err
	}
	env := []string{"GIT_INDEX_FILE=" + index}
	if _, err := r.gitWith(ctx, env, "-C", paths[1], "add", "--all", "--", "."); err != nil {
		return Revision{}, fmt.Errorf("the work tree cannot be read: %w", err)
	}
	if out, err = r.gitWith(ctx, env, "write-tree"); err != nil {
		return Revision{}, err
	}
	return Revision{Name: "the work tree", Tree: strings.TrimSpace(out)}, nil
}
