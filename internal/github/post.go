package github

import (
	"context"
	"fmt"
	"slices"

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
	// asked. The token of an App cannot ask, and is taken for a workflow's.
	Author string
	// Line is a line's text as it was compared, by side, path and number; empty
	// when it is not known.
	Line func(side, path string, line int) string
}

// Outcome says what became of a report. Each finding that deserves a comment
// is in one of the first four; the summary and the annotations of the run have
// every finding, whatever is in here.
type Outcome struct {
	Inline    []string // keys posted on their line
	File      []string // keys posted on their file
	Existing  []string // keys that an earlier run posted
	Elsewhere []string // keys that only the summary has
	Fixed     int      // comments of earlier runs that were marked as fixed
	Summary   bool     // the summary comment was written or changed
	ReadOnly  bool     // the token may not comment
	Degraded  []string // what could not be done, and why
}

func (o *Outcome) failed(what string, err error) {
	if denied(err) {
		o.ReadOnly = true
		return
	}
	o.Degraded = append(o.Degraded, fmt.Sprintf("%s: %v", what, err))
}

// bot is who the token of a workflow comments as.
const bot = "github-actions[bot]"

// Post brings the pull request up to date: one review with what is new, one
// summary, and nothing that an earlier run already said. It never fails: what
// it could not do is in the outcome.
func (p Poster) Post(ctx context.Context, r *report.Report, summary string) Outcome {
	var o Outcome
	me, ok := p.ready(ctx, &o)
	if !ok {
		o.Elsewhere = keys(worth(r))
		return o
	}
	p.review(ctx, r, me, &o)
	p.summary(ctx, r, me, summary, &o)
	return o
}

// ready says whether to post, and as whom.
func (p Poster) ready(ctx context.Context, o *Outcome) (me string, ok bool) {
	pull, _, err := p.Client.PullRequests.Get(ctx, p.Owner, p.Repo, p.Number)
	if err != nil {
		o.failed("the pull request cannot be read", err)
		return "", false
	}
	if pull.GetHead().GetSHA() != p.HeadSHA {
		o.Degraded = append(o.Degraded, "the pull request has moved on, so nothing is posted for an old head")
		return "", false
	}
	// Without knowing who we are, everything would be posted once more.
	me, err = p.me(ctx)
	if err != nil {
		o.failed("GitHub does not say whose token this is", err)
		return "", false
	}
	return me, true
}

// me is the login that comments of ours have. The token of a workflow may not
// ask for it.
func (p Poster) me(ctx context.Context) (string, error) {
	if p.Author != "" {
		return p.Author, nil
	}
	user, _, err := p.Client.Users.Get(ctx, "")
	if denied(err) {
		return bot, nil
	}
	return user.GetLogin(), err
}

func (p Poster) review(ctx context.Context, r *report.Report, me string, o *Outcome) {
	all := worth(r)
	changes, err := p.diff(ctx)
	if err != nil {
		o.failed("the changed files cannot be listed", err)
		o.Elsewhere = keys(all)
		return
	}
	mine, err := p.comments(ctx, me)
	if err != nil {
		o.failed("the comments cannot be listed", err)
		o.Elsewhere = keys(all)
		return
	}
	inline, file, rest := p.plan(all, changes)
	said := said(mine)
	inline, file, rest = unsaid(inline, said, o), unsaid(file, said, o), fresh(rest, said, o)
	o.Elsewhere = keys(rest)
	for _, s := range p.postReview(ctx, r, inline, o) {
		for _, f := range s.findings {
			file = add(file, anchor{path: s.path}, f)
		}
	}
	p.postFiles(ctx, r, file, o)
	p.settle(ctx, r, mine, o)
}

// diff is what the pull request changes.
func (p Poster) diff(ctx context.Context) (diff, error) {
	d := diff{map[string]changed{}, map[string]changed{}}
	options := &github.ListOptions{PerPage: 100}
	for {
		files, response, err := p.Client.PullRequests.ListFiles(ctx, p.Owner, p.Repo, p.Number, options)
		if err != nil {
			return diff{}, err
		}
		for _, f := range files {
			d.add(f.GetFilename(), f.GetPreviousFilename(), f.GetStatus(), f.GetPatch())
		}
		if response.NextPage == 0 {
			return d, nil
		}
		options.Page = response.NextPage
	}
}

// comments are our own earlier review comments that still hold.
func (p Poster) comments(ctx context.Context, me string) ([]*github.PullRequestComment, error) {
	var mine []*github.PullRequestComment
	options := &github.PullRequestListCommentsOptions{ListOptions: github.ListOptions{PerPage: 100}}
	for {
		page, response, err := p.Client.PullRequests.ListComments(ctx, p.Owner, p.Repo, p.Number, options)
		if err != nil {
			return nil, err
		}
		for _, c := range page {
			if c.GetUser().GetLogin() == me && len(keysOf(c.GetBody())) > 0 && !settled(c.GetBody()) {
				mine = append(mine, c)
			}
		}
		if response.NextPage == 0 {
			return mine, nil
		}
		options.Page = response.NextPage
	}
}

func said(mine []*github.PullRequestComment) map[string]bool {
	all := map[string]bool{}
	for _, c := range mine {
		for _, key := range keysOf(c.GetBody()) {
			all[key] = true
		}
	}
	return all
}

// postReview posts the lines in one review, and returns those that GitHub does
// not take. It refuses a review as a whole for one bad line without naming it,
// so the next try is one without first lines, and the last each for itself.
func (p Poster) postReview(ctx context.Context, r *report.Report, inline []spot, o *Outcome) (refused []spot) {
	if len(inline) == 0 {
		return nil
	}
	tries := [][]spot{inline}
	if slices.ContainsFunc(inline, func(s spot) bool { return s.start > 0 }) {
		tries = append(tries, onLastLines(inline))
	}
	for _, spots := range tries {
		err := p.createReview(ctx, r, spots)
		if err == nil {
			o.Inline = keysAt(inline)
			return nil
		}
		if !unprocessable(err) {
			o.failed("the review cannot be posted", err)
			o.Elsewhere = append(o.Elsewhere, keysAt(inline)...)
			return nil
		}
	}
	return p.postLines(ctx, r, onLastLines(inline), o)
}

func (p Poster) createReview(ctx context.Context, r *report.Report, spots []spot) error {
	request := &github.PullRequestReviewRequest{
		CommitID: &p.HeadSHA, Event: github.String("COMMENT"), Body: github.String("rendergate found something new; the summary comment says what it means."),
	}
	for _, s := range spots {
		draft := &github.DraftReviewComment{
			Path: &s.path, Side: &s.side, Line: &s.end, Body: github.String(commentBody(s.findings, r.Rules, s.suggests())),
		}
		if s.start > 0 {
			draft.StartLine, draft.StartSide = &s.start, &s.side
		}
		request.Comments = append(request.Comments, draft)
	}
	_, _, err := p.Client.PullRequests.CreateReview(ctx, p.Owner, p.Repo, p.Number, request)
	return err
}

// postLines posts line by line. It gives up at the first error that is not
// about the line: with a rate limit each further one would wait in vain.
func (p Poster) postLines(ctx context.Context, r *report.Report, inline []spot, o *Outcome) (refused []spot) {
	for i, s := range inline {
		_, _, err := p.Client.PullRequests.CreateComment(ctx, p.Owner, p.Repo, p.Number, &github.PullRequestComment{
			Body: github.String(commentBody(s.findings, r.Rules, s.suggests())), CommitID: &p.HeadSHA, Path: &s.path, Line: &s.end, Side: &s.side,
		})
		switch {
		case err == nil:
			o.Inline = append(o.Inline, keys(s.findings)...)
		case unprocessable(err):
			refused = append(refused, s)
		default:
			o.failed("a comment on "+s.path+" cannot be posted", err)
			o.Elsewhere = append(o.Elsewhere, keysAt(inline[i:])...)
			return refused
		}
	}
	return refused
}

// postFiles comments on files. go-github's comment says FILE where the API
// wants file.
func (p Poster) postFiles(ctx context.Context, r *report.Report, file []spot, o *Outcome) {
	for i, s := range file {
		if o.ReadOnly {
			o.Elsewhere = append(o.Elsewhere, keysAt(file[i:])...)
			return
		}
		// Lines that were refused may have joined those of the file.
		told, left := s.findings, []report.Finding(nil)
		if len(told) > maxTogether {
			told, left = told[:maxTogether], told[maxTogether:]
		}
		_, _, err := p.Client.PullRequests.CreateComment(ctx, p.Owner, p.Repo, p.Number, &github.PullRequestComment{
			Body: github.String(commentBody(told, r.Rules, false)), CommitID: &p.HeadSHA, Path: &s.path, SubjectType: github.String("file"),
		})
		switch {
		case err == nil:
			o.File = append(o.File, keys(told)...)
			o.Elsewhere = append(o.Elsewhere, keys(left)...)
		case unprocessable(err):
			o.failed("a comment on "+s.path+" cannot be posted", err)
			o.Elsewhere = append(o.Elsewhere, keys(s.findings)...)
		default:
			o.failed("a comment on "+s.path+" cannot be posted", err)
			o.Elsewhere = append(o.Elsewhere, keysAt(file[i:])...)
			return
		}
	}
}

// settle marks comments whose findings are all gone, or accepted meanwhile.
// Deleting them would take the answers of people along.
func (p Poster) settle(ctx context.Context, r *report.Report, mine []*github.PullRequestComment, o *Outcome) {
	if o.ReadOnly || blind(r) {
		return
	}
	still, accepted := map[string]bool{}, map[string]bool{}
	for _, f := range r.Findings {
		switch {
		case f.Suppressed != nil:
			accepted[f.Key] = true
		case f.State != report.Fixed:
			still[f.Key] = true
		}
	}
	for _, c := range mine {
		if slices.ContainsFunc(keysOf(c.GetBody()), func(key string) bool { return still[key] }) {
			continue
		}
		what := "Fixed"
		if slices.ContainsFunc(keysOf(c.GetBody()), func(key string) bool { return accepted[key] }) {
			what = "Accepted"
		}
		note := fmt.Sprintf("%s\n**%s** in %.12s.\n\n%s", fixedMarker, what, p.HeadSHA, c.GetBody())
		if _, _, err := p.Client.PullRequests.EditComment(ctx, p.Owner, p.Repo, c.GetID(), &github.PullRequestComment{Body: &note}); err != nil {
			o.failed("a comment cannot be marked as fixed", err)
			return
		}
		o.Fixed++
	}
}

// blind says that part of what could have findings was not looked at, so that
// one that is gone need not be fixed.
func blind(r *report.Report) bool {
	return len(r.Undecided) > 0 || slices.ContainsFunc(r.Targets, func(t report.Target) bool {
		return t.Affected && (t.Head == report.Failed || t.Head == report.Partial)
	})
}
