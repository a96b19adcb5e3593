package infra

import "github.com/rendergate/rendergate/render/manifest"

// Azure Service Operator has the fields of Azure's own API.

func asoAKS(o *manifest.Object) Cluster {
	spec := o.Root.Get("spec")
	access, keys := spec.Get("apiServerAccessProfile"), spec.Get("securityProfile", "azureKeyVaultKms", "enabled")
	return Cluster{
		Kind: "AKS cluster", Endpoint: ranged(access.Get("enablePrivateCluster"), access.Get("authorizedIPRanges")),
		Secrets: Setting{At: keys, Weak: !isTrue(keys)},
		Network: asoNetwork(spec.Get("networkProfile")),
	}
}

// asoNetwork is weak unless it names who enforces policies, or Cilium does.
func asoNetwork(profile manifest.Node) Setting {
	policy, path := profile.Get("networkPolicy"), profile.Get("networkDataplane")
	weak := policy.Unknown() || (!policy.Set() || policy.Text() == "none") && path.Text() != "cilium"
	return Setting{At: policy, Weak: weak, Who: "AKS without networkPolicy"}.depending(path)
}

// asoPools are the pools that a cluster is made with.
func asoPools(o *manifest.Object) []Node {
	var all []Node
	for pool := range o.Root.Get("spec", "agentPoolProfiles").Items() {
		n := asoNode(pool)
		n.Name = pool.Get("name").Text()
		n.DiskKey = wanted(o.Root.Get("spec", "diskEncryptionSetReference"))
		all = append(all, n)
	}
	return all
}

// asoPool is a pool of its own.
func asoPool(o *manifest.Object) []Node { return []Node{asoNode(o.Root.Get("spec"))} }

func asoNode(spec manifest.Node) Node {
	host, family := spec.Get("enableEncryptionAtHost"), spec.Get("osSKU")
	return Node{
		Cache: mended(host, !isTrue(host), "true"), PublicIP: explicit(spec.Get("enableNodePublicIP"), isTrue, "false"),
		OS: Setting{At: family, Weak: family.Unknown() || general(family.Text()), Who: family.Text()},
	}
}

func asoAnonymousPull(o *manifest.Object) []Setting {
	at := o.Root.Get("spec", "anonymousPullEnabled")
	return []Setting{mended(at, at.IsTrue(), "false")}
}

// asoACR is a registry of Azure, which answers everybody's network unless it is
// told otherwise.
func asoACR(o *manifest.Object) Registry {
	spec := o.Root.Get("spec")
	public, action := spec.Get("publicNetworkAccess"), spec.Get("networkRuleSet", "defaultAction")
	network := mended(public, public.Text() != "Disabled" && action.Text() != "Deny", "Disabled")
	return Registry{Kind: "container registry", Admin: explicit(spec.Get("adminUserEnabled"), isTrue, "false"), Network: network.depending(action)}
}

// asoLogins are those of a cluster.
func asoLogins(o *manifest.Object) Logins {
	spec := o.Root.Get("spec")
	logins := azureLogins(spec.Get("disableLocalAccounts"), spec.Get("aadProfile"), spec.Get("securityProfile", "workloadIdentity", "enabled"), spec.Get("oidcIssuerProfile", "enabled"))
	if rbac := spec.Get("enableRBAC"); rbac.Set() {
		logins.Legacy = append(logins.Legacy, mended(rbac, !isTrue(rbac), "true"))
	}
	return logins
}
