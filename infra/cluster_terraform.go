package infra

import "github.com/rendergate/rendergate/render/manifest"

func terraformEKS(o *manifest.Object) Cluster {
	vpc := block(o.Root, "vpc_config")
	return Cluster{
		Kind: "EKS cluster", Endpoint: reachable(vpc.Get("endpoint_public_access"), vpc.Get("endpoint_private_access"), vpc.Get("public_access_cidrs")),
		Audit:   audited(o.Root.Get("enabled_cluster_log_types")),
		Secrets: ownKey(o.Root.Get("encryption_config"), "resources", "provider"),
	}
}

// terraformEKSNetwork is Amazon's network plugin, where it is told anything of
// network policies.
func terraformEKSNetwork(o *manifest.Object) Cluster {
	at := o.Root.Get("configuration_values", "enableNetworkPolicy")
	if o.Root.Get("addon_name").Text() != "vpc-cni" || !at.Exists() {
		return Cluster{}
	}
	return Cluster{Kind: "EKS add-on", Network: Setting{At: at, Weak: !isTrue(at), Who: "the VPC CNI with enableNetworkPolicy off"}}
}

// terraformEKSLogs is the group of logs of a control plane, by its name.
func terraformEKSLogs(o *manifest.Object) Cluster {
	if !ofControlPlane(o.Root.Get("name").Partly()) {
		return Cluster{}
	}
	return Cluster{Kind: "log group of an EKS cluster", Kept: keptFor(o.Root.Get("retention_in_days"))}
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
	c.Kept = keptFor(o.Root.Get("cloudwatch_log_group_retention_in_days"))
	for _, name := range []string{"cluster_encryption_config", "encryption_config"} {
		if config := o.Root.Get(name); config.Set() && !config.Unknown() {
			c.Secrets = ownKey(config, "resources", "")
			if resources := config.Get("resources"); config.IsMap() { // later majors take one, without its list
				c.Secrets = Setting{At: config, Weak: !has(resources, "secrets") && (resources.Set() || config.Len() == 0)}.depending(resources)
			}
		}
	}
	return c
}

// terraformGKE lets everybody in unless it names networks, or has no public
// endpoint.
func terraformGKE(o *manifest.Object) Cluster {
	private := block(o.Root, "private_cluster_config").Get("enable_private_endpoint")
	networks := o.Root.Get("master_authorized_networks_config")
	c := Cluster{
		Kind: "GKE cluster", Endpoint: authorized(private, networks, block(o.Root, "master_authorized_networks_config").Get("cidr_blocks"), "cidr_block"),
		Logging: gkeLogging(o.Root.Get("logging_service"), block(o.Root, "logging_config").Get("enable_components")),
		Network: gkeNetwork(o),
	}
	if ip := block(block(o.Root, "control_plane_endpoints_config"), "ip_endpoints_config").Get("enabled"); ip.IsFalse() {
		c.Endpoint = Setting{At: ip} // it goes by its name, past IAM
	}
	state := block(o.Root, "database_encryption").Get("state")
	c.Secrets = Setting{At: state, Weak: state.Text() != "ENCRYPTED" && state.Text() != "ALL_OBJECTS_ENCRYPTION_ENABLED"}
	return c
}

// gkeLogging is the setting of what a cluster of GKE sends to Cloud Logging: the
// system's logs, unless it says otherwise.
func gkeLogging(service, components manifest.Node) Setting {
	switch {
	case service.Text() == "none", service.Text() == "logging.googleapis.com": // the latter ended with Kubernetes 1.15
		return mended(service, true, "logging.googleapis.com/kubernetes")
	case service.Unknown():
		return Setting{At: service, Weak: true}
	case components.Unknown() || components.IsList() && !has(components, "SYSTEM_COMPONENTS"):
		return Setting{At: components, Weak: true, Mends: []manifest.Edit{manifest.AppendTo(components, "SYSTEM_COMPONENTS")}}
	}
	return Setting{At: firstSet(service, components)}
}

// gkeNetwork is the setting of a cluster that enforces network policies with
// Dataplane V2, which Autopilot always has, or where it is told to.
func gkeNetwork(o *manifest.Object) Setting {
	policy := block(o.Root, "network_policy").Get("enabled")
	path, autopilot := o.Root.Get("datapath_provider"), o.Root.Get("enable_autopilot")
	weak := !isTrue(policy) && path.Text() != "ADVANCED_DATAPATH" && !isTrue(autopilot)
	return mended(policy, weak, "true").about("GKE without network_policy or Dataplane V2").depending(path, autopilot)
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
	policy := block(o.Root, "network_profile").Get("network_policy")
	return Cluster{
		Kind: "AKS cluster", Endpoint: ranged(private, ranges),
		Network: Setting{At: policy, Weak: !policy.Set() || policy.Text() == "none" || policy.Unknown(), Who: "AKS without network_policy"},
		Secrets: wanted(block(o.Root, "key_management_service").Get("key_vault_key_id")),
	}
}

func ranged(private, ranges manifest.Node) Setting {
	switch {
	case private.IsTrue():
		return Setting{At: private}
	case private.Unknown() && !ranges.Set():
		return Setting{At: private, Weak: true}
	}
	return Setting{At: ranges, Weak: !ranges.Set() || ranges.Len() == 0 || undecidedOr(ranges, open(ranges)), Mends: withoutOpen(ranges)}
}
