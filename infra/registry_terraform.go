package infra

import "github.com/rendergate/rendergate/render/manifest"

func terraformECR(o *manifest.Object) Registry {
	return Registry{Kind: "ECR repository", Tags: ecrTags(o.Root.Get("image_tag_mutability"))}
}

// terraformECRModule is the registry's module, which makes tags immutable by
// itself: only what it is told otherwise counts.
func terraformECRModule(o *manifest.Object) Registry {
	at := o.Root.Get("repository_image_tag_mutability")
	if !moduleFrom(o, "terraform-aws-modules/ecr/aws") || !at.Exists() {
		return Registry{}
	}
	return Registry{Kind: "ECR repository", Tags: ecrTags(at)}
}

func terraformArtifactRegistry(o *manifest.Object) Registry {
	format := o.Root.Get("format")
	if !format.Unknown() && format.Text() != "DOCKER" {
		return Registry{}
	}
	at := block(o.Root, "docker_config").Get("immutable_tags")
	return Registry{Kind: "Artifact Registry repository", Tags: mended(at, !at.IsTrue(), "true").depending(format)}
}

func terraformMembers(o *manifest.Object) []Setting {
	all := everyMember(o.Root.Get("member"))
	members := o.Root.Get("members")
	if members.Unknown() {
		return everyMember(members)
	}
	for item := range members.Items() {
		all = append(all, everyMember(item)...)
	}
	return all
}

func anonymousPull(o *manifest.Object) []Setting {
	at := o.Root.Get("anonymous_pull_enabled")
	return []Setting{mended(at, at.IsTrue() || at.Unknown(), "false")}
}
