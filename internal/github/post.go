package github

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/go-github/v60/github"

	"github.com/rendergate/rendergate/internal/report"
)

// Poster posts reports to one pull request.
type Poster struct {
	Client      *github.Client
	Owner, Repo string
	Number      int
	HeadSHA     string // the pull request's head, which is not the merge commit
	// Author is the login that the token comments as; where it is empty GitHub is
	// asked, and where it does not say the token is taken for a workflow's.
	Author string
	// Lines is a file's text as it was compared, by side and path; nil where it
	// is not known, so that line numbers are taken for those of the head.
	Lines func(side, path string) []string
	// GraphQL is where GitHub answers that; what belongs to Client unless given.
	GraphQL string
	// Caution is Markdown of our own that each comment ends with; empty for none.
	Caution string

	category string // stands for the report's in markers: see categoryOf
}

// Outcome says what became of a report. Each finding that deserves a comment
// is in one of the first four; the summary and the annotations of the run have
// every finding, whatever is in here.
type Outcome struct {
	Inline    []string // keys posted on their line
	File      []string // keys posted on their file
	Existing  []string // keys that an earlier run posted
	Elsewhere []string // keys that only the summary has
	Fixed     int      // comments of earlier runs that were marked as fixed, wholly or in part
	Resolved  int      // of them, conversations that were closed
	Summary   bool     // the summary comment was written or changed
	ReadOnly  bool     // the token may not comment
	Refusal   string   // what GitHub said of that
	Moved     bool     // the pull request has another head by now, so that nothing more is posted
	Degraded  []string // what could not be done, and why
}

func (o *Outcome) failed(what string, err error) {
	if denied(err) {
		o.ReadOnly, o.Refusal = true, refusal(err)
		return
	}
	o.Degraded = append(o.Degraded, fmt.Sprintf("%s: %v", what, err))
}

// bot is who the token of a workflow comments as.
const bot = "github-actions[bot]"

// patience is how long a run waits for GitHub altogether.
const patience = 8 * time.Minute

// Post brings the pull request up to date: one review with what is new, one
// summary, and nothing that an earlier run already said. Runs of another category
// are left their comments: none is edited, hidden or deleted, nor said again. It
// never fails: what it could not do is in the outcome.
func (p Poster) Post(ctx context.Context, r *report.Report, summary string) Outcome {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	p.category = categoryOf(r)
	var o Outcome
	if !p.still(ctx, &o) {
		o.Elsewhere = keys(worth(r))
		return o
	}
	// Without knowing who we are, everything would be posted once more.
	me, err := p.me(ctx)
	if err != nil {
		o.failed("GitHub does not say whose token this is", err)
		o.Elsewhere = keys(worth(r))
		return o
	}
	p.review(ctx, r, me, &o)
	if !o.Moved {
		p.summary(ctx, r, me, summary, &o)
	}
	return o
}

// still says that the pull request has the head that was judged. It is asked
// before each kind of write: a push may come at any time.
func (p Poster) still(ctx context.Context, o *Outcome) bool {
	if o.Moved {
		return false
	}
	pull, _, err := p.Client.PullRequests.Get(ctx, p.Owner, p.Repo, p.Number)
	if err != nil {
		o.failed("the pull request cannot be read", err)
		return false
	}
	if pull.GetHead().GetSHA() != p.HeadSHA {
		o.Moved = true
		o.Degraded = append(o.Degraded, "the pull request has moved on, so nothing more is posted for an old head")
	}
	return !o.Moved
}

// me is the login that comments of ours have. The token of a workflow or an App may
// not ask the REST API for it; GraphQL tells them.
func (p Poster) me(ctx context.Context) (string, error) {
	if p.Author != "" {
		return p.Author, nil
	}
	user, _, err := p.Client.Users.Get(ctx, "")
	if !denied(err) {
		return user.GetLogin(), err
	}
	if login, err := p.viewer(ctx); err == nil && login != "" {
		return strings.TrimSuffix(login, "[bot]") + "[bot]", nil
	}
	return bot, nil
}

// surely does what may be done once only. Where nobody knows whether it was,
// it looks, and does it again if not.
func surely(do func() error, done func() (bool, error)) error {
	err := do()
	if !unsure(err) {
		return err
	}
	there, asked := done()
	switch {
	case asked != nil:
		return err
	case there:
		return nil
	}
	return do()
}
