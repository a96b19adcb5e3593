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
