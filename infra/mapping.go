package infra

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/rendergate/rendergate/render/manifest"
)

// Mapping is a cloud identity that a cluster knows as one of its own.
type Mapping struct {
	ARN    string
	User   bool // a person's user with keys of its own, not a role
	Groups []string
	At     manifest.Node
	Admin  manifest.Node // what makes it an administrator; absent where nothing does
}

// Mappings are those that an object makes: aws-auth, and eksctl's two ways.
func Mappings(o *manifest.Object) []Mapping {
	switch {
	case o.GroupKind() == "ConfigMap" && o.Name == "aws-auth" && (o.Namespace == "kube-system" || o.Namespace == ""):
		return awsAuth(o)
	case o.GroupKind() == "eksctl.io/ClusterConfig":
		return eksctlMappings(o)
	case o.GroupKind() == "AWS::EKS::AccessEntry":
		return stackMappings(o)
	}
	return nil
}

const masters = "system:masters"

// awsAuth reads the lists that aws-auth holds as text. Text that is none is
// what the authenticator would refuse as a whole.
func awsAuth(o *manifest.Object) []Mapping {
	var all []Mapping
	for _, field := range []string{"mapRoles", "mapUsers"} {
		text := o.Root.Get("data", field)
		docs, err := text.Embedded(text.Text())
		if err != nil || len(docs) == 0 {
			continue
		}
		for item := range docs[0].Items() {
			m := Mapping{ARN: item.Get("rolearn").Text() + item.Get("userarn").Text(), User: field == "mapUsers", At: item}
			for group := range item.Get("groups").Items() {
				m.add(group)
			}
			all = append(all, m)
		}
	}
	accounts := o.Root.Get("data", "mapAccounts")
	var ids []string
	if yaml.Unmarshal([]byte(accounts.Text()), &ids) == nil {
		for _, id := range ids {
			all = append(all, Mapping{ARN: "account " + id, User: true, At: accounts})
		}
	}
	return all
}

func (m *Mapping) add(group manifest.Node) {
	m.Groups = append(m.Groups, group.Text())
	if group.Text() == masters {
		m.Admin = group
	}
}

// eksctlMappings reads the mappings and the access entries of eksctl.
func eksctlMappings(o *manifest.Object) []Mapping {
	var all []Mapping
	for item := range o.Root.Get("iamIdentityMappings").Items() {
		m := Mapping{ARN: item.Get("arn").Text(), At: item.Get("arn")}
		m.User = isUser(m.ARN)
		for group := range item.Get("groups").Items() {
			m.add(group)
		}
		all = append(all, m)
	}
	for entry := range o.Root.Get("accessConfig", "accessEntries").Items() {
		m := Mapping{ARN: entry.Get("principalARN").Text(), At: entry.Get("principalARN")}
		m.User = isUser(m.ARN)
		for policy := range entry.Get("accessPolicies").Items() {
			if at := policy.Get("policyARN"); strings.HasSuffix(at.Text(), "AmazonEKSClusterAdminPolicy") {
				m.Admin = at
			}
		}
		for group := range entry.Get("kubernetesGroups").Items() {
			m.add(group)
		}
		all = append(all, m)
	}
	return all
}

func isUser(arn string) bool {
	parts := strings.Split(arn, ":")
	return len(parts) == 6 && strings.HasPrefix(parts[5], "user/")
}
