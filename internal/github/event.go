// Package github reads what GitHub Actions says about a run, and posts a
// report to a pull request.
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

// Event is what happened, as far as it decides what to compare and where to
// answer.
type Event struct {
	Name        string // pull_request, pull_request_review, pull_request_target, merge_group, push, schedule, workflow_dispatch
	Owner, Repo string
	SHA, Ref    string // GITHUB_SHA and GITHUB_REF: what the workflow checked out unless told otherwise

	// Number, PullHead and PullBase are set for pull requests. Fork says that
	// the head is of another repository, so that the token may only read.
	Number             int
	PullHead, PullBase string
	Fork               bool

	Before  string // push: the ref's commit before; empty for a new branch
	Default string // push: the repository's default branch
	Base    string // merge_group: the commit that the group is put on
}

// Privileged says that the run has secrets and a write token although the code
// to judge may be anybody's.
func (e Event) Privileged() bool { return e.Name == "pull_request_target" }

// ReadEvent reads the event of this run. A privileged one is refused unless it
// is allowed explicitly.
func ReadEvent(getenv func(string) string, privileged bool) (Event, error) {
	e := Event{Name: getenv("GITHUB_EVENT_NAME"), SHA: getenv("GITHUB_SHA"), Ref: getenv("GITHUB_REF")}
	var found bool
	if e.Owner, e.Repo, found = strings.Cut(getenv("GITHUB_REPOSITORY"), "/"); !found || e.Name == "" {
		return e, errors.New("GITHUB_EVENT_NAME and GITHUB_REPOSITORY are not set: rendergate action runs in GitHub Actions; elsewhere use: rendergate check")
	}
	path := getenv("GITHUB_EVENT_PATH")
	if path == "" {
		return e, errors.New("GITHUB_EVENT_PATH is not set, so the event cannot be read")
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return e, fmt.Errorf("the event cannot be read: %w", err)
	}
	if e.Privileged() && !privileged {
		return e, errors.New("pull_request_target gives a write token and secrets to a run over untrusted code, so rendergate refuses it; use pull_request, and rendergate review for comments on forks")
	}
	if err := e.read(data); err != nil {
		return e, fmt.Errorf("the event in %s: %w", path, err)
	}
	return e, nil
}

func (e *Event) read(data []byte) error {
	switch e.Name {
	case "pull_request", "pull_request_review", "pull_request_target":
		return e.readPull(data)
	case "merge_group":
		var payload github.MergeGroupEvent
		if err := json.Unmarshal(data, &payload); err != nil {
			return err
		}
		group := payload.GetMergeGroup()
		e.SHA, e.Base = group.GetHeadSHA(), group.GetBaseSHA()
		if e.SHA == "" || e.Base == "" {
			return errors.New("names no merge group")
		}
	case "push":
		return e.readPush(data)
	case "workflow_run":
		return errors.New("workflow_run has nothing of its own to judge; post the results of another workflow with: rendergate review --results FILE")
	case "schedule", "workflow_dispatch":
	default:
		return fmt.Errorf("rendergate does not know the event %q; use pull_request, pull_request_review, merge_group, push, schedule or workflow_dispatch", e.Name)
	}
	return nil
}

func (e *Event) readPush(data []byte) error {
	var payload github.PushEvent
	if err := json.Unmarshal(data, &payload); err != nil {
		return err
	}
	if payload.GetDeleted() {
		return errors.New("deletes a branch or a tag: there is nothing to look at; exclude it with: if: github.event.deleted == false")
	}
	// Zeros are git's name for no commit, in as many digits as its hashes have.
	if e.Before = payload.GetBefore(); strings.Trim(e.Before, "0") == "" {
		e.Before = ""
	}
	e.Ref, e.Default = orElse(e.Ref, payload.GetRef()), payload.GetRepo().GetDefaultBranch()
	return nil
}

// readPull reads what the events about a pull request, and about a review of
// one, have in common.
func (e *Event) readPull(data []byte) error {
	var payload github.PullRequestEvent
	if err := json.Unmarshal(data, &payload); err != nil {
		return err
	}
	pull := payload.GetPullRequest()
	e.Number, e.PullHead, e.PullBase = pull.GetNumber(), pull.GetHead().GetSHA(), pull.GetBase().GetSHA()
	if e.Number == 0 || e.PullHead == "" || e.PullBase == "" {
		return errors.New("names no pull request")
	}
	// The repository of a head is null when its fork was deleted.
	e.Fork = pull.GetHead().GetRepo().GetFullName() != e.Owner+"/"+e.Repo
	return nil
}

// Sides are the two revisions to compare. An empty base means the merge base
// with the default branch; Scan that there is nothing to compare with.
type Sides struct {
	Base, Head string
	Scan       bool
	// MergeBase says that Base is a branch's tip of which Head need not have
	// everything: what to compare with is the merge base of the two.
	MergeBase bool
}

// Sides decides what to compare. parents gives a commit's parents, also of a
// shallow clone.
func (e Event) Sides(parents func(commit string) ([]string, error)) (Sides, error) {
	switch e.Name {
	case "pull_request", "pull_request_review":
		return e.pullSides(parents)
	case "pull_request_target": // what is checked out is base, and head is only fetched
		return Sides{Base: e.PullBase, Head: e.PullHead, MergeBase: true}, nil
	case "merge_group":
		return Sides{Base: e.Base, Head: e.SHA}, nil
	case "push":
		return e.pushSides(), nil
	}
	return Sides{Head: e.SHA, Scan: true}, nil
}

// pushSides compares with the commit before, a new branch with the default one.
// A new default branch has nothing to be compared with.
func (e Event) pushSides() Sides {
	switch {
	case e.Before != "":
		return Sides{Base: e.Before, Head: e.SHA}
	case e.Default == "":
		return Sides{Head: e.SHA}
	case e.Ref == "refs/heads/"+e.Default:
		return Sides{Head: e.SHA, Scan: true}
	}
	return Sides{Base: e.Default, Head: e.SHA, MergeBase: true}
}

// Analysis is the ref and the commit for which code scanning takes results of
// these sides. There is none for a tag, nor for a merge group, whose ref is
// gone in a moment; and none for a privileged run, whose results would be
// those of the branch that it runs on.
func (e Event) Analysis(sides Sides) (ref, commit string, ok bool) {
	switch {
	case e.Name == "merge_group" || e.Privileged():
		return "", "", false
	case e.Number > 0 && sides.Head == e.PullHead:
		return fmt.Sprintf("refs/pull/%d/head", e.Number), e.PullHead, true
	case e.Number > 0:
		return fmt.Sprintf("refs/pull/%d/merge", e.Number), sides.Head, true
	}
	return e.Ref, sides.Head, strings.HasPrefix(e.Ref, "refs/heads/")
}

// pullSides prefers the merge commit, which is what would be deployed; its
// first parent is what it would be merged into. A checkout with ref: head.sha
// has no merge commit.
func (e Event) pullSides(parents func(commit string) ([]string, error)) (Sides, error) {
	of, err := parents(e.SHA)
	if err == nil && len(of) == 2 && of[1] == e.PullHead {
		return Sides{Base: of[0], Head: e.SHA}, nil
	}
	if err != nil {
		if _, headless := parents(e.PullHead); headless != nil {
			return Sides{}, fmt.Errorf("neither commit %s nor %s is checked out; add a step with actions/checkout before rendergate: %w", e.SHA, e.PullHead, err)
		}
	}
	return Sides{Base: e.PullBase, Head: e.PullHead, MergeBase: true}, nil
}

// MergeBase asks GitHub for the merge base of two commits, which a shallow
// clone cannot tell.
func MergeBase(ctx context.Context, client *github.Client, owner, repo, base, head string) (string, error) {
	compared, _, err := client.Repositories.CompareCommits(ctx, owner, repo, base, head, &github.ListOptions{PerPage: 1})
	if err != nil {
		return "", fmt.Errorf("the merge base of %s and %s: %w", base, head, err)
	}
	found := compared.GetMergeBaseCommit().GetSHA()
	if found == "" {
		return "", fmt.Errorf("%s and %s have no merge base", base, head)
	}
	return found, nil
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
