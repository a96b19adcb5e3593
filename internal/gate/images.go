package gate

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/rendergate/rendergate/checks"
	"github.com/rendergate/rendergate/internal/delta"
	"github.com/rendergate/rendergate/internal/report"
	"github.com/rendergate/rendergate/render/manifest"
)

// wantedImage is an image that somebody has to look at, by the text of objects.
type wantedImage struct {
	text    string
	at      []deployed      // where it is deployed
	instead map[string]bool // the images that it is compared with; true: it takes their place
	brought bool            // the change brings it
	reason  string          // why nobody can look; empty: nobody tried
	found   []checks.Vulnerability
}

// deployed is a side of a target.
type deployed struct {
	target *target
	side   string
}

// shelf are the images of a run that have to be looked at, and all that base has.
type shelf struct {
	wanted  map[string]*wantedImage
	had     map[string]bool
	ignores func(name string) bool
	left    map[string]bool // those that nobody shall look at
}

// ignored says that nobody shall look at an image, by its repository or, where it is
// no reference, by its text.
func (s shelf) ignored(text string) bool {
	return s.ignores(cmp.Or(checks.Repository(text), text))
}

func (s shelf) put(text string, t *target, side string) *wantedImage {
	w := s.wanted[text]
	if w == nil {
		w = &wantedImage{text: text, instead: map[string]bool{}}
		s.wanted[text] = w
	}
	if at := (deployed{t, side}); !slices.Contains(w.at, at) {
		w.at = append(w.at, at)
	}
	return w
}

// images has the images looked at that the change brings, and those that they come
// instead of, and judges the targets again with what is known of them then. An
// image that both sides have is neither brought nor looked at.
func (r *run) images(ctx context.Context, targets []*target) []report.Undecided {
	configured := r.settings.decides.Images
	on := slices.ContainsFunc(r.settings.rules, func(rule checks.Rule) bool { return rule.Check.Shared != nil })
	if !on || !configured.Wanted() && len(r.options.ImageReports) == 0 {
		return nil
	}
	all := r.brought(ctx, targets)
	if names := sorted(all.left); len(names) > 0 {
		r.note("", "not looked at, as images.ignore says: %s", few(names))
	}
	if len(all.wanted) == 0 {
		return nil
	}
	r.lookAt(ctx, all)
	r.judge.settings.Scanned, r.judge.uncompared = all.known()
	r.waivers.judge.settings.Scanned = r.judge.settings.Scanned
	r.notes = append(r.notes, exchanged(all.wanted)...)
	for _, t := range targets {
		if t.affected {
			r.judge.beside(t, &t.baseSide, r.judge.with[t.id].base)
			r.judge.beside(t, &t.headSide, r.judge.with[t.id].head)
		}
	}
	if n := all.leftToOthers(); len(n) > 0 {
		r.note("", "no scanner is started here, so that these images were not looked at, and the pull request is judged with them: %s", few(n))
	}
	return unseen(all.wanted)
}

// leftToOthers are the images that nobody looks at here, because a run elsewhere
// does.
func (s shelf) leftToOthers() []string {
	var all []string
	for _, text := range sorted(s.wanted) {
		if s.wanted[text].reason == errNoScanner.Error() {
			all = append(all, text)
		}
	}
	return all
}

// few are the first of some names, and how many more there are.
func few(names []string) string {
	if rest := len(names) - mostNamed; rest > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:mostNamed], ", "), rest)
	}
	return strings.Join(names, ", ")
}

// lookAt has each image looked at. That nobody can is said of each.
func (r *run) lookAt(ctx context.Context, all shelf) {
	look, err := r.looker(ctx, all)
	for i, text := range sorted(all.wanted) {
		w := all.wanted[text]
		switch {
		case w.reason != "":
		case err != nil:
			w.reason = err.Error()
		default:
			r.tell(fmt.Sprintf("looking at image %d of %d: %s", i+1, len(all.wanted), text))
			if w.found, err = look.at(ctx, text); err != nil {
				w.reason, err = err.Error(), nil
			}
		}
	}
}

// known is what is known of the images, and which of them cannot be compared,
// because nobody could look at the image that one comes instead of, or at the one
// that comes.
func (s shelf) known() (scanned map[string][]checks.Vulnerability, uncompared map[string]bool) {
	scanned, uncompared = map[string][]checks.Vulnerability{}, map[string]bool{}
	for text, w := range s.wanted {
		if w.reason == "" {
			scanned[text] = w.found
		}
		for was := range w.instead {
			if w.reason != "" || s.wanted[was].reason != "" {
				uncompared[text], uncompared[was] = true, true
			}
		}
	}
	return scanned, uncompared
}

// brought are the images that the change brings to targets, with those that they
// come instead of.
func (r *run) brought(ctx context.Context, targets []*target) shelf {
	wanted := shelf{wanted: map[string]*wantedImage{}, had: map[string]bool{}, left: map[string]bool{}, ignores: r.settings.decides.Images.Ignores}
	siblings := siblings{ctx: ctx, change: r.change, judge: r.judge, all: targets, looked: map[*target]side{}}
	was := movedFrom(targets)
	for _, t := range targets {
		if !t.affected || t.headSide.result == nil || t.headSide.err != nil {
			continue
		}
		before, known := t.baseSide, t.baseSide.rendered()
		if twin := was[t]; !known && twin != nil {
			before, known = twin.baseSide, true
		}
		if !known && t.baseSide.state == report.Absent {
			for sibling := range siblings.of(t) {
				before, known = sibling, true
				break
			}
		}
		if !known {
			before = side{}
		}
		wanted.compare(t, before.result.Judged(), t.headSide.result.Judged(), delta.Renames(r.change.Renames()))
		if r.options.All && r.settings.decides.Images.All || r.waivers.droppedImages(t) {
			wanted.all(t)
		}
	}
	return wanted
}

// movedFrom are the targets of base that targets of head only were before.
func movedFrom(targets []*target) map[*target]*target {
	var vanished, appeared []*target
	for _, t := range targets {
		switch b, h := t.baseSide, t.headSide; {
		case !t.affected:
		case h.state == report.Absent && b.rendered():
			vanished = append(vanished, t)
		case b.state == report.Absent && h.rendered():
			appeared = append(appeared, t)
		}
	}
	was := map[*target]*target{}
	for _, pair := range sameObjects(vanished, appeared) {
		was[pair.head] = pair.base
	}
	return was
}

// compare wants the images of a target that are others than before in the same
// container, and those of new containers that the target did not have at all.
func (s shelf) compare(t *target, base, head []*manifest.Object, renames delta.Renames) {
	had := map[string]bool{}
	for _, o := range base {
		for _, at := range checks.Images(o) {
			had[at.Text()], s.had[at.Text()] = true, true
		}
	}
	for _, pair := range delta.Match(base, head, renames) {
		for was, is := range delta.Images(pair) {
			x, y := was.Text(), is.Text()
			switch {
			case is.Unknown() && !was.Unknown():
				w := s.put(is.Object().Name+" "+is.Path(), t, report.Head)
				w.reason = "nobody knows it before it is deployed; give what it depends on a value"
			case y == "" || x == y || x == "" && had[y]:
			case s.ignored(y):
				s.left[y] = true
			default:
				w := s.put(y, t, report.Head)
				w.brought = true
				s.instead(w, t, x, true)
				for other := range had {
					if name := checks.Repository(y); name != "" && checks.Repository(other) == name {
						s.instead(w, t, other, false)
					}
				}
			}
		}
	}
}

// instead has an image compared with one that the target had.
func (s shelf) instead(w *wantedImage, t *target, was string, replaced bool) {
	if was != "" && was != w.text && !s.ignored(was) {
		s.put(was, t, report.Base)
		w.instead[was] = w.instead[was] || replaced
	}
}

// all wants every image of head.
func (s shelf) all(t *target) {
	for _, o := range t.headSide.result.Judged() {
		for _, at := range checks.Images(o) {
			if at.Text() != "" && !s.ignored(at.Text()) {
				s.put(at.Text(), t, report.Head)
			}
		}
	}
}

// unseen are the images that nobody could look at, by target, side and reason.
func unseen(wanted map[string]*wantedImage) []report.Undecided {
	type key struct{ target, side, reason string }
	texts := map[key][]string{}
	for _, text := range sorted(wanted) {
		w := wanted[text]
		for _, at := range w.at {
			if w.reason != "" && w.reason != errNoScanner.Error() {
				k := key{at.target.id, at.side, w.reason}
				texts[k] = append(texts[k], text)
			}
		}
	}
	var all []report.Undecided
	for k, names := range texts {
		all = append(all, report.Undecided{
			Target: k.target, Side: k.side, Stage: "images",
			Error: fmt.Sprintf("%s: nobody could look for vulnerabilities: %s", few(names), k.reason),
		})
	}
	slices.SortFunc(all, func(a, b report.Undecided) int {
		return strings.Compare(a.Target+"\x00"+a.Side+"\x00"+a.Error, b.Target+"\x00"+b.Side+"\x00"+b.Error)
	})
	return all
}

// mostNamed bounds the images that one line names.
const mostNamed = 5

// exchanged says of each image that comes instead of others what that changes.
func exchanged(wanted map[string]*wantedImage) []report.Note {
	var notes []report.Note
	for _, text := range sorted(wanted) {
		w := wanted[text]
		if w.reason != "" {
			continue
		}
		if w.brought && len(w.instead) == 0 && len(w.found) > 0 {
			notes = append(notes, report.Note{What: fmt.Sprintf("image %s is new here: %s", text, vulnerabilities(w.found))})
		}
		for _, was := range slices.Sorted(maps.Keys(w.instead)) {
			if what := exchange(w, wanted[was], w.instead[was]); what != "" {
				notes = append(notes, report.Note{What: what})
			}
		}
	}
	if more := len(notes) - mostExchanges; more > 0 {
		notes = append(notes[:mostExchanges], report.Note{What: fmt.Sprintf("%d more images have other vulnerabilities than those that they come instead of", more)})
	}
	return notes
}

// mostExchanges bounds the notes about images.
const mostExchanges = 30

// exchange says what an image has more and less than one that it is compared with;
// empty for nothing.
func exchange(w, was *wantedImage, replaced bool) string {
	if was.reason != "" {
		return ""
	}
	less, more, how := beyond(was.found, w.found), beyond(w.found, was.found), "instead of"
	if !replaced {
		less, how = nil, "beside"
	}
	var parts []string
	if len(less) > 0 {
		parts = append(parts, "removes "+vulnerabilities(less))
	}
	if len(more) > 0 {
		parts = append(parts, "brings "+vulnerabilities(more))
	}
	if len(parts) == 0 {
		return ""
	}
	if stay := len(w.found) - len(more); stay > 0 {
		parts = append(parts, fmt.Sprintf("%d stay", stay))
	}
	return fmt.Sprintf("image %s %s %s %s", w.text, how, was.text, strings.Join(parts, ", "))
}

// beyond are the vulnerabilities that another image has not.
func beyond(all, other []checks.Vulnerability) []checks.Vulnerability {
	return slices.DeleteFunc(slices.Clone(all), func(v checks.Vulnerability) bool {
		return slices.ContainsFunc(other, func(o checks.Vulnerability) bool { return o.ID == v.ID && o.Package == v.Package })
	})
}

// vulnerabilities counts some by severity.
func vulnerabilities(all []checks.Vulnerability) string {
	noun := "vulnerabilities"
	if len(all) == 1 {
		noun = "vulnerability"
	}
	counts := map[checks.Severity]int{}
	for _, v := range all {
		counts[v.Severity]++
	}
	var parts []string
	for severity := checks.Critical; severity > checks.None; severity-- {
		if n := counts[severity]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, severity))
		}
	}
	return fmt.Sprintf("%d %s (%s)", len(all), noun, strings.Join(parts, ", "))
}
