package infra

import (
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// networkModuleNodes reads the modules of the registry that make networks and who
// may come into them.
func networkModuleNodes(o *manifest.Object) []Node {
	var n Node
	switch inner, below := moduleBelow(o, groupModule); {
	case moduleFrom(o, "terraform-aws-modules/vpc/aws"):
		n.PublicIP = explicit(o.Root.Get("map_public_ip_on_launch"), isTrue, "false")
	case moduleFrom(o, groupModule), below && (inner == "ssh" || inner == "rdp"):
		n.groupModule(o.Root, inner)
	default:
		return nil
	}
	return []Node{n}
}

// groupModule is the registry's module of security groups. Those below it are made
// for one service each.
const groupModule = "terraform-aws-modules/security-group/aws"

// groupRules are the rules that the module knows by name and that let people log in
// to machines: the first port and the last one, and the protocol.
var groupRules = map[string][3]string{
	"ssh-tcp": {"22", "22", "tcp"}, "rdp-tcp": {"3389", "3389", "tcp"}, "all-all": {"-1", "-1", "-1"}, "all-tcp": {"0", "65535", "tcp"},
}

func (n *Node) groupModule(root manifest.Node, inner string) {
	names := itemsOf(root.Get("ingress_rules"))
	for _, field := range []string{"ingress_cidr_blocks", "ingress_ipv6_cidr_blocks"} {
		networks := root.Get(field)
		if inner != "" {
			n.namedRule(inner+"-tcp", networks, networks)
		}
		for _, name := range names {
			n.namedRule(name.Text(), name, networks)
		}
	}
	for _, field := range []string{"ingress_with_cidr_blocks", "ingress_with_ipv6_cidr_blocks"} {
		for rule := range root.Get(field).Items() {
			networks := firstSet(rule.Get("cidr_blocks"), rule.Get("ipv6_cidr_blocks"), root.Get("ingress_cidr_blocks"))
			if name := rule.Get("rule"); name.Set() {
				n.namedRule(name.Text(), name, networks)
				continue
			}
			n.opensListed(rule, rule.Get("from_port"), rule.Get("to_port"), rule.Get("protocol"), networks)
		}
	}
}

// namedRule lets networks in by a rule that the module knows.
func (n *Node) namedRule(name string, at, networks manifest.Node) {
	rule, known := groupRules[name]
	if !known {
		return
	}
	for port, doors := range map[string]*[]Setting{"22": &n.SSH, "3389": &n.RDP} {
		if rule[0] == port || rule[0] == "0" || rule[2] == "-1" {
			*doors = append(*doors, listedNetworks(networks, at)...)
		}
	}
}

// opensListed is opens for a rule whose networks may stand in one text, with commas
// between them.
func (n *Node) opensListed(at, from, to, protocol, networks manifest.Node) {
	for port, doors := range map[int64]*[]Setting{sshPort: &n.SSH, rdpPort: &n.RDP} {
		if !reaches(from, to, protocol, port) {
			continue
		}
		for _, s := range listedNetworks(networks, at) {
			*doors = append(*doors, s.depending(from, to, protocol))
		}
	}
}

func listedNetworks(networks, at manifest.Node) []Setting {
	var all []Setting
	for _, place := range itemsOf(networks) {
		for cidr := range strings.SplitSeq(place.Text(), ",") {
			s := everywhere(place)
			if cidr = strings.TrimSpace(cidr); !place.Unknown() {
				s.Weak, s.Who = everybody(cidr), cidr
			}
			all = append(all, s.depending(at))
		}
	}
	return all
}

// groupInputs takes the rules that the module of EKS adds to the security group of
// its nodes, by name, in the forms of its majors.
func (n *Node) groupInputs(rules manifest.Node) {
	for _, rule := range rules.Fields() {
		if rule.Get("type").Text() == "egress" {
			continue
		}
		n.opens(rule.Get("type"), rule.Get("from_port"), rule.Get("to_port"), firstSet(rule.Get("ip_protocol"), rule.Get("protocol")),
			rule.Get("cidr_blocks"), rule.Get("ipv6_cidr_blocks"), rule.Get("cidr_ipv4"), rule.Get("cidr_ipv6"))
	}
}
