package github_test

import (
	"context"
	"errors"
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

// TestDeletedMeanwhile goes on with the other comments, and with the summary.
func TestDeletedMeanwhile(t *testing.T) {
	server, p := start(t, githubtest.Scenario{})
	post(p, reportOf(finding(1, "head", 2, 2), finding(2, "head", 21, 21)))
	gone := fmt.Sprintf("/comments/%d", server.State().Review[0].ID)
	server.Change(func(s *githubtest.Scenario) {
		s.Faults = []githubtest.Fault{{Method: "PATCH", Suffix: gone, Status: 404, Message: "Not Found", Times: 1}}
	})
	if o := post(p, over()); o.Fixed != 1 || o.ReadOnly || !o.Summary || len(o.Degraded) > 0 {
		t.Errorf("outcome %+v", o)
	}
}

// TestRefusalIsTold gives GitHub's own reason on.
func TestRefusalIsTold(t *testing.T) {
	_, p := start(t, githubtest.Scenario{Faults: []githubtest.Fault{{Method: "POST", Status: 403, Message: "Unable to create comment because issue is locked.", Times: -1}}})
	if o := post(p, reportOf(finding(1, "head", 2, 2))); !o.ReadOnly || !strings.Contains(o.Refusal, "is locked") {
		t.Errorf("outcome %+v", o)
	}
}

// posts are the requests that would write.
func posts(server *githubtest.Server) (all []string) {
	for _, r := range server.Requests() {
		if !strings.HasPrefix(r, "GET ") && r != "POST /graphql" { // which asks who we are
			all = append(all, r)
		}
	}
	return all
}

func refuseReviews(times int) githubtest.Fault {
	return githubtest.Fault{Method: "POST", Suffix: "/reviews", Status: 422, Message: "Unprocessable Entity", Times: times}
}

// TestReviewWithoutFirstLines drops the first lines, and with them a
// suggestion that would then replace the wrong ones.
func TestReviewWithoutFirstLines(t *testing.T) {
	for times, want := range map[int]string{0: "review of 1", 1: "review of 1", 2: "comment on values.yaml"} {
		server, p := start(t, githubtest.Scenario{Faults: []githubtest.Fault{refuseReviews(times)}})
		f := finding(1, "head", 2, 3)
		f.Suggestion = &report.Suggestion{Path: "values.yaml", StartLine: 2, EndLine: 3, Replacement: "b: 5", Verified: true}
		o := post(p, reportOf(f))
		if w := server.Writes(); len(o.Inline) != 1 || len(w) != 2 || w[0] != want {
			t.Errorf("%d refusals: outcome %+v, writes %v", times, o, w)
		}
		c := server.State().Review[0]
		if whole := times == 0; whole != (c.StartLine == 2) || whole != strings.Contains(c.Body, "```suggestion\nb: 5\n```") {
			t.Errorf("%d refusals: posted %+v", times, c)
		}
	}
}

// TestOneSuggestionOfSeveralFindings stands once, on the lines that it
// replaces; one elsewhere is told and cannot be applied by a click.
func TestOneSuggestionOfSeveralFindings(t *testing.T) {
	server, p := start(t, githubtest.Scenario{})
	shared := &report.Suggestion{Path: "values.yaml", StartLine: 2, EndLine: 3, Replacement: "b: 5\n", Before: "b: 3\nc: 4\n", Verified: true, Targets: 2}
	first, second, other := finding(1, "head", 3, 3), finding(2, "head", 3, 3), finding(3, "base", 20, 20)
	first.Suggestion, second.Suggestion = shared, shared
	other.Suggestion = &report.Suggestion{Path: "elsewhere.yaml", StartLine: 1, EndLine: 1, Replacement: "c: 1\n", Before: "c: 2\n", Verified: true, Targets: 1}
	o := post(p, reportOf(first, second, other))
	all := server.State().Review
	if len(o.Inline) != 3 || len(all) != 2 {
		t.Fatalf("outcome %+v, comments %d", o, len(all))
	}
	if body := all[0].Body; all[0].StartLine != 2 || strings.Count(body, "suggestion\nb: 5\n") != 1 || !strings.Contains(body, "2 targets") {
		t.Errorf("posted %+v", all[0])
	}
	if body := all[1].Body; strings.Contains(body, "suggestion") || !strings.Contains(body, "diff\n-c: 2\n+c: 1\n") {
		t.Errorf("posted %+v", all[1])
	}
}

// TestSuggestionForOtherLines is not offered where the pull request's head is
// not what was rendered.
func TestSuggestionForOtherLines(t *testing.T) {
	server, p := start(t, githubtest.Scenario{})
	f := finding(1, "head", 3, 3)
	f.Suggestion = &report.Suggestion{Path: "values.yaml", StartLine: 1, EndLine: 3, Replacement: "b: 5\n", Before: "a: 1\nb: other\nc: 4\n", Verified: true}
	post(p, reportOf(f))
	if c := server.State().Review[0]; c.StartLine != 0 || strings.Contains(c.Body, "b: 5") {
		t.Errorf("posted %+v", c)
	}
}

// TestGivingUp stops at a limit that does not end, keeps count of what was not
// posted, and still tries the summary.
func TestGivingUp(t *testing.T) {
	for _, message := range []string{"You have exceeded a secondary rate limit.", "API rate limit exceeded"} {
		for _, status := range []int{403, 429} {
			server, p := start(t, githubtest.Scenario{Faults: []githubtest.Fault{
				refuseReviews(1), {Method: "POST", Suffix: "/pulls/1/comments", Status: status, Message: message, RetryAfter: "3600", Times: 99},
			}})
			o := post(p, reportOf(finding(1, "head", 2, 2), finding(2, "head", 3, 3), finding(3, "head", 10, 10)))
			if o.ReadOnly || len(o.Degraded) == 0 || len(o.Elsewhere) != 3 || !o.Summary {
				t.Errorf("%d %s: outcome %+v", status, message, o)
			}
			if tried := posts(server); len(tried) > 4 {
				t.Errorf("%d %s: tried %v", status, message, tried)
			}
			if !strings.Contains(server.State().Issue[0].Body, "3 new findings have no comment of their own") {
				t.Errorf("the summary does not say so:\n%s", server.State().Issue[0].Body)
			}
		}
	}
}

// TestNothingIsLost fails each kind of request in turn: no finding may be
// missing from the outcome.
func TestNothingIsLost(t *testing.T) {
	for _, status := range []int{401, 403, 404, 422, 500, 502} {
		for _, suffix := range []string{"/user", "/pulls/1", "/files", "/reviews", "/pulls/1/comments", "/issues/1/comments"} {
			server, p := start(t, githubtest.Scenario{Faults: []githubtest.Fault{{Suffix: suffix, Status: status, Message: "no", Times: 99}}})
			o := post(p, reportOf(finding(1, "head", 2, 2), finding(2, "head", 2, 3), finding(3, "head", 10, 10), finding(4, "base", 20, 20)))
			all := slices.Concat(o.Inline, o.File, o.Existing, o.Elsewhere)
			slices.Sort(all)
			if len(slices.Compact(all)) != 4 || len(o.Inline)+len(o.File)+len(o.Existing)+len(o.Elsewhere) != 4 {
				t.Errorf("%s %d: outcome %+v", suffix, status, o)
			}
			if got := len(server.State().Review); (len(o.Inline)+len(o.File) > 0) != (got > 0) {
				t.Errorf("%s %d: %d comments, outcome %+v", suffix, status, got, o)
			}
		}
	}
}

// TestServerErrors repeats reads and edits; a post is repeated only where it
// was not carried out, whatever became of its answer.
func TestServerErrors(t *testing.T) {
	for name, fault := range map[string]githubtest.Fault{
		"502, not done": {Status: 502}, "502, done": {Status: 502, After: true}, "cut, not done": {Cut: true}, "cut, done": {Cut: true, After: true},
	} {
		for _, suffix := range []string{"/reviews", "/pulls/1/comments", "/issues/1/comments"} {
			fault.Method, fault.Suffix, fault.Times = "POST", suffix, 1
			server, p := start(t, githubtest.Scenario{Faults: []githubtest.Fault{{Method: "GET", Status: 502, Times: 2}, fault}})
			o := post(p, reportOf(finding(1, "head", 2, 2), finding(2, "head", 10, 10)))
			if s := server.State(); len(o.Degraded) > 0 || len(o.Inline) != 1 || len(o.File) != 1 || !o.Summary || len(s.Review) != 2 || len(s.Issue) != 1 {
				t.Errorf("%s, %s: outcome %+v, writes %v", name, suffix, o, server.Writes())
			}
			server.Change(func(s *githubtest.Scenario) { s.Faults = []githubtest.Fault{{Method: "PATCH", Status: 502, Times: 1}} })
			if o = post(p, &report.Report{Verdict: report.Pass}); o.Fixed != 2 || len(o.Degraded) > 0 {
				t.Errorf("%s, %s: the edit: %+v", name, suffix, o)
			}
		}
	}
}

// broken is a network that is not there.
type broken struct{}

func (broken) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("connection refused")
}

func TestNetworkFailure(t *testing.T) {
	client, err := github.Client(func(string) string { return "" }, "secret-token", broken{}, func(context.Context, time.Duration) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	o := post(github.Poster{Client: client, Owner: "acme", Repo: "shop", Number: 1, HeadSHA: sha}, reportOf(finding(1, "head", 2, 2)))
	if len(o.Degraded) != 1 || !strings.Contains(o.Degraded[0], "connection refused") || strings.Contains(o.Degraded[0], "secret-token") || len(o.Elsewhere) != 1 {
		t.Errorf("outcome %+v", o)
	}
}

// TestWaiting sleeps as long as GitHub asked, at most thrice, and not at all
// when that is too long.
func TestWaiting(t *testing.T) {
	for retryAfter, want := range map[string]int{"7": 3, "120": 3, "121": 0} {
		var slept []time.Duration
		server, p := start(t, githubtest.Scenario{Faults: []githubtest.Fault{{Suffix: "/pulls/1", Status: 429, RetryAfter: retryAfter, Times: 99}}})
		client, err := github.Client(func(string) string { return server.URL }, "token", http.DefaultTransport, func(_ context.Context, d time.Duration) error {
			slept = append(slept, d)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		p.Client = client
		o := post(p, reportOf(finding(1, "head", 2, 2)))
		if len(slept) != want || len(o.Degraded) != 1 || o.ReadOnly {
			t.Errorf("Retry-After %s: slept %v, outcome %+v", retryAfter, slept, o)
		}
		for _, d := range slept {
			if d.String() != (map[string]string{"7": "7s", "120": "2m0s"})[retryAfter] {
				t.Errorf("Retry-After %s: slept %v", retryAfter, d)
			}
		}
	}
}

// TestAuthor knows its own comments with every kind of token.
func TestAuthor(t *testing.T) {
	for name, c := range map[string]struct {
		login, author string
		anonymous     bool
	}{
		"a workflow's": {}, "a person's": {login: "robin"}, "an App's": {login: "gate[bot]"},
		"an App's that cannot ask": {"gate[bot]", "gate[bot]", true}, "a workflow's that cannot ask": {anonymous: true},
	} {
		server, p := start(t, githubtest.Scenario{Login: c.login, Anonymous: c.anonymous})
		p.Author = c.author
		r := reportOf(finding(1, "head", 2, 2))
		post(p, r)
		server.Change(func(*githubtest.Scenario) {})
		if o := post(p, r); len(o.Existing) != 1 || len(server.Writes()) > 0 {
			t.Errorf("%s: outcome %+v, writes %v", name, o, server.Writes())
		}
	}
}

func TestMergeBase(t *testing.T) {
	server, p := start(t, githubtest.Scenario{MergeBase: sha})
	got, err := github.MergeBase(t.Context(), p.Client, "acme", "shop", a, b)
	if err != nil || got != sha {
		t.Errorf("got %s, %v", got, err)
	}
	server.Change(func(s *githubtest.Scenario) { s.MergeBase = "" })
	if _, err := github.MergeBase(t.Context(), p.Client, "acme", "shop", a, b); err == nil || !strings.Contains(err.Error(), "merge base") {
		t.Errorf("no answer: %v", err)
	}
}

// TestHostileSizes keeps bodies within GitHub's limit whatever the pull request
// makes up.
func TestHostileSizes(t *testing.T) {
	server, p := start(t, githubtest.Scenario{})
	huge := strings.Repeat("<\u202e`|@", 20_000)
	var findings []report.Finding
	for i := range 40 {
		f := finding(i+1, "head", 2, 2)
		f.Message, f.Field, f.Target, f.Object.Name = huge, huge, huge, huge
		f.Targets = []string{huge, huge}
		for range 30 {
			f.Trail = append(f.Trail, report.Step{Path: huge, Line: 1, What: huge})
		}
		findings = append(findings, f)
	}
	alone := finding(99, "head", 3, 3)
	alone.Suggestion = &report.Suggestion{Path: "values.yaml", StartLine: 3, EndLine: 3, Replacement: huge, Verified: true}
	r := reportOf(append(findings, alone)...)
	o := p.Post(t.Context(), r, strings.Repeat("é", 60_000))
	if len(o.Inline) != 41 || len(o.Degraded) > 0 || !o.Summary {
		t.Errorf("outcome %d inline, %v", len(o.Inline), o.Degraded)
	}
	server.Change(func(*githubtest.Scenario) {})
	if o = p.Post(t.Context(), r, strings.Repeat("é", 60_000)); len(o.Existing) != 41 || len(server.Writes()) > 0 {
		t.Errorf("second run: %d existing, writes %v", len(o.Existing), server.Writes())
	}
}

// TestLowAndSuppressedAreNotCommented leaves them to the summary.
func TestLowAndSuppressedAreNotCommented(t *testing.T) {
	low, silenced, kept := finding(1, "head", 2, 2), finding(2, "head", 2, 2), finding(3, "head", 2, 2)
	low.Severity, low.Blocks = "low", false
	silenced.Suppressed = &report.Suppressed{By: "waiver", Reason: "known"}
	kept.State, kept.Blocks = report.Kept, false
	server, p := start(t, githubtest.Scenario{})
	post(p, reportOf(low, silenced, kept))
	if got := server.State(); len(got.Review) > 0 || len(got.Issue) != 1 {
		t.Errorf("posted %+v, %d summaries", got.Review, len(got.Issue))
	}
}

// TestBlockingSpreadIsCommented: what a new target has of its sibling's, where
// the configuration blocks that.
func TestBlockingSpreadIsCommented(t *testing.T) {
	spread := finding(1, "head", 2, 2)
	spread.State = report.Spread
	server, p := start(t, githubtest.Scenario{})
	post(p, reportOf(spread))
	if got := server.State(); len(got.Review) != 1 {
		t.Errorf("posted %+v", got.Review)
	}
}

// TestBlockingFirst gives the places in the diff to what blocks.
func TestBlockingFirst(t *testing.T) {
	_, p := start(t, githubtest.Scenario{Files: []githubtest.File{added("values.yaml", 60)}})
	p.Lines = nil
	var findings []report.Finding
	for i := range 60 {
		f := finding(i+1, "head", i+1, i+1)
		if f.Blocks = i >= 30; !f.Blocks {
			f.Severity = "medium"
		}
		findings = append(findings, f)
	}
	o := post(p, reportOf(findings...))
	if len(o.Inline) != 30 || o.Inline[0] != fmt.Sprintf("%016x", 31) || o.Inline[29] != fmt.Sprintf("%016x", 60) {
		t.Errorf("inline %v", o.Inline)
	}
}
