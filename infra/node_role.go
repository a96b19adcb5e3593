package infra

import (
	"slices"

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
func (n NodePolicy) At() manifest.Node { return Named(n.Policy) }

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
			if own || p.Nodes || slices.ContainsFunc(p.Holders, func(at manifest.Node) bool { return meets(at, roles) }) {
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

// workerPolicies are those without which no machine joins a cluster, and which
// nothing else needs.
var workerPolicies = []string{"AmazonEKSWorkerNodePolicy", "AmazonEKSWorkerNodeMinimalPolicy"}

// nodeRoleNames are the names of roles that machines of a cluster run as: those
// that node groups name, themselves or by the profile that holds them, and those
// that get what only nodes need.
func nodeRoleNames(objects []*manifest.Object) []string {
	var named []string
	for _, o := range objects {
		iam := IAMOf(o)
		for _, at := range iam.Nodes {
			named = append(named, Names(at)...)
		}
		for _, a := range iam.Attached {
			switch {
			case !slices.Contains(workerPolicies, a.Managed()):
			case a.Holder.Exists():
				named = append(named, Names(a.Holder)...)
			default:
				for _, d := range iam.Declared {
					named = append(named, d.Names...)
				}
			}
		}
	}
	for range 2 { // the profile, then the role that it holds
		for _, o := range objects {
			for _, d := range IAMOf(o).Declared {
				if d.Means(named) {
					named = append(append(named, d.Names...), Names(d.Holds)...)
				}
			}
		}
	}
	return named
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
