package infra

import (
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// kopsNodes reads an instance group of kOps, which asks for tokens and encrypts
// disks by itself.
func kopsNodes(o *manifest.Object) []Node {
	spec := o.Root.Get("spec")
	n := Node{
		Metadata: explicit(spec.Get("instanceMetadata", "httpTokens"), notRequired, "required"),
		Hops:     explicit(spec.Get("instanceMetadata", "httpPutResponseHopLimit"), far, "1"),
		PublicIP: explicit(spec.Get("associatePublicIP"), isTrue, "false"),
	}
	if old := spec.Get("associatePublicIp"); old.Set() { // as older files have it
		n.PublicIP = explicit(old, isTrue, "false")
	}
	for _, way := range [][]string{{"rootVolume", "encryption"}, {"rootVolumeEncryption"}} {
		disk := explicit(spec.Get(way...), isFalse, "true")
		disk.Who = "root"
		n.Disks = append(n.Disks, disk)
	}
	for volume := range spec.Get("volumes").Items() {
		disk := explicit(volume.Get("encrypted"), isFalse, "true")
		disk.Who = volume.Get("device").Text()
		n.Disks = append(n.Disks, disk)
	}
	if image := spec.Get("image"); familyOf(image.Text()) != "" {
		n.OS = Setting{At: image, Weak: general(familyOf(image.Text())), Who: familyOf(image.Text())}
	}
	return []Node{n}
}

// familyOf is the operating system that an image's name speaks of.
func familyOf(image string) string {
	for _, family := range []string{"bottlerocket", "flatcar", "cos-", "talos", "ubuntu", "debian", "rocky", "rhel", "centos", "al2023", "amazon", "windows"} {
		if strings.Contains(strings.ToLower(image), family) {
			return strings.TrimSuffix(family, "-")
		}
	}
	return ""
}

// kopsClusterNodes are what a cluster of kOps says of all its nodes.
func kopsClusterNodes(o *manifest.Object) []Node {
	var n Node
	for item := range o.Root.Get("spec", "sshAccess").Items() {
		n.SSH = append(n.SSH, Setting{At: item, Weak: strings.HasSuffix(item.Text(), "/0"), Mends: []manifest.Edit{manifest.Remove(item)}, Who: item.Text()})
	}
	for cluster := range o.Root.Get("spec", "etcdClusters").Items() {
		for member := range cluster.Get("etcdMembers").Items() {
			disk := explicit(member.Get("encryptedVolume"), isFalse, "true")
			disk.Who = "etcd " + cluster.Get("name").Text() + " " + member.Get("name").Text()
			n.Disks = append(n.Disks, disk)
		}
	}
	return []Node{n}
}
