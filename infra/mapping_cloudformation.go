package infra

import (
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// stackMappings are those of an access entry of EKS.
func stackMappings(o *manifest.Object) []Mapping {
	spec := o.Root.Get("Properties")
	principal := spec.Get("PrincipalArn")
	m := Mapping{ARN: principal.Known().Text(), At: principal}
	m.User = isUser(m.ARN)
	if m.ARN == "" {
		m.ARN = "the principal of " + o.Name
	}
	for policy := range spec.Get("AccessPolicies").Items() {
		if at := policy.Get("PolicyArn"); strings.HasSuffix(at.Known().Text(), clusterAdminPolicy) {
			m.Admin = at.Known()
		}
	}
	for group := range spec.Get("KubernetesGroups").Items() {
		m.add(group)
	}
	return []Mapping{m}
}

// clusterAdminPolicy is the access policy that makes a principal cluster-admin.
const clusterAdminPolicy = "AmazonEKSClusterAdminPolicy"
