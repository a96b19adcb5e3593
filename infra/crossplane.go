package infra

import (
	"strconv"
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// crossplaneKinds are the resources of Upbound's providers, which are made of
// Terraform's.
var crossplaneKinds = map[string]string{
	"eks.aws/Cluster":                 "aws_eks_cluster",
	"eks.aws/NodeGroup":               "aws_eks_node_group",
	"eks.aws/AccessEntry":             "aws_eks_access_entry",
	"eks.aws/AccessPolicyAssociation": "aws_eks_access_policy_association",
	"eks.aws/PodIdentityAssociation":  "aws_eks_pod_identity_association",

	"ec2.aws/LaunchTemplate":                    "aws_launch_template",
	"ec2.aws/Instance":                          "aws_instance",
	"ec2.aws/EBSVolume":                         "aws_ebs_volume",
	"ec2.aws/SecurityGroup":                     "aws_security_group",
	"ec2.aws/SecurityGroupRule":                 "aws_security_group_rule",
	"ec2.aws/SecurityGroupIngressRule":          "aws_vpc_security_group_ingress_rule",
	"autoscaling.aws/LaunchConfiguration":       "aws_launch_configuration",
	"ecr.aws/Repository":                        "aws_ecr_repository",
	"ecr.aws/RepositoryPolicy":                  "aws_ecr_repository_policy",
	"ecr.aws/RegistryPolicy":                    "aws_ecr_registry_policy",
	"ecr.aws/RegistryScanningConfiguration":     "aws_ecr_registry_scanning_configuration",
	"ecrpublic.aws/RepositoryPolicy":            "aws_ecrpublic_repository_policy",
	"iam.aws/Role":                              "aws_iam_role",
	"iam.aws/Policy":                            "aws_iam_policy",
	"iam.aws/RolePolicy":                        "aws_iam_role_policy",
	"iam.aws/RolePolicyAttachment":              "aws_iam_role_policy_attachment",
	"iam.aws/User":                              "aws_iam_user",
	"iam.aws/UserPolicy":                        "aws_iam_user_policy",
	"iam.aws/UserPolicyAttachment":              "aws_iam_user_policy_attachment",
	"iam.aws/GroupPolicy":                       "aws_iam_group_policy",
	"iam.aws/GroupPolicyAttachment":             "aws_iam_group_policy_attachment",
	"iam.aws/AccessKey":                         "aws_iam_access_key",
	"iam.aws/InstanceProfile":                   "aws_iam_instance_profile",
	"iam.aws/OpenIDConnectProvider":             "aws_iam_openid_connect_provider",
	"ec2.aws/Subnet":                            "aws_subnet",
	"ec2.aws/EBSEncryptionByDefault":            "aws_ebs_encryption_by_default",
	"compute.gcp/Firewall":                      "google_compute_firewall",
	"compute.gcp/Instance":                      "google_compute_instance",
	"compute.gcp/InstanceTemplate":              "google_compute_instance_template",
	"network.azure/SecurityGroup":               "azurerm_network_security_group",
	"network.azure/SecurityRule":                "azurerm_network_security_rule",
	"network.azure/NetworkInterface":            "azurerm_network_interface",
	"compute.azure/LinuxVirtualMachine":         "azurerm_linux_virtual_machine",
	"compute.azure/LinuxVirtualMachineScaleSet": "azurerm_linux_virtual_machine_scale_set",
	"container.gcp/Cluster":                     "google_container_cluster",
	"container.gcp/NodePool":                    "google_container_node_pool",
	"artifact.gcp/RegistryRepository":           "google_artifact_registry_repository",
	"artifact.gcp/RegistryRepositoryIAMMember":  "google_artifact_registry_repository_iam_member",
	"cloudplatform.gcp/ProjectIAMMember":        "google_project_iam_member",
	"cloudplatform.gcp/ProjectIAMBinding":       "google_project_iam_binding",
	"cloudplatform.gcp/FolderIAMMember":         "google_folder_iam_member",
	"cloudplatform.gcp/OrganizationIAMMember":   "google_organization_iam_member",
	"cloudplatform.gcp/ServiceAccountIAMMember": "google_service_account_iam_member",
	"cloudplatform.gcp/ServiceAccountKey":       "google_service_account_key",

	"containerservice.azure/KubernetesCluster":          "azurerm_kubernetes_cluster",
	"containerservice.azure/KubernetesClusterNodePool":  "azurerm_kubernetes_cluster_node_pool",
	"containerregistry.azure/Registry":                  "azurerm_container_registry",
	"authorization.azure/RoleAssignment":                "azurerm_role_assignment",
	"managedidentity.azure/UserAssignedIdentity":        "azurerm_user_assigned_identity",
	"managedidentity.azure/FederatedIdentityCredential": "azurerm_federated_identity_credential",
	"insights.azure/MonitorDiagnosticSetting":           "azurerm_monitor_diagnostic_setting",
}

// crossplaneView is a resource of Upbound's providers as Terraform has it; their
// newer forms live in namespaces. The first version still has lists of blocks.
func crossplaneView(o *manifest.Object) (view, bool) {
	group := o.Group()
	short, ours := strings.CutSuffix(group, ".upbound.io")
	short, newer := strings.CutSuffix(short, ".m")
	kind, names := crossplaneKinds[short+"/"+o.Kind], flatCamel
	if strings.HasSuffix(o.APIVersion, "/v1beta1") && !newer {
		names = snakeAsCamel
	}
	return view{kind, []string{"spec", "forProvider"}, names}, ours && kind != ""
}

// crossplaneECR is a repository of the community's provider, which has the
// fields of Amazon's API.
func crossplaneECR(o *manifest.Object) Registry {
	spec := o.Root.Get("spec", "forProvider")
	return Registry{
		Kind: "ECR repository", Tags: ecrTags(spec.Get("imageTagMutability")),
		Scan: scanned(spec.Get("imageScanningConfiguration", "scanOnPush")),
	}
}

func crossplaneRepositoryPolicy(o *manifest.Object) []Setting {
	return public(o.Root.Get("spec", "forProvider", "policy"))
}

// crossplaneTemplate is a launch template, whose booleans are texts.
func crossplaneTemplate(o *manifest.Object) []Node {
	seen, _ := crossplaneView(o)
	all := terraformTemplate(o.As(seen.kind, o.Root.Get(seen.way...), seen.names))
	for i := range all {
		for _, s := range append(all[i].Disks, all[i].PublicIP) {
			for j, edit := range s.Mends {
				if edit.Value == "true" || edit.Value == "false" {
					s.Mends[j].Value = strconv.Quote(edit.Value)
				}
			}
		}
	}
	return all
}
