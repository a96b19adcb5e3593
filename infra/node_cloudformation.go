package infra

import (
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// stackNodes reads what CloudFormation launches; of an instance that is made of
// a template only what it says itself is known.
func stackNodes(way ...string) func(o *manifest.Object) []Node {
	return func(o *manifest.Object) []Node {
		at := o.Root.Get(way...)
		options := at.Get("MetadataOptions")
		n := Node{
			Hops:     explicit(options.Get("HttpPutResponseHopLimit"), far, "1").depending(options.Get("HttpEndpoint")),
			SSHKey:   explicit(at.Get("KeyName"), func(at manifest.Node) bool { return at.Text() != "" }, `""`),
			PublicIP: explicit(at.Get("AssociatePublicIpAddress"), isTrue, "false"),
		}
		n.SSHKey.Mends = []manifest.Edit{manifest.Remove(at.Get("KeyName"))}
		if o.Kind == "AWS::EC2::Instance" {
			n.SSHKey = Setting{} // it may open a bastion, which is what keys are for
		}
		if options.Exists() || !at.Get("LaunchTemplate").Exists() {
			n.Metadata = sessionTokens(options.Get("HttpTokens"), options.Get("HttpEndpoint"))
		}
		for mapping := range at.Get("BlockDeviceMappings").Items() {
			if disk := mapping.Get("Ebs"); disk.Set() {
				n.Disks = append(n.Disks, stackDisk(disk, mapping.Get("DeviceName").Text()))
			}
		}
		for network := range at.Get("NetworkInterfaces").Items() {
			if public := network.Get("AssociatePublicIpAddress"); public.Set() {
				n.PublicIP = explicit(public, isTrue, "false")
			}
		}
		return []Node{n}
	}
}

// stackVolume is a disk by itself, which whoever mounts it writes to.
func stackVolume(o *manifest.Object) []Node {
	return []Node{{Disks: []Setting{stackDisk(o.Root.Get("Properties"), "")}}}
}

// stackDisk is a disk; one that is made of a snapshot is encrypted as that one
// is.
func stackDisk(disk manifest.Node, who string) Setting {
	s := unencrypted(disk.Get("Encrypted"), who, "true")
	if disk.Get("SnapshotId").Set() && !disk.Get("Encrypted").Set() {
		return Setting{At: s.At, Who: who}
	}
	return s
}

// stackSubnet gives each machine in it a public address where it says so.
func stackSubnet(o *manifest.Object) []Node {
	return []Node{{PublicIP: explicit(o.Root.Get("Properties", "MapPublicIpOnLaunch"), isTrue, "false")}}
}

// stackNodeGroup is a managed node group of EKS.
func stackNodeGroup(o *manifest.Object) []Node {
	spec := o.Root.Get("Properties")
	image := spec.Get("AmiType")
	n := Node{OS: Setting{At: image, Weak: generalImage(image.Text()), Who: image.Text()}}
	access := spec.Get("RemoteAccess")
	key, groups := access.Get("Ec2SshKey"), access.Get("SourceSecurityGroups")
	n.SSHKey = explicit(key, func(at manifest.Node) bool { return at.Text() != "" }, `""`)
	n.SSHKey.Mends = []manifest.Edit{manifest.Remove(access)}
	if key.Exists() {
		door := Setting{At: key, Weak: key.Unknown() || key.Text() != "" && groups.Len() == 0, Mends: []manifest.Edit{manifest.Remove(access)}, Who: "0.0.0.0/0"}
		if groups.Undecided() {
			door.At = groups
		}
		n.SSH = append(n.SSH, door)
	}
	return []Node{n}
}

// generalImage is general for the types that EKS calls its images by.
func generalImage(typ string) bool {
	return typ != "" && typ != "CUSTOM" && !strings.HasPrefix(typ, "BOTTLEROCKET")
}

// stackSecurityGroup are the rules that let the whole internet try SSH.
func stackSecurityGroup(o *manifest.Object) []Node {
	spec := o.Root.Get("Properties")
	var n Node
	rules := []manifest.Node{spec}
	if o.Kind == "AWS::EC2::SecurityGroup" {
		rules = nil
		for rule := range spec.Get("SecurityGroupIngress").Items() {
			rules = append(rules, rule)
		}
	}
	for _, rule := range rules {
		for _, field := range []string{"CidrIp", "CidrIpv6"} {
			n.opens(rule, rule.Get("FromPort"), rule.Get("ToPort"), rule.Get("IpProtocol"), rule.Get(field))
		}
	}
	return []Node{n}
}

// everywhere is the setting of a network that may come, which is not to be all.
func everywhere(at manifest.Node) Setting {
	return Setting{At: at, Weak: at.Unknown() || at.Text() == "0.0.0.0/0" || at.Text() == "::/0", Who: at.Text()}
}
