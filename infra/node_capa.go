package infra

import "github.com/rendergate/rendergate/render/manifest"

// capaNodes reads the machines of Cluster API's provider for AWS, which leaves
// AWS's own defaults.
func capaNodes(way ...string) func(o *manifest.Object) []Node {
	return func(o *manifest.Object) []Node {
		spec := o.Root.Get(way...)
		options := spec.Get("instanceMetadataOptions")
		n := Node{
			Metadata: sessionTokens(options.Get("httpTokens"), options.Get("httpEndpoint")),
			Hops:     explicit(options.Get("httpPutResponseHopLimit"), far, "1"),
			PublicIP: explicit(spec.Get("publicIP"), isTrue, "false"),
			SSHKey:   explicit(spec.Get("sshKeyName"), func(at manifest.Node) bool { return at.Text() != "" }, `""`),
		}
		if root := spec.Get("rootVolume"); root.Set() {
			n.Disks = append(n.Disks, unencrypted(root.Get("encrypted"), "root", "true"))
		}
		for volume := range spec.Get("nonRootVolumes").Items() {
			n.Disks = append(n.Disks, unencrypted(volume.Get("encrypted"), volume.Get("deviceName").Text(), "true"))
		}
		id := spec.Get("ami", "id")
		n.Images = append(n.Images, Setting{At: id, Weak: spec.IsMap() && !id.Set(), Who: "the newest image that a lookup finds"})
		return []Node{n}
	}
}

// capaPool is a managed node group of EKS, by itself or by its launch template.
func capaPool(way ...string) func(o *manifest.Object) []Node {
	return func(o *manifest.Object) []Node {
		spec := o.Root.Get(way...)
		family, access := spec.Get("amiType"), spec.Get("remoteAccess")
		n := Node{OS: Setting{At: family, Weak: generalImage(family.Text()), Who: family.Text()}}
		key, groups, public := access.Get("sshKeyName"), access.Get("sourceSecurityGroups"), access.Get("public")
		if access.Set() {
			door := Setting{At: firstSet(public, key, access), Weak: isTrue(public) || groups.Len() == 0 && groups.Text() == "", Who: "0.0.0.0/0"}
			n.SSH = append(n.SSH, door.depending(groups, public))
		}
		n.SSHKey = explicit(key, named, `""`)
		n.Push = pushPolicies(spec.Get("roleAdditionalPolicies"))
		if template := spec.Get("awsLaunchTemplate"); template.IsMap() {
			machine := capaNodes(append(way, "awsLaunchTemplate")...)(o)[0]
			n.Metadata, n.Hops, n.PublicIP, n.Disks = machine.Metadata, machine.Hops, machine.PublicIP, machine.Disks
		}
		return []Node{n}
	}
}

// capaBastion is the machine by which people come to a cluster's nodes: the whole
// internet may try it unless the cluster names who may.
func capaBastion(way ...string) func(o *manifest.Object) []Node {
	return func(o *manifest.Object) []Node {
		bastion := o.Root.Get(way...).Get("bastion")
		on, networks, closed := bastion.Get("enabled"), bastion.Get("allowedCIDRBlocks"), bastion.Get("disableIngressRules")
		if !isTrue(on) && !on.Unknown() || isTrue(closed) {
			return nil
		}
		var n Node
		if networks.Len() == 0 {
			n.SSH = append(n.SSH, Setting{At: on, Weak: true, Who: "0.0.0.0/0"}.depending(networks, closed))
		}
		for cidr := range networks.Items() {
			n.SSH = append(n.SSH, everywhere(cidr).depending(on, closed))
		}
		return []Node{n}
	}
}
