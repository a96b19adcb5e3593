package infra

import "github.com/rendergate/rendergate/render/manifest"

// The same registries as Kubernetes objects: AWS Controllers for Kubernetes,
// Crossplane, Config Connector and Azure Service Operator.

func ackECR(o *manifest.Object) Registry {
	return Registry{
		Kind: "ECR repository", Tags: ecrTags(o.Root.Get("spec", "imageTagMutability")),
		Scan: scanned(o.Root.Get("spec", "imageScanningConfiguration", "scanOnPush")),
	}
}

func crossplaneECR(o *manifest.Object) Registry {
	spec := o.Root.Get("spec", "forProvider")
	return Registry{
		Kind: "ECR repository", Tags: ecrTags(spec.Get("imageTagMutability")),
		Scan: scanned(block(spec, "imageScanningConfiguration").Get("scanOnPush")),
	}
}

func configConnectorArtifactRegistry(o *manifest.Object) Registry {
	if o.Root.Get("spec", "format").Text() != "DOCKER" {
		return Registry{}
	}
	at := o.Root.Get("spec", "dockerConfig", "immutableTags")
	return Registry{Kind: "Artifact Registry repository", Tags: mended(at, !at.IsTrue(), "true")}
}

func crossplaneRepositoryPolicy(o *manifest.Object) []Setting {
	return public(o.Root.Get("spec", "forProvider", "policy"))
}

func asoAnonymousPull(o *manifest.Object) []Setting {
	at := o.Root.Get("spec", "anonymousPullEnabled")
	return []Setting{mended(at, at.IsTrue(), "false")}
}

func configConnectorMember(o *manifest.Object) []Setting {
	if o.Root.Get("spec", "resourceRef", "kind").Text() != "ArtifactRegistryRepository" {
		return nil
	}
	return everyMember(o.Root.Get("spec", "member"))
}

// asoACR is a registry of Azure, which answers everybody's network unless it is
// told otherwise.
func asoACR(o *manifest.Object) Registry {
	spec := o.Root.Get("spec")
	public, action := spec.Get("publicNetworkAccess"), spec.Get("networkRuleSet", "defaultAction")
	network := mended(public, public.Text() != "Disabled" && action.Text() != "Deny", "Disabled")
	return Registry{Kind: "container registry", Admin: explicit(spec.Get("adminUserEnabled"), isTrue, "false"), Network: network.depending(action)}
}
