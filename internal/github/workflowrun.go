package github

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/google/go-github/v60/github"
)

// Run is a finished workflow run of a pull request, as the event workflow_run
// tells of it. The run itself was over untrusted code; the event is GitHub's.
type Run struct {
	Owner, Repo string
	ID          int64
	HeadSHA     string
	HeadRepo    string // owner/name; a fork's
	HeadOwner   string
	HeadBranch  string
}

// ErrNoPull says that no open pull request has the head of a run any more.
var ErrNoPull = errors.New("no open pull request has the head of that run")

// ReadRun reads the event of this workflow run.
func ReadRun(getenv func(string) string) (Run, error) {
	var r Run
	var found bool
	if r.Owner, r.Repo, found = strings.Cut(getenv("GITHUB_REPOSITORY"), "/"); !found || getenv("GITHUB_EVENT_NAME") != "workflow_run" {
		return r, errors.New("rendergate review posts the results of another workflow: run it on the event workflow_run; on pull_request use: rendergate action")
	}
	data, err := os.ReadFile(getenv("GITHUB_EVENT_PATH"))
	if err != nil {
		return r, fmt.Errorf("the event cannot be read: %w", err)
	}
	var payload github.WorkflowRunEvent
	if err := json.Unmarshal(data, &payload); err != nil {
		return r, fmt.Errorf("the event: %w", err)
	}
	run := payload.GetWorkflowRun()
	if event := run.GetEvent(); event != "pull_request" && event != "pull_request_review" {
		return r, fmt.Errorf("the finished run was of the event %q and of no pull request: run this only if: github.event.workflow_run.event == 'pull_request'", event)
	}
	r.ID, r.HeadSHA, r.HeadBranch = run.GetID(), run.GetHeadSHA(), run.GetHeadBranch()
	r.HeadRepo, r.HeadOwner = run.GetHeadRepository().GetFullName(), run.GetHeadRepository().GetOwner().GetLogin()
	if r.HeadSHA == "" || r.HeadBranch == "" || r.HeadRepo == "" || r.HeadOwner == "" {
		return r, errors.New("the event names no head: the fork may have been deleted")
	}
	return r, nil
}

// Pull asks GitHub which open pull request has the run's head: what the run
// itself says of it counts for nothing, and the event does not name those of
// forks.
func (r Run) Pull(ctx context.Context, client *github.Client) (*github.PullRequest, error) {
	var of []*github.PullRequest
	options := &github.PullRequestListOptions{State: "open", Head: r.HeadOwner + ":" + r.HeadBranch, ListOptions: github.ListOptions{PerPage: 100}}
	for {
		page, response, err := client.PullRequests.List(ctx, r.Owner, r.Repo, options)
		if err != nil {
			return nil, fmt.Errorf("the pull requests cannot be listed: %w", err)
		}
		for _, pull := range page {
			if pull.GetHead().GetSHA() == r.HeadSHA && pull.GetHead().GetRepo().GetFullName() == r.HeadRepo {
				of = append(of, pull)
			}
		}
		if response.NextPage == 0 {
			break
		}
		options.Page = response.NextPage
	}
	switch len(of) {
	case 0:
		return nil, ErrNoPull
	case 1:
		return of[0], nil
	}
	return nil, fmt.Errorf("%d open pull requests have the head of that run, and nobody can say of which the results are", len(of))
}

// SameLines says that what a run compared has the line numbers that the pull
// request shows: it is its head, or the merge of it into a base of which the
// head already has everything.
func (r Run) SameLines(ctx context.Context, client *github.Client, pull *github.PullRequest, base, head string) (bool, error) {
	if head == pull.GetHead().GetSHA() {
		return true, nil
	}
	found, err := MergeBase(ctx, client, r.Owner, r.Repo, base, r.HeadSHA)
	return found == base, err
}
