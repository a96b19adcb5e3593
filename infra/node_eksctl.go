package infra

import "github.com/rendergate/rendergate/render/manifest"

// eksctlNodes are the groups of eksctl, which turns the old metadata service
// off by itself.
func eksctlNodes(o *manifest.Object) []Node {
	var all []Node
	for _, list := range []string{"nodeGroups", "managedNodeGroups"} {
		for group := range o.Root.Get(list).Items() {
			n := Node{
				Name:     group.Get("name").Text(),
				Metadata: explicit(group.Get("disableIMDSv1"), isFalse, "true"),
				PublicIP: explicit(group.Get("privateNetworking"), isFalse, "true"),
				OS:       Setting{At: group.Get("amiFamily"), Weak: general(group.Get("amiFamily").Text()), Who: group.Get("amiFamily").Text()},
			}
			n.Disks = append(n.Disks, explicit(group.Get("volumeEncrypted"), isFalse, "true"))
			for volume := range group.Get("additionalVolumes").Items() {
				disk := explicit(volume.Get("volumeEncrypted"), isFalse, "true")
				disk.Who = volume.Get("volumeName").Text()
				n.Disks = append(n.Disks, disk)
			}
			ssh := group.Get("ssh")
			door := mended(ssh.Get("allow"), ssh.Get("allow").IsTrue() && ssh.Get("sourceSecurityGroupIds").Len() == 0, "false").depending(ssh.Get("sourceSecurityGroupIds"))
			door.Who = "0.0.0.0/0"
			n.SSH = append(n.SSH, door)
			builder := explicit(group.Get("iam", "withAddonPolicies", "imageBuilder"), isTrue, "false")
			n.Push = append(pushPolicies(group.Get("iam", "attachPolicyARNs")), builder.about("imageBuilder"))
			all = append(all, n)
		}
	}
	return all
}
