package gate

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/rendergate/rendergate/checks"
	"github.com/rendergate/rendergate/internal/fix"
	"github.com/rendergate/rendergate/internal/git"
	"github.com/rendergate/rendergate/internal/report"
	"github.com/rendergate/rendergate/render"
	"github.com/rendergate/rendergate/render/manifest"
)

// What suggestions may spend: time on all of them, and renders on the findings
// of one place. Where it is spent there are fewer suggestions; the verdict does
// not depend on it.
const (
	suggestAll   = 15 * time.Second
	suggestTries = 16
)

// caveat is what a render cannot tell of some edits.
const caveat = "renders and passes; test that it still starts"

// suggest adds to new findings what to write instead, where an edit of the
// source is proven to remove them and nothing else.
func (r *run) suggest(ctx context.Context, targets []*target, all []placed) []placed {
	s := &suggester{run: r, ctx: ctx, all: all, until: time.Now().Add(suggestAll), judge: r.judge, heads: map[string]side{}, inputs: map[*target][]string{}, sites: map[*target][]*manifest.Object{}}
	s.tried = map[string]side{}
	s.judge.supply = r.judge.supply.known()
	for _, t := range targets {
		s.heads[t.id] = t.headSide
	}
	for _, group := range s.groups() {
		for len(group) > 0 && time.Now().Before(s.until) && ctx.Err() == nil {
			made := s.group(group, false)
			if len(made) == 0 {
				made = s.group(group, true)
			}
			if len(made) == 0 {
				break
			}
			group = slices.DeleteFunc(group, func(i int) bool { return slices.Contains(made, i) })
		}
	}
	return all
}

// suggester looks for edits that remove the new findings of a run.
type suggester struct {
	*run
	ctx    context.Context
	judge  judge
	all    []placed
	until  time.Time
	heads  map[string]side // head's side of targets, by id
	inputs map[*target][]string
	sites  map[*target][]*manifest.Object
	tried  map[string]side // what a group's edits made of its own target
}

// groups are the new findings that one edit may remove together: those of one
// container at one place, of the first target that shows them. The worst come
// first.
func (s *suggester) groups() [][]int {
	var order []string
	members := map[string][]int{}
	for i, p := range s.all {
		if p.state != report.New || p.by != nil || p.side != report.Head || p.Node.Object() == nil || p.target.headSide.result == nil {
			continue
		}
		key := strings.Join([]string{placeKey(p), p.Object.String(), p.Subject.Container}, "\x00")
		if members[key] == nil {
			order = append(order, key)
		}
		if first := members[key]; len(first) == 0 || s.all[first[0]].target == p.target {
			members[key] = append(members[key], i)
		}
	}
	var groups [][]int
	for _, key := range order {
		groups = append(groups, members[key])
	}
	worst := func(group []int) checks.Severity {
		most := checks.None
		for _, i := range group {
			most = max(most, s.all[i].Severity)
		}
		return most
	}
	slices.SortStableFunc(groups, func(a, b []int) int { return cmp.Compare(worst(b), worst(a)) })
	return groups
}

func placeKey(p placed) string {
	return p.at.Side + ":" + p.at.Path + ":" + strings.Join([]string{itoa(p.at.Line), itoa(p.at.EndLine)}, "-")
}

// group finds one edit for as many findings of a group as it can, and returns
// those. Who wrote the fields is traced only where what their names tell does not
// suffice: it costs a render.
func (s *suggester) group(members []int, traced bool) (made []int) {
	defer func() {
		// What a hostile file makes of the search costs suggestions, and never a
		// finding.
		if r := recover(); r != nil {
			made = nil
			s.note("", "the search for suggestions gave up: %v", r)
		}
	}()
	first := s.all[members[0]]
	objects := first.target.headSide.result.Judged()
	var mine []int
	var edits [][]manifest.Edit
	for _, i := range members {
		if some := checks.Mended(s.all[i].Finding, objects); len(some) > 0 && s.all[i].suggestion == nil {
			mine, edits = append(mine, i), append(edits, some)
		}
	}
	if len(mine) == 0 {
		return nil
	}
	c := s.caseOf(first)
	if traced {
		if c.Traced = s.traced(first); c.Traced == nil {
			return nil
		}
	}
	var sure *trial
	clear(s.tried)
	over := func() bool { return time.Now().After(s.until) || s.ctx.Err() != nil }
	search := fix.Search{
		Ways: fix.Ways(c, slices.Concat(edits...)), Edits: edits, Tries: suggestTries,
		Over: over,
		Try: func(file, text string) ([]bool, bool) {
			if over() {
				return nil, false
			}
			t := s.newTrial(mine, edits, file, text)
			return t.alone()
		},
		Sure: func(p fix.Proposal) bool {
			if over() {
				return false
			}
			sure = s.newTrial(chosen(mine, p.Made), chosen(edits, p.Made), p.File, p.Text)
			return sure.everywhere()
		},
	}
	best, ok := search.Best()
	if !ok {
		return nil
	}
	return s.keep(chosen(mine, best.Made), best, sure)
}

func chosen[T any](all []T, made []bool) []T {
	var some []T
	for i, one := range all {
		if made[i] {
			some = append(some, one)
		}
	}
	return some
}

func (s *suggester) caseOf(p placed) fix.Case {
	t := p.target
	if s.inputs[t] == nil {
		s.inputs[t] = slices.DeleteFunc(render.Inputs(s.change.Head, *t.head), func(name string) bool { return !s.editable(t.head, name) })
	}
	return fix.Case{
		Tree: s.change.Head, Target: *t.head, Inputs: s.inputs[t], Object: p.Node.Object(), Cause: p.at.Path,
		Changed: func(file string) bool {
			_, changed := s.change.File(file, report.Head)
			return changed
		},
	}
}

// traced is a finding's object as a traced render has it, nil where there is
// none.
func (s *suggester) traced(p placed) *manifest.Object {
	objects, known := s.sites[p.target]
	if !known {
		objects = s.judge.withSites(s.ctx, s.change.Head, p.target.head)
		s.sites[p.target] = objects
	}
	at := slices.Index(p.target.headSide.result.Judged(), p.Node.Object())
	if at < 0 || at >= len(objects) || objects[at].Written == nil {
		return nil
	}
	return objects[at]
}

// editable says that a file may be suggested to be edited: a real one, and no
// test's input.
func (s *suggester) editable(t *render.Target, name string) bool {
	_, fixture := render.Conventional(t.Dir, name)
	return s.change.Head.ID(name) != "" && len(s.change.Head.Through(name)) == 0 && !(fixture && !t.Configured)
}

// keep puts a proven edit to the findings that it removes.
func (s *suggester) keep(mine []int, best fix.Proposal, proof *trial) []int {
	old, err := s.change.Head.ReadFile(best.File)
	if err != nil {
		return nil
	}
	region, ok := fix.Between(string(old), best.Text)
	if !ok {
		return nil
	}
	at := s.all[mine[0]].at
	if file, changed := s.change.File(best.File, report.Head); changed && at.Path == best.File && at.Side == report.Head && at.Line > 0 {
		if wide := region.Widened(string(old), at.Line, at.Line); wide.End-wide.Start <= region.End-region.Start+nearby && inOneHunk(file, wide) {
			region = wide
		}
	}
	if region.End-region.Start >= maxSuggested {
		return nil
	}
	suggestion := &report.Suggestion{
		Path: best.File, StartLine: region.Start, EndLine: region.End, Replacement: region.Replacement, Verified: true, Targets: proof.looked,
		Before: linesOf(string(old), region.Start, region.End), Findings: []string{},
	}
	removed := slices.Concat(mine, proof.also)
	for _, i := range removed {
		if s.all[i].Check.Trial {
			suggestion.Caveat = caveat
		}
	}
	for _, i := range removed {
		s.all[i].suggestion = suggestion
	}
	return mine
}

// nearby is how far from the line that is to blame an edit may stand so that
// one comment shows both.
const nearby = 10

// maxSuggested bounds the lines that a suggestion replaces: a longer one nobody
// reviews.
const maxSuggested = 40

func inOneHunk(file git.FileDiff, r fix.Region) bool {
	return slices.ContainsFunc(file.Hunks, func(h git.Hunk) bool { return r.Start >= h.NewStart && r.End < h.NewStart+h.NewLines })
}

func linesOf(text string, start, end int) string {
	lines := strings.SplitAfter(text, "\n")
	return strings.Join(lines[start-1:min(end, len(lines))], "")
}
