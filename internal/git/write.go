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
)

// Top is the root folder of the work tree.
func (r *Repo) Top(ctx context.Context) (string, error) {
	out, err := r.git(ctx, "rev-parse", "--path-format=absolute", "--show-toplevel")
	if err != nil {
		return "", fmt.Errorf("there is no work tree to write to: %w", err)
	}
	return strings.TrimSuffix(out, "\n"), nil
}

// Stage puts content into the index in the place of a file's, which must be
// there, and leaves the work tree alone.
func (r *Repo) Stage(ctx context.Context, name string, data []byte) error {
	top, err := r.Top(ctx)
	if err != nil {
		return err
	}
	listed, err := r.git(ctx, "-C", top, "--literal-pathspecs", "ls-files", "--stage", "-z", "--", name)
	if err != nil {
		return err
	}
	fields := strings.Fields(listed)
	if len(fields) < 4 || fields[2] != "0" || !strings.HasSuffix(listed, "\t"+name+"\x00") || strings.Count(listed, "\x00") != 1 {
		return fmt.Errorf("%s is not in the index as one file", name)
	}
	if fields[0] != "100644" && fields[0] != "100755" {
		return fmt.Errorf("%s is no file in the index", name)
	}
	cmd := r.command(ctx, nil, "hash-object", "-w", "--stdin")
	cmd.Stdin = bytes.NewReader(data)
	sha, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("the edited %s cannot be stored: %w", name, err)
	}
	_, err = r.git(ctx, "-C", top, "update-index", "--cacheinfo", fields[0]+","+strings.TrimSpace(string(sha))+","+name)
	return err
}

// Merge makes the change from base to theirs in ours as well; false where the
// two meet.
func (r *Repo) Merge(ctx context.Context, ours, base, theirs []byte) (merged []byte, ok bool, err error) {
	dir, err := os.MkdirTemp("", "rendergate-merge-")
	if err != nil {
		return nil, false, err
	}
	defer os.RemoveAll(dir)
	var names []string
	for i, data := range [][]byte{ours, base, theirs} {
		name := filepath.Join(dir, fmt.Sprint(i))
		if err := os.WriteFile(name, data, 0o600); err != nil {
			return nil, false, err
		}
		names = append(names, name)
	}
	merged, err = r.command(ctx, nil, append([]string{"merge-file", "-p", "-q"}, names...)...).Output()
	var conflicts *exec.ExitError
	if errors.As(err, &conflicts) && conflicts.ExitCode() > 0 && conflicts.ExitCode() < 128 {
		return nil, false, nil
	}
	return merged, err == nil, err
}
