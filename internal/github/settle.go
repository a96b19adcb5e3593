package github

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/go-github/v60/github"

	"github.com/rendergate/rendergate/internal/report"
)

// settle marks comments whose findings are gone, or accepted meanwhile.
// Deleting them would take the answers of people along.
func (w writing) settle(ctx context.Context, before conversation) {
	fates := fatesOf(w.report, w.category)
	var over []*github.PullRequestComment
	for _, c := range before.ours {
		body, whole := fates.settled(c.GetBody(), w.HeadSHA)
		if body == "" {
			continue
		}
		if w.o.ReadOnly || w.o.Fixed == 0 && !w.still(ctx, w.o) {
			return
		}
		_, _, err := w.Client.PullRequests.EditComment(ctx, w.Owner, w.Repo, c.GetID(), &github.PullRequestComment{Body: &body})
		if absent(err) { // somebody has deleted it meanwhile
			continue
		}
		if err != nil {
			w.o.failed("a comment cannot be marked as fixed", err)
			return
		}
		if w.o.Fixed++; whole {
			over = append(over, c)
		}
	}
	w.fold(ctx, over, before.replied)
}

// fates is what a report says of findings that were commented on earlier.
type fates struct {
	still, accepted map[string]bool
	blind           map[string]bool // places of targets that were not looked at in full
	all             bool            // something was not looked at that is no target

	category string          // whose report it is
	places   map[string]bool // those of its targets
}

func fatesOf(r *report.Report, category string) fates {
	f := fates{still: map[string]bool{}, accepted: map[string]bool{}, blind: map[string]bool{}, category: category, places: map[string]bool{}}
	for _, one := range r.Findings {
		switch {
		case one.Suppressed != nil:
			f.accepted[one.Key] = true
		case one.State != report.Fixed:
			f.still[one.Key] = true
		}
	}
	known := map[string]bool{}
	for _, t := range r.Targets {
		known[t.ID], f.places[placeOf(t.ID)] = true, true
		if t.Affected && (t.Head == report.Failed || t.Head == report.Partial) {
			f.blind[placeOf(t.ID)] = true
		}
	}
	for _, u := range r.Undecided {
		f.blind[placeOf(u.Target)] = true
		f.all = f.all || !known[u.Target]
	}
	return f
}

func (f fates) holds(m mark) bool { return f.still[m.key] || f.all || f.blind[m.at] || !f.decides(m) }

// decides says that the report has a say about a finding of an earlier comment. One
// from before comments had categories is the default category's, and that of
// whoever looks at its target.
func (f fates) decides(m mark) bool { return m.of == f.category || m.of == "" && f.places[m.at] }

// settled is the body of a comment once it says what is gone, empty where
// nothing is; whole says that nothing of it holds any more.
func (f fates) settled(body, sha string) (edited string, whole bool) {
	text, marks := marksOf(body)
	var gone []mark
	holds, accepted := false, false
	for i, m := range marks {
		if m.gone {
			continue
		}
		if f.holds(m) {
			holds = true
			continue
		}
		marks[i].gone = true
		gone = append(gone, m)
		accepted = accepted || f.accepted[m.key]
	}
	if len(gone) == 0 {
		return "", false
	}
	what := "Fixed"
	if accepted {
		what = "Accepted"
	}
	if !holds {
		return fmt.Sprintf("%s\n**%s** in %.12s.\n\n%s", fixedMarker, what, sha, body), true
	}
	var b strings.Builder
	fmt.Fprintf(&b, "**%s** in %.12s: %s; the rest holds.\n\n%s\n\n", what, sha, named(gone), text)
	for _, m := range marks {
		b.WriteString(m.String() + "\n")
	}
	return b.String(), false
}

// named are the checks of some marks.
func named(marks []mark) string {
	const most = 5
	var names []string
	for _, m := range marks {
		names = append(names, report.Code(m.check))
	}
	if rest := len(names) - most; rest > 0 {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", rest)
	}
	return strings.Join(names, ", ")
}

// fold hides comments that are over, and closes their conversations where
// nobody else took part: an open one may keep a pull request from being
// merged, and what a person asked is not for us to close. Tokens often lack
// the right to either, and the comments say already what became of them.
func (w writing) fold(ctx context.Context, over []*github.PullRequestComment, replied map[int64]bool) {
	if len(over) == 0 {
		return
	}
	for _, c := range over {
		if err := w.minimize(ctx, c.GetNodeID()); err != nil {
			if !refused(err) {
				w.o.failed("a comment that is over cannot be hidden", err)
			}
			break
		}
	}
	open := slices.DeleteFunc(slices.Clone(over), func(c *github.PullRequestComment) bool { return replied[c.GetID()] })
	if len(open) == 0 {
		return
	}
	threads, err := w.threads(ctx)
	if err != nil {
		if !refused(err) {
			w.o.failed("the conversations cannot be listed", err)
		}
		return
	}
	for _, c := range open {
		id, can := threads[c.GetNodeID()]
		if !can {
			continue
		}
		if err := w.resolve(ctx, id); err != nil {
			if !refused(err) {
				w.o.failed("a conversation that is over cannot be closed", err)
			}
			return
		}
		w.o.Resolved++
	}
}
