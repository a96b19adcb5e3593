package gate

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/rendergate/rendergate/checks"
	"github.com/rendergate/rendergate/internal/blame"
	"github.com/rendergate/rendergate/internal/delta"
	"github.com/rendergate/rendergate/internal/git"
	"github.com/rendergate/rendergate/internal/report"
	"github.com/rendergate/rendergate/render"
	"github.com/rendergate/rendergate/render/manifest"
)

// What blame may spend: renders on one target, and time on all of them. Where
// renders are slow there are fewer of them, and causes are told more coarsely;
// the verdict does not depend on it.
const (
	mostProbes  = 200
	fewProbes   = 6
	blameTarget = 20 * time.Second
	blameAll    = 60 * time.Second
)

// probes is how many renders of a target blame may spend, by what one took and
// what is left of the time for all.
func probes(t *target, left time.Duration) int {
	if left <= 0 {
		return 0
	}
	one := max(t.headSide.took, t.baseSide.took, time.Millisecond)
	return min(mostProbes, max(fewProbes, int(min(blameTarget, left)/one)))
}

// placed is a finding with the place where it is shown.
type placed struct {
	stated
	at         blame.Location
	begins     report.Location    // where its object does
	source     *blame.Location    // what wrote it, where that was asked for and is known
	suggestion *report.Suggestion // nil: none is proven
}

// place gives each finding its location. New ones are traced to the changed
// line that caused them; the others stand where their object does.
func place(ctx context.Context, change *git.Change, j judge, w *waivers, findings []stated) []placed {
	all := make([]placed, len(findings))
	groups := map[*target][]int{}
	var order []*target
	for i, s := range findings {
		all[i] = placed{stated: s, at: ownPlace(s), begins: begins(s)}
		if s.state != report.New || s.by != nil {
			continue
		}
		if groups[s.target] == nil {
			order = append(order, s.target)
		}
		groups[s.target] = append(groups[s.target], i)
	}
	start := time.Now()
	shared := sharedCauses{change: change, known: map[string]blame.Location{}, mu: &sync.Mutex{}}
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for _, chain := range chains(order) {
		group.Go(func() error {
			for _, t := range chain {
				members := groups[t]
				if t.guessed() {
					members = shared.apply(all, members)
				}
				began := time.Now()
				for _, alike := range partByWaiver(findings, members) {
					c := blameCase(ctx, change, j, t, findings, alike)
					if findings[alike[0]].was != nil {
						w.blame(&c, t)
					}
					c.Traced = func() (base, head []*manifest.Object) {
						var beside sync.WaitGroup
						beside.Go(func() { base = j.withSites(ctx, held(change, []*target{t}), t.base) })
						head = j.withSites(ctx, change.Head, t.head)
						beside.Wait()
						return base, head
					}
					if t.head != nil { // else its deletion is the cause
						c.Probes = probes(t, blameAll-time.Since(start))
					}
					for n, at := range t.searched(blamed(c)) {
						all[alike[n]].at = withWaiver(at, findings[alike[n]].was)
						shared.learn(all[alike[n]])
					}
				}
				t.placing = time.Since(began)
			}
			return nil
		})
	}
	// Blame has no errors: where it knows nothing, it says where the object stands.
	if err := group.Wait(); err != nil {
		panic(err)
	}
	return all
}

// searched keeps what a search for causes took, and why one gave up.
func (t *target) searched(at []blame.Location, gaveUp error) []blame.Location {
	for _, one := range at {
		t.probes += one.Renders
	}
	if t.gaveUp == nil {
		t.gaveUp = gaveUp
	}
	return at
}

// blamed places the findings of a case; what a hostile file makes of the search costs causes, and never
// a finding. It is tried again without renders, and where that does not end well either there are no places, and
// each finding stays where its object stands. The error says why the first search gave up.
func blamed(c blame.Case) (at []blame.Location, gaveUp error) {
	at, gaveUp = tried(c)
	if gaveUp == nil {
		return at, nil
	}
	c.Probes, c.Traced = 0, nil
	at, again := tried(c)
	if again != nil {
		return nil, errors.Join(gaveUp, again)
	}
	return at, gaveUp
}

func tried(c blame.Case) (at []blame.Location, err error) {
	defer func() {
		if r := recover(); r != nil {
			at, err = nil, fmt.Errorf("%v", r)
		}
	}()
	return blame.Place(c), nil
}

// chains are the targets that share causes, in order: a chart with its variants.
func chains(order []*target) [][]*target {
	var all [][]*target
	at := map[string]int{}
	for _, t := range order {
		dir := t.any().Dir
		if i, known := at[dir]; known && t.any().Kind == render.Helm {
			all[i] = append(all[i], t)
			continue
		}
		at[dir] = len(all)
		all = append(all, []*target{t})
	}
	return all
}

func blameCase(ctx context.Context, change *git.Change, j judge, t *target, findings []stated, members []int) blame.Case {
	inputs := map[string]bool{}
	for name := range revertible(change.Head, t.head) {
		inputs[name] = true
	}
	for name := range revertible(change.Base, t.base) {
		inputs[name] = true
	}
	for _, other := range j.with[t.id].touched {
		for name := range revertible(change.Head, other.head) {
			inputs[name] = true
		}
		for name := range revertible(change.Base, other.base) {
			inputs[name] = true
		}
	}
	var wanted []checks.Finding
	for _, i := range members {
		wanted = append(wanted, findings[i].Finding)
	}
	anchor := ""
	if t.head != nil {
		anchor = render.Anchor(change.Head, *t.head)
	}
	return blame.Case{
		Change: change, Renames: delta.Renames(change.Renames()), Findings: wanted,
		Objects: t.headSide.result.Judged(), Base: t.baseSide.result.Judged(),
		Inputs: func(name string) bool { return inputs[name] },
		Target: anchor,
		Judge: func(tree *git.Tree) ([]*manifest.Object, []checks.Finding, error) {
			with, err := j.over(ctx, tree, t.id)
			if err != nil {
				return nil, nil, err
			}
			objects, found, err := with.judged(ctx, tree, t.id, t.head)
			if err != nil {
				return nil, nil, err
			}
			found, err = with.changing(t, objects, found, delta.Renames(change.Renames()))
			return objects, found, err
		},
	}
}

// ownPlace is where a finding's object stands in the source, as exactly as it
// is known without asking further.
func ownPlace(s stated) blame.Location {
	at := blame.Location{Path: s.Origin.Path, Side: s.side, How: "object", Level: "file"}
	if s.Origin.Exact {
		at.Line, at.EndLine, at.Level = s.Line, s.Line, "line"
	}
	if at.Path == "" {
		at.Path, at.Level = s.target.any().Dir, "target"
	}
	return at
}

// revertible are the inputs of a target that may be a cause: not the values
// files of other variants, and never a fixture, which is no part of what is
// deployed and is the same on both sides.
func revertible(tree *git.Tree, t *render.Target) iter.Seq[string] {
	return func(yield func(string) bool) {
		if t == nil {
			return
		}
		own := render.Layers(tree, *t)
		for _, name := range render.Inputs(tree, *t) {
			conventional, fixture := render.Conventional(t.Dir, name)
			if t.Kind == render.Helm && (fixture && !t.Configured || conventional && !slices.Contains(own, name)) {
				continue
			}
			if !yield(name) {
				return
			}
		}
	}
}

// sharedCauses are the places of findings that another variant of the chart
// has too. What a template, or another file of the whole chart, causes in one
// variant it causes in all whose own values did not change.
type sharedCauses struct {
	change *git.Change
	mu     *sync.Mutex
	known  map[string]blame.Location
}

func (c sharedCauses) learn(p placed) {
	if conventional, _ := render.Conventional(p.target.any().Dir, p.at.Path); !conventional && p.at.Path != "" {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.known[p.inChart()+"\x00"+p.Field] = p.at
	}
}

// apply places what is known, and returns the findings that are still to be
// placed.
func (c sharedCauses) apply(all []placed, members []int) []int {
	c.mu.Lock()
	defer c.mu.Unlock()
	var left []int
	for _, i := range members {
		p := &all[i]
		at, known := c.known[p.inChart()+"\x00"+p.Field]
		if known && c.sameValues(p.target) {
			p.at = at
			continue
		}
		left = append(left, i)
	}
	return left
}

func (c sharedCauses) sameValues(t *target) bool {
	if t.fixture() {
		return true
	}
	return !slices.ContainsFunc(t.layers(c.change), func(name string) bool {
		_, changed := c.change.File(name, report.Head)
		return changed
	})
}
