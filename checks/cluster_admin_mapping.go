package checks

import (
	"strings"

	"go.yaml.in/yaml/v3"

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
	Bad: `apiVersion: v1
kind: ConfigMap
metadata: {name: aws-auth, namespace: kube-system}
data:
  mapRoles: | # want
    - rolearn: arn:aws:iam::111122223333:role/ci
      username: ci
      groups: [system:masters]
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
		report := func(at manifest.Node, who string) {
			p.Report(at, manifest.Subject{Class: who}, "%s is mapped to cluster-admin", who)
		}
		o := p.Object
		switch {
		case o.GroupKind() == "ConfigMap" && o.Name == "aws-auth" && (o.Namespace == "kube-system" || o.Namespace == ""):
			for _, field := range []string{"mapRoles", "mapUsers"} {
				at := o.Root.Get("data", field)
				for _, m := range identities(at.Text()) {
					if m.admin() {
						report(at, m.arn())
					}
				}
			}
		case o.GroupKind() == "eksctl.io/ClusterConfig":
			eksctlAdmins(o, report)
		}
	},
}

// identity is an entry of aws-auth.
type identity struct {
	RoleARN string   `yaml:"rolearn"`
	UserARN string   `yaml:"userarn"`
	Groups  []string `yaml:"groups"`
}

func (i identity) arn() string { return i.RoleARN + i.UserARN }

func (i identity) admin() bool {
	for _, group := range i.Groups {
		if group == "system:masters" {
			return true
		}
	}
	return false
}

// identities reads the list that aws-auth holds as text. Text that is none is
// what the authenticator would refuse as a whole.
func identities(text string) []identity {
	var all []identity
	if err := yaml.Unmarshal([]byte(text), &all); err != nil {
		return nil
	}
	return all
}

// eksctlAdmins reads eksctl's two ways to make an administrator.
func eksctlAdmins(o *manifest.Object, report func(manifest.Node, string)) {
	for mapping := range o.Root.Get("iamIdentityMappings").Items() {
		for group := range mapping.Get("groups").Items() {
			if group.Text() == "system:masters" {
				report(group, mapping.Get("arn").Text())
			}
		}
	}
	for entry := range o.Root.Get("accessConfig", "accessEntries").Items() {
		for policy := range entry.Get("accessPolicies").Items() {
			if at := policy.Get("policyARN"); strings.HasSuffix(at.Text(), "AmazonEKSClusterAdminPolicy") {
				report(at, entry.Get("principalARN").Text())
			}
		}
	}
}
