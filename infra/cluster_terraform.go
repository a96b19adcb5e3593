package infra

import "github.com/rendergate/rendergate/render/manifest"

func terraformEKS(o *manifest.Object) Cluster {
	vpc := block(o.Root, "vpc_config")
	return Cluster{
		Kind: "EKS cluster", Endpoint: reachable(vpc.Get("endpoint_public_access"), vpc.Get("endpoint_private_access"), vpc.Get("public_access_cidrs")),
		Audit: audited(o.Root.Get("enabled_cluster_log_types")),
	}
}

// terraformEKSModule is the registry's module. Its majors differ in names and
// defaults: only what it is told counts.
func terraformEKSModule(o *manifest.Object) Cluster {
	if !moduleFrom(o, "terraform-aws-modules/eks/aws") {
		return Cluster{}
	}
	c := Cluster{Kind: "EKS cluster"}
	for _, prefix := range []string{"cluster_", ""} {
		// The module makes the endpoint reachable from within by itself.
		if public := o.Root.Get(prefix + "endpoint_public_access"); public.Set() {
			c.Endpoint = reachable(public, manifest.Node{}, o.Root.Get(prefix+"endpoint_public_access_cidrs"))
			c.Endpoint.Mends = c.Endpoint.Mends[:min(1, len(c.Endpoint.Mends))]
		}
	}
	for _, name := range []string{"cluster_enabled_log_types", "enabled_log_types"} {
		if list := o.Root.Get(name); list.Set() {
			c.Audit = audited(list)
		}
	}
	return c
}

// terraformGKE lets everybody in unless it names networks, or has no public
// endpoint.
func terraformGKE(o *manifest.Object) Cluster {
	private := block(o.Root, "private_cluster_config").Get("enable_private_endpoint")
	networks := o.Root.Get("master_authorized_networks_config")
	return Cluster{Kind: "GKE cluster", Endpoint: authorized(private, networks, block(o.Root, "master_authorized_networks_config").Get("cidr_blocks"), "cidr_block")}
}

// authorized is the setting of an endpoint that names who may come, by blocks.
func authorized(private, networks, blocks manifest.Node, field string) Setting {
	switch {
	case private.IsTrue():
		return Setting{At: private}
	case private.Unknown() && !networks.Set():
		return Setting{At: private, Weak: true}
	case networks.Undecided():
		return Setting{At: networks, Weak: true}
	case blocks.Undecided():
		return Setting{At: blocks, Weak: true}
	case !networks.Set():
		return Setting{At: networks, Weak: true}
	}
	for item := range blocks.Items() {
		if cidr := item.Get(field); cidr.Unknown() || cidr.Text() == "0.0.0.0/0" || cidr.Text() == "::/0" {
			return Setting{At: cidr, Weak: true}
		}
	}
	return Setting{At: networks}
}

// terraformAKS lets everybody in unless it is private or names networks, in the
// block of newer providers or the attribute of older ones.
func terraformAKS(o *manifest.Object) Cluster {
	private := o.Root.Get("private_cluster_enabled")
	ranges := block(o.Root, "api_server_access_profile").Get("authorized_ip_ranges")
	if old := o.Root.Get("api_server_authorized_ip_ranges"); old.Set() {
		ranges = old
	}
	return Cluster{Kind: "AKS cluster", Endpoint: ranged(private, ranges)}
}

func ranged(private, ranges manifest.Node) Setting {
	switch {
	case private.IsTrue():
		return Setting{At: private}
	case private.Unknown() && !ranges.Set():
		return Setting{At: private, Weak: true}
	}
	return Setting{At: ranges, Weak: !ranges.Set() || ranges.Len() == 0 || undecidedOr(ranges, open(ranges))}
}
