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
