package infra

import (
	"strconv"
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// googleMachine is an instance of Compute Engine, or a template of some. Of one
// that is made of a template only what it says itself is known.
func googleMachine(o *manifest.Object) []Node {
	var n Node
	templated := o.Root.Get("source_instance_template").Exists()
	for network := range o.Root.Get("network_interface").Items() {
		if access := block(network, "access_config"); access.Exists() {
			n.PublicIP = Setting{At: access, Weak: true, Mends: []manifest.Edit{manifest.Remove(access)}}
		}
	}
	guard := block(o.Root, "shielded_instance_config")
	if !templated && !guard.Exists() {
		n.Boot = append(n.Boot, Setting{At: guard, Weak: true}.about("Shielded VM"))
	}
	for _, part := range [][2]string{{"enable_secure_boot", "secure boot"}, {"enable_vtpm", "virtual TPM"}, {"enable_integrity_monitoring", "integrity monitoring"}} {
		n.Boot = append(n.Boot, explicit(guard.Get(part[0]), isFalse, "true").about(part[1]))
	}
	return []Node{n}
}

// googleMachineLogins are those of an instance: it runs as the project's default
// account where it names none, and as none at all without the block.
func googleMachineLogins(o *manifest.Object) Logins {
	account := block(o.Root, "service_account")
	if !account.Exists() || strings.HasPrefix(o.Root.Get("name").Text(), "gke-") {
		return Logins{}
	}
	email := account.Get("email")
	byDefault := !email.Set() || DefaultAccount(email.Partly())
	return Logins{Nodes: []Setting{{At: Named(email), Weak: byDefault || email.Unknown() && email.Partly() == ""}}}
}

// DefaultAccount says that an address, or a member, is an account that Google Cloud
// gives a project's machines or applications; one of which only the lookup is known
// is so as well.
func DefaultAccount(email string) bool {
	return email == "default" || strings.HasSuffix(email, "-compute@developer.gserviceaccount.com") || strings.HasSuffix(email, "@appspot.gserviceaccount.com") ||
		strings.Contains(email, "${data.google_compute_default_service_account.") || strings.Contains(email, "${data.google_app_engine_default_service_account.")
}

// googleFirewall is a rule of a network of Google Cloud.
func googleFirewall(o *manifest.Object) []Node {
	var n Node
	direction, disabled := o.Root.Get("direction"), o.Root.Get("disabled")
	if strings.EqualFold(direction.Text(), "EGRESS") || isTrue(disabled) {
		return nil
	}
	sources := o.Root.Get("source_ranges")
	for port, doors := range map[int64]*[]Setting{sshPort: &n.SSH, rdpPort: &n.RDP} {
		for allow := range o.Root.Get("allow").Items() {
			protocol, ports := allow.Get("protocol"), allow.Get("ports")
			in, doubt := portIn(itemsOf(ports), port)
			if through := protocol.Text(); through != "all" && through != "tcp" && through != "6" && !protocol.Unknown() || !in && ports.Set() {
				continue
			}
			for _, cidr := range itemsOf(sources) {
				s := everywhere(cidr).depending(protocol, doubt, direction, disabled)
				if sources.Len() > 1 && !sources.Undecided() {
					s.Mends = []manifest.Edit{manifest.Remove(cidr)}
				}
				*doors = append(*doors, s)
			}
			break
		}
	}
	return []Node{n}
}

// portIn says that one of some ports or ranges of ports, as text, has a port; of
// one that nobody knows it is so in doubt.
func portIn(ports []manifest.Node, port int64) (in bool, doubt manifest.Node) {
	for _, at := range ports {
		if at.Unknown() {
			in, doubt = true, at
			continue
		}
		first, last, ranged := strings.Cut(strings.TrimSpace(at.Text()), "-")
		if !ranged {
			last = first
		}
		low, err := strconv.ParseInt(first, 10, 64)
		high, failed := strconv.ParseInt(last, 10, 64)
		if at.Text() == "*" || err == nil && failed == nil && low <= port && port <= high {
			return true, manifest.Node{}
		}
	}
	return in, doubt
}
