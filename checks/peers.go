package checks

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// opening is what a rule of a policy lets through from or to everywhere.
type opening struct {
	at    manifest.Node
	who   string // the world, as the rule has it
	ports string // sorted; "any port" where the rule names none
}

// class tells openings apart: from where, on which ports.
func (o opening) class() string { return o.who + " " + o.ports }

// side is the direction that a class of a vendor's policy begins with.
func side(who string) string {
	for _, s := range []string{"from:", "to:"} {
		if strings.HasPrefix(who, s) {
			return s
		}
	}
	return ""
}

// anyPort stands in a class for a rule without ports.
const anyPort = "any port"

// coversOpening says that base let through what a class of head does: on any
// port, or on the same ports.
func coversOpening(base []string, head string) bool {
	who, ports, _ := strings.Cut(head, " ")
	return slices.ContainsFunc(base, func(class string) bool {
		baseWho, basePorts, _ := strings.Cut(class, " ")
		if baseWho != who && baseWho != "everywhere" && baseWho != side(who)+"all" {
			return false
		}
		allowed := strings.Split(basePorts, ",")
		for port := range strings.SplitSeq(ports, ",") {
			if basePorts != anyPort && !slices.Contains(allowed, port) {
				return false
			}
		}
		return true
	})
}

// openings are the rules of a NetworkPolicy that leave out who, or name the
// whole address space. except says which of its blocks are narrow enough.
func openings(rules manifest.Node, peers string, except func(block manifest.Node) bool) []opening {
	var all []opening
	for rule := range rules.Items() {
		ports := portsOf(rule.Get("ports"))
		from := rule.Get(peers)
		if from.Len() == 0 {
			at := from
			if !at.Set() {
				at = rule
			}
			all = append(all, opening{at, "everywhere", ports})
			continue
		}
		for peer := range from.Items() {
			block := peer.Get("ipBlock")
			if cidr := block.Get("cidr"); wholeSpace(cidr.Text()) && !except(block) {
				all = append(all, opening{cidr, cidr.Text(), ports})
			}
		}
	}
	return all
}

// wholeSpace says that a CIDR holds every address.
func wholeSpace(cidr string) bool {
	prefix, err := netip.ParsePrefix(strings.TrimSpace(cidr))
	return err == nil && prefix.Bits() == 0
}

// portsOf lists the ports of a rule by what a policy may say of them: a number,
// a name or a range, with its protocol.
func portsOf(list manifest.Node) string {
	var all []string
	for port := range list.Items() {
		name, protocol := port.Get("port").Text(), port.Get("protocol").Text()
		if end := port.Get("endPort").Text(); end != "" {
			name += "-" + end
		}
		if name == "" {
			name = "*"
		}
		if protocol == "" {
			protocol = "TCP"
		}
		all = append(all, name+"/"+protocol)
	}
	return joinPorts(all)
}

func joinPorts(all []string) string {
	if len(all) == 0 {
		return anyPort
	}
	slices.Sort(all)
	return strings.Join(slices.Compact(all), ",")
}

// onlyDNS says that a rule lets nothing but the resolving of names through.
func onlyDNS(ports string) bool {
	for port := range strings.SplitSeq(ports, ",") {
		number, _, _ := strings.Cut(port, "/")
		if !slices.Contains([]string{"53", "853", "5353", "dns", "dns-tcp", "dns-udp"}, number) {
			return false
		}
	}
	return true
}

// metadata are the addresses at which clouds hand out credentials.
var metadata = []netip.Addr{netip.MustParseAddr("169.254.169.254"), netip.MustParseAddr("fd00:ec2::254")}

// exceptsMetadata says that a block of all addresses leaves the metadata service
// of its family out.
func exceptsMetadata(block manifest.Node) bool {
	whole, err := netip.ParsePrefix(strings.TrimSpace(block.Get("cidr").Text()))
	if err != nil {
		return false
	}
	for item := range block.Get("except").Items() {
		left, err := netip.ParsePrefix(strings.TrimSpace(item.Text()))
		if err != nil {
			continue
		}
		if slices.ContainsFunc(metadata, func(a netip.Addr) bool { return a.Is4() == whole.Addr().Is4() && left.Contains(a) }) {
			return true
		}
	}
	return false
}

// isNetworkPolicy says that an object is Kubernetes' own kind of policy.
func isNetworkPolicy(o *manifest.Object) bool {
	return o.GroupKind() == "networking.k8s.io/NetworkPolicy" || o.GroupKind() == "extensions/NetworkPolicy"
}
