package infra

import "github.com/rendergate/rendergate/render/manifest"

// eksctlMappings reads the mappings and the access entries of eksctl.
func eksctlMappings(o *manifest.Object) []Mapping {
	all := identityMappings(o.Root.Get("iamIdentityMappings"))
	all = append(all, entries(o.Root.Get("accessConfig", "accessEntries"))...)
	return append(all, creator(o.Root.Get("accessConfig", "bootstrapClusterCreatorAdminPermissions"))...)
}

// entries are access entries as eksctl and Cluster API write them.
func entries(list manifest.Node) []Mapping {
	var all []Mapping
	for entry := range list.Items() {
		m := mapped(entry.Get("principalARN"), "the principal of an access entry")
		m.groups(entry.Get("kubernetesGroups"))
		for p := range entry.Get("accessPolicies").Items() {
			m.policy(p.Get("policyARN"), p.Get("accessScope", "type"), p.Get("accessScope", "namespaces"))
		}
		all = append(all, m)
	}
	return all
}

// creator is whoever makes the cluster, where a switch says that it becomes its
// administrator. EKS does so by itself, which is nothing that a change brings.
func creator(on manifest.Node) []Mapping {
	if !isTrue(on) && !on.Unknown() {
		return nil
	}
	return []Mapping{{ARN: "whoever creates the cluster", At: on, Admin: on}}
}

// capaMappings are those of a control plane of Cluster API.
func capaMappings(way ...string) func(o *manifest.Object) []Mapping {
	return func(o *manifest.Object) []Mapping {
		spec := o.Root.Get(way...)
		auth := spec.Get("iamAuthenticatorConfig")
		all := append(authItems(auth.Get("mapRoles"), false), authItems(auth.Get("mapUsers"), true)...)
		all = append(all, entries(spec.Get("accessEntries"))...)
		return append(all, creator(spec.Get("accessConfig", "bootstrapClusterCreatorAdminPermissions"))...)
	}
}
