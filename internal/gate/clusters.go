package gate

import (
	"context"
	"slices"

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
// policy that goes in one target opens the pods of another.
func (r *run) reachNeighbours(ctx context.Context, all []*target) {
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
		if len(spaces) == 0 || len(still) == 0 {
			continue
		}
		if rest := len(still) - mostNeighbours; rest > 0 {
			r.note("", "the change touches what guards or holds rights in a cluster; %d more of its targets were not looked at, list those that matter in deployed-together", rest)
			still = still[:mostNeighbours]
		}
		r.lookBeside(ctx, still, spaces)
	}
}

// lookBeside looks at untouched targets, and keeps those with objects in some
// namespaces: they are the same at both sides, and their company is not.
func (r *run) lookBeside(ctx context.Context, still []*target, spaces map[string]bool) {
	for _, t := range still {
		t.affected = true
	}
	same := *r.change
	same.Base, same.Files = r.change.Head, nil
	r.judge.lookAll(ctx, &same, still)
	for _, t := range still {
		t.baseSide = t.headSide
		if t.headSide.state == report.Failed {
			r.note(t.id, "it does not render, so nobody can say what the change opens or grants to it; see: rendergate render %s", t.any().Dir)
		}
		if t.headSide.state == report.Failed || !deploysInto(t.headSide.result, spaces) {
			t.affected, t.baseSide, t.headSide = false, side{state: report.Skipped}, side{state: report.Skipped}
		}
	}
}

func deploysInto(r *render.Result, spaces map[string]bool) bool {
	return r != nil && slices.ContainsFunc(r.Objects, func(o *manifest.Object) bool { return spaces[""] || o.Namespace != "" && spaces[o.Namespace] })
}

// changedSpaces adds the namespaces in which a target gains, loses or changes
// what counts for other targets of its cluster; the empty one for all.
func changedSpaces(t *target, spaces map[string]bool) {
	before, now := map[manifest.Ref]*manifest.Object{}, map[manifest.Ref]*manifest.Object{}
	for _, one := range []struct {
		of *render.Result
		by map[manifest.Ref]*manifest.Object
	}{{t.baseSide.result, before}, {t.headSide.result, now}} {
		for _, o := range one.of.Judged() {
			if countsForOthers(o) {
				one.by[keyOf(o)] = o
			}
		}
	}
	note := func(mine, others map[manifest.Ref]*manifest.Object) {
		for key, o := range mine {
			if other := others[key]; other != nil && plain(o.Root) == plain(other.Root) {
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

// countsForOthers says that a check that looks beyond one target reads the object.
func countsForOthers(o *manifest.Object) bool {
	switch o.Group() {
	case "rbac.authorization.k8s.io", "policy.networking.k8s.io", "cilium.io", "crd.projectcalico.org", "projectcalico.org":
		return true
	}
	switch o.GroupKind() {
	case "networking.k8s.io/NetworkPolicy", "Namespace", "ServiceAccount":
		return true
	}
	return false
}
