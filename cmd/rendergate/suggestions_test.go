package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/rendergate/rendergate/checks"
	"github.com/rendergate/rendergate/internal/report"
)

// proven applies each suggestion that a check of two commits makes to the
// second one, those of different files together, and checks again: their
// findings must be gone and nothing else new.
//
//	proven DIR BASE HEAD
func proven(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: proven DIR BASE HEAD")
	}
	dir, base, head := args[0], args[1], args[2]
	before := checked(ts, dir, base, head)
	left := suggestionsOf(before)
	count := len(left)
	git := func(args ...string) { ts.Check(ts.Exec("git", append([]string{"-C", ts.MkAbs(dir)}, args...)...)) }
	for len(left) > 0 {
		git("checkout", "--quiet", "--force", "-B", "proof", head)
		var now, later []*report.Suggestion
		for _, s := range left {
			if slices.ContainsFunc(now, func(other *report.Suggestion) bool { return other.Path == s.Path }) {
				later = append(later, s)
				continue
			}
			now = append(now, s)
			name := filepath.Join(ts.MkAbs(dir), filepath.FromSlash(s.Path))
			ts.Check(os.WriteFile(name, []byte(appliedTo(ts, ts.ReadFile(name), s)), 0o644))
		}
		git("commit", "--quiet", "--all", "--message", "proof")
		holds(ts, now, before, checked(ts, dir, base, "proof"))
		left = later
	}
	fmt.Fprintln(ts.Stdout(), "proven", count, "suggestions")
}

// holds compares the reports without and with some suggestions.
func holds(ts *testscript.TestScript, applied []*report.Suggestion, before, after *report.Report) {
	known, left := keysOfNew(before), keysOfNew(after)
	for _, s := range applied {
		for _, key := range s.Findings {
			if slices.Contains(left, key) {
				ts.Fatalf("%s:%d leaves %s of %v", s.Path, s.StartLine, key, s.Findings)
			}
		}
	}
	for _, key := range left {
		if !slices.Contains(known, key) {
			for _, f := range after.Findings {
				if f.Key == key {
					ts.Fatalf("%s of %s is new with the suggestions: %s", f.Check, f.Target, f.Message)
				}
			}
		}
	}
	if len(after.Undecided) > len(before.Undecided) {
		ts.Fatalf("undecided with the suggestions: %v", after.Undecided)
	}
}

func appliedTo(ts *testscript.TestScript, text string, s *report.Suggestion) string {
	lines := strings.SplitAfter(text, "\n")
	if strings.Join(lines[s.StartLine-1:s.EndLine], "") != s.Before {
		ts.Fatalf("%s:%d: the lines before are not the file's", s.Path, s.StartLine)
	}
	return strings.Join(lines[:s.StartLine-1], "") + s.Replacement + strings.Join(lines[s.EndLine:], "")
}

// checked is the report of a run. It ends in whatever verdict.
func checked(ts *testscript.TestScript, dir, base, head string) *report.Report {
	file := ts.MkAbs("proof.json")
	// The verdict is the exit code, and no error here.
	if err := ts.Exec("rendergate", "check", "--repo", ts.MkAbs(dir), "--base", base, "--head", head, "--format", "json="+file); err != nil && !strings.Contains(err.Error(), "exit status") {
		ts.Check(err)
	}
	var r report.Report
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(file)), &r))
	return &r
}

func keysOfNew(r *report.Report) []string {
	var keys []string
	for _, f := range r.Findings {
		if f.State == report.New {
			keys = append(keys, f.Key)
		}
	}
	return keys
}

func suggestionsOf(r *report.Report) []*report.Suggestion {
	var all []*report.Suggestion
	for _, f := range r.Findings {
		if f.Suggestion != nil && !slices.ContainsFunc(all, f.Suggestion.Same) {
			all = append(all, f.Suggestion)
		}
	}
	return all
}

// examples DIR makes a repository whose second commit adds the failing example
// of each check that says how to mend it, in a folder of its own.
func examples(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: examples DIR")
	}
	for _, c := range checks.All {
		if c.Mend != nil {
			folder := filepath.Join(ts.MkAbs(args[0]), c.ID)
			ts.Check(os.MkdirAll(folder, 0o755))
			ts.Check(os.WriteFile(filepath.Join(folder, "example.yaml"), []byte(c.Bad), 0o644))
		}
	}
}

// offered prints, for each check that has a folder of its name, how many of its
// new findings have a suggestion.
func offered(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: offered DIR BASE HEAD")
	}
	all, with := map[string]int{}, map[string]int{}
	for _, f := range checked(ts, args[0], args[1], args[2]).Findings {
		if f.State == report.New && f.Target == f.Check {
			all[f.Check]++
			if f.Suggestion != nil && f.Suggestion.Verified {
				with[f.Check]++
			}
		}
	}
	for _, c := range checks.All {
		if all[c.ID] > 0 {
			fmt.Fprintf(ts.Stdout(), "%s %d of %d\n", c.ID, with[c.ID], all[c.ID])
		}
	}
}
