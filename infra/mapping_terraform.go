package infra

import (
	"slices"

	"github.com/rendergate/rendergate/render/manifest"
)

// terraformEntry is a principal of a cluster, which gets groups.
func terraformEntry(o *manifest.Object) []Mapping {
	m := mapped(principalOf(o.Root), "the principal of "+o.Name)
	m.groups(o.Root.Get("kubernetes_groups"))
	return []Mapping{m}
}

// terraformAssociation gives a principal an access policy, in some namespaces or
// everywhere.
func terraformAssociation(o *manifest.Object) []Mapping {
	m := mapped(principalOf(o.Root), "the principal of "+o.Name)
	scope := block(o.Root, "access_scope")
	m.policy(o.Root.Get("policy_arn"), scope.Get("type"), scope.Get("namespaces"))
	return []Mapping{m}
}

// principalOf is who an entry is about; Crossplane may name another object.
func principalOf(root manifest.Node) manifest.Node {
	arn := root.Get("principal_arn")
	if named := root.Get("principal_arn_ref", "name"); !arn.Set() && named.Set() {
		return named
	}
	return arn
}

func terraformCreator(o *manifest.Object) []Mapping {
	return creator(block(o.Root, "access_config").Get("bootstrap_cluster_creator_admin_permissions"))
}

// authInputs are the lists of aws-auth that modules of the registry take, of all
// majors: of roles, of users and of accounts.
var authInputs = [3][]string{
	{"aws_auth_roles", "map_roles", "map_additional_iam_roles"},
	{"aws_auth_users", "map_users", "map_additional_iam_users"},
	{"aws_auth_accounts", "map_accounts", "map_additional_aws_accounts"},
}

// clusterModules are the modules that make or map into a cluster of EKS.
var clusterModules = []string{eksModule, "cloudposse/eks-cluster/aws", "aws-ia/eks-blueprints/aws"}

// moduleMappings reads those modules by their inputs.
func moduleMappings(o *manifest.Object) []Mapping {
	inner, below := moduleBelow(o, eksModule)
	if !(below && inner == "aws-auth") && !slices.ContainsFunc(clusterModules, func(name string) bool { return moduleFrom(o, name) }) {
		return nil
	}
	all := moduleEntries(o.Root.Get("access_entries"))
	for i, inputs := range authInputs {
		for _, input := range inputs {
			list := listIn(o.Root.Get(input))
			if i == 2 {
				all = append(all, accountsOf(list)...)
				continue
			}
			all = append(all, authItems(list, i == 1)...)
			if list.Unknown() {
				all = append(all, unlisted(list, input, i == 1))
			}
		}
	}
	return append(all, creator(o.Root.Get("enable_cluster_creator_admin_permissions"))...)
}

// moduleEntries are access entries by name, each with its policies by name.
func moduleEntries(list manifest.Node) []Mapping {
	var all []Mapping
	if list.Unknown() {
		all = append(all, unlisted(list, "access_entries", false))
	}
	for name, entry := range list.Fields() {
		m := mapped(entry.Get("principal_arn"), "the principal of access entry "+name)
		m.groups(entry.Get("kubernetes_groups"))
		policies := entry.Get("policy_associations")
		if policies.Unknown() {
			m.unclear(policies)
		}
		for _, p := range policies.Fields() {
			m.policy(p.Get("policy_arn"), p.Get("access_scope", "type"), p.Get("access_scope", "namespaces"))
		}
		all = append(all, m)
	}
	return all
}
