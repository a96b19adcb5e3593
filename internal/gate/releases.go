package gate

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"runtime"
	"slices"
	"sort"
	"strconv"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/rendergate/rendergate/internal/git"
	"github.com/rendergate/rendergate/internal/report"
	"github.com/rendergate/rendergate/render"
)

// mostReleases bounds what a run follows from release to release.
const mostReleases = 5000

// nesting follows what rendered targets declare: releases and Applications,
// which are targets in turn and may declare more.
type nesting struct {
	*run
	ctx   context.Context
	touch touch
	all   []*target
	ids   map[string]int
	parts map[*render.Target][]string
}

// parent is a target with what it rendered to at both sides.
type parent struct {
	*target
	baseResult, headResult *render.Result
	baseFailed, headFailed bool
}

// around tells the targets that hold releases about their repository, before
// they are rendered.
func (r *run) around(targets []*target) {
	for _, t := range targets {
		if t.base != nil && r.declares(t, r.change.Base, t.base, r.declaring.base) {
			t.base.Repository = r.declaring.base.around
		}
		if t.head != nil && r.declares(t, r.change.Head, t.head, r.declaring.head) {
			t.head.Repository = r.declaring.head.around
		}
	}
}

func (r *run) declares(t *target, tree *git.Tree, at *render.Target, side declaringSide) bool {
	return len(side.releases) > 0 && render.Reads(tree, *at, sorted(side.releases))
}

// releases adds to the looked at targets those that they declare, looked at as
// well where they are affected: where what is said of them differs, or a chart,
// overlay or values file that they are made of.
func (r *run) releases(ctx context.Context, targets []*target) []*target {
	affected := slices.DeleteFunc(slices.Clone(targets), func(t *target) bool { return !t.affected })
	n := &nesting{run: r, ctx: ctx, touch: touchOf(r.change, affected), ids: map[string]int{}, parts: map[*render.Target][]string{}}
	n.follow(targets)
	open := n.opened(targets, false)
	var leaves []*target
	for len(open) > 0 || len(leaves) > 0 {
		var inner []*target
		for _, t := range n.children(open) {
			if t.any().Kind == render.HelmRelease {
				leaves = append(leaves, t)
			} else {
				inner = append(inner, t)
			}
		}
		if open = n.opened(inner, true); len(open) == 0 {
			n.dropCovered()
			open = n.opened(n.kept(leaves), true)
			leaves = nil
		}
		if len(n.all) > mostReleases {
			r.undecided = append(r.undecided, report.Undecided{Side: report.Head, Stage: "find", Error: fmt.Sprintf("more than %d releases declare each other, where looking ends", mostReleases)})
			break
		}
	}
	n.dropCovered()
	all := append(slices.Clone(targets), n.kept(n.all)...)
	sort.SliceStable(all, func(i, j int) bool { return all[i].id < all[j].id })
	return all
}

// opened gives the targets that may declare releases with what they render to.
// Affected ones are judged on the way, unless that was done; others are only
// rendered, where they may declare something that the change touches.
func (n *nesting) opened(targets []*target, judge bool) []parent {
	var affected, quiet []*target
	charts := sync.OnceValue(func() charts { return chartsOf(targets) })
	varied := func(t *target) bool {
		return slices.ContainsFunc(charts().of(t), func(other *target) bool { return other.affected })
	}
	for _, t := range targets {
		switch {
		case t.guessed() && t.any().Kind == render.Helm && charts().of(t).defaultRenders():
			// what the default declares is deployed, and nobody said that of a guess
			n.notFollowed(t, charts().of(t))
		case t.affected:
			affected = append(affected, t)
		case n.relevant(t, varied):
			quiet = append(quiet, t)
		default:
			t.baseSide, t.headSide = side{state: report.Skipped}, side{state: report.Skipped}
		}
	}
	if judge {
		n.judge.lookAll(n.ctx, n.change, affected)
	}
	var open []parent
	for _, t := range affected {
		b, h := t.baseSide, t.headSide
		open = append(open, parent{t, b.result, h.result, b.state == report.Failed, h.state == report.Failed})
	}
	return append(open, n.rendered(quiet)...)
}

// notFollowed says of a guessed variant that it declares what the default does not,
// as far as that is known.
func (n *nesting) notFollowed(t *target, of chartTargets) {
	known := map[string]bool{}
	for _, other := range of {
		if !other.guessed() {
			for _, r := range releasesOf(other.headSide.result) {
				known[nameOfRelease(r)] = true
			}
		}
	}
	for _, r := range releasesOf(t.headSide.result) {
		if !known[nameOfRelease(r)] {
			n.note(t.id, "is only a guess, so that what it declares, such as %s, was looked at only as the chart's default declares it; name its values file under targets of .rendergate.yaml", r.Object)
			return
		}
	}
}

// rendered renders unaffected targets only for what they declare.
func (n *nesting) rendered(targets []*target) []parent {
	open := make([]parent, len(targets))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, t := range targets {
		t.baseSide, t.headSide = side{state: report.Skipped}, side{state: report.Skipped}
		group.Go(func() error {
			p := parent{target: t}
			var err error
			if p.baseResult, err = n.judge.supplied(n.ctx, n.change.Base, *t.base); err != nil {
				p.baseFailed = true
			}
			if p.headResult, err = n.judge.supplied(n.ctx, n.change.Head, *t.head); err != nil {
				p.headFailed = true
			}
			open[i] = p
			return nil
		})
	}
	// A render's error is kept as its outcome, so the group has none.
	if err := group.Wait(); err != nil {
		panic(err)
	}
	for _, p := range open {
		if p.headFailed {
			n.note(p.id, "does not render, so what it declares was not looked at; the change does not touch it")
		}
	}
	return open
}

// relevant says that an unaffected target may declare what the change touches, or
// what an affected variant of a module declares as well.
func (n *nesting) relevant(t *target, varied func(*target) bool) bool {
	if t.base == nil || t.head == nil {
		return false
	}
	for _, s := range []struct {
		tree *git.Tree
		at   *render.Target
		side declaringSide
	}{{n.change.Base, t.base, n.declaring.base}, {n.change.Head, t.head, n.declaring.head}} {
		if s.at.Declared == nil && s.at.Repository == nil {
			continue // holds no releases
		}
		names := n.partsOf(s.tree, s.at)
		if !slices.ContainsFunc(names, func(name string) bool { return s.side.releases[name] }) {
			continue
		}
		if s.at.Kind == render.Helm || slices.ContainsFunc(names, func(name string) bool {
			return s.side.releases[name] && partOfChart(path.Dir(name), render.ChartDirs(s.tree))
		}) {
			return true // its templates may name anything
		}
		if s.at.Kind == render.Terraform {
			if n.touch.charts || varied(t) {
				return true // whatever path an expression comes to
			}
			continue
		}
		for _, name := range names {
			if data, err := s.tree.ReadFile(name); err == nil && n.touch.mayName(string(data)) {
				return true
			}
		}
	}
	return false
}

// follow counts as touched what declares something that the change touches, so
// that whoever names that is followed too: a root names the chart of all
// Applications, and only their values say which there are.
func (n *nesting) follow(targets []*target) {
	if !n.touch.charts && !n.touch.yaml {
		return
	}
	none := func(*target) bool { return false }
	open := slices.DeleteFunc(slices.Clone(targets), func(t *target) bool { return t.affected || t.guessed() })
	for grew := true; grew; {
		grew = false
		open = slices.DeleteFunc(open, func(t *target) bool {
			relevant := n.relevant(t, none)
			if relevant {
				grew = true
				n.touch.reach(t.base.Dir)
				n.touch.reach(t.head.Dir)
			}
			return relevant
		})
	}
}

// partsOf are the files of a target itself, without what declares it.
func (n *nesting) partsOf(tree *git.Tree, at *render.Target) []string {
	names, known := n.parts[at]
	if !known {
		if at.Declared != nil {
			names = render.OwnInputs(tree, *at)
		} else {
			names = render.Inputs(tree, *at)
		}
		n.parts[at] = names
	}
	return names
}

// children are the targets that rendered ones declare, matched between the
// sides by their reference.
func (n *nesting) children(open []parent) []*target {
	var all []*target
	for _, p := range open {
		base, head, twice := n.declared(p)
		keys := map[string]bool{}
		for key := range base {
			keys[key] = true
		}
		for key := range head {
			keys[key] = true
		}
		for _, key := range sorted(keys) {
			t := n.child(p, base, head, key)
			if t == nil {
				continue
			}
			id := t.any().ID()
			if twice[string(t.any().Kind)+" "+t.any().Declared.Object.String()] {
				id += "#" + path.Base(t.any().Declared.File)
			}
			if n.ids[id]++; n.ids[id] > 1 {
				id += "#" + strconv.Itoa(n.ids[id])
			}
			t.id = id
			all = append(all, t)
		}
	}
	n.all = append(n.all, all...)
	return all
}

// declared are the releases of a rendered target at both sides by what they are
// matched by: their reference, and where one side has several of it, which may be
// for different clusters, their files as well.
func (n *nesting) declared(p parent) (base, head map[string]render.Release, twice map[string]bool) {
	twice = map[string]bool{}
	for _, r := range []*render.Result{p.baseResult, p.headResult} {
		seen := map[string]bool{}
		for _, one := range releasesOf(r) {
			twice[nameOfRelease(one)] = twice[nameOfRelease(one)] || seen[nameOfRelease(one)]
			seen[nameOfRelease(one)] = true
		}
	}
	by := func(r *render.Result, file func(string) string) map[string]render.Release {
		all := map[string]render.Release{}
		for _, one := range releasesOf(r) {
			key := nameOfRelease(one)
			if twice[key] {
				key += fmt.Sprintf(" %s %d", file(one.File), one.Nth)
			}
			all[key] = one
		}
		return all
	}
	renames := n.change.Renames()
	return by(p.baseResult, func(name string) string { return cmp.Or(renames[name], name) }), by(p.headResult, path.Clean), twice
}

func releasesOf(r *render.Result) []render.Release {
	if r == nil {
		return nil
	}
	return r.Releases
}

func nameOfRelease(r render.Release) string { return string(r.Kind) + " " + r.Object.String() }

// child is one declared target at both sides; nil for one that declares
// itself, as Flux's own Kustomization does. Where a side of the parent does not
// render, nobody can say that it declares nothing there.
func (n *nesting) child(p parent, base, head map[string]render.Release, key string) *target {
	t := &target{parent: p.target}
	b, atBase := base[key]
	h, atHead := head[key]
	if p.base != nil && (atBase || p.baseFailed) {
		t.base = targetOf(b, h, atBase, *p.base)
	}
	if p.head != nil && (atHead || p.headFailed) {
		t.head = targetOf(h, b, atHead, *p.head)
	}
	for up := p.target; up != nil; up = up.parent {
		// One of the same name in another file is another one, of another cluster.
		if d, own := up.any().Declared, t.any().Declared; d != nil && d.Object == own.Object && d.File == own.File {
			return nil
		}
	}
	t.touched = n.options.Scan || t.base == nil || t.head == nil || p.baseFailed || p.headFailed || b.Digest != h.Digest || b.Digest == "" ||
		n.touch.touches(n.partsOf(n.change.Base, t.base)) || n.touch.touches(n.partsOf(n.change.Head, t.head))
	t.affected = t.touched || n.options.All || n.waivers.droppedOf(t.any().ID(), t.any().Dir)
	return t
}

func targetOf(own, other render.Release, there bool, in render.Target) *render.Target {
	if !there {
		own = other
	}
	t := own.Target(in)
	return &t
}

func (n *nesting) kept(all []*target) []*target {
	return slices.DeleteFunc(slices.Clone(all), func(t *target) bool { return t.covered })
}

// dropCovered takes out what is declared twice over: where a Kustomization or
// an Application deploys the folder that another target of the same run is,
// what that declares is deployed as the former makes it.
func (n *nesting) dropCovered() {
	for _, t := range n.all {
		if t.parent.covered {
			t.covered = true
			continue
		}
		if t.covered {
			continue
		}
		t.covered = slices.ContainsFunc(n.all, func(twin *target) bool {
			return twin != t && twin.parent != t.parent && !twin.covered && twin.parent.parent != nil && sameDeclaration(t, twin) &&
				!within(twin.parent, t) && n.covers(twin.parent, t.parent)
		})
	}
}

// sameDeclaration says that at each side where one is declared the other comes
// from the same file under the same name.
func sameDeclaration(t, twin *target) bool {
	same := func(a, b *render.Target) bool {
		return a == nil || b != nil && a.Kind == b.Kind && a.Declared.File == b.Declared.File && a.Declared.Object.Name == b.Declared.Object.Name
	}
	return same(t.base, twin.base) && same(t.head, twin.head)
}

// within says that a target is declared by another, at whatever distance.
func within(t, by *target) bool {
	for ; t != nil; t = t.parent {
		if t == by {
			return true
		}
	}
	return false
}

// covers says that what a target deploys includes another's folder, at each
// side where that is.
func (n *nesting) covers(t, other *target) bool {
	includes := func(tree *git.Tree, a, b *render.Target) bool {
		return b == nil || a != nil && slices.Contains(n.partsOf(tree, a), render.Anchor(tree, *b))
	}
	return includes(n.change.Base, t.base, other.base) && includes(n.change.Head, t.head, other.head)
}
