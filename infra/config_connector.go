package infra

import "github.com/rendergate/rendergate/render/manifest"

// configConnectorKinds are resources of Config Connector, which is made of
// Terraform's provider.
var configConnectorKinds = map[string]string{
	"container.cnrm.cloud.google.com/ContainerCluster":                  "google_container_cluster",
	"container.cnrm.cloud.google.com/ContainerNodePool":                 "google_container_node_pool",
	"artifactregistry.cnrm.cloud.google.com/ArtifactRegistryRepository": "google_artifact_registry_repository",
}

// configConnectorNames are Terraform's names in Kubernetes' way, with the blocks
// that stand once as mappings.
var configConnectorNames = &manifest.Naming{Name: camel, Flat: true}

func configConnectorView(o *manifest.Object) (view, bool) {
	kind := configConnectorKinds[o.GroupKind()]
	return view{kind, []string{"spec"}, configConnectorNames}, kind != ""
}

func configConnectorMember(o *manifest.Object) []Setting {
	if o.Root.Get("spec", "resourceRef", "kind").Text() != "ArtifactRegistryRepository" {
		return nil
	}
	return everyMember(o.Root.Get("spec", "member"))
}
