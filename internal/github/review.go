package github

import (
	"context"
	"slices"

	"github.com/google/go-github/v60/github"

	"github.com/rendergate/rendergate/internal/report"
)

// review comments on what is new, and settles what is not there any more.
func (p Poster) review(ctx context.Context, r *report.Report, me string, o *Outcome) {
	all := worth(r)
	changes, err := p.diff(ctx)
	if err != nil {
		o.failed("the changed files cannot be listed", err)
		o.Elsewhere = keys(all)
		return
	}
	before, err := p.comments(ctx, me)
	if err != nil {
		o.failed("the comments cannot be listed", err)
		o.Elsewhere = keys(all)
		return
	}
	inline, file, rest := p.plan(all, changes)
	said := before.said()
	inline, file, rest = unsaid(inline, said, o), unsaid(file, said, o), fresh(rest, said, o)
	o.Elsewhere = keys(rest)
	w := writing{p, r, me, o}
	if len(inline)+len(file) > 0 {
		if !p.still(ctx, o) {
			o.Elsewhere = append(o.Elsewhere, append(keysAt(inline), keysAt(file)...)...)
			return
		}
		for _, s := range w.review(ctx, inline) {
			for _, f := range s.findings {
				file = add(file, anchor{path: s.path}, f)
			}
		}
		w.files(ctx, file)
		w.twins(ctx, before)
	}
	w.settle(ctx, before)
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

// conversation is what stands on the lines and files of a pull request.
type conversation struct {
	ours    []*github.PullRequestComment // those that still hold, oldest first
	replied map[int64]bool               // comments that somebody answered
}

func (p Poster) comments(ctx context.Context, me string) (conversation, error) {
	c := conversation{replied: map[int64]bool{}}
	options := &github.PullRequestListCommentsOptions{Sort: "created", Direction: "asc", ListOptions: github.ListOptions{PerPage: 100}}
	for {
		page, response, err := p.Client.PullRequests.ListComments(ctx, p.Owner, p.Repo, p.Number, options)
		if err != nil {
			return c, err
		}
		for _, one := range page {
			c.replied[one.GetInReplyTo()] = true
			if one.GetUser().GetLogin() == me && len(keysOf(one.GetBody())) > 0 && !settled(one.GetBody()) {
				c.ours = append(c.ours, one)
			}
		}
		if response.NextPage == 0 {
			slices.SortFunc(c.ours, func(a, b *github.PullRequestComment) int { return int(a.GetID() - b.GetID()) })
			return c, nil
		}
		options.Page = response.NextPage
	}
}

func (c conversation) said() map[string]bool {
	all := map[string]bool{}
	for _, one := range c.ours {
		for _, key := range keysOf(one.GetBody()) {
			all[key] = true
		}
	}
	return all
}

// writing is a report on its way to the lines and files of a pull request.
type writing struct {
	Poster
	report *report.Report
	me     string
	o      *Outcome
}

// own says that a comment is of this category.
func (p Poster) own(c *github.PullRequestComment) bool {
	_, marks := marksOf(c.GetBody())
	return !slices.ContainsFunc(marks, func(m mark) bool { return m.of != p.category })
}

// posted says whether GitHub has comments on all findings of some places.
func (w writing) posted(ctx context.Context, spots ...spot) (bool, error) {
	c, err := w.comments(ctx, w.me)
	said := c.said()
	return err == nil && !slices.ContainsFunc(keysAt(spots), func(key string) bool { return !said[key] }), err
}

// review posts the lines in one review, and returns those that GitHub does
// not take. It refuses a review as a whole for one bad line without naming it,
// so the next try is one without first lines, and the last each for itself.
func (w writing) review(ctx context.Context, inline []spot) (refused []spot) {
	if len(inline) == 0 {
		return nil
	}
	tries := [][]spot{inline}
	if slices.ContainsFunc(inline, func(s spot) bool { return s.start > 0 }) {
		tries = append(tries, onLastLines(inline))
	}
	for _, spots := range tries {
		err := surely(func() error { return w.createReview(ctx, spots) }, func() (bool, error) { return w.posted(ctx, spots...) })
		if err == nil {
			w.o.Inline = keysAt(inline)
			return nil
		}
		if !unprocessable(err) {
			w.o.failed("the review cannot be posted", err)
			w.o.Elsewhere = append(w.o.Elsewhere, keysAt(inline)...)
			return nil
		}
	}
	return w.lines(ctx, onLastLines(inline))
}

func (w writing) createReview(ctx context.Context, spots []spot) error {
	request := &github.PullRequestReviewRequest{
		CommitID: &w.HeadSHA, Event: github.String("COMMENT"), Body: github.String(report.Name(w.report) + " found something new; its summary comment has all of it."),
	}
	for _, s := range spots {
		draft := &github.DraftReviewComment{Path: &s.path, Side: &s.side, Line: &s.end, Body: github.String(w.commentBody(s, w.report.Rules))}
		if s.start > 0 {
			draft.StartLine, draft.StartSide = &s.start, &s.side
		}
		request.Comments = append(request.Comments, draft)
	}
	_, _, err := w.Client.PullRequests.CreateReview(ctx, w.Owner, w.Repo, w.Number, request)
	return err
}

// comment posts one comment of its own.
func (w writing) comment(ctx context.Context, s spot, c *github.PullRequestComment) error {
	c.Body, c.CommitID, c.Path = github.String(w.commentBody(s, w.report.Rules)), &w.HeadSHA, &s.path
	return surely(func() error {
		_, _, err := w.Client.PullRequests.CreateComment(ctx, w.Owner, w.Repo, w.Number, c)
		return err
	}, func() (bool, error) { return w.posted(ctx, s) })
}

// lines posts line by line. It gives up at the first error that is not
// about the line: with a rate limit each further one would wait in vain.
func (w writing) lines(ctx context.Context, inline []spot) (refused []spot) {
	for i, s := range inline {
		err := w.comment(ctx, s, &github.PullRequestComment{Line: &s.end, Side: &s.side})
		switch {
		case err == nil:
			w.o.Inline = append(w.o.Inline, keys(s.findings)...)
		case unprocessable(err):
			refused = append(refused, s)
		default:
			w.o.failed("a comment on "+s.path+" cannot be posted", err)
			w.o.Elsewhere = append(w.o.Elsewhere, keysAt(inline[i:])...)
			return refused
		}
	}
	return refused
}

// files comments on files. go-github's comment says FILE where the API
// wants file.
func (w writing) files(ctx context.Context, file []spot) {
	for i, s := range file {
		if w.o.ReadOnly || i == 0 && !w.still(ctx, w.o) {
			w.o.Elsewhere = append(w.o.Elsewhere, keysAt(file[i:])...)
			return
		}
		// Lines that were refused may have joined those of the file.
		told, left := s, []report.Finding(nil)
		if len(s.findings) > maxTogether {
			told.findings, left = s.findings[:maxTogether], s.findings[maxTogether:]
		}
		err := w.comment(ctx, told, &github.PullRequestComment{SubjectType: github.String("file")})
		switch {
		case err == nil:
			w.o.File = append(w.o.File, keys(told.findings)...)
			w.o.Elsewhere = append(w.o.Elsewhere, keys(left)...)
		case unprocessable(err):
			w.o.failed("a comment on "+s.path+" cannot be posted", err)
			w.o.Elsewhere = append(w.o.Elsewhere, keys(s.findings)...)
		default:
			w.o.failed("a comment on "+s.path+" cannot be posted", err)
			w.o.Elsewhere = append(w.o.Elsewhere, keysAt(file[i:])...)
			return
		}
	}
}

// twins takes back what another run posted at the same time: neither could see
// the other's. GitHub numbers comments in order, so both runs find the same
// one to be the later, and nobody has answered it yet. That of another category
// is left to it.
func (w writing) twins(ctx context.Context, before conversation) {
	if len(w.o.Inline)+len(w.o.File) == 0 {
		return
	}
	now, err := w.comments(ctx, w.me)
	if err != nil {
		w.o.failed("whether another run posted the same cannot be asked", err)
		return
	}
	said := map[string]bool{}
	for _, c := range now.ours {
		keys := keysOf(c.GetBody())
		twice := !slices.ContainsFunc(keys, func(key string) bool { return !said[key] })
		old := slices.ContainsFunc(before.ours, func(b *github.PullRequestComment) bool { return b.GetID() == c.GetID() })
		if twice && !old && w.own(c) && !now.replied[c.GetID()] {
			response, err := w.Client.PullRequests.DeleteComment(ctx, w.Owner, w.Repo, c.GetID())
			if err != nil && (response == nil || response.StatusCode != 404) { // the other run may have taken it back
				w.o.failed("a comment that another run posted too cannot be taken back", err)
			}
			continue
		}
		for _, key := range keys {
			said[key] = true
		}
	}
}
