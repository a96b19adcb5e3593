package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/sethvargo/go-githubactions"

	"github.com/rendergate/rendergate/internal/git"
	"github.com/rendergate/rendergate/internal/github"
	"github.com/rendergate/rendergate/internal/githubtest"
	"github.com/rendergate/rendergate/internal/report"
)

// faults are what may go wrong with a request.
var faults = map[string]githubtest.Fault{
	"401": {Status: 401, Message: "Bad credentials"}, "403": {Status: 403, Message: "Resource not accessible by integration"},
	"403 secondary limit": {Status: 403, Message: "You have exceeded a secondary rate limit."},
	"404":                 {Status: 404, Message: "Not Found"}, "422": {Status: 422, Message: "Unprocessable Entity"},
	"429": {Status: 429, Message: "slow down", RetryAfter: "1"}, "429 for long": {Status: 429, Message: "slow down", RetryAfter: "3600"},
	"500": {Status: 500}, "502, done": {Status: 502, After: true}, "timeout": {Hang: true}, "timeout, done": {Hang: true, After: true},
	"cut": {Cut: true}, "cut, done": {Cut: true, After: true},
}

// TestNoFaultLosesAFinding fails every request of a run in every way, once and
// for good: the verdict stays, each new finding is in the log and on the
// summary page, what stands on the pull request stands there once, and its
// summary, where there is one, has everything.
func TestNoFaultLosesAFinding(t *testing.T) {
	repo := changedRepo(t)
	clean := repo.answer(t, nil)
	if clean.err == "" || len(clean.state.Review) != 3 || len(clean.state.Issue) != 1 {
		t.Fatalf("without a fault: %+v", clean)
	}
	for name, fault := range faults {
		for call := 0; call <= clean.calls; call++ {
			f := fault
			f.Call, f.Times = call, 1
			if call == 0 {
				f.Times = -1
			}
			got := repo.answer(t, []githubtest.Fault{f})
			if got.err != clean.err {
				t.Errorf("%s at call %d: the verdict is %q, want %q", name, call, got.err, clean.err)
			}
			for _, n := range repo.report.Findings {
				comments := 0
				for _, c := range got.state.Review {
					comments += strings.Count(c.Body, "fp="+n.Key)
				}
				if !strings.Contains(got.log, n.Message) || !strings.Contains(got.page, n.Message) || comments > 1 {
					t.Errorf("%s at call %d: %s has %d comments, log %v, page %v", name, call, n.Message, comments, strings.Contains(got.log, n.Message), strings.Contains(got.page, n.Message))
				}
				if len(got.state.Issue) > 1 || len(got.state.Issue) == 1 && !strings.Contains(got.state.Issue[0].Body, n.Message) {
					t.Errorf("%s at call %d: %d summaries, the first without %s", name, call, len(got.state.Issue), n.Message)
				}
			}
			if complete := len(got.state.Review) == 3 && len(got.state.Issue) == 1; !complete && !strings.Contains(got.log, "::warning") {
				t.Errorf("%s at call %d: %d comments and %d summaries, and nobody is told:\n%s", name, call, len(got.state.Review), len(got.state.Issue), got.log)
			}
		}
	}
}

// answered is what a run left behind.
type answered struct {
	err, log, page, outputs string
	state                   githubtest.Scenario
	calls                   int
}

// changed is a repository with a change and the report of it.
type changed struct {
	change *git.Change
	head   string
	report *report.Report
}

func changedRepo(t *testing.T) changed {
	t.Helper()
	dir := t.TempDir()
	run := func(args ...string) {
		cmd := exec.Command("git", append([]string{"-c", "user.name=a", "-c", "user.email=a@example.com"}, args...)...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v: %s", args, err, out)
		}
	}
	run("init", "--quiet")
	for _, text := range []string{"a: 1\nb: 2\n", "a: 1\nb: 3\nc: 4\n"} {
		if err := os.WriteFile(filepath.Join(dir, "values.yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		run("add", "--all")
		run("commit", "--quiet", "--message", "x")
	}
	repo, err := git.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { repo.Close() })
	base, err := repo.Resolve(t.Context(), "HEAD^")
	if err != nil {
		t.Fatal(err)
	}
	head, err := repo.Resolve(t.Context(), "HEAD")
	if err != nil {
		t.Fatal(err)
	}
	change, err := repo.Change(t.Context(), base, head)
	if err != nil {
		t.Fatal(err)
	}
	r := &report.Report{Verdict: report.Fail, FailOn: "high", Base: base.SHA(), Head: head.SHA(), Targets: []report.Target{{ID: ".", Kind: "helm", Path: ".", Affected: true, Base: "rendered", Head: "rendered"}}}
	for i, at := range []int{2, 3, 0, 99, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2} {
		location := report.Location{Path: "values.yaml", Side: report.Head, Line: at, EndLine: at}
		if at == 99 {
			location.Path = "elsewhere.yaml"
		}
		r.Findings = append(r.Findings, report.Finding{
			Key: fmt.Sprintf("%016x", i+1), Check: "host-pid", Severity: "high", State: report.New, Message: fmt.Sprintf("finding number %d of them", i+1), Blocks: true,
			Target: ".", Targets: []string{"."}, Object: report.Object{Kind: "Pod", Name: "a"}, Location: location,
		})
	}
	r.Summary = report.Summarize(r)
	return changed{change, head.SHA(), r}
}

// answer is the end of a run of the action, with these faults.
func (c changed) answer(t *testing.T, faults []githubtest.Fault) answered {
	t.Helper()
	server, err := githubtest.New(githubtest.Scenario{HeadSHA: c.head, Faults: faults, Files: []githubtest.File{
		{Name: "values.yaml", Status: "modified", Patch: "@@ -1,2 +1,3 @@\n a: 1\n-b: 2\n+b: 3\n+c: 4"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	page := filepath.Join(t.TempDir(), "summary.md")
	environment := map[string]string{
		"GITHUB_API_URL": server.URL, "GITHUB_STEP_SUMMARY": page, "GITHUB_OUTPUT": page + ".out", "INPUT_TOKEN": "not-a-token", "INPUT_COMMENT": "true",
	}
	getenv := func(name string) string { return environment[name] }
	var log bytes.Buffer
	network := &http.Transport{ResponseHeaderTimeout: 100 * time.Millisecond, DisableKeepAlives: true}
	a := action{
		program: &program{stdout: &log, stderr: &log, getenv: getenv}, network: network, sleep: func(context.Context, time.Duration) error { return nil },
		actions: githubactions.New(githubactions.WithWriter(&log), githubactions.WithGetenv(getenv)),
	}
	end := a.answer(t.Context(), github.Event{Name: "pull_request", Owner: "acme", Repo: "shop", Number: 1, PullHead: c.head}, "not-a-token", c.report, c.change)
	if v := server.Violations(); len(v) > 0 {
		t.Errorf("not what GitHub describes: %v", v)
	}
	written, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	outputs, err := os.ReadFile(page + ".out")
	if err != nil {
		t.Fatal(err)
	}
	return answered{fmt.Sprint(end), log.String(), string(written), string(outputs), server.State(), len(server.Requests())}
}

// TestHostileLog puts names of an attacker through the end of a run: the log
// has no commands but ours, and the outputs are ours alone.
func TestHostileLog(t *testing.T) {
	repo := changedRepo(t)
	const text = "x\n::error::forged\n::set-output name=verdict::pass\r##[error]forged\n_GitHubActionsFileCommandDelimeter_\nverdict<<E\npass\nE"
	for i := range repo.report.Findings {
		f := &repo.report.Findings[i]
		f.Message, f.Target, f.Targets, f.Object.Name, f.Field, f.Threshold = text, text, []string{text}, text, text, text
		if i%2 == 0 {
			f.Location.Path = "::error::forged ##[error]forged"
		}
	}
	repo.report.Targets[0].ID, repo.report.Undecided = text, []report.Undecided{{Target: text, Side: "head", Stage: "render", Error: text}}
	got := repo.answer(t, []githubtest.Fault{{Method: "POST", Status: 500, Message: text, Times: -1}})
	known := regexp.MustCompile(`^::(error|warning|notice|group|endgroup|add-mask)( [^:]*)?::`)
	for line := range strings.Lines(got.log) {
		command := strings.HasPrefix(strings.TrimLeft(line, " \t"), "::")
		if command && (!known.MatchString(line) || strings.HasPrefix(line, "::error::forged")) || strings.Contains(line, "##[") || strings.Contains(strings.TrimSuffix(line, "\n"), "\r") {
			t.Errorf("the runner obeys %q", line)
		}
	}
	want := regexp.MustCompile(`^(verdict|new|undecided)<<_GitHubActionsFileCommandDelimeter_\r?\n(fail|[0-9]+)\r?\n_GitHubActionsFileCommandDelimeter_\r?\n`)
	rest := got.outputs
	for range 3 {
		m := want.FindString(rest)
		if m == "" {
			t.Fatalf("the outputs are %q", got.outputs)
		}
		rest = rest[len(m):]
	}
	if rest != "" {
		t.Errorf("more outputs: %q", rest)
	}
}
