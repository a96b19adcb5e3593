package infra

import (
	"slices"
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// Mapping is a cloud identity that a cluster knows as one of its own.
type Mapping struct {
	ARN      string // as much of it as is known; who it is, where it is not written
	User     bool   // a person's user with keys of its own, not a role
	Groups   []string
	Policies []AccessPolicy
	At       manifest.Node
	Admin    manifest.Node // what makes it an administrator; unknown where something may, absent where nothing does
	By       string        // the access policy that does, where it is not the administrator's own
	Unclear  manifest.Node // what it has and nobody knows; absent where all is known
}

// AccessPolicy is a policy of EKS's own that a principal has in a cluster.
type AccessPolicy struct {
	Name      string
	Namespace string // or a pattern of them; empty for the whole cluster
}

// clusterAdminPolicy and adminPolicy are the access policies that make a principal
// an administrator: of everything, and of what namespaces hold. Whoever has the
// second in all of them may act as each service account of kube-system.
const clusterAdminPolicy, adminPolicy = "AmazonEKSClusterAdminPolicy", "AmazonEKSAdminPolicy"

// lesser are the access policies that others include.
var lesser = map[string][]string{
	adminPolicy:                {"AmazonEKSEditPolicy", "AmazonEKSViewPolicy"},
	"AmazonEKSEditPolicy":      {"AmazonEKSViewPolicy"},
	"AmazonEKSAdminViewPolicy": {"AmazonEKSViewPolicy"},
}

// Covers says that whoever has the policy may do all that another one allows.
func (a AccessPolicy) Covers(other AccessPolicy) bool {
	where := a.Namespace == "" || other.Namespace != "" && Includes(a.Namespace, other.Namespace)
	if !where || a.Name == "" {
		return false
	}
	if a.Name == other.Name || a.Name == clusterAdminPolicy && other.Name != "" {
		return true
	}
	return slices.Contains(lesser[a.Name], other.Name)
}

func (a AccessPolicy) String() string {
	name := a.Name
	if name == "" {
		name = "an access policy that nobody knows"
	}
	if a.Namespace == "" {
		return name + " in the whole cluster"
	}
	return name + " in namespace " + a.Namespace
}

// mappings are the adapters, by what tells a cluster of identities.
var mappings = map[string]func(o *manifest.Object) []Mapping{
	"ConfigMap": awsAuth,
	"iamauthenticator.k8s.aws/IAMIdentityMapping": authenticatorMapping,
	"eksctl.io/ClusterConfig":                     eksctlMappings,
	"kops.k8s.io/Cluster":                         kopsMappings,
	"AWS::EKS::AccessEntry":                       stackMappings,
	"AWS::EKS::Cluster":                           stackCreator,
	"aws_eks_access_entry":                        terraformEntry,
	"aws_eks_access_policy_association":           terraformAssociation,
	"aws_eks_cluster":                             terraformCreator,
	"module":                                      moduleMappings,

	"controlplane.cluster.x-k8s.io/AWSManagedControlPlane":         capaMappings("spec"),
	"controlplane.cluster.x-k8s.io/AWSManagedControlPlaneTemplate": capaMappings("spec", "template", "spec"),
}

// Mappings are those that an object makes.
func Mappings(o *manifest.Object) []Mapping {
	adapter, seen := adapterOf(mappings, o)
	if adapter == nil {
		return nil
	}
	return adapter(seen)
}

const masters = "system:masters"

// mapped is the mapping of a principal; who says who it is where nobody knows its
// ARN.
func mapped(principal manifest.Node, who string) Mapping {
	m := Mapping{ARN: principal.Partly(), At: principal}
	if named := principal.Known(); !givenOnly.MatchString(m.ARN) {
		m.At = named
	}
	if m.ARN == "" {
		m.ARN = who
	}
	m.User = isUser(m.ARN)
	return m
}

// admin remembers what makes the principal an administrator: what surely does
// before what may.
func (m *Mapping) admin(at manifest.Node, by string) {
	if !m.Admin.Exists() || m.Admin.Undecided() || m.By != "" && by == "" && !at.Undecided() {
		m.Admin, m.By = at, by
	}
}

// unclear remembers what nobody knows, and may make it an administrator.
func (m *Mapping) unclear(at manifest.Node) {
	m.Unclear = at
	if !m.Admin.Exists() {
		m.Admin = at
	}
}

// groups takes in a list of the cluster's groups.
func (m *Mapping) groups(list manifest.Node) {
	if list.Unknown() {
		m.unclear(list)
	}
	for group := range list.Items() {
		m.group(group)
	}
}

func (m *Mapping) group(at manifest.Node) {
	if at.Unknown() {
		m.unclear(at)
		return
	}
	m.Groups = append(m.Groups, at.Text())
	if at.Text() == masters {
		m.admin(at, "")
	}
}

// policy takes in an access policy and where it holds: one without a scope holds
// everywhere.
func (m *Mapping) policy(arn, kind, namespaces manifest.Node) {
	text := arn.Partly()
	name := text[strings.LastIndexAny(text, "/}")+1:]
	whole := strings.EqualFold(kind.Text(), "cluster") || !kind.Set() && !namespaces.Set()
	var doubt manifest.Node
	switch {
	case name == "" && arn.Unknown():
		doubt = arn
	case kind.Unknown():
		doubt = kind
	case !whole && namespaces.Undecided():
		doubt = namespaces
	}
	if doubt.Exists() {
		m.Unclear = doubt
	}
	held := []AccessPolicy{{Name: name}}
	if !whole {
		held = nil
		for _, at := range texts(namespaces) {
			held = append(held, AccessPolicy{name, at.Partly()})
		}
	}
	m.Policies = append(m.Policies, held...)
	everywhere := slices.ContainsFunc(held, func(p AccessPolicy) bool { return p.Namespace == "" || p.Namespace == "*" })
	switch {
	case name != "" && name != clusterAdminPolicy && name != adminPolicy:
	case doubt.Exists():
		m.admin(doubt, "")
	case everywhere && name == clusterAdminPolicy:
		m.admin(arn.Known(), "")
	case everywhere && name == adminPolicy:
		m.admin(arn.Known(), adminPolicy)
	}
}

// isUser says so of an ARN, or of what an unknown one refers to.
func isUser(arn string) bool {
	parts := strings.Split(arn, ":")
	return len(parts) == 6 && strings.HasPrefix(parts[5], "user/") || strings.HasPrefix(arn, "${aws_iam_user.") || strings.HasPrefix(arn, "${module.") && strings.Contains(arn, ".aws_iam_user.")
}
