package infra

import "github.com/rendergate/rendergate/render/manifest"

// configConnectorKinds are resources of Config Connector, which is made of
// Terraform's provider.
var configConnectorKinds = map[string]string{
	"container.cnrm.cloud.google.com/ContainerCluster":                  "google_container_cluster",
	"container.cnrm.cloud.google.com/ContainerNodePool":                 "google_container_node_pool",
	"artifactregistry.cnrm.cloud.google.com/ArtifactRegistryRepository": "google_artifact_registry_repository",
}

func configConnectorView(o *manifest.Object) (view, bool) {
	kind := configConnectorKinds[o.GroupKind()]
	return view{kind, []string{"spec"}, snakeAsCamel}, kind != ""
}

func configConnectorMember(o *manifest.Object) []Setting {
	if o.Root.Get("spec", "resourceRef", "kind").Text() != "ArtifactRegistryRepository" {
		return nil
	}
	return everyMember(o.Root.Get("spec", "member"))
}

// configConnectorNodes reads node pools of GKE, and what a cluster says of its
// default pool.
func configConnectorNodes(o *manifest.Object) []Node {
	spec := o.Root.Get("spec")
	config := spec.Get("nodeConfig")
	n := Node{OS: Setting{At: config.Get("imageType"), Weak: general(config.Get("imageType").Text()), Who: config.Get("imageType").Text()}}
	guard := func(at manifest.Node, who string) {
		s := explicit(at, isFalse, "true")
		s.Who = who
		n.Boot = append(n.Boot, s)
	}
	guard(config.Get("shieldedInstanceConfig", "enableSecureBoot"), "secure boot")
	guard(config.Get("shieldedInstanceConfig", "enableIntegrityMonitoring"), "integrity monitoring")
	if o.Kind == "ContainerCluster" {
		guard(spec.Get("enableShieldedNodes"), "shielded nodes")
		n.PublicIP = explicit(spec.Get("privateClusterConfig", "enablePrivateNodes"), isFalse, "true")
	}
	return []Node{n}
}
