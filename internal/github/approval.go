package github

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/go-github/v60/github"
)

// Approvers asks who approved the head of a pull request.
type Approvers struct {
	Client      *github.Client
	Owner, Repo string
	Number      int
	HeadSHA     string
}

// Of is the first of some approvers (logins, and teams as @org/team) who, not
// being the author, approved this very head and did not take it back; empty for
// nobody. What could not be asked is no approval, and the notes say so.
func (a Approvers) Of(ctx context.Context, approvers []string) (by string, notes []string) {
	pull, _, err := a.Client.PullRequests.Get(ctx, a.Owner, a.Repo, a.Number)
	if err != nil {
		return "", []string{fmt.Sprintf("who approved cannot be asked, so nobody did: the pull request cannot be read: %v", err)}
	}
	if pull.GetHead().GetSHA() != a.HeadSHA {
		return "", []string{"the pull request has moved on, so no approval is of this head"}
	}
	reviewers, err := a.approved(ctx)
	if err != nil {
		return "", []string{fmt.Sprintf("who approved cannot be asked, so nobody did: the reviews cannot be listed: %v", err)}
	}
	for _, login := range reviewers {
		if strings.EqualFold(login, pull.GetUser().GetLogin()) {
			continue
		}
		for _, name := range approvers {
			member, why := a.is(ctx, login, name)
			if member {
				return "@" + login, notes
			}
			if why != "" {
				notes = append(notes, why)
			}
		}
	}
	return "", notes
}

// approved are the logins whose last word on the pull request is an approval of
// this head. A comment is no word on it; an approval that was dismissed is none.
func (a Approvers) approved(ctx context.Context) ([]string, error) {
	last := map[string]bool{}
	var order []string
	options := &github.ListOptions{PerPage: 100}
	for {
		reviews, response, err := a.Client.PullRequests.ListReviews(ctx, a.Owner, a.Repo, a.Number, options)
		if err != nil {
			return nil, err
		}
		for _, r := range reviews {
			login := r.GetUser().GetLogin()
			switch r.GetState() {
			case "APPROVED":
				last[login] = r.GetCommitID() == a.HeadSHA
			case "CHANGES_REQUESTED", "DISMISSED":
				last[login] = false
			default:
				continue
			}
			order = append(order, login)
		}
		if response.NextPage == 0 {
			break
		}
		options.Page = response.NextPage
	}
	var all []string
	for _, login := range order {
		if login != "" && last[login] {
			all = append(all, login)
			last[login] = false // named once
		}
	}
	return all, nil
}

// is says that a login is an approver, or a member of one that is a team; why
// tells of a team that could not be asked.
func (a Approvers) is(ctx context.Context, login, approver string) (yes bool, why string) {
	org, team, isTeam := strings.Cut(strings.TrimPrefix(approver, "@"), "/")
	if !isTeam {
		return strings.EqualFold(login, org), ""
	}
	membership, response, err := a.Client.Teams.GetTeamMembershipBySlug(ctx, org, team, login)
	switch {
	case err == nil:
		return membership.GetState() == "active", ""
	case response != nil && response.StatusCode == 404:
		return false, fmt.Sprintf("@%s approved, and GitHub does not say that they are in %s: either they are not, or the token may not read the teams of %s (it needs Members: read)", login, approver, org)
	}
	return false, fmt.Sprintf("@%s approved, and whether they are in %s cannot be asked, so it does not count: %v; the token needs Members: read of the organisation", login, approver, err)
}
