package checks

import (
	"slices"

	"github.com/rendergate/rendergate/reach"
	"github.com/rendergate/rendergate/render/manifest"
)

var vendorPolicyOpen = &Check{
	ID:       "vendor-policy-open",
	Title:    "Cilium, Calico or admin policy lets everything through",
	Severity: Medium,
	Topic:    NetworkIsolation,
	Since:    "0.1.0",
	Why:      "The policy looks like isolation and is none; an admin policy even outweighs the NetworkPolicies of the teams.",
	Fix:      "Name the endpoints, the namespaces, the names (`toFQDNs`) or smaller address blocks.",
	Source:   "Cilium documentation, Layer 3 Policies; Calico documentation, Global network policy; Network Policy API",
	Covers:   coversOpening,
	Bad: `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: web}
spec:
  endpointSelector: {}
  ingress:
    - fromEntities: [all] # want
  egress:
    - toEntities: [world] # want
      toPorts:
        - ports: [{port: "443", protocol: TCP}]
    - toCIDR: [0.0.0.0/0] # want
---
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: open}
spec:
  types: [Ingress]
  ingress:
    - action: Allow # want
---
apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: {name: open}
spec:
  priority: 10
  subject: {namespaces: {}}
  ingress:
    - action: Allow
      from:
        - namespaces: {} # want
`,
	Good: `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: web}
spec:
  endpointSelector: {}
  ingress:
    - fromEndpoints: [{matchLabels: {app: front}}]
  egress:
    - toFQDNs: [{matchName: api.example.com}]
`,
	NearMiss: `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: web}
spec:
  endpointSelector: {}
  ingress: [{}]
  ingressDeny:
    - fromEntities: [world]
---
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: closed}
spec:
  types: [Ingress]
  ingress:
    - action: Deny
---
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: closed}
spec:
  tier: Admin
  priority: 10
  subject: {namespaces: {}}
  ingress:
    - action: Deny
      from: [{namespaces: {}}]
`,
	Run: func(p *Pass) {
		for _, o := range vendorOpenings(p.Object) {
			p.Report(o.at, manifest.Subject{Class: o.class()}, "%s %q lets everything through: %s, %s; named endpoints, namespaces or smaller address blocks are expected",
				p.Object.Kind, p.Object.Name, o.who, o.ports)
		}
	},
}

func vendorOpenings(o *manifest.Object) []opening {
	spec := o.Root.Get("spec")
	switch o.GroupKind() {
	case "cilium.io/CiliumNetworkPolicy", "cilium.io/CiliumClusterwideNetworkPolicy":
		var all []opening
		for _, spec := range reach.CiliumSpecs(o) {
			all = append(all, ciliumOpenings(spec.Get("ingress"), "from")...)
			all = append(all, ciliumOpenings(spec.Get("egress"), "to")...)
		}
		return all
	case "crd.projectcalico.org/NetworkPolicy", "projectcalico.org/NetworkPolicy",
		"crd.projectcalico.org/GlobalNetworkPolicy", "projectcalico.org/GlobalNetworkPolicy":
		return slices.Concat(calicoOpenings(spec.Get("ingress"), "source", "from:"), calicoOpenings(spec.Get("egress"), "destination", "to:"))
	case "policy.networking.k8s.io/AdminNetworkPolicy", "policy.networking.k8s.io/BaselineAdminNetworkPolicy",
		"policy.networking.k8s.io/ClusterNetworkPolicy":
		return slices.Concat(adminOpenings(spec.Get("ingress"), "from"), adminOpenings(spec.Get("egress"), "to"))
	}
	return nil
}

// ciliumOpenings are rules for the world, for all, or for every address.
func ciliumOpenings(rules manifest.Node, side string) []opening {
	var all []opening
	for rule := range rules.Items() {
		ports := ciliumPorts(rule.Get("toPorts"))
		if side == "to" && onlyDNS(ports) {
			continue
		}
		for entity := range rule.Get(side + "Entities").Items() {
			if name := entity.Text(); name == "world" || name == "all" || name == "world-ipv4" || name == "world-ipv6" {
				all = append(all, opening{entity, side + ":" + name, ports})
			}
		}
		for cidr := range rule.Get(side + "CIDR").Items() {
			if wholeSpace(cidr.Text()) {
				all = append(all, opening{cidr, side + ":" + cidr.Text(), ports})
			}
		}
		for set := range rule.Get(side + "CIDRSet").Items() {
			if cidr := set.Get("cidr"); wholeSpace(cidr.Text()) && (side == "from" || !exceptsMetadata(set)) {
				all = append(all, opening{cidr, side + ":" + cidr.Text(), ports})
			}
		}
	}
	return all
}

func ciliumPorts(list manifest.Node) string {
	var all []string
	for entry := range list.Items() {
		if text := portsOf(entry.Get("ports")); text != anyPort {
			all = append(all, text)
		}
	}
	return joinPorts(all)
}

// calicoOpenings are rules that allow without saying whom.
func calicoOpenings(rules manifest.Node, peer, side string) []opening {
	var all []opening
	for rule := range rules.Items() {
		if rule.Get("action").Text() != "Allow" {
			continue
		}
		ports := calicoPorts(rule)
		if side == "to:" && onlyDNS(ports) {
			continue
		}
		who := rule.Get(peer)
		named, whole := false, false
		for field, value := range who.Fields() {
			switch field {
			case "ports", "notPorts":
			case "nets":
				for net := range value.Items() {
					whole = whole || wholeSpace(net.Text())
				}
				named = true
			default:
				named = true
			}
		}
		if whole || !named {
			all = append(all, opening{rule.Get("action"), side + "everywhere", ports})
		}
	}
	return all
}

func calicoPorts(rule manifest.Node) string {
	protocol := rule.Get("protocol").Text()
	var all []string
	for port := range rule.Get("destination", "ports").Items() {
		all = append(all, port.Text()+"/"+protocol)
	}
	if len(all) == 0 && protocol != "" {
		all = append(all, "*/"+protocol)
	}
	return joinPorts(all)
}

// adminOpenings are rules that allow every namespace, or every address.
func adminOpenings(rules manifest.Node, side string) []opening {
	var all []opening
	for rule := range rules.Items() {
		if action := rule.Get("action").Text(); action != "Allow" && action != "Accept" {
			continue
		}
		ports := adminPorts(rule)
		if side == "to" && onlyDNS(ports) {
			continue
		}
		for peer := range rule.Get(side).Items() {
			if at := peer.Get("namespaces"); at.Set() {
				if s, ok := reach.Selector(at); ok && s.Empty() {
					all = append(all, opening{at, side + ":namespaces", ports})
				}
			}
			for net := range peer.Get("networks").Items() {
				if wholeSpace(net.Text()) {
					all = append(all, opening{net, side + ":" + net.Text(), ports})
				}
			}
		}
	}
	return all
}

// adminPorts names the ports of an admin policy's rule, whose protocols and
// ports go by various names.
func adminPorts(rule manifest.Node) string {
	var all []string
	for _, field := range []string{"ports", "protocols"} {
		for port := range rule.Get(field).Items() {
			all = append(all, flat(port))
		}
	}
	return joinPorts(all)
}

// flat is everything that a value says, in one word.
func flat(n manifest.Node) string {
	if !n.IsMap() {
		return n.Text()
	}
	var parts []string
	for key, value := range n.Fields() {
		parts = append(parts, key+"="+flat(value))
	}
	slices.Sort(parts)
	return joinPorts(parts)
}
