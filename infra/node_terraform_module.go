package infra

import (
	"iter"
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// eksModule is the registry's module of EKS. Its majors differ in names and in
// defaults: only what it is told counts.
const eksModule = "terraform-aws-modules/eks/aws"

// eksGroups are the inputs of that module that describe nodes, of all majors.
var eksGroups = []string{
	"eks_managed_node_groups", "self_managed_node_groups", "eks_managed_node_group_defaults", "self_managed_node_group_defaults",
	"node_groups", "node_groups_defaults", "worker_groups", "worker_groups_launch_template", "workers_group_defaults",
}

// moduleGroups are the groups of nodes that a call of the module describes, by
// name.
func moduleGroups(o *manifest.Object) iter.Seq2[string, manifest.Node] {
	return func(yield func(string, manifest.Node) bool) {
		if inner, is := moduleBelow(o, eksModule); is && strings.HasSuffix(inner, "node-group") {
			yield("", o.Root)
			return
		}
		if !moduleFrom(o, eksModule) {
			return
		}
		for _, input := range eksGroups {
			at := o.Root.Get(input)
			if strings.HasSuffix(input, "_defaults") {
				if at.IsMap() && !yield(input, at) {
					return
				}
				continue
			}
			for name, group := range at.Fields() {
				if !yield(name, group) {
					return
				}
			}
			for group := range at.Items() {
				if !yield(group.Get("name").Text(), group) {
					return
				}
			}
		}
	}
}

// terraformEKSNodes are the node groups of the module, which asks for tokens
// and closes its nodes by itself.
func terraformEKSNodes(o *manifest.Object) []Node {
	var all []Node
	for name, group := range moduleGroups(o) {
		if group.Unknown() {
			continue
		}
		options := block(group, "metadata_options")
		tokens := firstSet(options.Get("http_tokens"), group.Get("metadata_http_tokens"))
		family := group.Get("ami_type")
		n := Node{
			Name: name, Metadata: explicit(tokens, notRequired, "required").depending(options.Get("http_endpoint")),
			Hops:     explicit(firstSet(options.Get("http_put_response_hop_limit"), group.Get("metadata_http_put_response_hop_limit")), far, "1"),
			PublicIP: explicit(firstSet(group.Get("associate_public_ip_address"), group.Get("public_ip")), isTrue, "false"),
			SSHKey:   explicit(group.Get("key_name"), named, `""`),
			OS:       Setting{At: family, Weak: family.Unknown() || general(family.Text()), Who: family.Text()},
			Push:     pushPolicies(group.Get("iam_role_additional_policies")),
		}
		if options.Get("http_endpoint").Text() == "disabled" {
			n.Metadata, n.Hops = Setting{}, Setting{}
		}
		if access := block(group, "remote_access"); access.Exists() {
			n.SSH = append(n.SSH, remoteAccess(access))
		}
		for network := range group.Get("network_interfaces").Items() {
			n.PublicIP = explicit(network.Get("associate_public_ip_address"), isTrue, "false")
		}
		n.Disks = moduleDisks(group)
		n.groupInputs(group.Get("security_group_ingress_rules"))
		all = append(all, n)
	}
	if rules := o.Root.Get("node_security_group_additional_rules"); moduleFrom(o, eksModule) && rules.IsMap() {
		var n Node
		n.groupInputs(rules)
		all = append(all, n)
	}
	return all
}

// moduleDisks are the disks of a group, which some majors list and others name.
func moduleDisks(group manifest.Node) []Setting {
	var all []Setting
	add := func(mapping manifest.Node) {
		if ebs := block(mapping, "ebs"); ebs.IsMap() {
			all = append(all, terraformDisk(ebs, mapping.Get("device_name").Text()))
		}
	}
	mappings := group.Get("block_device_mappings")
	for _, mapping := range mappings.Fields() {
		add(mapping)
	}
	for mapping := range mappings.Items() {
		add(mapping)
	}
	disk := explicit(firstSet(group.Get("root_encrypted"), group.Get("disk_encrypted")), isFalse, "true")
	return append(all, disk.about("root"))
}

// pushPolicies are the policies of Amazon's among some, listed or named, that
// let whoever has them write to registries.
func pushPolicies(policies manifest.Node) []Setting {
	var all []Setting
	for _, at := range policies.Fields() {
		all = append(all, pushPolicy(at)...)
	}
	for at := range policies.Items() {
		all = append(all, pushPolicy(at)...)
	}
	return all
}

// pushPolicy is the place of a policy that does so.
func pushPolicy(at manifest.Node) []Setting {
	who, is := pushes(at.Text())
	switch {
	case at.Unknown():
		return []Setting{{At: at, Weak: true}}
	case is:
		return []Setting{mended(at, true, strings.TrimSuffix(at.Text(), who)+"AmazonEC2ContainerRegistryReadOnly").about(who)}
	}
	return nil
}

// pushes is the name of Amazon's policy that lets its holder write to
// registries, where an ARN is that of one.
func pushes(arn string) (string, bool) {
	for _, name := range []string{"AmazonEC2ContainerRegistryPowerUser", "AmazonEC2ContainerRegistryFullAccess"} {
		if strings.HasSuffix(arn, ":policy/"+name) {
			return name, true
		}
	}
	return "", false
}
