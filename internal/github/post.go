package github

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/go-github/v60/github"

	"github.com/rendergate/rendergate/internal/report"
)

// Poster posts reports to one pull request.
type Poster struct {
	Client      *github.Client
	Owner, Repo string
	Number      int
	HeadSHA     string // the pull request's head, which is not the merge commit
	// Line is a line's text as it was compared, by side, path and number; empty
	// when it is not known.
	Line func(side, path string, line int) string
}

// Outcome says what became of a report. Whatever is in it, the summary and the
// annotations of the run have every finding.
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

// The most that one run posts, so that a big change does not bury its reader
// nor meet GitHub's secondary limits.
const (
	maxInline = 30
	maxFile   = 10
)

// Post brings the pull request up to date: one review with what is new, one
// summary, and nothing that an earlier run already said. It never fails: what
// it could not do is in the outcome.
func (p Poster) Post(ctx context.Context, r *report.Report, summary string) Outcome {
	var o Outcome
	pull, _, err := p.Client.PullRequests.Get(ctx, p.Owner, p.Repo, p.Number)
	if err != nil {
		o.failed("the pull request cannot be read", err)
		return o
	}
	if pull.GetHead().GetSHA() != p.HeadSHA {
		o.Degraded = append(o.Degraded, "the pull request has moved on, so nothing is posted for an old head")
		return o
	}
	me := p.me(ctx)
	p.review(ctx, r, me, &o)
	p.summary(ctx, r, me, summary, &o)
	return o
}

// me is the login that comments of ours have. The token of a workflow cannot
// ask for it.
func (p Poster) me(ctx context.Context) string {
	user, _, err := p.Client.Users.Get(ctx, "")
	if err != nil || user.GetLogin() == "" {
		return "github-actions[bot]"
	}
	return user.GetLogin()
}

func (p Poster) review(ctx context.Context, r *report.Report, me string, o *Outcome) {
	patches, err := p.patches(ctx)
	if err != nil {
		o.failed("the changed files cannot be listed", err)
		return
	}
	mine, err := p.comments(ctx, me)
	if err != nil {
		o.failed("the comments cannot be listed", err)
		return
	}
	inline, file := p.places(r, patches, mine, o)
	p.postReview(ctx, r, inline, &file, o)
	p.postFiles(ctx, r, file, o)
	p.settle(ctx, r, mine, o)
}

// patches are the diffs of the pull request's files.
func (p Poster) patches(ctx context.Context) (map[string]patch, error) {
	all := map[string]patch{}
	options := &github.ListOptions{PerPage: 100}
	for {
		files, response, err := p.Client.PullRequests.ListFiles(ctx, p.Owner, p.Repo, p.Number, options)
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			parsed := parsePatch(f.GetPatch())
			all[f.GetFilename()] = parsed
			if old := f.GetPreviousFilename(); old != "" {
				all[old] = patch{base: parsed.base}
			}
		}
		if response.NextPage == 0 {
			return all, nil
		}
		options.Page = response.NextPage
	}
}

// comments are our own earlier review comments.
func (p Poster) comments(ctx context.Context, me string) ([]*github.PullRequestComment, error) {
	var mine []*github.PullRequestComment
	options := &github.PullRequestListCommentsOptions{ListOptions: github.ListOptions{PerPage: 100}}
	for {
		page, response, err := p.Client.PullRequests.ListComments(ctx, p.Owner, p.Repo, p.Number, options)
		if err != nil {
			return nil, err
		}
		for _, c := range page {
			if c.GetUser().GetLogin() == me && len(keysOf(c.GetBody())) > 0 {
				mine = append(mine, c)
			}
		}
		if response.NextPage == 0 {
			return mine, nil
		}
		options.Page = response.NextPage
	}
}

// spot is a place in the diff with the findings to tell of there.
type spot struct {
	anchor
	findings []report.Finding
}

func keys(findings []report.Finding) []string {
	var all []string
	for _, f := range findings {
		all = append(all, f.Key)
	}
	return all
}

// places sorts the findings that deserve a comment into lines and files.
func (p Poster) places(r *report.Report, patches map[string]patch, mine []*github.PullRequestComment, o *Outcome) (inline, file []spot) {
	said := map[string]bool{}
	for _, c := range mine {
		if !strings.Contains(c.GetBody(), fixedMarker) {
			for _, key := range keysOf(c.GetBody()) {
				said[key] = true
			}
		}
	}
	for _, f := range worth(r) {
		if said[f.Key] {
			o.Existing = append(o.Existing, f.Key)
			continue
		}
		diff, changed := patches[f.Location.Path]
		at, ok := anchor{}, false
		if changed && f.Location.Line > 0 {
			at, ok = diff.lines(f.Location, func(n int) string { return p.Line(f.Location.Side, f.Location.Path, n) })
		}
		switch {
		case ok && (len(inline) < maxInline || has(inline, at)):
			inline = add(inline, at, f)
		case changed && (len(file) < maxFile || has(file, anchor{path: f.Location.Path})):
			file = add(file, anchor{path: f.Location.Path}, f)
		default:
			o.Elsewhere = append(o.Elsewhere, f.Key)
		}
	}
	return inline, file
}

// worth are the findings to comment on: new ones that matter, the worst first.
func worth(r *report.Report) []report.Finding {
	var all []report.Finding
	for _, f := range r.Findings {
		if f.State == report.New && f.Suppressed == nil && (f.Blocks || f.Severity != "low") {
			all = append(all, f)
		}
	}
	slices.SortStableFunc(all, func(a, b report.Finding) int {
		rank := map[bool]int{true: 0, false: 1}
		return cmp.Compare(rank[a.Blocks], rank[b.Blocks])
	})
	return all
}

func has(spots []spot, at anchor) bool {
	return slices.ContainsFunc(spots, func(s spot) bool { return s.anchor == at })
}

func add(spots []spot, at anchor, f report.Finding) []spot {
	for i := range spots {
		if spots[i].anchor == at {
			spots[i].findings = append(spots[i].findings, f)
			return spots
		}
	}
	return append(spots, spot{at, []report.Finding{f}})
}

// postReview posts the lines in one review. GitHub refuses a review as a whole
// for one bad line, so what it refuses is posted line by line, and what it
// refuses there goes to the file.
func (p Poster) postReview(ctx context.Context, r *report.Report, inline []spot, file *[]spot, o *Outcome) {
	if len(inline) == 0 {
		return
	}
	request := &github.PullRequestReviewRequest{
		CommitID: &p.HeadSHA, Event: github.String("COMMENT"), Body: github.String("rendergate found something new; the summary comment says what it means."),
	}
	for _, s := range inline {
		request.Comments = append(request.Comments, s.draft(r))
	}
	_, _, err := p.Client.PullRequests.CreateReview(ctx, p.Owner, p.Repo, p.Number, request)
	if err == nil {
		for _, s := range inline {
			o.Inline = append(o.Inline, keys(s.findings)...)
		}
		return
	}
	if !unprocessable(err) {
		o.failed("the review cannot be posted", err)
		for _, s := range inline {
			o.Elsewhere = append(o.Elsewhere, keys(s.findings)...)
		}
		return
	}
	for _, s := range inline {
		if err := p.postLine(ctx, r, s); err == nil {
			o.Inline = append(o.Inline, keys(s.findings)...)
			continue
		}
		for _, f := range s.findings {
			*file = add(*file, anchor{path: s.path}, f)
		}
	}
}

func (s spot) draft(r *report.Report) *github.DraftReviewComment {
	draft := &github.DraftReviewComment{
		Path: &s.path, Side: &s.side, Line: &s.end, Body: github.String(commentBody(s.findings, r.Rules, s.suggests())),
	}
	if s.start > 0 {
		draft.StartLine, draft.StartSide = &s.start, &s.side
	}
	return draft
}

// suggests says that the comment stands on the very lines that a suggestion
// replaces, which is all that GitHub can apply.
func (s spot) suggests() bool {
	if len(s.findings) != 1 || s.side != "RIGHT" || s.findings[0].Suggestion == nil {
		return false
	}
	suggestion := s.findings[0].Suggestion
	first := s.end
	if s.start > 0 {
		first = s.start
	}
	return suggestion.Path == s.path && suggestion.StartLine == first && suggestion.EndLine == s.end
}

func (p Poster) postLine(ctx context.Context, r *report.Report, s spot) error {
	_, _, err := p.Client.PullRequests.CreateComment(ctx, p.Owner, p.Repo, p.Number, &github.PullRequestComment{
		Body: github.String(commentBody(s.findings, r.Rules, s.suggests())), CommitID: &p.HeadSHA, Path: &s.path, Line: &s.end, Side: &s.side,
	})
	return err
}

// postFiles comments on files. go-github's comment says FILE where the API
// wants file.
func (p Poster) postFiles(ctx context.Context, r *report.Report, file []spot, o *Outcome) {
	for _, s := range file {
		if o.ReadOnly {
			o.Elsewhere = append(o.Elsewhere, keys(s.findings)...)
			continue
		}
		_, _, err := p.Client.PullRequests.CreateComment(ctx, p.Owner, p.Repo, p.Number, &github.PullRequestComment{
			Body: github.String(commentBody(s.findings, r.Rules, false)), CommitID: &p.HeadSHA, Path: &s.path, SubjectType: github.String("file"),
		})
		if err != nil {
			o.failed("a comment on "+s.path+" cannot be posted", err)
			o.Elsewhere = append(o.Elsewhere, keys(s.findings)...)
			continue
		}
		o.File = append(o.File, keys(s.findings)...)
	}
}

// settle marks comments whose findings are all gone. Deleting them would take
// the answers of people along.
func (p Poster) settle(ctx context.Context, r *report.Report, mine []*github.PullRequestComment, o *Outcome) {
	still := map[string]bool{}
	for _, f := range r.Findings {
		if f.State != report.Fixed {
			still[f.Key] = true
		}
	}
	for _, c := range mine {
		body := c.GetBody()
		if o.ReadOnly || strings.Contains(body, fixedMarker) || slices.ContainsFunc(keysOf(body), func(key string) bool { return still[key] }) {
			continue
		}
		note := fmt.Sprintf("**Fixed** in %.12s.\n\n%s\n%s", p.HeadSHA, fixedMarker, body)
		if _, _, err := p.Client.PullRequests.EditComment(ctx, p.Owner, p.Repo, c.GetID(), &github.PullRequestComment{Body: &note}); err != nil {
			o.failed("a comment cannot be marked as fixed", err)
			continue
		}
		o.Fixed++
	}
}
