package infra

import "github.com/rendergate/rendergate/render/manifest"

// Azure Service Operator has the fields of Azure's own API.

func asoAKS(o *manifest.Object) Cluster {
	access := o.Root.Get("spec", "apiServerAccessProfile")
	return Cluster{Kind: "AKS cluster", Endpoint: ranged(access.Get("enablePrivateCluster"), access.Get("authorizedIPRanges"))}
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

// asoNodes reads a node pool of AKS.
func asoNodes(o *manifest.Object) []Node {
	spec := o.Root.Get("spec")
	host, family := spec.Get("enableEncryptionAtHost"), spec.Get("osSKU")
	return []Node{{
		Cache: mended(host, !isTrue(host), "true"), PublicIP: explicit(spec.Get("enableNodePublicIP"), isTrue, "false"),
		OS: Setting{At: family, Weak: family.Unknown() || general(family.Text()), Who: family.Text()},
	}}
}
