package infra

import (
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// terraformTemplate is a launch template.
func terraformTemplate(o *manifest.Object) []Node {
	n := terraformMachine(o)
	for mapping := range o.Root.Get("block_device_mappings").Items() {
		if ebs := block(mapping, "ebs"); ebs.Exists() {
			n.Disks = append(n.Disks, terraformDisk(ebs, mapping.Get("device_name").Text()))
		}
	}
	for network := range o.Root.Get("network_interfaces").Items() {
		n.PublicIP = explicit(network.Get("associate_public_ip_address"), isTrue, "false")
	}
	n.SSHKey = explicit(o.Root.Get("key_name"), named, `""`)
	return []Node{n}
}

// terraformConfiguration is a launch configuration, the older form.
func terraformConfiguration(o *manifest.Object) []Node {
	n := terraformMachine(o)
	n.Disks = terraformDisks(o)
	n.PublicIP = explicit(o.Root.Get("associate_public_ip_address"), isTrue, "false")
	n.SSHKey = explicit(o.Root.Get("key_name"), named, `""`)
	return []Node{n}
}

// terraformInstance is an instance; of one that is made of a template only what
// it says itself is known. Its key may open a bastion, which is what keys are
// for.
func terraformInstance(o *manifest.Object) []Node {
	n := Node{PublicIP: explicit(o.Root.Get("associate_public_ip_address"), isTrue, "false")}
	templated := o.Root.Get("launch_template").Exists()
	if !templated || o.Root.Get("metadata_options").Exists() {
		machine := terraformMachine(o)
		n.Metadata, n.Hops = machine.Metadata, machine.Hops
	}
	if !templated || o.Root.Get("root_block_device").Exists() {
		n.Disks = terraformDisks(o)
	}
	return []Node{n}
}

func terraformMachine(o *manifest.Object) Node {
	options := block(o.Root, "metadata_options")
	return Node{
		Metadata: sessionTokens(options.Get("http_tokens"), options.Get("http_endpoint")),
		Hops:     explicit(options.Get("http_put_response_hop_limit"), far, "1").depending(options.Get("http_endpoint")),
	}
}

// terraformDisks are the disk that a machine starts from, unencrypted where it
// is not told otherwise, and further ones.
func terraformDisks(o *manifest.Object) []Setting {
	all := []Setting{terraformDisk(block(o.Root, "root_block_device"), "root")}
	for disk := range o.Root.Get("ebs_block_device").Items() {
		all = append(all, terraformDisk(disk, disk.Get("device_name").Text()))
	}
	return all
}

// terraformDisk is a disk; one that is made of a snapshot is encrypted as that
// one is.
func terraformDisk(disk manifest.Node, who string) Setting {
	s := unencrypted(disk.Get("encrypted"), who, "true")
	if snapshot := disk.Get("snapshot_id"); snapshot.Set() && !disk.Get("encrypted").Set() {
		return Setting{At: s.At, Who: who}
	}
	return s
}

// terraformVolume is a disk by itself, which whoever mounts it writes to.
func terraformVolume(o *manifest.Object) []Node {
	return []Node{{Disks: []Setting{terraformDisk(o.Root, "")}}}
}

// terraformSubnet gives each machine in it a public address where it says so.
func terraformSubnet(o *manifest.Object) []Node {
	return []Node{{PublicIP: explicit(o.Root.Get("map_public_ip_on_launch"), isTrue, "false")}}
}

// terraformDiskDefault is whether an account encrypts the disks that say nothing.
func terraformDiskDefault(o *manifest.Object) []Node {
	return []Node{{Disks: []Setting{explicit(o.Root.Get("enabled"), isFalse, "true").about("the account's default")}}}
}

func named(at manifest.Node) bool { return at.Text() != "" }

// terraformNodeGroup is a managed node group of EKS.
func terraformNodeGroup(o *manifest.Object) []Node {
	family := o.Root.Get("ami_type")
	n := Node{OS: Setting{At: family, Weak: family.Unknown() || general(family.Text()), Who: family.Text()}}
	for access := range o.Root.Get("remote_access").Items() {
		n.SSH = append(n.SSH, remoteAccess(access))
	}
	return []Node{n}
}

// remoteAccess is the setting of a node group that a key opens: to everybody
// unless it names the groups that may come.
func remoteAccess(access manifest.Node) Setting {
	key, groups := access.Get("ec2_ssh_key"), access.Get("source_security_group_ids")
	return Setting{At: key, Weak: key.Set() && groups.Len() == 0 && groups.Text() == "", Who: "0.0.0.0/0"}.depending(groups)
}

// terraformImage is a lookup of a machine image.
func terraformImage(o *manifest.Object) []Node {
	newest, owners := o.Root.Get("most_recent"), o.Root.Get("owners")
	weak := isTrue(newest) && owners.Len() == 0
	unknown := []manifest.Node{o.Root.Get("filter")}
	for filter := range o.Root.Get("filter").Items() {
		name := filter.Get("name")
		if weak && strings.HasPrefix(name.Text(), "owner-") || strings.HasPrefix(name.Text(), "image-id") {
			return nil
		}
		unknown = append(unknown, filter, name)
	}
	if o.Root.Get("owners").Unknown() {
		unknown = append(unknown, owners)
	}
	return []Node{{Images: []Setting{Setting{At: newest, Weak: weak || newest.Unknown(), Who: "the newest image of anybody"}.depending(unknown...)}}}
}

// terraformGroup are the rules of a security group that stand in it.
func terraformGroup(o *manifest.Object) []Node {
	var n Node
	for r := range o.Root.Get("ingress").Items() {
		n.opens(r, r.Get("from_port"), r.Get("to_port"), r.Get("protocol"), r.Get("cidr_blocks"), r.Get("ipv6_cidr_blocks"))
	}
	return []Node{n}
}

// terraformGroupRule is a rule by itself, in the older form.
func terraformGroupRule(o *manifest.Object) []Node {
	var n Node
	r := o.Root
	if direction := r.Get("type"); direction.Text() != "egress" {
		n.opens(direction, r.Get("from_port"), r.Get("to_port"), r.Get("protocol"), r.Get("cidr_blocks"), r.Get("ipv6_cidr_blocks"))
	}
	return []Node{n}
}

func terraformIngressRule(o *manifest.Object) []Node {
	var n Node
	r := o.Root
	n.opens(r, r.Get("from_port"), r.Get("to_port"), r.Get("ip_protocol"), r.Get("cidr_ipv4"), r.Get("cidr_ipv6"))
	return []Node{n}
}

// The ports at which people log in to machines.
const sshPort, rdpPort = 22, 3389

// opens takes a rule that lets some networks in.
func (n *Node) opens(at, from, to, protocol manifest.Node, cidrs ...manifest.Node) {
	for port, doors := range map[int64]*[]Setting{sshPort: &n.SSH, rdpPort: &n.RDP} {
		if !reaches(from, to, protocol, port) {
			continue
		}
		for _, list := range cidrs {
			for _, cidr := range itemsOf(list) {
				s := everywhere(cidr)
				if list.Len() > 1 && !list.Undecided() {
					s.Mends = []manifest.Edit{manifest.Remove(cidr)}
				}
				*doors = append(*doors, s.depending(at, from, to, protocol))
			}
		}
	}
}

// reaches says that a rule lets a port of TCP through, as far as it is known;
// what nobody knows may.
func reaches(from, to, protocol manifest.Node, port int64) bool {
	switch protocol.Text() {
	case "-1", "all":
		return true
	case "tcp", "6", "":
	default:
		return false
	}
	low, lowKnown := from.Int()
	high, highKnown := to.Int()
	if lowKnown && low == -1 || !from.Exists() && !to.Exists() {
		return protocol.Unknown()
	}
	return (!lowKnown || low <= port) && (!highKnown || port <= high)
}

// itemsOf are the items of a list, or the one value that stands instead.
func itemsOf(n manifest.Node) []manifest.Node {
	if !n.IsList() {
		if !n.Set() {
			return nil
		}
		return []manifest.Node{n}
	}
	var all []manifest.Node
	for item := range n.Items() {
		all = append(all, item)
	}
	return all
}
