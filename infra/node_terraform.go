package infra

import "github.com/rendergate/rendergate/render/manifest"

// terraformInstance is a launch template, or an instance; of one that is made
// of a template only what it says itself is known.
func terraformInstance(o *manifest.Object) []Node {
	options := block(o.Root, "metadata_options")
	if o.Root.Get("launch_template").Exists() && !options.Exists() {
		return nil
	}
	return []Node{{Metadata: sessionTokens(options.Get("http_tokens"), options.Get("http_endpoint"))}}
}

// terraformEKSNodes are the node groups of the registry's module, which asks
// for tokens by itself: only what it is told otherwise counts.
func terraformEKSNodes(o *manifest.Object) []Node {
	if !moduleFrom(o, "terraform-aws-modules/eks/aws") {
		return nil
	}
	var all []Node
	for _, list := range []string{"eks_managed_node_groups", "self_managed_node_groups"} {
		for name, group := range o.Root.Get(list).Fields() {
			if at := block(group, "metadata_options").Get("http_tokens"); at.Exists() {
				all = append(all, Node{Name: name, Metadata: sessionTokens(at, block(group, "metadata_options").Get("http_endpoint"))})
			}
		}
	}
	return all
}
