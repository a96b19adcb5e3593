package infra

import (
	"slices"
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// NodePolicy is a policy that the machines of a cluster get with their role.
type NodePolicy struct {
	Group  string        // of machines, where the object has several
	Policy manifest.Node // its ARN, the policy itself, or the switch that adds it
	inline string        // of a policy that is written here: its name
}

// Name is what the policy is called: that of AWS, of the resource, or of the
// inline one.
func (n NodePolicy) Name() string {
	if n.inline != "" {
		return n.inline
	}
	if name := managedPolicy(n.Policy); name != "" {
		return name
	}
	return n.Policy.Partly()
}

// At is the place of the policy; one of which only the resource is known is
// enough, and one that somebody hands over is not.
func (n NodePolicy) At() manifest.Node {
	if n.Policy.Unknown() && givenOnly.MatchString(n.Policy.Partly()) {
		return n.Policy
	}
	return n.Policy.Known()
}

// NodeRoles are the policies of what machines of a cluster run as, over all
// objects that are deployed together.
func NodeRoles(objects []*manifest.Object) []NodePolicy {
	var all []NodePolicy
	roles := nodeRoleNames(objects)
	for _, o := range objects {
		all = append(all, addonPolicies(o)...)
		iam := IAMOf(o)
		own := slices.ContainsFunc(iam.Declared, func(d Declared) bool { return d.Kind == ARole && d.Means(roles) })
		for _, a := range iam.Attached {
			if a.Nodes || own && !a.Holder.Exists() || !a.User && meets(a.Holder, roles) {
				all = append(all, NodePolicy{Policy: a.Policy})
			}
		}
		for _, p := range iam.Policies {
			if own || p.ofNodes(o) || meets(p.Holder, roles) {
				name := p.Name
				if name == "" {
					name = "an inline policy"
				}
				all = append(all, NodePolicy{Policy: p.At, inline: name})
			}
		}
	}
	return all
}

func meets(at manifest.Node, names []string) bool {
	return slices.ContainsFunc(Names(at), func(name string) bool { return slices.Contains(names, name) })
}

// nodeRoleNames are the names of roles that machines of a cluster run as: those
// that node groups name.
func nodeRoleNames(objects []*manifest.Object) []string {
	var named []string
	for _, o := range objects {
		for _, at := range IAMOf(o).Nodes {
			named = append(named, Names(at)...)
		}
	}
	all := slices.Clone(named)
	for _, o := range objects {
		for _, d := range IAMOf(o).Declared {
			if !d.Means(named) {
				continue
			}
			all = append(append(all, d.Names...), Names(d.Holds)...)
		}
	}
	return all
}

// ofNodes says that the policy is one that eksctl or kOps gives to nodes.
func (p IAMPolicy) ofNodes(o *manifest.Object) bool {
	switch o.GroupKind() {
	case "eksctl.io/ClusterConfig":
		return strings.Contains(strings.ToLower(p.At.Path()), "nodegroups")
	case "kops.k8s.io/Cluster":
		return p.Name == "node"
	}
	return false
}

// addonPolicies are those that eksctl adds to nodes for programs that run on
// them.
func addonPolicies(o *manifest.Object) []NodePolicy {
	if o.GroupKind() != "eksctl.io/ClusterConfig" {
		return nil
	}
	var all []NodePolicy
	for _, list := range []string{"nodeGroups", "managedNodeGroups"} {
		for group := range o.Root.Get(list).Items() {
			for name, at := range group.Get("iam", "withAddonPolicies").Fields() {
				if at.IsTrue() || at.Unknown() {
					all = append(all, NodePolicy{Group: group.Get("name").Text(), Policy: at, inline: "the permissions of " + name})
				}
			}
		}
	}
	return all
}
