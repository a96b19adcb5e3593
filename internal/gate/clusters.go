package gate

import (
	"context"
	"slices"
	"sort"
	"strings"

	"github.com/rendergate/rendergate/internal/git"
	"github.com/rendergate/rendergate/internal/report"
	"github.com/rendergate/rendergate/render"
	"github.com/rendergate/rendergate/render/manifest"
)

// mostNeighbours bounds the targets of a cluster that are looked at although the
// change does not touch them.
const mostNeighbours = 100

// clustersOf are the targets that GitOps deploys into one cluster: what is
// declared by the same root and names the same destination, with the root.
func clustersOf(all []*target) map[string][]*target {
	found := map[string][]*target{}
	for _, t := range all {
		if t.guessed() {
			continue
		}
		if t.parent != nil || slices.ContainsFunc(all, func(other *target) bool { return other.parent == t }) {
			found[clusterOf(t)] = append(found[clusterOf(t)], t)
		}
	}
	return found
}

// clusterOf names the cluster that a target is deployed into: that of whatever
// declares it, unless it names another one.
func clusterOf(t *target) string {
	root := t
	for root.parent != nil {
		root = root.parent
	}
	for at := t; at.parent != nil; at = at.parent {
		if named := at.any().Declared.Cluster; named != "" {
			return root.id + "\x00" + named
		}
	}
	return root.id
}

// reachNeighbours looks at the targets of a cluster that the change does not
// touch, where it touches what guards or holds rights in their namespaces: a
// policy that goes in one target opens the pods of another. It returns all
// targets, with the releases that those declare.
func (r *run) reachNeighbours(ctx context.Context, all []*target) []*target {
	clusters := clustersOf(all)
	for _, name := range sorted(clusters) {
		spaces := map[string]bool{}
		var still []*target
		for _, t := range clusters[name] {
			switch {
			case t.affected:
				changedSpaces(t, spaces)
			case t.base != nil && t.head != nil && t.parent != nil:
				still = append(still, t)
			}
		}
		if len(spaces) > 0 && len(still) > 0 {
			all = append(all, r.neighbours(ctx, all, still, spaces)...)
		}
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].id < all[j].id })
	return all
}

// neighbours looks at untouched targets of one cluster, and at the releases that they
// declare in turn, which nobody followed as long as nothing of them mattered. It
// returns those releases that are kept.
func (r *run) neighbours(ctx context.Context, all, still []*target, spaces map[string]bool) []*target {
	follow := &nesting{run: r, ctx: ctx, touch: touchOf(r.same(), nil), ids: map[string]int{}, parts: map[*render.Target][]string{}}
	for _, t := range all {
		follow.ids[t.id]++
	}
	var kept []*target
	var failed []string
	looked, beyond := 0, 0
	for len(still) > 0 {
		still = slices.DeleteFunc(still, func(t *target) bool { return !mayDeployInto(t, spaces) })
		if over := looked + len(still) - mostNeighbours; over > 0 {
			beyond += over
			still = still[:len(still)-over]
		}
		looked += len(still)
		var open []parent
		for _, t := range still {
			t.affected = true
		}
		r.judge.lookAll(ctx, r.same(), still)
		for _, t := range still {
			if !slices.ContainsFunc(all, func(other *target) bool { return other.parent == t }) {
				open = append(open, parent{target: t, baseResult: t.headSide.result, headResult: t.headSide.result})
			}
			if t.headSide.state == report.Failed {
				failed = append(failed, t.id)
			}
			if beside(t, spaces) && !slices.Contains(all, t) {
				kept = append(kept, t)
			}
		}
		still = follow.children(open)
		for _, t := range still {
			t.touched, t.affected = false, false
		}
	}
	if len(failed) > 0 {
		r.note("", "the change touches what guards or holds rights in a cluster; nobody can say what it opens or grants to targets that do not render: %s; see: rendergate render", few(failed))
	}
	if beyond > 0 {
		r.note("", "the change touches what guards or holds rights in a cluster; %d more of its targets were not looked at, list those that matter in deployed-together", beyond)
	}
	return kept
}

// same is a change of nothing, at head: what the change does not touch is looked at
// once.
func (r *run) same() *git.Change {
	same := *r.change
	same.Base, same.Files = r.change.Head, nil
	return &same
}

// mayDeployInto says that a target is worth a look. A chart goes to the namespace of its
// release, and is the dearest to render.
func mayDeployInto(t *target, spaces map[string]bool) bool {
	at := t.any()
	return at.Kind != render.HelmRelease || at.Namespace == "" || spaces[""] || spaces[at.Namespace]
}

// beside keeps an untouched target that has objects in some namespaces: they are the
// same at both sides, and their company is not.
func beside(t *target, spaces map[string]bool) bool {
	t.baseSide = t.headSide
	if t.headSide.state == report.Failed || !deploysInto(t.headSide.result, spaces) {
		t.affected, t.baseSide, t.headSide = false, side{state: report.Skipped}, side{state: report.Skipped}
	}
	return t.affected
}

func deploysInto(r *render.Result, spaces map[string]bool) bool {
	return r != nil && slices.ContainsFunc(r.Objects, func(o *manifest.Object) bool { return spaces[""] || o.Namespace != "" && spaces[o.Namespace] })
}

// changedSpaces adds the namespaces in which a target gains, loses or changes
// what counts for other targets of its cluster; the empty one for all.
func changedSpaces(t *target, spaces map[string]bool) {
	before, now := countingIn(t.baseSide.result), countingIn(t.headSide.result)
	note := func(mine, others map[manifest.Ref]*manifest.Object) {
		for key, o := range mine {
			if other := others[key]; other != nil && substance(o) == substance(other) {
				continue
			}
			if o.Kind == "Namespace" {
				spaces[o.Name] = true
				continue
			}
			spaces[o.Namespace] = true
		}
	}
	note(before, now)
	note(now, before)
}

func countingIn(r *render.Result) map[manifest.Ref]*manifest.Object {
	all := map[manifest.Ref]*manifest.Object{}
	for _, o := range r.Judged() {
		if countsForOthers(o) {
			all[keyOf(o)] = o
		}
	}
	return all
}

// countsForOthers says that a check that looks beyond one target reads the object.
// Admission policies are not among them: they are compared with what they were, and
// nothing that another target deploys makes a difference to that.
func countsForOthers(o *manifest.Object) bool {
	switch o.Group() {
	case "rbac.authorization.k8s.io", "policy.networking.k8s.io", "cilium.io", "crd.projectcalico.org", "projectcalico.org":
		return true
	}
	switch o.GroupKind() {
	case "networking.k8s.io/NetworkPolicy", "Namespace", "ServiceAccount",
		"gateway.networking.k8s.io/ReferenceGrant":
		return true
	}
	return false
}

// substance is what of such an object counts: a label with the version of its chart
// would have every bump look at a whole cluster.
func substance(o *manifest.Object) string {
	var all []string
	for key, value := range o.Root.Fields() {
		if key != "metadata" && key != "apiVersion" && key != "status" {
			all = append(all, key+"\x00"+plain(value))
		}
	}
	for key, value := range o.Root.Get("metadata", "labels").Fields() {
		if !slices.Contains(versionLabels, key) {
			all = append(all, key+"\x00"+value.Text())
		}
	}
	slices.Sort(all)
	return strings.Join(all, "\x00\x00")
}

// versionLabels are the labels by which charts say which version of them made an
// object.
var versionLabels = []string{"helm.sh/chart", "chart", "app.kubernetes.io/version"}
