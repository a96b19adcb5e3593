package infra

import (
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// gkeNodes reads a node pool of GKE, or what a cluster says of its default pool
// and of all its nodes.
func gkeNodes(o *manifest.Object) []Node {
	config := block(o.Root, "node_config")
	autopilot := o.Root.Get("enable_autopilot")
	var n Node
	if o.Kind == "google_container_cluster" {
		private := block(o.Root, "private_cluster_config").Get("enable_private_nodes")
		n.PublicIP = mended(private, !isTrue(private), "true")
		guard := o.Root.Get("enable_shielded_nodes")
		n.Boot = append(n.Boot, explicit(guard, isFalse, "true").about("shielded nodes").depending(autopilot))
		if !config.Exists() || isTrue(autopilot) || isTrue(o.Root.Get("remove_default_node_pool")) {
			return []Node{n}
		}
	} else {
		n.PublicIP = explicit(block(o.Root, "network_config").Get("enable_private_nodes"), isFalse, "true")
	}
	image := config.Get("image_type")
	n.OS = Setting{At: image, Weak: image.Unknown() || general(image.Text()), Who: image.Text()}
	shielded := block(config, "shielded_instance_config")
	secure := shielded.Get("enable_secure_boot")
	n.Boot = append(n.Boot, mended(secure, !isTrue(secure), "true").about("secure boot").depending(autopilot, o.Root.Get("remove_default_node_pool")),
		explicit(shielded.Get("enable_integrity_monitoring"), isFalse, "true").about("integrity monitoring"))
	n.Metadata = explicit(config.Get("metadata", "disable-legacy-endpoints"), isFalse, "true")
	n.DiskKey = wanted(config.Get("boot_disk_kms_key")).depending(autopilot)
	for scope := range config.Get("oauth_scopes").Items() {
		if name := scope.Text()[strings.LastIndexByte(scope.Text(), '/')+1:]; name == "devstorage.read_write" || name == "devstorage.full_control" || name == "storage-rw" || name == "storage-full" {
			s := Setting{At: scope, Weak: true, Who: name}
			s.Mends = []manifest.Edit{manifest.SetTo(scope, "https://www.googleapis.com/auth/devstorage.read_only")}
			n.Push = append(n.Push, s)
		}
	}
	return []Node{n}
}

// aksNodes reads a node pool of AKS, or the default one of a cluster.
func aksNodes(o *manifest.Object) []Node {
	pool := o.Root
	var n Node
	if o.Kind == "azurerm_kubernetes_cluster" {
		pool = block(o.Root, "default_node_pool")
		n.DiskKey = wanted(o.Root.Get("disk_encryption_set_id"))
	}
	n.PublicIP = explicit(firstSet(pool.Get("node_public_ip_enabled"), pool.Get("enable_node_public_ip")), isTrue, "false")
	host := firstSet(pool.Get("enable_host_encryption"), pool.Get("host_encryption_enabled"))
	n.Cache = mended(host, !isTrue(host), "true")
	family := pool.Get("os_sku")
	n.OS = Setting{At: family, Weak: family.Unknown() || general(family.Text()), Who: family.Text()}
	return []Node{n}
}
