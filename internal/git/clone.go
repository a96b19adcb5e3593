package git

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Cloner fetches single commits of other repositories. Git gets nothing of the
// machine for that: no configuration, no home, no logins, no hooks and no
// protocol but plain http, which its caller answers.
type Cloner struct {
	program string
	env     []string
}

// NewCloner finds git. It must be made before the process is shut in.
func NewCloner() (*Cloner, error) {
	program, err := exec.LookPath("git")
	if err == nil {
		program, err = filepath.Abs(program)
	}
	if err != nil {
		return nil, errors.New("git is not on the PATH")
	}
	c := &Cloner{program: program, env: []string{
		"LC_ALL=C", "GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=", "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=" + os.DevNull,
		"GIT_ALLOW_PROTOCOL=http", "GIT_PROTOCOL_FROM_USER=0", "GIT_ALLOC_LIMIT=" + strconv.Itoa(2*maxBlob), "GIT_OPTIONAL_LOCKS=0",
	}}
	for _, name := range []string{"PATH", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP"} {
		if value := os.Getenv(name); value != "" {
			c.env = append(c.env, name+"="+value)
		}
	}
	return c, nil
}

// Bounds of what a fetched repository may hold.
const (
	maxBlob  = 64 << 20
	maxFiles = 200_000
)

// isRef matches what git takes for the name of a branch, a tag or a commit, and
// neither for an option nor for a rule of what to fetch.
var isRef = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.+@#%=,-]*(/[A-Za-z0-9_+@#%=,-][A-Za-z0-9_.+@#%=,-]*)*$`)

// ErrRef is about a ref that nobody can have.
var ErrRef = errors.New("is no name of a branch, a tag or a commit")

// Commit fetches what a ref of the repository at a URL names, alone and without
// history, into a new folder. An empty ref is the repository's HEAD. The caller
// closes the repository, and removes the folder.
func (c *Cloner) Commit(ctx context.Context, dir, url, ref string) (*Repo, Revision, error) {
	if ref == "" {
		ref = "HEAD"
	}
	if !isRef.MatchString(ref) || strings.Contains(ref, "..") || strings.Contains(ref, "@{") || strings.HasSuffix(ref, ".lock") {
		return nil, Revision{}, fmt.Errorf("%q %w", ref, ErrRef)
	}
	r := &Repo{program: c.program, dir: dir, env: append([]string{"HOME=" + dir, "XDG_CONFIG_HOME=" + dir}, c.env...), Offline: true}
	r.facts = func() (facts, error) { return facts{bare: true}, nil }
	if _, err := r.git(ctx, "init", "--quiet", "--bare", "--template=", "--", dir); err != nil {
		return nil, Revision{}, err
	}
	const fetched = "refs/rendergate/fetched"
	cmd := r.command(ctx, nil, "-c", "http.followRedirects=false", "-c", "credential.helper=", "-c", "core.hooksPath="+os.DevNull,
		"-c", "gc.auto=0", "-c", "maintenance.auto=false", "-c", "core.fsmonitor=false",
		"-c", "fetch.unpackLimit=1", "-c", "core.bigFileThreshold=32m", "-c", "transfer.bundleURI=false",
		"fetch", "--quiet", "--no-tags", "--depth=1", "--no-recurse-submodules", "--no-write-fetch-head", "--", url, "+"+ref+":"+fetched)
	// Those that git starts keep its streams open; with the connection they end.
	cmd.WaitDelay = 2 * time.Second
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, Revision{}, fmt.Errorf("git: %s", orCause(ctx, complaint(string(out)), err))
	}
	// What serves objects starts here, and outlives the time for fetching.
	v, err := r.resolve(context.WithoutCancel(ctx), fetched)
	if err == nil {
		err = r.bounded(ctx, v)
	}
	return r, v, err
}

func orCause(ctx context.Context, text string, err error) string {
	if ctx.Err() != nil || text == "" {
		return errors.Join(ctx.Err(), err).Error()
	}
	return text
}

// complaint is what git says is wrong.
func complaint(out string) string {
	for line := range strings.Lines(out) {
		if text, found := strings.CutPrefix(strings.TrimSpace(line), "fatal: "); found {
			return text
		}
	}
	return firstLine(strings.TrimSpace(out))
}

// bounded lists a revision as far as it may go: crafted trees list for ever, and
// crafted files unpack to gigabytes.
func (r *Repo) bounded(ctx context.Context, v Revision) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	cmd := r.command(ctx, nil, "ls-tree", "-r", "-l", "-z", "--full-tree", v.Tree)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			cancel()
		}
		if ended := cmd.Wait(); err == nil {
			err = ended
		}
	}()
	lines, count := bufio.NewReaderSize(out, 1<<16), 0
	for {
		line, err := lines.ReadSlice(0)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("its files cannot be listed: %w", err)
		}
		if count++; count > maxFiles {
			return fmt.Errorf("it holds more than %d files", maxFiles)
		}
		head, name, _ := strings.Cut(string(line), "\t")
		at := strings.LastIndexByte(head, ' ')
		if size, err := strconv.ParseInt(head[at+1:], 10, 64); err == nil && size > maxBlob {
			return fmt.Errorf("its file %q has %d bytes, more than %d MiB", strings.TrimSuffix(name, "\x00"), size, maxBlob>>20)
		}
	}
}
