package main

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// demoFiles are the two sides of the embedded pull request.
//
//go:embed all:demo
var demoFiles embed.FS

func (p *program) demoCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "demo",
		Short: "Judge an embedded pull request, for a first look",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			dir, err := os.MkdirTemp("", "rendergate-demo-")
			if err != nil {
				return err
			}
			defer os.RemoveAll(dir)
			if err := demoRepository(cmd.Context(), dir); err != nil {
				return err
			}
			return p.demo(cmd.Context(), dir)
		},
	}
}

// demo runs the very check that any repository gets.
func (p *program) demo(ctx context.Context, dir string) error {
	fmt.Fprintln(p.stdout, "A pull request edits one value of a chart, one image of a kustomize base and one patch of an overlay.")
	fmt.Fprintln(p.stdout, "$ rendergate check --base main --head change")
	fmt.Fprintln(p.stdout)
	f := flags{repo: dir}
	f.options.Base, f.options.Head = "main", "change"
	err := p.check(ctx, f, nil)
	var end *exit
	if errors.As(err, &end) && end.err == nil {
		fmt.Fprintf(p.stdout, "\nHere rendergate check exits %d. In your repository: rendergate check\n", end.code)
		return nil
	}
	return err
}

// demoRepository commits base on main and head on a branch.
func demoRepository(ctx context.Context, dir string) error {
	for _, step := range []struct{ side, branch string }{{"base", "main"}, {"head", "change"}} {
		if err := writeSide(dir, step.side); err != nil {
			return err
		}
		for _, args := range [][]string{
			{"init", "--quiet"}, {"checkout", "--quiet", "-B", step.branch}, {"add", "--all"}, {"commit", "--quiet", "--message", step.side},
		} {
			if err := demoGit(ctx, dir, args...); err != nil {
				return err
			}
		}
	}
	return nil
}

func writeSide(dir, side string) error {
	root := "demo/" + side
	return fs.WalkDir(demoFiles, root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := demoFiles.ReadFile(name)
		if err != nil {
			return err
		}
		to := filepath.Join(dir, filepath.FromSlash(strings.TrimPrefix(name, root+"/")))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		return os.WriteFile(to, data, 0o644)
	})
}

// demoGit runs git as nobody in particular, untouched by the user's settings.
func demoGit(ctx context.Context, dir string, args ...string) error {
	cmd := exec.CommandContext(ctx, "git", append([]string{"-c", "commit.gpgSign=false", "-c", "core.hooksPath=/dev/null"}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(slices.DeleteFunc(os.Environ(), func(entry string) bool { return strings.HasPrefix(entry, "GIT_") }),
		"GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=demo", "GIT_AUTHOR_EMAIL=demo@example.com", "GIT_COMMITTER_NAME=demo", "GIT_COMMITTER_EMAIL=demo@example.com",
		"GIT_AUTHOR_DATE=2026-01-01T00:00:00Z", "GIT_COMMITTER_DATE=2026-01-01T00:00:00Z")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("git %s: %w: %s", args[0], err, strings.TrimSpace(string(out)))
	}
	return nil
}
