package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/rendergate/rendergate/internal/report"
)

var update = flag.Bool("update", false, "rewrite golden files")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"rendergate": func() { os.Exit(run()) },
		"outline":    func() { os.Exit(outline(os.Args[1:])) },
		"results":    func() { os.Exit(results(os.Args[1:])) },
		"pack":       func() { os.Exit(pack(os.Args[1:])) },
		"sign":       func() { os.Exit(sign(os.Args[1:])) },
	})
}

// TestScript runs testdata/script: the real program on real git repositories.
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "../../testdata/script",
		RequireExplicitExec: true,
		UpdateScripts:       *update,
		Setup:               setup,
		Condition: func(name string) (bool, error) {
			if name == "heavy" {
				return os.Getenv("RENDERGATE_HEAVY") != "", nil
			}
			return false, fmt.Errorf("there is no condition %q", name)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"commit":      commit,
			"edit":        edit,
			"github":      startGitHub,
			"posted":      posted,
			"pushed":      pushed,
			"said":        said,
			"workflowrun": workflowRun,

			"charts": charts,
			"atop":   atop,
			"many":   many,

			"proven":   proven,
			"examples": examples,
			"offered":  offered,

			"chartserver": chartServer,
			"asked":       asked,
			"secured":     secured,
			"gitserver":   gitServer,
			"gitasked":    gitAsked,
		},
	})
}

// setup fixes the identity and the dates of commits, so that SHAs are stable,
// and hides the machine's own git configuration.
func setup(env *testscript.Env) error {
	for key, value := range map[string]string{
		"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.com", "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
		"GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.com", "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
		"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_COUNT": "1",
		"GIT_CONFIG_KEY_0": "init.defaultBranch", "GIT_CONFIG_VALUE_0": "main", "HOME": env.WorkDir,
	} {
		env.Setenv(key, value)
	}
	source, err := filepath.Abs("../..")
	if err != nil {
		return err
	}
	env.Setenv("SOURCE", source)
	// A hook is installed with a Go environment of its own; the caches may be shared.
	for _, name := range []string{"GOMODCACHE", "GOCACHE", "GOPROXY", "GOFLAGS", "GOSUMDB", "GONOSUMDB", "GOTOOLCHAIN"} {
		value, err := exec.Command("go", "env", name).Output()
		if err != nil {
			return err
		}
		env.Setenv(name, strings.TrimSpace(string(value)))
	}
	return nil
}

// commit TAG commits every file of the current folder and tags the commit.
func commit(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: commit TAG")
	}
	if _, err := os.Stat(ts.MkAbs(".git")); err != nil {
		ts.Check(ts.Exec("git", "init", "--quiet"))
	}
	ts.Check(ts.Exec("git", "add", "--all"))
	ts.Check(ts.Exec("git", "commit", "--quiet", "--allow-empty", "--message", args[0]))
	ts.Check(ts.Exec("git", "tag", args[0]))
}

// edit FILE OLD NEW replaces a text, which must occur, in a file.
func edit(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: edit FILE OLD NEW")
	}
	text := ts.ReadFile(args[0])
	unquote := strings.NewReplacer(`\n`, "\n").Replace
	if !strings.Contains(text, unquote(args[1])) {
		ts.Fatalf("%s does not contain %q", args[0], args[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Replace(text, unquote(args[1]), unquote(args[2]), 1)), 0o644))
}

// outline prints a JSON report in short: the verdict, the targets that were
// looked at, the findings but the kept ones, and what could not be looked at.
// With -kept it prints those too, with -trail how the cause becomes the finding,
// and with -bumps what new versions of dependencies bring.
func outline(args []string) int {
	kept, trail, bumps := false, false, false
	for ; len(args) > 1; args = args[1:] {
		kept, trail, bumps = kept || args[0] == "-kept", trail || args[0] == "-trail", bumps || args[0] == "-bumps"
	}
	data, err := os.ReadFile(filepath.Clean(args[0]))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	var r report.Report
	if err := json.Unmarshal(data, &r); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println("verdict", r.Verdict)
	for _, t := range r.Targets {
		if t.Affected {
			fmt.Println("target", t.Kind, t.ID, t.Base+"/"+t.Head)
		}
	}
	for _, b := range r.Bumps {
		if bumps {
			outlineBump(b, r.Findings)
		}
	}
	for _, f := range r.Findings {
		if f.State == report.Kept && !kept {
			continue
		}
		fmt.Println(f.State, f.Severity, f.Check, f.Object.Kind+"/"+f.Object.Name, f.Subject, "at", place(f.Location), strings.Join(f.Targets, ","))
		for _, step := range f.Trail {
			if trail {
				fmt.Printf("  %s %s %s\n", step.Role, place(report.Location{Path: step.Path, Side: step.Side, Line: step.Line}), step.What)
			}
		}
	}
	for _, u := range r.Undecided {
		fmt.Println("undecided", u.Target, u.Side, u.Stage, u.Error)
	}
	for _, n := range r.Notes {
		fmt.Println("note", n.Target, n.What)
	}
	return 0
}

// outlineBump prints a bump with the checks of what it brings.
func outlineBump(b report.Bump, findings []report.Finding) {
	checks := func(keys []string) (all []string) {
		for _, f := range findings {
			if slices.Contains(keys, f.Key) {
				all = append(all, f.Check)
			}
		}
		return all
	}
	at := "nowhere"
	if len(b.Places) > 0 {
		at = place(b.Places[0])
	}
	fmt.Println("bump", b.Kind, b.Label, "at", at, strings.Join(b.Targets, ","), b.Unknown)
	fmt.Println(" findings", checks(b.Findings), "blocks", b.Blocks, "fixed", b.Fixed)
	fmt.Println(" permissions", checks(b.Rights), "exposure", checks(b.Exposure), "apis", checks(b.APIs), b.Unserved)
	fmt.Println(" images", b.Images, b.Without, "objects", b.Added, b.Removed)
}

func place(at report.Location) string {
	text := at.Path
	if at.Line > 0 {
		text += ":" + strconv.Itoa(at.Line)
	}
	if at.Side == report.Base {
		text += "(base)"
	}
	if at.InDiff {
		text += "+"
	}
	if at.EndLine > at.Line {
		text += "-" + strconv.Itoa(at.EndLine)
	}
	if at.How != "" {
		text += " " + at.How + "/" + at.Level
	}
	return text
}
