package infra

import (
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// azureMachine is a virtual machine of Azure, or a scale set of some. Passwords open
// it only where it says so; of the older resource the block of Linux does.
func azureMachine(o *manifest.Object) []Node {
	host := o.Root.Get("encryption_at_host_enabled")
	off := firstSet(o.Root.Get("disable_password_authentication"), block(o.Root, "os_profile_linux_config").Get("disable_password_authentication"))
	n := Node{Login: []Setting{explicit(off, isFalse, "true")}}
	if !strings.HasPrefix(o.Kind, "azurerm_virtual_machine") { // which cannot say so
		n.Cache = mended(host, !isTrue(host), "true")
	}
	return []Node{n}
}

// azureInterface is a network card, which has a public address where it names one.
func azureInterface(o *manifest.Object) []Node {
	var n Node
	for config := range o.Root.Get("ip_configuration").Items() {
		if address := config.Get("public_ip_address_id"); address.Set() && (address.Text() != "" || address.Unknown()) {
			n.PublicIP = Setting{At: Named(address), Weak: true, Mends: []manifest.Edit{manifest.Remove(address)}}
		}
	}
	return []Node{n}
}

// azureGroup are the rules of a network security group that stand in it.
func azureGroup(o *manifest.Object) []Node {
	var n Node
	for rule := range o.Root.Get("security_rule").Items() {
		n.azureRule(rule)
	}
	return []Node{n}
}

// azureGroupRule is a rule by itself.
func azureGroupRule(o *manifest.Object) []Node {
	var n Node
	n.azureRule(o.Root)
	return []Node{n}
}

func (n *Node) azureRule(rule manifest.Node) {
	access, direction, protocol := rule.Get("access"), rule.Get("direction"), rule.Get("protocol")
	if strings.EqualFold(access.Text(), "Deny") || strings.EqualFold(direction.Text(), "Outbound") {
		return
	}
	if through := protocol.Text(); !protocol.Unknown() && through != "*" && !strings.EqualFold(through, "tcp") {
		return
	}
	ports := append(itemsOf(rule.Get("destination_port_range")), itemsOf(rule.Get("destination_port_ranges"))...)
	for port, doors := range map[int64]*[]Setting{sshPort: &n.SSH, rdpPort: &n.RDP} {
		in, doubt := portIn(ports, port)
		if !in {
			continue
		}
		for _, from := range append(itemsOf(rule.Get("source_address_prefix")), itemsOf(rule.Get("source_address_prefixes"))...) {
			s := Setting{At: from, Weak: from.Unknown() || anywhere(from.Text()), Who: from.Text()}
			*doors = append(*doors, s.depending(access, direction, protocol, doubt))
		}
	}
}

// anywhere says that a source of Azure's is everybody.
func anywhere(source string) bool {
	switch strings.ToLower(source) {
	case "internet", "any", "0.0.0.0", "/0":
		return true
	}
	return everybody(source)
}
