package infra

import (
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// gkeModule is the registry's module of GKE. Its variants lie below it; only the
// defaults that all its majors share count beside what it is told.
const gkeModule = "terraform-google-modules/kubernetes-engine/google"

// gkeVariant is the variant of the module that an object calls: "" of the module
// itself, false where it calls another one.
func gkeVariant(o *manifest.Object) (string, bool) {
	if moduleFrom(o, gkeModule) {
		return "", true
	}
	inner, is := moduleBelow(o, gkeModule)
	inner = strings.TrimPrefix(strings.TrimSuffix(inner, "-update-variant"), "beta-")
	switch inner {
	case "public-cluster", "private-cluster", "autopilot-public-cluster", "autopilot-private-cluster":
		return inner, is
	}
	return "", false
}

// gkeModuleCluster lets everybody in unless it names networks, and encrypts
// secrets with Google's key, by the defaults of the module.
func gkeModuleCluster(o *manifest.Object) Cluster {
	variant, is := gkeVariant(o)
	if !is {
		return Cluster{}
	}
	root, c := o.Root, Cluster{Kind: "GKE cluster"}
	networks := root.Get("master_authorized_networks")
	c.Endpoint = authorized(root.Get("enable_private_endpoint"), networks, networks, "cidr_block")
	if networks.Set() && !networks.Undecided() && networks.Len() == 0 && !root.Get("enable_private_endpoint").IsTrue() {
		c.Endpoint = Setting{At: networks, Weak: true}.depending(root.Get("enable_private_endpoint"))
	}
	c.Logging = gkeLogging(root.Get("logging_service"), root.Get("logging_enabled_components"))
	if root.Get("logging_enabled_components").Len() == 0 && !root.Get("logging_service").Set() {
		c.Logging = Setting{} // an empty list leaves the choice to the platform
	}
	encryption := root.Get("database_encryption")
	state := block(root, "database_encryption").Get("state")
	c.Secrets = Setting{At: state, Weak: state.Text() != "ENCRYPTED" && state.Text() != "ALL_OBJECTS_ENCRYPTION_ENABLED"}.depending(encryption)
	if policy := root.Get("network_policy"); !strings.HasPrefix(variant, "autopilot") && policy.IsFalse() && root.Get("datapath_provider").Text() != "ADVANCED_DATAPATH" {
		c.Network = mended(policy, true, "true").about("GKE without network_policy or Dataplane V2").depending(root.Get("datapath_provider"))
	}
	return c
}

// gkeModuleNodes are the pools of the module.
func gkeModuleNodes(o *manifest.Object) []Node {
	variant, is := gkeVariant(o)
	if !is {
		return nil
	}
	n := Node{PublicIP: explicit(o.Root.Get("enable_private_nodes"), isFalse, "true")}
	if variant == "" || strings.HasSuffix(variant, "public-cluster") {
		n.PublicIP = Setting{At: o.Root.Get("source"), Weak: true}
	}
	n.Boot = append(n.Boot, explicit(o.Root.Get("enable_shielded_nodes"), isFalse, "true").about("shielded nodes"))
	all := []Node{n}
	if strings.HasPrefix(variant, "autopilot") {
		return all
	}
	for pool := range o.Root.Get("node_pools").Items() {
		if pool.Unknown() {
			continue
		}
		image, secure := pool.Get("image_type"), pool.Get("enable_secure_boot")
		n := Node{Name: pool.Get("name").Text(), OS: Setting{At: image, Weak: image.Unknown() || general(image.Text()), Who: image.Text()}}
		n.Boot = append(n.Boot, mended(secure, !isTrue(secure), "true").about("secure boot"),
			explicit(pool.Get("enable_integrity_monitoring"), isFalse, "true").about("integrity monitoring"))
		n.DiskKey = wanted(firstSet(pool.Get("boot_disk_kms_key"), o.Root.Get("boot_disk_kms_key"), pool.Get("boot_disk_kms_key")))
		all = append(all, n)
	}
	return all
}

// gkeModuleLogins are those of the module, which gives pods identities, and its
// nodes an account, by itself.
func gkeModuleLogins(o *manifest.Object) Logins {
	if _, is := gkeVariant(o); !is {
		return Logins{}
	}
	root, all := o.Root, Logins{}
	all.Legacy = append(all.Legacy, explicit(root.Get("issue_client_certificate"), isTrue, "false"))
	identity, metadata := root.Get("identity_namespace"), root.Get("node_metadata")
	all.Workload = append(all.Workload, Setting{At: identity, Weak: identity.Unknown() || identity.Set() && identity.Text() == "" && !identity.IsMap()},
		explicit(metadata, func(at manifest.Node) bool {
			return !strings.HasPrefix(at.Text(), "GKE_METADATA") && at.Text() != "UNSPECIFIED"
		}, "GKE_METADATA"))
	made, account := root.Get("create_service_account"), root.Get("service_account")
	if made.IsFalse() || made.Unknown() {
		byDefault := account.Text() == "" && !account.Unknown()
		all.Nodes = append(all.Nodes, Setting{At: made, Weak: byDefault})
	}
	return all
}
