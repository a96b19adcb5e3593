package infra

import (
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// gkeNodes reads what a cluster of GKE says of its default pool, and of all its
// nodes.
func gkeNodes(o *manifest.Object) []Node {
	autopilot := o.Root.Get("enable_autopilot")
	private := block(o.Root, "private_cluster_config").Get("enable_private_nodes")
	n := Node{PublicIP: mended(private, !isTrue(private), "true")}
	if block(o.Root, "node_config").Exists() && !isTrue(autopilot) && !isTrue(o.Root.Get("remove_default_node_pool")) {
		n.gkeConfig(o)
	}
	guard := o.Root.Get("enable_shielded_nodes")
	n.Boot = append(n.Boot, explicit(guard, isFalse, "true").about("shielded nodes").depending(autopilot))
	return []Node{n}
}

// gkePool reads a node pool of GKE.
func gkePool(o *manifest.Object) []Node {
	n := Node{PublicIP: explicit(block(o.Root, "network_config").Get("enable_private_nodes"), isFalse, "true")}
	n.gkeConfig(o)
	return []Node{n}
}

func (n *Node) gkeConfig(o *manifest.Object) {
	config, autopilot := block(o.Root, "node_config"), o.Root.Get("enable_autopilot")
	image := config.Get("image_type")
	n.OS = Setting{At: image, Weak: image.Unknown() || general(image.Text()), Who: image.Text()}
	shielded := block(config, "shielded_instance_config")
	secure := shielded.Get("enable_secure_boot")
	n.Boot = append(n.Boot, mended(secure, !isTrue(secure), "true").about("secure boot").depending(autopilot, o.Root.Get("remove_default_node_pool")),
		explicit(shielded.Get("enable_integrity_monitoring"), isFalse, "true").about("integrity monitoring"))
	n.Metadata = explicit(config.Get("metadata", "disable-legacy-endpoints"), isFalse, "true")
	n.DiskKey = wanted(firstSet(config.Get("bootDiskKMSCryptoKeyRef"), config.Get("boot_disk_kms_key"))).depending(autopilot)
	for scope := range config.Get("oauth_scopes").Items() {
		if name := scope.Text()[strings.LastIndexByte(scope.Text(), '/')+1:]; name == "devstorage.read_write" || name == "devstorage.full_control" || name == "storage-rw" || name == "storage-full" {
			s := Setting{At: scope, Weak: true, Who: name}
			s.Mends = []manifest.Edit{manifest.SetTo(scope, "https://www.googleapis.com/auth/devstorage.read_only")}
			n.Push = append(n.Push, s)
		}
	}
}

// aksNodes reads the default pool of a cluster of AKS.
func aksNodes(o *manifest.Object) []Node {
	n := aksPoolOf(block(o.Root, "default_node_pool"))
	n.DiskKey = wanted(o.Root.Get("disk_encryption_set_id"))
	return []Node{n}
}

// aksPool reads a node pool of AKS.
func aksPool(o *manifest.Object) []Node { return []Node{aksPoolOf(o.Root)} }

func aksPoolOf(pool manifest.Node) Node {
	var n Node
	n.PublicIP = explicit(firstSet(pool.Get("node_public_ip_enabled"), pool.Get("enable_node_public_ip")), isTrue, "false")
	host := firstSet(pool.Get("enable_host_encryption"), pool.Get("host_encryption_enabled"))
	n.Cache = mended(host, !isTrue(host), "true")
	family := pool.Get("os_sku")
	n.OS = Setting{At: family, Weak: family.Unknown() || general(family.Text()), Who: family.Text()}
	return n
}
