package gate

import (
	"io/fs"
	"path"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rendergate/rendergate/internal/git"
	"github.com/rendergate/rendergate/render"
	"github.com/rendergate/rendergate/render/manifest"
)

// target is one thing that gets deployed, at both sides of a change.
type target struct {
	id         string
	base, head *render.Target // nil where it is not there
	affected   bool
	touched    bool    // an input differs, not only another target of its group
	parent     *target // that declares it; nil for what the files themselves make a target
	covered    bool    // another target declares the same, as it is really deployed
	baseSide   side
	headSide   side
	before     []*manifest.Object // of base, as the checks that compare see it
	probes     int                // renders that blame spent on it
	placing    time.Duration      // that blame took
	gaveUp     error              // why a search for causes ended before it was done
	bumps      []*bump            // dependencies in another version at head
}

// described is a target that configuration names, as it is called at both
// sides.
type described struct {
	base, head render.Target
	fromBase   bool // base's configuration has it
	given      bool // its values are given, so they replace the conventional variants
}

// plan lists the targets of a change: the union of what both sides deploy, so
// that head may add targets and can never make one of base vanish by wrapping
// it in another.
// Plain manifests are looked for in the folders for which plainIn says yes.
func plan(change *git.Change, entries []described, plainIn, excluded func(string) bool) []*target {
	var base, head map[string]*render.Target
	var now render.Found
	var sides sync.WaitGroup
	sides.Go(func() { base = sideTargets(render.Find(change.Base, plainIn)) })
	sides.Go(func() { now = render.Find(change.Head, plainIn); head = sideTargets(now) })
	sides.Wait()
	keepUnion(change, base, head, now.Part)
	all := configure(change, entries, pairs(change, base, head))
	all = append(all, stillPlain(change, all)...)
	all = slices.DeleteFunc(all, func(t *target) bool {
		at := t.any()
		layers := t.layers(change)
		included := slices.DeleteFunc(slices.Clone(layers), excluded)
		return excluded(at.Dir) || len(layers) > 0 && len(included) == 0
	})
	name(all)
	return all
}

// pairs puts the two sides' targets together, renames followed.
func pairs(change *git.Change, base, head map[string]*render.Target) []*target {
	all := make([]*target, 0, max(len(base), len(head)))
	taken := make(map[string]bool, len(base))
	renames := change.Renames()
	for _, id := range sorted(base) {
		at := base[id]
		if at.Fixture {
			continue // head's fixtures are held on both sides
		}
		to := at
		if _, same := head[id]; !same {
			to = counterpart(at, base, head, renames)
		}
		t := &target{base: at}
		there, found := head[key(to)]
		if !found && keptFile(change.Head, to, head) {
			held := *to
			there, found = &held, true
		}
		if found && !taken[key(to)] && !there.Fixture {
			taken[key(to)] = true
			t.head = there
		}
		all = append(all, t)
	}
	for _, id := range sorted(head) {
		if at := head[id]; !taken[id] {
			t := &target{head: at}
			if keptFile(change.Base, at, base) && !at.Fixture {
				t.base = at
			}
			all = append(all, t)
		}
	}
	holdFixtures(all)
	return all
}

// key tells the found targets of one side apart: the folder, and the values
// file of a conventional variant.
func key(t *render.Target) string {
	if !t.Guessed {
		return folderKey(t)
	}
	return folderKey(t) + "\x00" + t.Values[0]
}

// folderKey is the key of the target without variant. Infrastructure stands
// beside whatever else a folder holds.
func folderKey(t *render.Target) string {
	if t.Kind.Infrastructure() {
		return t.Dir + "\x00\x00" + string(t.Kind)
	}
	return t.Dir
}

// counterpart is how a target of base is called at head: in the folder where
// git says that it went, with the values file as it is called there.
func counterpart(at *render.Target, base, head map[string]*render.Target, renames map[string]string) *render.Target {
	to := at
	if _, stays := head[folderKey(at)]; !stays {
		whole := *at
		whole.Guessed = false
		if moved := renamedDir(whole, renames); moved != "" {
			there := at.In(moved)
			if !exists(base, folderKey(&there)) {
				to = &there
			}
		}
	}
	if !at.Guessed {
		return to
	}
	now := renames[path.Join(at.Dir, at.Values[0])]
	if at.Kind == render.CloudFormation && now == "" {
		now = renames[at.Values[0]] // a parameter file beside the folder
	}
	if at.Kind == render.CloudFormation && now != "" {
		variant := render.StackVariant(to.Dir, now)
		return &variant
	}
	layer, inside := strings.CutPrefix(now, to.Dir+"/")
	if to.Dir == "." && now != "" {
		layer, inside = now, true
	}
	if inside {
		variant := render.Variant(to.Dir, layer)
		if at.Kind == render.Terraform {
			variant = render.TerraformVariant(to.Dir, layer)
		}
		return &variant
	}
	return to
}

func exists(targets map[string]*render.Target, dir string) bool {
	_, found := targets[dir]
	return found
}

// any is head's target, or base's where head has none.
func (t *target) any() *render.Target {
	if t.head != nil {
		return t.head
	}
	return t.base
}

// foldersOf says in which folders plain manifests are looked for: those where
// the change touches a file, and the given ones.
func foldersOf(change *git.Change, folders map[string]bool) func(string) bool {
	for _, f := range change.Files {
		for _, name := range []string{f.OldPath, f.NewPath} {
			if name != "" {
				folders[path.Dir(name)] = true
			}
		}
	}
	return func(dir string) bool { return folders[dir] }
}

func sideTargets(found render.Found) map[string]*render.Target {
	targets := make(map[string]*render.Target, len(found.Targets))
	for i := range found.Targets {
		t := &found.Targets[i]
		targets[key(t)] = t
	}
	return targets
}

// keepUnion gives each side the targets that only the other side sees as such,
// where they are still there to be rendered. What base deploys is no part for
// others only because head calls it one: others must build upon it.
func keepUnion(change *git.Change, base, head map[string]*render.Target, parts map[string]bool) {
	for dir, t := range base {
		if at, there := head[dir]; there {
			if at.Kind == render.Manifests && t.Kind == render.Manifests {
				at.Except = t.Except // what head newly wraps is still rendered as it is
			}
			continue
		}
		if t.Kind != render.Helm && !t.Guessed && (render.Deployable(change.Head, *t) || !parts[t.Dir] && render.Buildable(change.Head, *t)) {
			also := *t
			head[dir] = &also
		}
	}
	for dir, t := range head {
		if _, there := base[dir]; !there && t.Kind != render.Helm && !t.Guessed && render.Deployable(change.Base, *t) {
			also := *t
			base[dir] = &also
		}
	}
}

// stillPlain are the folders of plain manifests that head makes a chart or a
// kustomization of. A file beside them takes nothing from what is applied as it is
// written, so what is still there is judged as base has it, too; but what only the
// kustomization brings along is a part of it, such as a patch.
func stillPlain(change *git.Change, found []*target) []*target {
	var all []*target
	for _, t := range found {
		if t.base == nil || t.head == nil || t.base.Kind != render.Manifests || t.head.Kind != render.Helm && t.head.Kind != render.Kustomize {
			continue
		}
		known := slices.ContainsFunc(all, func(other *target) bool { return other.base.Dir == t.base.Dir })
		if known || t.base.Dir != t.head.Dir || !render.Deployable(change.Head, *t.base) {
			continue
		}
		plain := *t.base
		if t.head.Kind == render.Kustomize {
			own := render.Inputs(change.Base, *t.base)
			parts := slices.DeleteFunc(render.Inputs(change.Head, *t.head), func(name string) bool { return slices.Contains(own, name) })
			plain.Except = slices.Concat(plain.Except, parts)
		}
		all = append(all, &target{base: t.base, head: &plain})
	}
	return all
}

// renamedDir is where git says that a target's folder went, empty when it says
// nothing: the folder of the file that makes it a target, else of most files.
func renamedDir(t render.Target, renames map[string]string) string {
	votes := map[string]int{}
	for old, now := range renames {
		rest, inside := strings.CutPrefix(old, t.Dir+"/")
		if !inside {
			continue
		}
		dir, same := strings.CutSuffix(now, "/"+rest)
		if !same {
			dir = path.Dir(now)
		}
		weight := 1
		if render.Marks(t.Kind, path.Base(old)) && path.Dir(old) == t.Dir {
			dir, weight = path.Dir(now), 1000
		}
		votes[dir] += weight
	}
	best := ""
	for _, dir := range sorted(votes) {
		if votes[dir] > votes[best] {
			best = dir
		}
	}
	return best
}

// configure puts what configuration describes in the place of what is found.
// What head alone describes stays in its found form as well when it is not
// new: a change cannot choose what it is judged by.
func configure(change *git.Change, entries []described, found []*target) []*target {
	all := make([]*target, 0, len(found))
	for _, e := range entries {
		t := &target{base: there(change.Base, e.base), head: there(change.Head, e.head)}
		if t.base != nil && t.head != nil && render.Lacks(change.Base, *t.base) && !render.Lacks(change.Head, *t.head) {
			t.base = nil // a variant that comes with its values file was not deployed before
		}
		if t.base != nil || t.head != nil {
			all = append(all, t)
		}
		if !e.given {
			all = append(all, e.variants(found)...)
		}
	}
	for _, t := range found {
		if !slices.ContainsFunc(entries, func(e described) bool {
			kind := render.KindOf(change.Base, e.base.Dir)
			return (e.fromBase || kind == "") && e.of(t) && (!t.any().Kind.Infrastructure() || kind == "" || kind == t.any().Kind)
		}) {
			all = append(all, t)
		}
	}
	return all
}

// of says that a found target is one of the folder that the entry describes.
func (e described) of(t *target) bool {
	return t.base != nil && t.base.Dir == e.base.Dir || t.head != nil && t.head.Dir == e.head.Dir
}

// there is the target as the tree has it, nil when there is nothing to render.
func there(tree fs.FS, t render.Target) *render.Target {
	if t.Kind = render.KindOf(tree, t.Dir); t.Kind == "" {
		return nil
	}
	return &t
}

// name gives each target its id: the folder and the variant at head, with a
// number where configuration describes one variant twice.
func name(all []*target) {
	seen := make(map[string]int, len(all))
	for _, t := range all {
		id := t.any().ID()
		if kind := t.any().Kind; seen[id] > 0 && (kind.Infrastructure() || kind == render.Manifests) && !t.guessed() {
			id = t.any().Dir + "@" + string(kind) // beside what else the folder is
		}
		if seen[id]++; seen[id] > 1 {
			id += "#" + strconv.Itoa(seen[id])
		}
		t.id = id
	}
	slices.SortStableFunc(all, func(a, b *target) int { return strings.Compare(a.id, b.id) })
}

func sorted[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}
