package checks

import (
	"slices"

	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

var clusterAdminMapping = &Check{
	ID:       "cluster-admin-mapping",
	Title:    "Cloud identity is mapped to cluster-admin",
	Severity: High,
	Topic:    CloudIAM,
	Since:    "0.1.0",
	Why:      "Whoever can assume that cloud role or use that user's keys is administrator of the cluster, past RBAC.",
	Fix:      "Map the identity to a group of its own, and bind the role that it needs to that group.",
	Source:   "CIS Kubernetes 5.1.7; Amazon EKS Best Practices, Identity and Access Management",
	Aliases:  []string{"C-0246", "C-0285"},
	Covers:   coversMapping,
	Bad: `apiVersion: v1
kind: ConfigMap
metadata: {name: aws-auth, namespace: kube-system}
data:
  mapRoles: |
    - rolearn: arn:aws:iam::111122223333:role/ci
      username: ci
      groups: [system:masters] # want
`,
	Good: `apiVersion: v1
kind: ConfigMap
metadata: {name: aws-auth, namespace: kube-system}
data:
  mapRoles: |
    - rolearn: arn:aws:iam::111122223333:role/nodes
      username: system:node:{{EC2PrivateDNSName}}
      groups: [system:bootstrappers, system:nodes]
`,
	NearMiss: `apiVersion: v1
kind: ConfigMap
metadata: {name: notes, namespace: kube-system}
data:
  mapRoles: |
    - rolearn: arn:aws:iam::111122223333:role/ci
      groups: [system:masters]
`,
	Run: func(p *Pass) {
		for _, m := range infra.Mappings(p.Object) {
			switch {
			case m.By != "":
				p.Report(m.Admin, manifest.Subject{Class: m.ARN + by + m.By}, "%s has %s in every namespace, and so acts as any service account; a group of its own, or named namespaces, is expected", m.ARN, m.By)
			case m.Admin.Exists():
				p.Report(m.Admin, manifest.Subject{Class: m.ARN}, "%s is mapped to cluster-admin; a group of its own is expected", m.ARN)
			}
		}
	},
}

// by stands between a principal and the access policy by which it is administrator
// of all namespaces.
const by = " by "

// coversMapping says that base made the same principal an administrator, of no less.
func coversMapping(base []string, head string) bool {
	principal, _, limited := cutLast(head, by)
	return limited && slices.Contains(base, principal)
}
