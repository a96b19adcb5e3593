package infra

import "github.com/rendergate/rendergate/render/manifest"

// The modules of the registry that make repositories of ECR.
const ecrModule, cloudposseECR = "terraform-aws-modules/ecr/aws", "cloudposse/ecr/aws"

// registryModules are those modules, which make tags immutable and scan by
// themselves: only what they are told otherwise counts.
func registryModules(o *manifest.Object) Registry {
	tags, scan := "repository_image_tag_mutability", "repository_image_scan_on_push"
	switch {
	case moduleFrom(o, cloudposseECR):
		tags, scan = "image_tag_mutability", "scan_images_on_push"
	case !moduleFrom(o, ecrModule):
		return Registry{}
	}
	r := Registry{Kind: "ECR repository", Scan: explicit(o.Root.Get(scan), isFalse, "true")}
	if at := o.Root.Get(tags); at.Exists() {
		r.Tags = ecrTags(at)
	}
	return r
}

// principalInputs are the inputs of those modules that list who may pull, and who
// may push.
var principalInputs = struct{ readers, writers []string }{
	readers: []string{"repository_read_access_arns", "principals_readonly_access"},
	writers: []string{"repository_read_write_access_arns", "principals_full_access", "principals_push_access"},
}

// moduleReaders are everybody among those who may pull.
func moduleReaders(o *manifest.Object) []Setting {
	if !moduleFrom(o, cloudposseECR) && !moduleFrom(o, ecrModule) {
		return nil
	}
	all := append(public(o.Root.Get("repository_policy")), public(o.Root.Get("registry_policy"))...)
	for _, input := range append(principalInputs.readers, principalInputs.writers...) {
		for _, at := range itemsOf(o.Root.Get(input)) {
			all = append(all, Setting{At: at, Weak: at.Unknown() && at.Partly() == "" || at.Text() == "*", Who: at.Text()})
		}
	}
	return all
}

// moduleWriters are whole accounts among those who may push.
func moduleWriters(o *manifest.Object) []Setting {
	if !moduleFrom(o, cloudposseECR) && !moduleFrom(o, ecrModule) {
		return nil
	}
	all := append(pushers(o.Root.Get("repository_policy")), pushers(o.Root.Get("registry_policy"))...)
	for _, input := range principalInputs.writers {
		for _, at := range itemsOf(o.Root.Get(input)) {
			all = append(all, Setting{At: at, Weak: at.Unknown() && at.Partly() == "" || wholeOf(at.Text()), Who: at.Text()})
		}
	}
	return all
}
