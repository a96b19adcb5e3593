package github

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/go-github/v60/github"

	"github.com/rendergate/rendergate/internal/report"
)

// summary keeps one comment with the whole picture. There is none while there
// is nothing to say.
func (p Poster) summary(ctx context.Context, r *report.Report, me, text string, o *Outcome) {
	existing, err := p.sticky(ctx, me)
	if err != nil {
		o.failed("the conversation cannot be listed", err)
		return
	}
	if existing == nil && !worthSaying(r) {
		return
	}
	body := summaryMarker(p.category) + "\n" + first(text, maxBody) + unplaced(o)
	if existing != nil && strings.TrimSpace(existing.GetBody()) == strings.TrimSpace(body) {
		return
	}
	if !p.still(ctx, o) {
		return
	}
	if existing == nil {
		err = p.begin(ctx, me, body)
	} else {
		_, _, err = p.Client.Issues.EditComment(ctx, p.Owner, p.Repo, existing.GetID(), &github.IssueComment{Body: &body})
	}
	if err != nil {
		o.failed("the summary cannot be posted", err)
		return
	}
	o.Summary = true
}

// begin posts the summary where there is none, and takes it back where another
// run was faster.
func (p Poster) begin(ctx context.Context, me, body string) error {
	var own *github.IssueComment
	err := surely(func() (err error) {
		own, _, err = p.Client.Issues.CreateComment(ctx, p.Owner, p.Repo, p.Number, &github.IssueComment{Body: &body})
		return err
	}, func() (bool, error) {
		there, err := p.sticky(ctx, me)
		return there != nil, err
	})
	if err != nil || own.GetID() == 0 {
		return err
	}
	oldest, err := p.sticky(ctx, me)
	if err != nil || oldest == nil || oldest.GetID() >= own.GetID() {
		return nil // a second one is ugly and no lie
	}
	_, err = p.Client.Issues.DeleteComment(ctx, p.Owner, p.Repo, own.GetID())
	return err
}

// unplaced tells a reader of the diff that there is more than it shows.
func unplaced(o *Outcome) string {
	switch n := len(o.Elsewhere); n {
	case 0:
		return ""
	case 1:
		return "\n1 new finding has no comment of its own in the diff.\n"
	default:
		return fmt.Sprintf("\n%d new findings have no comment of their own in the diff.\n", n)
	}
}

// worthSaying says that a reader must or would like to know: something new,
// fixed or undecided.
func worthSaying(r *report.Report) bool {
	s := r.Summary
	if slices.ContainsFunc(r.Findings, func(f report.Finding) bool { return f.State == report.New && f.Suppressed != nil }) {
		return true
	}
	// What is new, or blocks, may be of checks that a second stage does not know.
	return r.Verdict != report.Pass || r.Untold+s.New+s.Fixed+s.Unproven+s.Spread+len(r.Undecided) > 0
}

// sticky is the summary that an earlier run of this category posted, nil when
// there is none. Of two the first counts, for every run alike.
func (p Poster) sticky(ctx context.Context, me string) (oldest *github.IssueComment, err error) {
	options := &github.IssueListCommentsOptions{ListOptions: github.ListOptions{PerPage: 100}}
	for {
		page, response, err := p.Client.Issues.ListComments(ctx, p.Owner, p.Repo, p.Number, options)
		if err != nil {
			return nil, err
		}
		for _, c := range page {
			if c.GetUser().GetLogin() == me && strings.HasPrefix(c.GetBody(), summaryMarker(p.category)) && (oldest == nil || c.GetID() < oldest.GetID()) {
				oldest = c
			}
		}
		if response.NextPage == 0 {
			return oldest, nil
		}
		options.Page = response.NextPage
	}
}
