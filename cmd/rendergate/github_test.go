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

// startGitHub BASE HEAD [readonly] [fork] [unauthorized] [approved=LOGIN]…
// [member=ORG/TEAM/LOGIN]… [merge=REV] [event=NAME] [scanning=refuses|disabled]
// begins a workflow run of a pull request over two revisions of the current
// repository, or of another event, against a loopback GitHub. With an approval it
// is a run for that review, with a merge one over that commit.
func startGitHub(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: github BASE HEAD [readonly] [fork] [unauthorized] [approved=LOGIN]… [member=ORG/TEAM/LOGIN]…")
	}
	base, head := revision(ts, args[0]), revision(ts, args[1])
	scenario := githubtest.Scenario{HeadSHA: head, Files: changedFiles(ts, base, head), Author: "author", MergeBase: base}
	eventName, judged := "pull_request", head
	for _, arg := range args[2:] {
		if merge, given := strings.CutPrefix(arg, "merge="); given {
			judged = revision(ts, merge)
			continue
		}
		eventName = optionOf(ts, &scenario, arg, eventName)
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
	ts.Setenv("GITHUB_GRAPHQL_URL", server.URL+"/graphql")
	event, err := json.Marshal(payloadOf(eventName, base, head))
	ts.Check(err)
	work := ts.Getenv("WORK")
	ts.Check(os.WriteFile(filepath.Join(work, "event.json"), event, 0o600))
	for _, file := range []string{"summary.md", "output"} {
		ts.Check(os.WriteFile(filepath.Join(work, file), nil, 0o600))
	}
	for name, value := range map[string]string{
		"GITHUB_EVENT_NAME": strings.TrimSuffix(eventName, "-new"), "GITHUB_EVENT_PATH": filepath.Join(work, "event.json"), "GITHUB_SHA": judged,
		"GITHUB_REPOSITORY": "acme/shop", "GITHUB_REF": refOf(eventName), "GITHUB_SERVER_URL": "https://github.com", "GITHUB_WORKSPACE": ts.MkAbs("."),
		"GITHUB_STEP_SUMMARY": filepath.Join(work, "summary.md"), "GITHUB_OUTPUT": filepath.Join(work, "output"),
		"INPUT_TOKEN": "not-a-token", "INPUT_COMMENT": "true", "INPUT_SARIF-FILE": filepath.Join(work, "out.sarif"),
	} {
		ts.Setenv(name, value)
	}
}

// pushed BASE HEAD goes on with a run of the same pull request, of which HEAD is
// the head now.
func pushed(ts *testscript.TestScript, neg bool, args []string) {
	known, ok := servers.Load(ts.Getenv("WORK"))
	if neg || len(args) != 2 || !ok {
		ts.Fatalf("usage, after github: pushed BASE HEAD")
	}
	base, head := revision(ts, args[0]), revision(ts, args[1])
	known.(*githubtest.Server).Push(head, changedFiles(ts, base, head)...)
	event, err := json.Marshal(payloadOf("pull_request", base, head))
	ts.Check(err)
	ts.Check(os.WriteFile(ts.Getenv("GITHUB_EVENT_PATH"), event, 0o600))
	ts.Setenv("GITHUB_SHA", head)
}

// workflowRun HEAD [OWNER/NAME [EVENT]] goes on with a workflow that was begun by
// the end of that run: its token may write, and its event names the head alone.
func workflowRun(ts *testscript.TestScript, neg bool, args []string) {
	known, ok := servers.Load(ts.Getenv("WORK"))
	if neg || len(args) < 1 || !ok {
		ts.Fatalf("usage, after github: workflowrun HEAD [OWNER/NAME [EVENT]]")
	}
	args = append(args, []string{"", "mallory/shop", "pull_request"}[len(args):]...)
	owner, _, _ := strings.Cut(args[1], "/")
	event, err := json.Marshal(map[string]any{"workflow_run": map[string]any{
		"id": 7, "event": args[2], "head_sha": revision(ts, args[0]), "head_branch": "topic", "pull_requests": []any{},
		"head_repository": map[string]any{"full_name": args[1], "owner": map[string]any{"login": owner}},
	}})
	ts.Check(err)
	ts.Check(os.WriteFile(ts.Getenv("GITHUB_EVENT_PATH"), event, 0o600))
	ts.Check(os.WriteFile(ts.Getenv("GITHUB_STEP_SUMMARY"), nil, 0o600))
	ts.Setenv("GITHUB_EVENT_NAME", "workflow_run")
	ts.Setenv("GITHUB_TOKEN", "not-a-token")
	known.(*githubtest.Server).Change(func(s *githubtest.Scenario) { s.ReadOnly = false })
}

// said prints the comments of the pull request in full.
func said(ts *testscript.TestScript, neg bool, _ []string) {
	known, ok := servers.Load(ts.Getenv("WORK"))
	if neg || !ok {
		ts.Fatalf("usage, after github: said")
	}
	state := known.(*githubtest.Server).State()
	for _, c := range append(state.Review, state.Issue...) {
		fmt.Fprintln(ts.Stdout(), c.Body)
	}
}

// optionOf changes a scenario as a word says, and gives the event that it is then.
func optionOf(ts *testscript.TestScript, scenario *githubtest.Scenario, arg, event string) string {
	key, value, _ := strings.Cut(arg, "=")
	switch key {
	case "readonly":
		scenario.ReadOnly = true
	case "fork":
		scenario.HeadRepo, scenario.HeadBranch, scenario.ReadOnly = "mallory/shop", "topic", true
	case "unauthorized":
		scenario.Faults = []githubtest.Fault{{Status: 401, Message: "Bad credentials", Times: -1}}
	case "approved":
		event = "pull_request_review"
		scenario.Reviews = append(scenario.Reviews, githubtest.Review{ID: 1, User: githubtest.User{Login: value}, State: "APPROVED", CommitID: scenario.HeadSHA})
	case "event":
		event = value
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
	return event
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

// changedFiles is what GitHub's list of changed files says: what head has that the
// merge base had not, with patches that have three lines of context.
func changedFiles(ts *testscript.TestScript, base, head string) []githubtest.File {
	var files []githubtest.File
	base = strings.TrimSpace(gitOutput(ts, "merge-base", base, head))
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
