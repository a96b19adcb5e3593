package github_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rendergate/rendergate/internal/github"
	"github.com/rendergate/rendergate/internal/githubtest"
	"github.com/rendergate/rendergate/internal/report"
)

// TestForcePush leaves comments alone whose findings are still there, on
// whatever line and commit.
func TestForcePush(t *testing.T) {
	server, p := start(t, githubtest.Scenario{})
	post(p, reportOf(finding(1, "head", 2, 3), finding(2, "head", 21, 21), finding(3, "base", 20, 20)))
	other := strings.Repeat("3", 40)
	server.Push(other, githubtest.File{Name: "values.yaml", Status: "modified", Patch: "@@ -100,1 +100,2 @@\n far: away\n+b: 3"})
	p.HeadSHA, p.Lines = other, nil
	o := post(p, reportOf(finding(1, "head", 101, 101), finding(2, "head", 7, 7), finding(3, "base", 4, 4)))
	if w := server.Writes(); len(w) != 1 || w[0] != fmt.Sprintf("edit of %d", server.State().Issue[0].ID) || len(o.Existing) != 3 {
		t.Errorf("wrote %v, want the summary alone; outcome %+v", w, o)
	}
	for _, c := range server.State().Review {
		if c.Line != 0 {
			t.Errorf("the loopback does not outdate %+v", c)
		}
	}
}

// over is a report after which nothing holds any more.
func over() *report.Report { return &report.Report{Verdict: report.Pass} }

// TestFixedIsClosed hides the comments of what is fixed and closes their
// conversations, but those in which people took part, as far as the token can.
func TestFixedIsClosed(t *testing.T) {
	for name, c := range map[string]struct {
		scenario       githubtest.Scenario
		hidden, closed int
	}{
		"a workflow's token":  {githubtest.Scenario{Minimizes: true}, 2, 0},
		"contents: write":     {githubtest.Scenario{Minimizes: true, Resolves: true}, 2, 1},
		"nothing but editing": {githubtest.Scenario{}, 0, 0},
	} {
		server, p := start(t, c.scenario)
		post(p, reportOf(finding(1, "head", 2, 2), finding(2, "head", 21, 21)))
		answered := server.State().Review[0].ID
		server.Change(func(s *githubtest.Scenario) {
			s.Review = append(s.Review, githubtest.Comment{ID: 9000, NodeID: "PRRC_9000", User: githubtest.User{Login: "robin"}, Body: "why?", Path: "values.yaml", InReplyTo: answered})
		})
		o := post(p, over())
		hidden, closed := 0, 0
		for _, got := range server.State().Review {
			if got.Minimized != "" {
				hidden++
			}
			if got.Resolved {
				closed++
			}
			if got.ID == answered && got.Resolved || got.ID == 9000 && (got.Body != "why?" || got.Minimized != "") {
				t.Errorf("%s: the answered one: %+v", name, got)
			}
			if got.ID != 9000 && !strings.Contains(got.Body, "**Fixed** in 111111111111.") {
				t.Errorf("%s: not said to be fixed:\n%s", name, got.Body)
			}
		}
		if hidden != c.hidden || closed != c.closed || o.Fixed != 2 || o.Resolved != c.closed || len(o.Degraded) > 0 || o.ReadOnly || len(server.State().Review) != 3 {
			t.Errorf("%s: %d hidden, %d closed, outcome %+v", name, hidden, closed, o)
		}
	}
}

// TestFixedInPart says which of a comment's findings is gone; once it is back
// it is told again.
func TestFixedInPart(t *testing.T) {
	server, p := start(t, githubtest.Scenario{Minimizes: true})
	both := func() *report.Report {
		second := finding(2, "head", 2, 2)
		second.Check = "host-network"
		return reportOf(finding(1, "head", 2, 2), second)
	}
	post(p, both())
	r := both()
	r.Findings = r.Findings[:1]
	for range 2 {
		post(p, r)
	}
	c := server.State().Review[0]
	if strings.Count(c.Body, "**Fixed** in 111111111111: `host-network`; the rest holds.") != 1 || c.Minimized != "" {
		t.Errorf("posted %+v", c)
	}
	post(p, both())
	all := server.State().Review
	if len(all) != 2 || !strings.Contains(all[1].Body, "**host-network**") || strings.Contains(all[1].Body, "**host-pid**") {
		t.Errorf("the one that came back: %+v", all)
	}
	post(p, over())
	for _, c := range server.State().Review {
		if c.Minimized == "" || !strings.HasPrefix(c.Body, "<!-- rendergate:v1 fixed -->\n**Fixed** in") {
			t.Errorf("in the end: %+v", c)
		}
	}
}

// TestBlindInOneTarget says nothing of findings whose target was not looked at,
// and settles the others.
func TestBlindInOneTarget(t *testing.T) {
	server, p := start(t, githubtest.Scenario{})
	other := finding(2, "head", 21, 21)
	other.Target = "charts/db"
	post(p, reportOf(finding(1, "head", 2, 2), other))
	o := post(p, &report.Report{Verdict: report.Pass, Targets: []report.Target{
		{ID: "charts/web", Affected: true, Base: report.Rendered, Head: report.Rendered}, {ID: "charts/db", Affected: true, Base: report.Failed, Head: report.Failed},
	}})
	for _, c := range server.State().Review {
		if fixed := strings.Contains(c.Body, "**Fixed**"); fixed != (c.Line == 2) {
			t.Errorf("line %d fixed: %v; outcome %+v", c.Line, fixed, o)
		}
	}
}

// meeting lets two runs go on only once both have come to a request: then
// neither has seen what the other posts.
type meeting struct {
	http.RoundTripper
	at   string
	both *sync.WaitGroup
	once *sync.Once
}

func (m meeting) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, m.at) {
		m.once.Do(func() {
			m.both.Done()
			m.both.Wait()
		})
	}
	return m.RoundTripper.RoundTrip(r)
}

// TestConcurrentRuns leaves one comment of each kind, whoever was first, and one
// summary of each category.
func TestConcurrentRuns(t *testing.T) {
	for _, categories := range [][]string{{"", ""}, {"", "rendergate/b"}, {"rendergate/a", "rendergate/b"}} {
		for _, at := range []string{"/reviews", "/pulls/1/comments", "/issues/1/comments"} {
			server, p := start(t, githubtest.Scenario{})
			var both, runs sync.WaitGroup
			both.Add(2)
			outcomes := make([]github.Outcome, 2)
			for i := range outcomes {
				client, err := github.Client(func(string) string { return server.URL }, "token", meeting{http.DefaultTransport, at, &both, new(sync.Once)}, func(context.Context, time.Duration) error { return nil })
				if err != nil {
					t.Fatal(err)
				}
				mine, r := p, reportOf(finding(1, "head", 2, 2), finding(2, "head", 10, 10))
				mine.Client, r.Category = client, categories[i]
				runs.Go(func() { outcomes[i] = post(mine, r) })
			}
			runs.Wait()
			summaries := len(slices.Compact(slices.Clone(categories)))
			if s := server.State(); len(s.Review) != 2 || len(s.Issue) != summaries {
				t.Errorf("%q %s: %d comments and %d summaries, outcomes %+v", categories, at, len(s.Review), len(s.Issue), outcomes)
			}
			for _, o := range outcomes {
				if len(o.Inline)+len(o.File)+len(o.Existing) != 2 || len(o.Degraded) > 0 {
					t.Errorf("%q %s: outcome %+v", categories, at, o)
				}
			}
		}
	}
}

// TestCategories leaves what another category says to it: nothing of it is said
// again, edited, hidden or deleted, whatever the other finds.
func TestCategories(t *testing.T) {
	server, p := start(t, githubtest.Scenario{Minimizes: true, Resolves: true})
	of := func(category string, findings ...report.Finding) *report.Report {
		r := reportOf(findings...)
		r.Category = category
		return r
	}
	post(p, of("rendergate/a", finding(1, "head", 2, 2), finding(2, "head", 3, 3)))
	if o := post(p, of("rendergate/b", finding(2, "head", 3, 3), finding(3, "head", 21, 21))); len(o.Inline) != 1 || len(o.Existing) != 1 || o.Fixed != 0 {
		t.Errorf("b: %+v", o)
	}
	if s := server.State(); len(s.Review) != 3 || len(s.Issue) != 2 {
		t.Fatalf("%d comments and %d summaries", len(s.Review), len(s.Issue))
	}
	fixed := func() (lines []int) {
		for _, c := range server.State().Review {
			if strings.Contains(c.Body, "**Fixed**") != (c.Minimized != "") || c.Resolved != (c.Minimized != "") {
				t.Errorf("%+v", c)
			}
			if c.Minimized != "" {
				lines = append(lines, c.Line)
			}
		}
		return lines
	}
	for _, step := range []struct{ category, want string }{{"", "[]"}, {"rendergate/b", "[21]"}, {"rendergate/a", "[2 3 21]"}} {
		post(p, of(step.category))
		if got := fmt.Sprint(fixed()); got != step.want {
			t.Errorf("%s finds nothing: fixed are lines %s, want %s", step.category, got, step.want)
		}
	}
}

// TestCommentsBeforeCategories has those that an older release posted belong to
// the default category, and to whoever looks at their target.
func TestCommentsBeforeCategories(t *testing.T) {
	for category, targets := range map[string]map[string]string{
		"":             {"charts/db": "[2 21]"},
		"rendergate/a": {"charts/web": "[2]", "charts/db": "[21]", "charts/other": "[]"},
	} {
		for target, want := range targets {
			server, p := start(t, githubtest.Scenario{})
			other := finding(2, "head", 21, 21)
			other.Target = "charts/db"
			post(p, reportOf(finding(1, "head", 2, 2), other))
			r := over()
			r.Category, r.Targets = category, []report.Target{{ID: target, Affected: true, Base: report.Rendered, Head: report.Rendered}}
			post(p, r)
			fixed := []int{}
			for _, c := range server.State().Review {
				if strings.Contains(c.Body, "**Fixed**") {
					fixed = append(fixed, c.Line)
				}
			}
			if got := fmt.Sprint(fixed); got != want {
				t.Errorf("%q over %s settles lines %s, want %s", category, target, got, want)
			}
		}
	}
}

// pushing moves the head once a request has been answered.
type pushing struct {
	http.RoundTripper
	at   string
	push func()
}

func (m pushing) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := m.RoundTripper.RoundTrip(r)
	if strings.HasSuffix(r.Method+" "+r.URL.Path, m.at) {
		m.push()
	}
	return response, err
}

// TestHeadMovesMeanwhile stops before the next write.
func TestHeadMovesMeanwhile(t *testing.T) {
	for at, want := range map[string]string{
		"GET /repos/acme/shop/pulls/1/files":    "",
		"POST /repos/acme/shop/pulls/1/reviews": "review of 1",
	} {
		server, p := start(t, githubtest.Scenario{})
		client, err := github.Client(func(string) string { return server.URL }, "token", pushing{http.DefaultTransport, at, func() {
			server.Change(func(s *githubtest.Scenario) { s.HeadSHA = strings.Repeat("4", 40) })
		}}, func(context.Context, time.Duration) error { return nil })
		if err != nil {
			t.Fatal(err)
		}
		p.Client = client
		o := post(p, reportOf(finding(1, "head", 2, 2), finding(2, "head", 10, 10)))
		if got := len(server.State().Review) + len(server.State().Issue); !o.Moved || o.Summary || len(o.Elsewhere)+len(o.Inline) != 2 || got != len(o.Inline) || (want != "") != (got == 1) {
			t.Errorf("%s: %d posted, outcome %+v", at, got, o)
		}
	}
}

// TestFileCommentNamesTheLine, because GitHub shows it above the whole file.
func TestFileCommentNamesTheLine(t *testing.T) {
	server, p := start(t, githubtest.Scenario{})
	post(p, reportOf(finding(1, "head", 10, 10)))
	if c := server.State().Review[0]; c.SubjectType != "file" || !strings.Contains(c.Body, "because of `values.yaml:10`") {
		t.Errorf("posted %+v", c)
	}
}

// TestSuggestionOverMergeCommit stands on the lines of the pull request.
func TestSuggestionOverMergeCommit(t *testing.T) {
	server, p := start(t, githubtest.Scenario{})
	p.Lines = func(string, string) []string { return append([]string{"# new", "# lines"}, contents["head"]...) }
	f := finding(1, "head", 5, 5)
	f.Suggestion = &report.Suggestion{Path: "values.yaml", StartLine: 4, EndLine: 5, Replacement: "b: 5\n", Before: "b: 3\nc: 4\n", Verified: true}
	post(p, reportOf(f))
	if c := server.State().Review[0]; c.StartLine != 2 || c.Line != 3 || !strings.Contains(c.Body, "```suggestion\nb: 5\n```") {
		t.Errorf("posted %+v", c)
	}
}

// TestSecondaryLimitWithoutHeader is waited for a minute, then two: it comes
// as a 403 like that of a token without rights.
func TestSecondaryLimitWithoutHeader(t *testing.T) {
	var slept []time.Duration
	server, p := start(t, githubtest.Scenario{Faults: []githubtest.Fault{{Suffix: "/reviews", Status: 403, Message: "You have exceeded a secondary rate limit. Please wait.", Times: 2}}})
	client, err := github.Client(func(string) string { return server.URL }, "token", http.DefaultTransport, func(_ context.Context, d time.Duration) error {
		slept = append(slept, d)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	p.Client = client
	o := post(p, reportOf(finding(1, "head", 2, 2)))
	if len(o.Inline) != 1 || o.ReadOnly || fmt.Sprint(slept) != "[1m0s 2m0s]" {
		t.Errorf("slept %v, outcome %+v", slept, o)
	}
}
