package gate

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rendergate/rendergate/checks"
	"github.com/rendergate/rendergate/internal/config"
	"github.com/rendergate/rendergate/internal/git"
	"github.com/rendergate/rendergate/internal/report"
	"github.com/rendergate/rendergate/internal/waive"
	"github.com/rendergate/rendergate/render/manifest"
)

// waivers decide which findings of a run are accepted. What base has counts for
// both sides; what only the change brings counts as far as base trusts it.
type waivers struct {
	ctx    context.Context
	change *git.Change
	judge  judge
	now    time.Time
	base   entries
	head   entries
	// dropped are entries of base that head has no more: what they are about is
	// looked at, whatever else the change reaches.
	dropped []config.Waiver

	approvable bool   // whatever head has counts once it is approved
	guarded    bool   // head's waiver file counts as it is
	own        bool   // whatever head has counts: there is no other side, or it was approved
	approver   string // who approved head; empty: nobody, or nobody was asked

	environments []config.Environment

	mu      sync.Mutex
	covers  map[coverKey]*cover
	used    map[string]bool // by the waiver's place: those of head that are about a finding
	pending map[string]*pending
}

// entries are those of a side's waiver file.
type entries struct {
	file  string
	list  []config.Waiver
	about map[string][]config.Waiver // by the ids of checks
}

// indexed finds the checks of each entry once: there may be thousands.
func (e entries) indexed() entries {
	e.about = map[string][]config.Waiver{}
	for _, w := range e.list {
		ids := map[string]bool{w.Check: true} // a policy goes by its name
		for _, check := range checks.Named(checks.All, w.Check) {
			ids[check.ID] = true
		}
		for id := range ids {
			e.about[id] = append(e.about[id], w)
		}
	}
	return e
}

// pending is a waiver that the change brings, with how many findings it is
// about.
type pending struct {
	mark
	findings int
}

// newWaivers reads both sides' waiver files. Head's is always validated; a broken
// one at base accepts nothing, so that its repair can land.
func newWaivers(ctx context.Context, r *run) (*waivers, error) {
	o, decides := r.options, r.settings.decides
	w := &waivers{
		ctx: ctx, change: r.change, judge: r.judge, now: time.Now(), environments: decides.Environments,
		covers: map[coverKey]*cover{}, used: map[string]bool{}, pending: map[string]*pending{},
	}
	w.base.file, w.head.file = decides.WaiversFile(), decides.WaiversFile()
	if head, err := fileOf(r.change.Head); err == nil && head != nil && o.Config == "" {
		w.head.file = head.WaiversFile()
	}
	var err error
	if w.head.list, err = waiversOf(r.change.Head, w.head.file); err != nil {
		return nil, &UsageError{err}
	}
	if w.base.list, err = waiversOf(r.change.Base, w.base.file); err != nil {
		r.note("", "base's waivers are invalid, so they accept nothing: %v", err)
	}
	w.base, w.head = w.base.indexed(), w.head.indexed()
	w.dropped = slices.DeleteFunc(slices.Clone(w.base.list), func(e config.Waiver) bool {
		return e.Expires.Past(w.now) || slices.ContainsFunc(w.head.list, func(h config.Waiver) bool { return scopeOf(h) == scopeOf(e) && !h.Expires.Past(w.now) })
	})
	w.guarded = decides.TrustsFile() && w.head.file == w.base.file
	switch {
	case o.Scan:
		w.own = true
	case decides.TrustsApproved():
		w.approvable = true
		w.approval(r)
	}
	return w, nil
}

// scopeOf is what an entry is about.
func scopeOf(w config.Waiver) config.Waiver {
	return config.Waiver{Check: w.Check, Object: w.Object, Container: w.Container, Subject: w.Subject, Target: w.Target, Environment: w.Environment}
}

// droppedOf says that head has no more what base accepts in a target, which goes
// by any of the names.
func (w *waivers) droppedOf(targets ...string) bool {
	return w != nil && slices.ContainsFunc(w.dropped, func(e config.Waiver) bool {
		// A release is known by what declares it, which other targets must tell.
		return strings.Contains(e.Target, "@") || waive.OfTarget(e, waive.Place{Targets: targets, Environments: w.environmentsOf(targets)})
	})
}

// droppedImages says that head has no more what base accepts of images of a target.
func (w *waivers) droppedImages(t *target) bool {
	return slices.ContainsFunc(w.dropped, func(e config.Waiver) bool {
		about := slices.ContainsFunc(checks.Named(checks.All, e.Check), func(c *checks.Check) bool { return c.Shared != nil })
		names := []string{t.id, t.any().ID(), t.any().Dir}
		return about && (strings.Contains(e.Target, "@") || waive.OfTarget(e, waive.Place{Targets: names, Environments: w.environmentsOf(names)}))
	})
}

func waiversOf(tree fs.FS, name string) ([]config.Waiver, error) {
	data, err := fs.ReadFile(tree, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return config.ParseWaivers(name, data)
}

// approval asks who approved head.
func (w *waivers) approval(r *run) {
	if r.options.Approvals == nil {
		r.note("", "waivers.trust is approved, and only a run for a pull request in GitHub Actions can ask who approved it: here the waivers count that base has")
		return
	}
	by, notes := r.options.Approvals(w.ctx, r.settings.decides.Waivers.Approvers)
	for _, what := range notes {
		r.note("", "%s", what)
	}
	if by != "" {
		w.own, w.approver = true, by
		return
	}
	r.note("", "nobody of waivers.approvers (%s) approved this head yet: the waivers count that base has", strings.Join(r.settings.decides.Waivers.Approvers, ", "))
}

// mark is a waiver that is about a finding.
type mark struct {
	kind     waive.Kind
	by       string // what it is: an owner, a notation, an annotation's key
	reason   string
	expires  config.Date
	path     string
	line     int
	anchor   int    // of a comment: the line that it is about
	own      bool   // a notation of ours, which must give a reason
	approver string // who approved it, where it counts for that
}

// place is empty for no waiver.
func (m *mark) place() string {
	if m == nil {
		return ""
	}
	return fmt.Sprintf("%s:%d", m.path, m.line)
}

// counts says that a waiver is one at all, whoever wrote it.
func (w *waivers) counts(m mark) bool {
	return !m.expires.Past(w.now) && (m.reason != "" || !m.own)
}

// usable are the waivers about a finding that are ones at all.
func (w *waivers) usable(c *cover, f checks.Finding) []mark {
	if c == nil {
		return nil
	}
	return slices.DeleteFunc(c.marks(f), func(m mark) bool { return !w.counts(m) })
}

// before is the waiver by which base accepts a finding of its own, nil for none.
func (w *waivers) before(c *cover, f checks.Finding) *mark {
	if all := w.usable(c, f); len(all) > 0 {
		return &all[0]
	}
	return nil
}

// accepts is the waiver of head that counts for a finding, nil for none. partner
// is the finding's object at base; known says that base accepted the finding.
func (w *waivers) accepts(base, head *cover, f checks.Finding, partner *manifest.Object, known bool) *mark {
	return w.trusted(w.usable(head, f), func(m mark) bool {
		return known || m.kind == waive.InFile && w.guarded || w.stands(m, base, head, f, partner)
	})
}

// trusted is the first of some waivers of head that counts for a finding, as far
// as base trusts them; those that would with an approval are kept for the notes.
func (w *waivers) trusted(all []mark, counts func(mark) bool) *mark {
	for _, m := range all {
		if counts(m) {
			return &m
		}
	}
	if len(all) == 0 {
		return nil
	}
	if w.own {
		all[0].approver = w.approver
		return &all[0]
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, m := range all {
		if w.pending[m.place()] == nil {
			w.pending[m.place()] = &pending{mark: m}
		}
		w.pending[m.place()].findings++
	}
	return nil
}

// stands says that base has a waiver of head too.
func (w *waivers) stands(m mark, base, head *cover, f checks.Finding, partner *manifest.Object) bool {
	switch {
	case m.kind == waive.InFile:
		return slices.ContainsFunc(w.base.about[f.Check.ID], func(e config.Waiver) bool { return waive.Matches(e, f, head.place) && !e.Expires.Past(w.now) })
	case partner == nil:
		// What it is about is new: only where nothing was put in its place.
		return w.untouched(head.tree, m.path)
	case m.kind == waive.InAnnotation:
		return base != nil && slices.ContainsFunc(base.annotations(partner, f.Check), w.counts)
	}
	return w.untouched(head.tree, m.path, m.line, m.anchor)
}

// untouched says that the change leaves a file of head as base has it, or, where
// lines are given, those lines.
func (w *waivers) untouched(tree *git.Tree, name string, lines ...int) bool {
	real, err := tree.Locate(name)
	if err != nil {
		return false
	}
	if real != name && slices.ContainsFunc(append(tree.Through(name), name), func(link string) bool {
		_, changed := w.change.File(link, report.Head)
		return changed && link != real
	}) {
		return false
	}
	file, changed := w.change.File(real, report.Head)
	switch {
	case !changed:
		return true
	case file.OldPath == "" || file.Binary || len(lines) == 0:
		return false
	}
	return !slices.ContainsFunc(lines, file.Added)
}

// patterns are those of base's environments.
func (w *waivers) patterns() []string {
	var all []string
	for _, e := range w.environments {
		all = append(all, e.Match)
	}
	return all
}

// environmentsOf are the patterns of base's environments that a target is in.
func (w *waivers) environmentsOf(targets []string) []string {
	var all []string
	for _, e := range w.environments {
		if slices.ContainsFunc(targets, func(name string) bool { return e.Matches(name, name) }) {
			all = append(all, e.Match)
		}
	}
	return all
}
