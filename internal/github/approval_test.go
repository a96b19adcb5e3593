package github_test

import (
	"context"
	"strings"
	"testing"

	"github.com/rendergate/rendergate/internal/github"
	"github.com/rendergate/rendergate/internal/githubtest"
)

func review(login, state, sha string) githubtest.Review {
	return githubtest.Review{ID: 1, User: githubtest.User{Login: login}, State: state, CommitID: sha}
}

func TestApprovers(t *testing.T) {
	old := strings.Repeat("b", 40)
	list := func(names ...string) []string { return names }
	for name, tc := range map[string]struct {
		reviews   []githubtest.Review
		teams     map[string][]string
		approvers []string
		by, note  string
	}{
		"approved":            {[]githubtest.Review{review("Alice", "APPROVED", sha)}, nil, list("@alice"), "@Alice", ""},
		"by another":          {[]githubtest.Review{review("mallory", "APPROVED", sha)}, nil, list("@alice"), "", ""},
		"by the author":       {[]githubtest.Review{review("author", "APPROVED", sha)}, nil, list("author"), "", ""},
		"of an older head":    {[]githubtest.Review{review("alice", "APPROVED", old)}, nil, list("alice"), "", ""},
		"of both heads":       {[]githubtest.Review{review("alice", "APPROVED", old), review("alice", "APPROVED", sha)}, nil, list("alice"), "@alice", ""},
		"then of an old head": {[]githubtest.Review{review("alice", "APPROVED", sha), review("alice", "APPROVED", old)}, nil, list("alice"), "", ""},
		"dismissed":           {[]githubtest.Review{review("alice", "DISMISSED", sha)}, nil, list("alice"), "", ""},
		"taken back":          {[]githubtest.Review{review("alice", "APPROVED", sha), review("alice", "CHANGES_REQUESTED", sha)}, nil, list("alice"), "", ""},
		"then commented":      {[]githubtest.Review{review("alice", "APPROVED", sha), review("alice", "COMMENTED", sha)}, nil, list("alice"), "@alice", ""},
		"commented":           {[]githubtest.Review{review("alice", "COMMENTED", sha)}, nil, list("alice"), "", ""},
		"nobody":              {nil, nil, list("alice"), "", ""},
		"of the team":         {[]githubtest.Review{review("bob", "APPROVED", sha)}, map[string][]string{"acme/security": {"bob"}}, list("@acme/security"), "@bob", ""},
		"not of the team":     {[]githubtest.Review{review("bob", "APPROVED", sha)}, map[string][]string{"acme/security": {"eve"}}, list("@acme/security"), "", "GitHub does not say that they are in @acme/security"},
		"team cannot be read": {[]githubtest.Review{review("bob", "APPROVED", sha)}, nil, list("@acme/security"), "", "cannot be asked, so it does not count"},
		"second of the list":  {[]githubtest.Review{review("bob", "APPROVED", sha)}, map[string][]string{"acme/security": {}}, list("@acme/security", "bob"), "@bob", "they are in @acme/security"},
	} {
		t.Run(name, func(t *testing.T) {
			server, p := start(t, githubtest.Scenario{Author: "author", Reviews: tc.reviews, Teams: tc.teams, PerPage: 1})
			ask := github.Approvers{Client: p.Client, Owner: p.Owner, Repo: p.Repo, Number: p.Number, HeadSHA: sha}
			by, notes := ask.Of(context.Background(), tc.approvers)
			if by != tc.by || tc.note == "" != (len(notes) == 0) || !strings.Contains(strings.Join(notes, "\n"), tc.note) {
				t.Errorf("approved by %q, notes %q; want %q, %q", by, notes, tc.by, tc.note)
			}
			if v := server.Violations(); len(v) > 0 {
				t.Errorf("not what GitHub describes: %v", v)
			}
		})
	}
}

// TestApprovalCannotBeAsked is no approval.
func TestApprovalCannotBeAsked(t *testing.T) {
	for suffix, want := range map[string]string{"/pulls/1": "the pull request cannot be read", "/reviews": "the reviews cannot be listed"} {
		fault := githubtest.Fault{Method: "GET", Suffix: suffix, Status: 403, Message: "Resource not accessible by integration", Times: 9}
		_, p := start(t, githubtest.Scenario{Reviews: []githubtest.Review{review("alice", "APPROVED", sha)}, Faults: []githubtest.Fault{fault}})
		ask := github.Approvers{Client: p.Client, Owner: p.Owner, Repo: p.Repo, Number: 1, HeadSHA: sha}
		if by, notes := ask.Of(context.Background(), []string{"alice"}); by != "" || !strings.Contains(strings.Join(notes, ""), want) {
			t.Errorf("%s: approved by %q, notes %v", suffix, by, notes)
		}
	}
	_, p := start(t, githubtest.Scenario{Reviews: []githubtest.Review{review("alice", "APPROVED", sha)}})
	ask := github.Approvers{Client: p.Client, Owner: p.Owner, Repo: p.Repo, Number: 1, HeadSHA: c}
	if by, notes := ask.Of(context.Background(), []string{"alice"}); by != "" || len(notes) != 1 || !strings.Contains(notes[0], "moved on") {
		t.Errorf("approved by %q, notes %v", by, notes)
	}
}

func TestReviewEvent(t *testing.T) {
	e, err := read(t, "pull_request_review", pull, c)
	if err != nil || e.Number != 7 || e.PullHead != a {
		t.Fatalf("%+v, %v", e, err)
	}
	got, err := e.Sides(func(string) ([]string, error) { return []string{b, a}, nil })
	if want := (github.Sides{Base: b, Head: c}); err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
}
