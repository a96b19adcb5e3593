package gate

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/rendergate/rendergate/checks"
	"github.com/rendergate/rendergate/internal/config"
	"github.com/rendergate/rendergate/internal/report"
	"github.com/rendergate/rendergate/internal/waive"
)

// maxWaiverNotes bounds what a report says about waivers: the pull request may
// write any number of them.
const maxWaiverNotes = 100

// notes tell of waivers that do nothing: those that are over, name no check or
// give no reason, are about nothing, or count only once base has them.
func (w *waivers) notes(targets []*target) []report.Note {
	var all []report.Note
	note := func(path string, line int, format string, args ...any) {
		all = append(all, report.Note{What: fmt.Sprintf("waiver %s:%d ", path, line) + fmt.Sprintf(format, args...)})
	}
	for _, e := range w.head.list {
		w.noteEntry(e, targets, note)
	}
	for _, key := range slices.Sorted(maps.Keys(w.pending)) {
		p := w.pending[key]
		note(p.path, p.line, "is about %s, and only this change brings it or what it stands at: it counts once base has it%s", counted(p.findings, "finding"), w.otherwise(p.mark))
	}
	w.noteSources(targets, note)
	slices.SortStableFunc(all, func(a, b report.Note) int { return cmp.Compare(a.What, b.What) })
	all = slices.CompactFunc(all, func(a, b report.Note) bool { return a == b })
	if more := len(all) - maxWaiverNotes; more > 0 {
		all = append(all[:maxWaiverNotes], report.Note{What: fmt.Sprintf("%d more waivers do nothing", more)})
	}
	return all
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// otherwise says what else would make a waiver of the change count.
func (w *waivers) otherwise(m mark) string {
	switch {
	case w.approvable:
		return ", or an approver approves this head"
	case m.kind == waive.InFile:
		return "; waivers.trust of base may say file or approved"
	}
	return "; waivers.trust of base may say approved"
}

func (w *waivers) noteEntry(e config.Waiver, targets []*target, note func(string, int, string, ...any)) {
	if unknown := w.unknown([]string{e.Check}); len(unknown) > 0 {
		note(w.head.file, e.Line, "names the check %q, which there is not; did you mean %q?", e.Check, config.Nearest(e.Check, ids()))
		return
	}
	if e.Environment != "" && !waive.OfTarget(config.Waiver{Environment: e.Environment}, waive.Place{Environments: w.patterns()}) {
		note(w.head.file, e.Line, "of %s names the environment %s, which no entry of environments in base's configuration matches", e.Check, e.Environment)
		return
	}
	if e.Expires.Past(w.now) {
		note(w.head.file, e.Line, "of %s expired on %s", e.Check, e.Expires)
		return
	}
	if w.used[fmt.Sprintf("%s:%d", w.head.file, e.Line)] {
		return
	}
	switch known, seen := w.lookedFor(e, targets); {
	case known && !seen && e.Object != "":
		note(w.head.file, e.Line, "of %s names the object %s, and no target deploys one", e.Check, e.Object)
	case known || seen && e.Object != "":
		note(w.head.file, e.Line, "of %s is about no finding", e.Check)
	}
}

// lookedFor says whether every target was looked at that an entry may be about,
// and whether its object was seen.
func (w *waivers) lookedFor(e config.Waiver, targets []*target) (all, seen bool) {
	all = len(targets) > 0
	for _, t := range targets {
		at := t.any()
		names := []string{t.id, at.ID(), at.Dir}
		if !waive.OfTarget(e, waive.Place{Targets: names, Environments: w.environmentsOf(names)}) {
			continue
		}
		s := t.headSide
		all = all && (s.state == report.Rendered || s.state == report.Absent)
		for _, o := range s.result.Judged() {
			seen = seen || waive.OfObject(e.Object, o.Kind, o.Namespace, o.Name)
		}
	}
	return all, seen
}

// noteSources tells of comments and annotations of ours that mean nothing, in
// what was looked at; of comments without a finding only where all was looked at
// that reads them.
func (w *waivers) noteSources(targets []*target, note func(string, int, string, ...any)) {
	touched := changedBy(w.change)
	for _, t := range targets {
		c := w.of(t.headSide)
		if !t.affected || c == nil {
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(c.comments())) {
			for _, found := range c.comments()[name] {
				told := w.noteNames(found.Names, found.Reason, found.Own, func(format string, args ...any) { note(name, found.Line, format, args...) })
				used := w.used[fmt.Sprintf("%s:%d", name, found.Line)]
				switch {
				case told:
				case used && found.Expires.Past(w.now):
					note(name, found.Line, "expired on %s", found.Expires)
				case found.Own && !used && (w.all(targets) || touched(name)):
					note(name, found.Line, "of %s is about no finding", strings.Join(found.Names, ", "))
				}
			}
		}
		for _, o := range c.objects {
			for _, a := range waive.Annotations(o) {
				if !a.Own {
					continue
				}
				path, line, ok := c.writes(a)
				if !ok || w.noteNames(a.Names, a.Reason, true, func(format string, args ...any) { note(path, line, format, args...) }) {
					continue
				}
				if !w.used[fmt.Sprintf("%s:%d", path, line)] && (w.all(targets) || touched(path)) {
					note(path, line, "of %s is about no finding", strings.Join(a.Names, ", "))
				}
			}
		}
	}
}

func (w *waivers) noteNames(names []string, reason string, own bool, note func(string, ...any)) (told bool) {
	if !own {
		return false // other tools have checks that we have not
	}
	unknown := w.unknown(names)
	switch {
	case len(names) == 0:
		note("names no check")
	case len(unknown) > 0:
		note("names the check %q, which there is not; did you mean %q?", unknown[0], config.Nearest(unknown[0], ids()))
	case reason == "":
		note("of %s gives no reason, so it does not count: write -- and the reason behind it", strings.Join(names, ", "))
		return true
	}
	return len(names) == 0 || len(unknown) == len(names)
}

// unknown are the names that neither the catalogue nor this run has.
func (w *waivers) unknown(names []string) []string {
	return slices.DeleteFunc(waive.Unknown(names), func(name string) bool {
		return slices.ContainsFunc(w.judge.rules, func(r checks.Rule) bool { return r.ID == name })
	})
}

// all says that every target was looked at.
func (w *waivers) all(targets []*target) bool {
	return !slices.ContainsFunc(targets, func(t *target) bool {
		return t.headSide.state != report.Rendered && t.headSide.state != report.Absent
	})
}
