package infra

import (
	"slices"
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// IAM is what an object says of who may do what in a cloud: the one model of
// all sources. An adapter (iam_terraform.go, iam_google.go, …) reads one kind of
// object and fills in what that one says; it adds its line to iam, and no check
// changes. An adapter gives places and decides nothing: a policy is handed over
// with policyAt, whatever it holds, and what is unknown stays a node that is
// unknown (manifest.NewPartly, where a part of a text is known).
type IAM struct {
	Policies []IAMPolicy     // permissions that are written in the object
	Trusts   []IAMPolicy     // who may become the identity that it makes
	Vouched  []Federation    // the same, where a source says it by inputs of its own
	Attached []Attachment    // policies that a holder gets
	Grants   []Grant         // roles of GCP and Azure that somebody gets
	Declared []Declared      // the identities and policies that there are by the object
	Nodes    []manifest.Node // what the machines of a cluster run as: a role, or the profile that holds it
	Keys     []manifest.Node // users who get a key that does not expire
	Uses     []manifest.Node // any other place that names a role or a policy
}

// Attachment gives a policy that stands elsewhere to a holder.
type Attachment struct {
	Policy manifest.Node // its ARN, or a name
	Holder manifest.Node // role, user or group; absent where it is the object itself
	User   bool          // the holder is a person's user
	Nodes  bool          // the holder is what the machines of a cluster run as
}

// Grant is a role of GCP or Azure that members get in a scope.
type Grant struct {
	Role    manifest.Node
	Scope   Scope
	Within  manifest.Node // the scope's name: a project, a subscription
	Members []manifest.Node
}

// Scope is how much of a cloud a grant is about.
type Scope int

// The scopes of grants: a single resource, a group of them, all that a project
// or a subscription has, and all projects or subscriptions below a point.
const (
	OfResource Scope = iota
	OfGroup
	OfProject
	OfOrganization
)

// DeclaredKind is what an object declares.
type DeclaredKind string

// The kinds of what is declared.
const (
	ARole           DeclaredKind = "role"
	APolicy         DeclaredKind = "policy"
	AServiceAccount DeclaredKind = "service account"
	AProfile        DeclaredKind = "instance profile"
	AUser           DeclaredKind = "user"
	AGroup          DeclaredKind = "group"
	AnIdentity      DeclaredKind = "managed identity"
)

// Declared is an identity or a policy that there is by an object.
type Declared struct {
	Kind DeclaredKind
	At   manifest.Node
	// Names are what others call it by: see Names.
	Names []string
	// Holds is, of a profile, the role in it.
	Holds manifest.Node
}

// iamSources are the adapters, by what describes identities and policies.
var iamSources = map[string]func(o *manifest.Object) IAM{
	"terraform/aws_iam_policy_document":                     terraformDocument,
	"aws_iam_policy":                                        terraformPolicy,
	"aws_iam_role":                                          terraformRole,
	"aws_iam_user":                                          terraformHolder(AUser),
	"aws_iam_group":                                         terraformHolder(AGroup),
	"azurerm_user_assigned_identity":                        terraformHolder(AnIdentity),
	"aws_iam_role_policy":                                   terraformInline("policy", "role"),
	"aws_iam_user_policy":                                   terraformInline("policy", "user"),
	"aws_iam_group_policy":                                  terraformInline("policy", "group"),
	"aws_ssoadmin_permission_set_inline_policy":             terraformInline("inline_policy", "permission_set_arn"),
	"aws_iam_role_policy_attachment":                        terraformAttachment("policy_arn", "role"),
	"aws_iam_user_policy_attachment":                        terraformAttachment("policy_arn", "user"),
	"aws_iam_group_policy_attachment":                       terraformAttachment("policy_arn", "group"),
	"aws_ssoadmin_managed_policy_attachment":                terraformAttachment("managed_policy_arn", "permission_set_arn"),
	"aws_iam_role_policy_attachments_exclusive":             terraformAttachment("policy_arns", "role_name"),
	"aws_iam_user_policy_attachments_exclusive":             terraformAttachment("policy_arns", "user_name"),
	"aws_iam_policy_attachment":                             terraformAttachments,
	"aws_iam_access_key":                                    terraformKey,
	"aws_launch_template":                                   terraformMachines,
	"aws_launch_configuration":                              terraformMachines,
	"aws_iam_instance_profile":                              terraformProfile,
	"aws_eks_node_group":                                    terraformNodeRole("node_role_arn"),
	"module":                                                terraformIAMModule,
	"eksctl.io/ClusterConfig":                               eksctlIAM,
	"kops.k8s.io/Cluster":                                   kopsIAM,
	"google_project_iam_member":                             googleGrant(OfProject, "project"),
	"google_project_iam_binding":                            googleGrant(OfProject, "project"),
	"google_folder_iam_member":                              googleGrant(OfOrganization, "folder"),
	"google_folder_iam_binding":                             googleGrant(OfOrganization, "folder"),
	"google_organization_iam_member":                        googleGrant(OfOrganization, "org_id"),
	"google_organization_iam_binding":                       googleGrant(OfOrganization, "org_id"),
	"terraform/google_iam_policy":                           googlePolicy,
	"google_service_account":                                googleAccount,
	"azurerm_role_assignment":                               azureAssignment,
	"azurerm_role_definition":                               azureRole,
	"iam.cnrm.cloud.google.com/IAMPolicyMember":             configConnectorGrant,
	"iam.cnrm.cloud.google.com/IAMPartialPolicy":            configConnectorPolicy,
	"iam.cnrm.cloud.google.com/IAMPolicy":                   configConnectorPolicy,
	"authorization.azure.com/RoleAssignment":                asoAssignment,
	"AWS::IAM::Role":                                        stackRole(ARole, "RoleName"),
	"AWS::IAM::User":                                        stackRole(AUser, "UserName"),
	"AWS::IAM::Group":                                       stackRole(AGroup, "GroupName"),
	"AWS::IAM::AccessKey":                                   stackKey,
	"AWS::EC2::LaunchTemplate":                              stackMachines("Properties", "LaunchTemplateData"),
	"AWS::AutoScaling::LaunchConfiguration":                 stackMachines("Properties"),
	"AWS::IAM::ManagedPolicy":                               stackPolicy(true),
	"AWS::IAM::Policy":                                      stackPolicy(false),
	"AWS::IAM::RolePolicy":                                  stackInline("RoleName"),
	"AWS::IAM::UserPolicy":                                  stackInline("UserName"),
	"AWS::IAM::GroupPolicy":                                 stackInline("GroupName"),
	"AWS::IAM::InstanceProfile":                             stackProfile,
	"AWS::SSO::PermissionSet":                               stackPermissionSet,
	"AWS::Serverless::Function":                             stackFunction,
	"AWS::Lambda::Function":                                 stackUse("Role"),
	"AWS::EKS::Nodegroup":                                   stackNodeRole,
	"AWS::EKS::Cluster":                                     stackUse("RoleArn"),
	"AWS::EKS::FargateProfile":                              stackUse("PodExecutionRoleArn"),
	"AWS::EKS::Addon":                                       stackUse("ServiceAccountRoleArn"),
	"AWS::EKS::PodIdentityAssociation":                      stackUse("RoleArn"),
	"iam.services.k8s.aws/Role":                             ackRole(ARole),
	"iam.services.k8s.aws/User":                             ackRole(AUser),
	"iam.services.k8s.aws/Group":                            ackRole(AGroup),
	"iam.services.k8s.aws/Policy":                           ackPolicy,
	"eks.services.k8s.aws/Nodegroup":                        ackNodeRole,
	"infrastructure.cluster.x-k8s.io/AWSManagedMachinePool": capaNodeRole,
	"google_service_account_iam_member":                     googleTrust,
	"google_service_account_iam_binding":                    googleTrust,
	"google_iam_workload_identity_pool_provider":            googleProvider,
	"azurerm_federated_identity_credential":                 azureTrust,
	"azuread_application_federated_identity_credential":     azureTrust,
	"karpenter.k8s.aws/EC2NodeClass":                        karpenterNodeRole,
	"karpenter.k8s.aws/AWSNodeTemplate":                     karpenterNodeRole,
}

// IAMOf is what an object says of who may do what; nothing where it is about
// something else.
func IAMOf(o *manifest.Object) IAM {
	adapter, seen := adapterOf(iamSources, o)
	switch {
	case adapter == nil:
		return IAM{}
	case seen != o:
		return seenIAM(o, adapter(seen))
	}
	return adapter(o)
}

// Names are the names by which a place calls something else: the text itself,
// what an ARN or a path ends in, and the addresses of resources that an unknown
// text refers to. Whoever shares one with a Declared means that.
func Names(at manifest.Node) []string {
	text := at.Partly()
	if text == "" {
		return nil
	}
	all := []string{text}
	for rest := text; ; {
		_, after, found := strings.Cut(rest, "${")
		address, next, closed := strings.Cut(after, "}")
		if !found || !closed {
			break
		}
		if name := resourceOf(address); name != "" {
			all = append(all, name)
		}
		rest = next
	}
	if i := strings.LastIndexAny(text, "/:"); i >= 0 && i < len(text)-1 && !strings.ContainsAny(text[i:], "}*") {
		all = append(all, text[i+1:])
	}
	return all
}

// resourceOf is the address of the resource whose attribute an address names,
// whichever instance it is: module.a.aws_iam_role.b of module.a.aws_iam_role.b[0].arn.
func resourceOf(address string) string {
	address = withoutIndexes(address)
	parts := strings.Split(address, ".")
	i := 0
	for i+1 < len(parts) && parts[i] == "module" {
		i += 2
	}
	if i+1 >= len(parts) || slices.Contains([]string{"data", "var", "local", "each", "count", "path"}, parts[i]) {
		return ""
	}
	return strings.Join(parts[:i+2], ".")
}

func withoutIndexes(address string) string {
	for {
		before, after, found := strings.Cut(address, "[")
		_, rest, closed := strings.Cut(after, "]")
		if !found || !closed {
			return address
		}
		address = before + rest
	}
}

// addressOf is the name of an object of Terraform as addresses have it.
func addressOf(o *manifest.Object) string {
	name, module := withoutIndexes(o.Identity().Name), ""
	if i := strings.LastIndex(name, "."); i >= 0 {
		module, name = name[:i+1], name[i+1:]
	}
	return module + o.Identity().Kind + "." + name
}

// Means says that one of the names is one of those that something is called by.
func (d Declared) Means(names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return slices.Contains(d.Names, name) })
}

// managedPolicy is the name of a policy that AWS keeps, empty for any other.
func managedPolicy(at manifest.Node) string {
	text := at.Partly()
	_, name, found := strings.Cut(text, ":iam::aws:policy/")
	if !found {
		return ""
	}
	return name[strings.LastIndex(name, "/")+1:]
}

// Managed is the name of the policy that AWS keeps where the attachment is of
// such a one.
func (a Attachment) Managed() string { return managedPolicy(a.Policy) }
