package infra

import "github.com/rendergate/rendergate/render/manifest"

// capzMachine reads the machines of Cluster API's provider for Azure.
// Source: its API, v1beta1.
func capzMachine(way ...string) func(o *manifest.Object) []Node {
	return func(o *manifest.Object) []Node {
		spec := o.Root.Get(way...)
		host, boot := spec.Get("securityProfile", "encryptionAtHost"), spec.Get("securityProfile", "uefiSettings")
		n := Node{
			PublicIP: explicit(spec.Get("allocatePublicIP"), isTrue, "false"),
			Cache:    explicit(host, isFalse, "true"),
		}
		n.Boot = append(n.Boot, explicit(boot.Get("secureBootEnabled"), isFalse, "true").about("secure boot"),
			explicit(boot.Get("vTpmEnabled"), isFalse, "true").about("virtual TPM"))
		if version := spec.Get("image", "marketplace", "version"); version.Text() == "latest" {
			n.Images = append(n.Images, Setting{At: version, Weak: true, Who: "latest"})
		}
		return []Node{n}
	}
}

// capzPool is a node pool of AKS.
func capzPool(way ...string) func(o *manifest.Object) []Node {
	return func(o *manifest.Object) []Node {
		spec := o.Root.Get(way...)
		host := spec.Get("enableEncryptionAtHost")
		return []Node{{
			PublicIP: explicit(spec.Get("enableNodePublicIP"), isTrue, "false"),
			Cache:    mended(host, !isTrue(host), "true"),
		}}
	}
}

// capzNetwork are the rules of the subnets of a cluster.
func capzNetwork(way ...string) func(o *manifest.Object) []Node {
	return func(o *manifest.Object) []Node {
		var n Node
		for subnet := range o.Root.Get(way...).Get("networkSpec", "subnets").Items() {
			for rule := range subnet.Get("securityGroup", "securityRules").Items() {
				n.capzRule(rule)
			}
		}
		return []Node{n}
	}
}

func (n *Node) capzRule(rule manifest.Node) {
	action, direction, protocol := rule.Get("action"), rule.Get("direction"), rule.Get("protocol")
	if action.Text() == "Deny" || direction.Text() == "Outbound" || protocol.Text() == "Udp" || protocol.Text() == "Icmp" {
		return
	}
	for port, doors := range map[int64]*[]Setting{sshPort: &n.SSH, rdpPort: &n.RDP} {
		in, doubt := portIn(itemsOf(rule.Get("destinationPorts")), port)
		if !in {
			continue
		}
		for _, from := range append(itemsOf(rule.Get("source")), itemsOf(rule.Get("sources"))...) {
			s := Setting{At: from, Weak: from.Unknown() || anywhere(from.Text()), Who: from.Text()}
			*doors = append(*doors, s.depending(action, direction, protocol, doubt))
		}
	}
}

// capzCluster is a cluster of AKS.
func capzCluster(way ...string) func(o *manifest.Object) Cluster {
	return func(o *manifest.Object) Cluster {
		spec := o.Root.Get(way...)
		access, keys := spec.Get("apiServerAccessProfile"), spec.Get("securityProfile", "azureKeyVaultKms", "enabled")
		return Cluster{
			Kind: "AKS cluster", Endpoint: ranged(access.Get("enablePrivateCluster"), access.Get("authorizedIPRanges")),
			Secrets: Setting{At: keys, Weak: !isTrue(keys)}, Network: asoNetwork(spec),
		}
	}
}

// capzLogins are those of a cluster of AKS, in the fields of Azure's API.
func capzLogins(way ...string) func(o *manifest.Object) Logins {
	return func(o *manifest.Object) Logins {
		spec := o.Root.Get(way...)
		return azureLogins(spec.Get("disableLocalAccounts"), spec.Get("aadProfile"), spec.Get("securityProfile", "workloadIdentity", "enabled"), spec.Get("oidcIssuerProfile", "enabled"))
	}
}

// azureLogins are those of a cluster that says so in the fields of Azure's API. Local
// accounts cannot be switched off by themselves without Entra.
func azureLogins(disabled, entra, identity, issuer manifest.Node) Logins {
	local := Setting{At: disabled, Weak: !isTrue(disabled)}
	if entra.Set() {
		local.Mends = []manifest.Edit{manifest.SetTo(disabled, "true")}
	}
	off := mended(identity, !isTrue(identity), "true")
	if !isTrue(issuer) {
		off.Mends = append(off.Mends, manifest.SetTo(issuer, "true"))
	}
	return Logins{Legacy: []Setting{local}, Workload: []Setting{off}}
}
