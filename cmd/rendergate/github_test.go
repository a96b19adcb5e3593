package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/rendergate/rendergate/internal/githubtest"
)

// startGitHub BASE HEAD [readonly] [approved=LOGIN]… [member=ORG/TEAM/LOGIN]…
// [event=NAME] [scanning=refuses|disabled] begins a workflow run of a pull
// request over two revisions of the current repository, or of another event,
// against a loopback GitHub. With an approval it is a run for that review.
func startGitHub(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: github BASE HEAD [readonly] [approved=LOGIN]… [member=ORG/TEAM/LOGIN]…")
	}
	base, head := revision(ts, args[0]), revision(ts, args[1])
	scenario := githubtest.Scenario{HeadSHA: head, Files: changedFiles(ts, base, head), Author: "author", MergeBase: base}
	eventName := "pull_request"
	for _, arg := range args[2:] {
		key, value, _ := strings.Cut(arg, "=")
		switch key {
		case "readonly":
			scenario.ReadOnly = true
		case "approved":
			eventName = "pull_request_review"
			scenario.Reviews = append(scenario.Reviews, githubtest.Review{ID: 1, User: githubtest.User{Login: value}, State: "APPROVED", CommitID: head})
		case "event":
			eventName = value
		case "scanning":
			scenario.Scanning.Disabled = value == "disabled"
			if value == "refuses" {
				scenario.Scanning.Errors = []string{"rejecting SARIF, as there are more runs than allowed"}
			}
		case "member":
			at := strings.LastIndex(value, "/")
			if scenario.Teams == nil {
				scenario.Teams = map[string][]string{}
			}
			scenario.Teams[value[:at]] = append(scenario.Teams[value[:at]], value[at+1:])
		default:
			ts.Fatalf("github does not know %s", arg)
		}
	}
	server, err := githubtest.New(scenario)
	ts.Check(err)
	ts.Defer(func() {
		server.Close()
		if v := server.Violations(); len(v) > 0 {
			ts.Fatalf("not what GitHub describes: %s", strings.Join(v, "\n"))
		}
	})
	ts.Setenv("GITHUB_API_URL", server.URL)
	servers.Store(ts.Getenv("WORK"), server)
	event, err := json.Marshal(payloadOf(eventName, base, head))
	ts.Check(err)
	work := ts.Getenv("WORK")
	ts.Check(os.WriteFile(filepath.Join(work, "event.json"), event, 0o600))
	for _, file := range []string{"summary.md", "output"} {
		ts.Check(os.WriteFile(filepath.Join(work, file), nil, 0o600))
	}
	for name, value := range map[string]string{
		"GITHUB_EVENT_NAME": strings.TrimSuffix(eventName, "-new"), "GITHUB_EVENT_PATH": filepath.Join(work, "event.json"), "GITHUB_SHA": head,
		"GITHUB_REPOSITORY": "acme/shop", "GITHUB_REF": refOf(eventName), "GITHUB_SERVER_URL": "https://github.com", "GITHUB_WORKSPACE": ts.MkAbs("."),
		"GITHUB_STEP_SUMMARY": filepath.Join(work, "summary.md"), "GITHUB_OUTPUT": filepath.Join(work, "output"),
		"INPUT_TOKEN": "not-a-token", "INPUT_COMMENT": "true", "INPUT_SARIF-FILE": filepath.Join(work, "out.sarif"),
	} {
		ts.Setenv(name, value)
	}
}

// payloadOf is what GitHub says of an event, as far as it is read. A push-new
// event is the push of a new branch.
func payloadOf(event, base, head string) map[string]any {
	repository := map[string]any{"default_branch": "main"}
	switch event {
	case "push":
		return map[string]any{"ref": "refs/heads/main", "before": base, "after": head, "repository": repository}
	case "push-new":
		return map[string]any{"ref": "refs/heads/topic", "before": strings.Repeat("0", 40), "after": head, "repository": repository}
	case "merge_group":
		return map[string]any{"action": "checks_requested", "merge_group": map[string]any{"head_sha": head, "base_sha": base}}
	case "schedule":
		return map[string]any{"schedule": "0 4 * * *"}
	}
	return map[string]any{"pull_request": map[string]any{"number": 1, "head": map[string]any{"sha": head}, "base": map[string]any{"sha": base}}}
}

func refOf(event string) string {
	switch {
	case strings.HasPrefix(event, "pull"):
		return "refs/pull/1/merge"
	case event == "push-new":
		return "refs/heads/topic"
	}
	return "refs/heads/main"
}

// servers are the loopback GitHubs by the work folder of their script, which
// no two scripts share.
var servers sync.Map

// posted prints what stands on the pull request, and what was written since it
// was last asked.
func posted(ts *testscript.TestScript, neg bool, _ []string) {
	if neg {
		ts.Fatalf("usage: posted")
	}
	known, ok := servers.Load(ts.Getenv("WORK"))
	if !ok {
		ts.Fatalf("there is no GitHub yet; start it with: github BASE HEAD")
	}
	server := known.(*githubtest.Server)
	out := ts.Stdout()
	for _, write := range server.Writes() {
		fmt.Fprintln(out, "wrote", write)
	}
	state := server.State()
	for _, c := range state.Review {
		fmt.Fprintln(out, "comment", c.Path, c.Side, c.Line, c.SubjectType, strings.TrimSpace(strings.SplitN(c.Body, "\n", 2)[0]))
	}
	for _, u := range state.Scanning.Uploads {
		fmt.Fprintln(out, "analysis", u.Ref, u.Commit == state.HeadSHA)
	}
	for _, c := range state.Issue {
		fmt.Fprintln(out, "conversation", strings.SplitN(c.Body, "\n", 3)[1])
	}
	server.Change(func(*githubtest.Scenario) {})
}

func revision(ts *testscript.TestScript, name string) string {
	return strings.TrimSpace(gitOutput(ts, "rev-parse", name+"^{commit}"))
}

// changedFiles is what GitHub's list of changed files says, with patches that
// have three lines of context.
func changedFiles(ts *testscript.TestScript, base, head string) []githubtest.File {
	var files []githubtest.File
	fields := strings.Split(strings.TrimSuffix(gitOutput(ts, "diff", "--name-status", "--no-renames", "-z", base, head), "\x00"), "\x00")
	for i := 0; i+1 < len(fields); i += 2 {
		patch := gitOutput(ts, "diff", "--no-renames", base, head, "--", fields[i+1])
		if at := strings.Index(patch, "\n@@"); at >= 0 {
			patch = patch[at+1:]
		}
		status := map[string]string{"A": "added", "M": "modified", "D": "removed"}[fields[i]]
		files = append(files, githubtest.File{Name: fields[i+1], Status: status, Patch: strings.TrimSuffix(patch, "\n")})
	}
	return files
}

func gitOutput(ts *testscript.TestScript, args ...string) string {
	cmd := exec.Command("git", args...)
	cmd.Dir = ts.MkAbs(".")
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null")
	out, err := cmd.Output()
	ts.Check(err)
	return string(out)
}
