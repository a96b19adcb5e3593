package infra

import "github.com/rendergate/rendergate/render/manifest"

// configConnectorKinds are resources of Config Connector, which is made of
// Terraform's provider.
var configConnectorKinds = map[string]string{
	"container.cnrm.cloud.google.com/ContainerCluster":                  "google_container_cluster",
	"container.cnrm.cloud.google.com/ContainerNodePool":                 "google_container_node_pool",
	"artifactregistry.cnrm.cloud.google.com/ArtifactRegistryRepository": "google_artifact_registry_repository",
	"compute.cnrm.cloud.google.com/ComputeFirewall":                     "google_compute_firewall",
}

// configConnectorScopes are the resources of Terraform that give somebody a role,
// by what the role is given on.
var configConnectorScopes = map[string]string{
	"ArtifactRegistryRepository": "google_artifact_registry_repository_iam_member",
	"Project":                    "google_project_iam_member",
	"Folder":                     "google_folder_iam_member",
	"Organization":               "google_organization_iam_member",
	"IAMServiceAccount":          "google_service_account_iam_member",
}

func configConnectorView(o *manifest.Object) (view, bool) {
	kind := configConnectorKinds[o.GroupKind()]
	if o.GroupKind() == "iam.cnrm.cloud.google.com/IAMPolicyMember" {
		kind = configConnectorScopes[o.Root.Get("spec", "resourceRef", "kind").Text()]
	}
	return view{kind, []string{"spec"}, configConnectorNames}, kind != ""
}

// configConnectorNames are Terraform's, but for keys, which are references.
var configConnectorNames = &manifest.Naming{Name: func(asked string) string {
	if asked == "boot_disk_kms_key" {
		return "bootDiskKMSCryptoKeyRef"
	}
	return camel(asked)
}, Flat: true}
