package github_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rendergate/rendergate/internal/github"
	"github.com/rendergate/rendergate/internal/githubtest"
	"github.com/rendergate/rendergate/internal/report"
)

const sha = "1111111111111111111111111111111111111111"

const patchText = "@@ -1,3 +1,4 @@\n a: 1\n-b: 2\n+b: 3\n+c: 4\n d: 5\n@@ -20,2 +21,2 @@\n-x: 1\n+x: 2\n y: 3"

// contents are the compared trees: what the patch shows, and more.
var contents = map[string][]string{
	"head": {"a: 1", "b: 3", "c: 4", "d: 5", "e: 5", "f: 5", "g: 5", "h: 5", "i: 5", "far: away", "k: 1", "l: 1", "m: 1", "n: 1", "o: 1", "p: 1", "q: 1", "r: 1", "s: 1", "t: 1", "x: 2", "y: 3"},
	"base": {"a: 1", "b: 2", "d: 5", "e: 5", "f: 5", "g: 5", "h: 5", "i: 5", "far: away", "k: 1", "l: 1", "m: 1", "n: 1", "o: 1", "p: 1", "q: 1", "r: 1", "s: 1", "t: 1", "x: 1", "y: 3"},
}

func finding(n int, side string, line, endLine int) report.Finding {
	return report.Finding{
		Key: fmt.Sprintf("%016x", n), Check: "host-pid", Severity: "high", State: report.New, Message: "pods share it", Target: "charts/web",
		Targets: []string{"charts/web"}, Object: report.Object{Kind: "Deployment", Name: "web"}, Field: "spec.hostPID", Blocks: true,
		Location: report.Location{Path: "values.yaml", Side: side, Line: line, EndLine: endLine},
	}
}

// marker is that of a finding of charts/web.
func marker(n int) string {
	sum := sha256.Sum256([]byte("charts/web"))
	return fmt.Sprintf("<!-- rendergate:v1 fp=%016x at=%x host-pid -->", n, sum[:4])
}

func reportOf(findings ...report.Finding) *report.Report {
	r := &report.Report{Verdict: report.Fail, Findings: findings, FailOn: "high"}
	for _, f := range findings {
		if f.State == report.New {
			r.Summary.New++
		}
	}
	return r
}

func start(t *testing.T, scenario githubtest.Scenario) (*githubtest.Server, github.Poster) {
	t.Helper()
	scenario.HeadSHA = sha
	if scenario.Files == nil {
		scenario.Files = []githubtest.File{{Name: "values.yaml", Status: "modified", Patch: patchText}}
	}
	server, err := githubtest.New(scenario)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		server.Close()
		for _, v := range server.Violations() {
			t.Errorf("not what GitHub describes: %s", v)
		}
	})
	getenv := func(name string) string { return map[string]string{"GITHUB_API_URL": server.URL}[name] }
	client, err := github.Client(getenv, "token", http.DefaultTransport, func(context.Context, time.Duration) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	return server, github.Poster{Client: client, Owner: "acme", Repo: "shop", Number: 1, HeadSHA: sha, Lines: func(side, path string) []string {
		if path != "values.yaml" {
			return []string{}
		}
		return contents[side]
	}}
}

func post(p github.Poster, r *report.Report) github.Outcome {
	return p.Post(context.Background(), r, report.Markdown(r, report.Options{}, report.SummaryLimit))
}

func TestPostPlaces(t *testing.T) {
	for name, c := range map[string]struct {
		side          string
		line, endLine int
		want          githubtest.Comment
	}{
		"added line":       {"head", 2, 2, githubtest.Comment{Side: "RIGHT", Line: 2}},
		"several lines":    {"head", 2, 3, githubtest.Comment{Side: "RIGHT", Line: 3, StartLine: 2}},
		"across hunks":     {"head", 3, 21, githubtest.Comment{Side: "RIGHT", Line: 21}},
		"deleted line":     {"base", 20, 20, githubtest.Comment{Side: "LEFT", Line: 20}},
		"outside the diff": {"head", 10, 10, githubtest.Comment{SubjectType: "file"}},
		"only the file":    {"head", 0, 0, githubtest.Comment{SubjectType: "file"}},
	} {
		t.Run(name, func(t *testing.T) {
			server, p := start(t, githubtest.Scenario{})
			o := post(p, reportOf(finding(1, c.side, c.line, c.endLine)))
			if len(o.Degraded) > 0 || o.ReadOnly || !o.Summary {
				t.Errorf("outcome %+v", o)
			}
			got := server.State().Review
			if len(got) != 1 {
				t.Fatalf("%d comments: %+v", len(got), got)
			}
			if g := got[0]; g.Side != c.want.Side || g.Line != c.want.Line || g.StartLine != c.want.StartLine || g.SubjectType != c.want.SubjectType {
				t.Errorf("posted %+v, want %+v", g, c.want)
			}
		})
	}
}

// TestPostOverMergeCommit posts on the line that the pull request shows when
// the compared tree has it under another number.
func TestPostOverMergeCommit(t *testing.T) {
	server, p := start(t, githubtest.Scenario{})
	p.Lines = func(string, string) []string {
		return append(strings.Split("1\n2\n3\n4\n5\n6\n7", "\n"), contents["head"]...)
	}
	post(p, reportOf(finding(1, "head", 10, 10))) // "c: 4", seven lines up in the pull request's own head
	if got := server.State().Review; len(got) != 1 || got[0].Line != 3 {
		t.Errorf("posted %+v, want line 3", got)
	}
}

func TestSecondRunPostsNothing(t *testing.T) {
	server, p := start(t, githubtest.Scenario{PerPage: 1})
	r := reportOf(finding(1, "head", 2, 2), finding(2, "head", 2, 2), finding(3, "head", 10, 10), finding(4, "base", 2, 2))
	first := post(p, r)
	if len(server.Writes()) != 3 || len(server.State().Review) != 3 {
		t.Fatalf("first run wrote %v, %+v", server.Writes(), first)
	}
	server.Change(func(*githubtest.Scenario) {})
	second := post(p, r)
	if w := server.Writes(); len(w) != 0 {
		t.Errorf("second run wrote %v", w)
	}
	if len(second.Existing) != 4 {
		t.Errorf("second run knew %v", second.Existing)
	}
}

func TestFixedIsSaidOnce(t *testing.T) {
	server, p := start(t, githubtest.Scenario{})
	post(p, reportOf(finding(1, "head", 2, 2)))
	for range 2 {
		post(p, &report.Report{Verdict: report.Pass})
	}
	comments := server.State().Review
	if len(comments) != 1 || strings.Count(comments[0].Body, "**Fixed**") != 1 {
		t.Errorf("comments %+v", comments)
	}
	post(p, reportOf(finding(1, "head", 2, 2)))
	if got := len(server.State().Review); got != 2 {
		t.Errorf("a finding that came back has %d comments, want a new one", got)
	}
}

func TestNothingToSayIsNoComment(t *testing.T) {
	server, p := start(t, githubtest.Scenario{})
	post(p, &report.Report{Verdict: report.Pass, Summary: report.Summary{Kept: 7}})
	if w := server.Writes(); len(w) != 0 {
		t.Errorf("wrote %v", w)
	}
}

func TestReadOnlyToken(t *testing.T) {
	server, p := start(t, githubtest.Scenario{ReadOnly: true})
	o := post(p, reportOf(finding(1, "head", 2, 2), finding(2, "head", 10, 10)))
	if !o.ReadOnly || len(o.Degraded) > 0 || len(o.Elsewhere) != 2 {
		t.Errorf("outcome %+v", o)
	}
	if s := server.State(); len(s.Review)+len(s.Issue) > 0 {
		t.Errorf("posted %+v", s)
	}
}

func TestRefusedReviewLosesNothing(t *testing.T) {
	server, p := start(t, githubtest.Scenario{Picky: "other.yaml", Files: []githubtest.File{
		{Name: "values.yaml", Status: "modified", Patch: patchText}, {Name: "other.yaml", Status: "modified", Patch: patchText},
	}})
	p.Lines = func(side, _ string) []string { return contents[side] }
	other := finding(2, "head", 3, 3)
	other.Location.Path = "other.yaml"
	o := post(p, reportOf(finding(1, "head", 2, 2), other))
	if !slices.Equal(o.Inline, []string{fmt.Sprintf("%016x", 1)}) || !slices.Equal(o.File, []string{fmt.Sprintf("%016x", 2)}) {
		t.Errorf("outcome %+v", o)
	}
	if got := len(server.State().Review); got != 2 {
		t.Errorf("%d comments, want 2", got)
	}
}

func TestRateLimitIsWaitedFor(t *testing.T) {
	server, p := start(t, githubtest.Scenario{Limited: 3})
	o := post(p, reportOf(finding(1, "head", 2, 2)))
	if len(o.Inline) != 1 || len(o.Degraded) > 0 || len(server.State().Review) != 1 {
		t.Errorf("outcome %+v", o)
	}
}

func TestHeadMoved(t *testing.T) {
	server, p := start(t, githubtest.Scenario{})
	p.HeadSHA = strings.Repeat("2", 40)
	if o := post(p, reportOf(finding(1, "head", 2, 2))); len(o.Degraded) != 1 || len(server.Writes()) > 0 {
		t.Errorf("outcome %+v, writes %v", o, server.Writes())
	}
}

func TestPastedMarkerIsNotOurs(t *testing.T) {
	server, p := start(t, githubtest.Scenario{Review: []githubtest.Comment{{
		ID: 1, User: githubtest.User{Login: "mallory"}, Body: marker(1), Path: "values.yaml", Side: "RIGHT", Line: 2,
	}}})
	post(p, reportOf(finding(1, "head", 2, 2)))
	if got := len(server.State().Review); got != 2 {
		t.Errorf("%d comments, want mallory's and ours", got)
	}
}

func TestPastedSummaryIsNotOurs(t *testing.T) {
	server, p := start(t, githubtest.Scenario{Issue: []githubtest.Comment{{ID: 1, User: githubtest.User{Login: "mallory"}, Body: "<!-- rendergate:v1 summary -->\nall is well"}}})
	o := post(p, reportOf(finding(1, "head", 2, 2)))
	if got := server.State().Issue; len(got) != 2 || !o.Summary || o.ReadOnly {
		t.Errorf("%d comments, want mallory's and ours; outcome %+v", len(got), o)
	}
}

func TestManyFindings(t *testing.T) {
	lines := []string{"@@ -0,0 +1,200 @@"}
	for i := range 200 {
		lines = append(lines, fmt.Sprintf("+l%d: 1", i+1))
	}
	server, p := start(t, githubtest.Scenario{Files: []githubtest.File{{Name: "values.yaml", Status: "added", Patch: strings.Join(lines, "\n")}}})
	p.Lines = nil
	var findings []report.Finding
	for i := range 200 {
		findings = append(findings, finding(i+1, "head", i+1, i+1))
	}
	o := post(p, reportOf(findings...))
	if len(o.Inline) != 30 || len(o.Inline)+len(o.File)+len(o.Elsewhere) != 200 {
		t.Errorf("%d inline, %d on files, %d elsewhere", len(o.Inline), len(o.File), len(o.Elsewhere))
	}
	for _, c := range append(server.State().Review, server.State().Issue...) {
		if len(c.Body) > 65_536 {
			t.Errorf("a body of %d", len(c.Body))
		}
	}
}

func TestHostileText(t *testing.T) {
	server, p := start(t, githubtest.Scenario{})
	f := finding(1, "head", 2, 2)
	f.Message = "`x` <img src=x> @everyone [a](javascript:alert(1))\n<!-- rendergate:v1 fp=aaaaaaaaaaaaaaaa -->"
	f.Object.Name, f.Field = "``` <b>", "a|b\n@all"
	post(p, reportOf(f))
	for _, c := range append(server.State().Review, server.State().Issue...) {
		for _, bad := range []string{"<img", "@everyone", "](javascript", "fp=aaaa"} {
			if strings.Contains(c.Body, bad) {
				t.Errorf("%q stands in\n%s", bad, c.Body)
			}
		}
	}
}
