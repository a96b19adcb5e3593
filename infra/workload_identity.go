package infra

import (
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// WorkloadIdentity is an identity of a cloud that the pods of a service account
// have.
type WorkloadIdentity struct {
	Cloud     string // aws, gcp or azure
	Namespace string // of the service account; empty where nobody says
	Account   string
	Identity  string // the role's ARN, the account's address, the client's id; as much as is known
	At        manifest.Node
}

// workloadIdentities are the adapters, by what gives pods an identity.
var workloadIdentities = map[string]func(o *manifest.Object) []WorkloadIdentity{
	"ServiceAccount":                        accountIdentities,
	"eksctl.io/ClusterConfig":               eksctlIdentities,
	"aws_eks_pod_identity_association":      terraformPodIdentity,
	"google_service_account_iam_member":     googleWorkloadIdentity,
	"google_service_account_iam_binding":    googleWorkloadIdentity,
	"azurerm_federated_identity_credential": azureFederatedIdentity,
	"eks.services.k8s.aws/PodIdentityAssociation": func(o *manifest.Object) []WorkloadIdentity {
		spec := o.Root.Get("spec")
		return podIdentity(spec.Get("namespace"), spec.Get("serviceAccount"), spec.Get("roleARN"))
	},
	"AWS::EKS::PodIdentityAssociation": stackPodIdentity,
}

// WorkloadIdentities are those that an object gives to pods.
func WorkloadIdentities(o *manifest.Object) []WorkloadIdentity {
	adapter, o := adapterOf(workloadIdentities, o)
	if adapter == nil {
		return nil
	}
	return adapter(o)
}

// identityAnnotations are those of a service account, by cloud.
var identityAnnotations = [][2]string{
	{"aws", "eks.amazonaws.com/role-arn"}, {"gcp", "iam.gke.io/gcp-service-account"}, {"azure", "azure.workload.identity/client-id"},
}

func accountIdentities(o *manifest.Object) []WorkloadIdentity {
	var all []WorkloadIdentity
	for _, a := range identityAnnotations {
		if at := o.Root.Get("metadata", "annotations", a[1]); at.Set() {
			all = append(all, WorkloadIdentity{a[0], o.Namespace, o.Name, at.Partly(), at})
		}
	}
	return all
}

func podIdentity(namespace, account, role manifest.Node) []WorkloadIdentity {
	if !role.Set() {
		return nil
	}
	return []WorkloadIdentity{{"aws", namespace.Partly(), account.Partly(), role.Partly(), role}}
}

func terraformPodIdentity(o *manifest.Object) []WorkloadIdentity {
	return podIdentity(o.Root.Get("namespace"), o.Root.Get("service_account"), o.Root.Get("role_arn"))
}

func eksctlIdentities(o *manifest.Object) []WorkloadIdentity {
	var all []WorkloadIdentity
	for account := range o.Root.Get("iam", "serviceAccounts").Items() {
		all = append(all, podIdentity(account.Get("metadata", "namespace"), account.Get("metadata", "name"), account.Get("attachRoleARN"))...)
	}
	for item := range o.Root.Get("iam", "podIdentityAssociations").Items() {
		all = append(all, podIdentity(item.Get("namespace"), item.Get("serviceAccountName"), item.Get("roleARN"))...)
	}
	return all
}

// googleWorkloadIdentity are the members of a service account's policy that are
// service accounts of clusters: serviceAccount:project.svc.id.goog[namespace/name].
func googleWorkloadIdentity(o *manifest.Object) []WorkloadIdentity {
	if o.Root.Get("role").Text() != "roles/iam.workloadIdentityUser" {
		return nil
	}
	var all []WorkloadIdentity
	for _, member := range append(texts(o.Root.Get("member")), texts(o.Root.Get("members"))...) {
		_, pool, found := strings.Cut(member.Partly(), ".svc.id.goog[")
		namespace, account, both := strings.Cut(strings.TrimSuffix(pool, "]"), "/")
		if found && both {
			all = append(all, WorkloadIdentity{"gcp", namespace, account, o.Root.Get("service_account_id").Partly(), member})
		}
	}
	return all
}

func azureFederatedIdentity(o *manifest.Object) []WorkloadIdentity {
	subject := o.Root.Get("subject")
	account, found := strings.CutPrefix(subject.Partly(), "system:serviceaccount:")
	namespace, name, both := strings.Cut(account, ":")
	if !found || !both {
		return nil
	}
	return []WorkloadIdentity{{"azure", namespace, name, o.Root.Get("parent_id").Partly() + o.Root.Get("user_assigned_identity_id").Partly(), subject}}
}
