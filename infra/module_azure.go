package infra

import "github.com/rendergate/rendergate/render/manifest"

// aksModule is the registry's module of AKS, whose inputs have the names of the
// resource that they fill; those that its majors renamed count by both names.
const aksModule = "Azure/aks/azurerm"

func aksModuleCluster(o *manifest.Object) Cluster {
	if !moduleFrom(o, aksModule) {
		return Cluster{}
	}
	root := o.Root
	policy, kms := root.Get("network_policy"), root.Get("kms_enabled")
	return Cluster{
		Kind:     "AKS cluster",
		Endpoint: ranged(root.Get("private_cluster_enabled"), root.Get("api_server_authorized_ip_ranges")),
		Network:  Setting{At: policy, Weak: !policy.Set() || policy.Text() == "none" || policy.Unknown(), Who: "AKS without network_policy"},
		Secrets:  Setting{At: kms, Weak: !isTrue(kms)},
	}
}

func aksModuleNodes(o *manifest.Object) []Node {
	if !moduleFrom(o, aksModule) {
		return nil
	}
	n := aksPoolOf(o.Root)
	n.DiskKey = wanted(o.Root.Get("disk_encryption_set_id"))
	all := []Node{n}
	for name, pool := range o.Root.Get("node_pools").Fields() {
		if pool.Unknown() {
			continue
		}
		n := aksPoolOf(pool)
		n.Name = name
		all = append(all, n)
	}
	return all
}
