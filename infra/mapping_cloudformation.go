package infra

import "github.com/rendergate/rendergate/render/manifest"

// stackMappings are those of an access entry of EKS.
func stackMappings(o *manifest.Object) []Mapping {
	spec := o.Root.Get("Properties")
	m := mapped(spec.Get("PrincipalArn"), "the principal of "+o.Name)
	m.groups(spec.Get("KubernetesGroups"))
	for p := range spec.Get("AccessPolicies").Items() {
		m.policy(p.Get("PolicyArn"), p.Get("AccessScope", "Type"), p.Get("AccessScope", "Namespaces"))
	}
	return []Mapping{m}
}

func stackCreator(o *manifest.Object) []Mapping {
	return creator(o.Root.Get("Properties", "AccessConfig", "BootstrapClusterCreatorAdminPermissions"))
}
