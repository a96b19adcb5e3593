package infra

import (
	"iter"
	"net/netip"
	"slices"
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// Exposure is one thing that can be reached from outside the cluster.
type Exposure struct {
	Via   string        // what lets it in
	To    string        // what is reached: a port, or a host with a path
	From  string        // who reaches it: Anybody, Inside, or a range of addresses
	At    manifest.Node // what makes it reachable
	ToAt  manifest.Node // the port, host or path
	Range manifest.Node // what says who reaches it; absent where nothing does
	Exact bool          // the path alone is reached, nothing below it
	// By is the object that has it alone; nil where a host may move between objects.
	By *manifest.Object
}

// The values of Via.
const (
	ViaLoadBalancer = "a load balancer"
	ViaNodePort     = "a port of every node"
	ViaHost         = "an ingress or a gateway"
	ViaListener     = "a listener of a gateway"
)

// Who reaches something, beside ranges of addresses.
const (
	Anybody = "anybody"
	Inside  = "the internal network"
)

// unknown is the To of what nobody can tell: it may hold whatever else is
// reached in the same way, and is in none of it.
const unknown = "what nobody knows"

// exposures are the adapters of the kinds that let others in.
var exposures = map[string]func(o *manifest.Object) []Exposure{
	"Service":                   exposedService,
	"networking.k8s.io/Ingress": exposedIngress, "extensions/Ingress": exposedIngress,
	"gateway.networking.k8s.io/Gateway":   exposedListeners,
	"gateway.networking.k8s.io/HTTPRoute": exposedRoute, "gateway.networking.k8s.io/GRPCRoute": exposedRoute,
	"gateway.networking.k8s.io/TLSRoute": exposedRoute, "gateway.networking.k8s.io/TCPRoute": exposedRoute,
	"gateway.networking.k8s.io/UDPRoute": exposedRoute,
	"route.openshift.io/Route":           exposedOpenShiftRoute,
	"networking.istio.io/Gateway":        exposedServers,
	"networking.istio.io/VirtualService": exposedVirtualService,
	"traefik.io/IngressRoute":            exposedIngressRoute, "traefik.containo.us/IngressRoute": exposedIngressRoute,
	"projectcontour.io/HTTPProxy": exposedProxy,
}

// Exposures are what an object lets be reached from outside.
func Exposures(o *manifest.Object) []Exposure {
	if adapter := exposures[o.GroupKind()]; adapter != nil {
		return adapter(o)
	}
	return nil
}

// Includes says that what is reached so was reached before.
func (e Exposure) Includes(other Exposure) bool {
	via := e.Via == other.Via || e.Via == ViaLoadBalancer && e.From == Anybody && other.Via == ViaNodePort
	return via && letsIn(e.From, other.From) && e.reaches(other)
}

func (e Exposure) reaches(other Exposure) bool {
	switch {
	case e.To == unknown:
		return true // what is not known never makes anything new
	case e.Exact:
		return e.To == other.To && other.Exact
	}
	return e.To == other.To || e.Via == ViaHost && hostCovers(e.To, other.To)
}

// hostCovers says that a host with all its paths, or all hosts below one, are
// reached already.
func hostCovers(base, head string) bool {
	baseHost, basePath, _ := strings.Cut(base, "/")
	host, path, _ := strings.Cut(head, "/")
	sameHost := baseHost == host || baseHost == "*" || strings.HasPrefix(baseHost, "*.") && strings.HasSuffix(host, baseHost[1:])
	return sameHost && (basePath == "" || basePath == path || strings.HasPrefix(path, strings.TrimSuffix(basePath, "/")+"/"))
}

func letsIn(base, head string) bool {
	if base == head || base == Anybody {
		return true
	}
	of, err := netip.ParsePrefix(base)
	one, err2 := netip.ParsePrefix(head)
	return err == nil && err2 == nil && of.Bits() <= one.Bits() && of.Overlaps(one)
}

// internalNotes are the annotations that keep a load balancer off the internet,
// with the values that do. Source: the cloud controllers' documentation of AWS,
// GKE, AKS, OpenStack, Oracle, Alibaba, IBM.
var internalNotes = map[string][]string{
	"service.beta.kubernetes.io/aws-load-balancer-internal":              {"true", "0.0.0.0/0"},
	"service.beta.kubernetes.io/aws-load-balancer-scheme":                {"internal"},
	"networking.gke.io/load-balancer-type":                               {"internal"},
	"cloud.google.com/load-balancer-type":                                {"internal"},
	"service.beta.kubernetes.io/azure-load-balancer-internal":            {"true"},
	"service.beta.kubernetes.io/openstack-internal-load-balancer":        {"true"},
	"service.beta.kubernetes.io/oci-load-balancer-internal":              {"true"},
	"service.beta.kubernetes.io/alibaba-cloud-loadbalancer-address-type": {"intranet"},
	"service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type":     {"private"},
	"service.kubernetes.io/qcloud-loadbalancer-internal-subnetid":        nil,
	"service.beta.kubernetes.io/cce-load-balancer-internal-vpc":          {"true"},
	"service.beta.kubernetes.io/do-loadbalancer-network":                 {"internal"},
	"alb.ingress.kubernetes.io/scheme":                                   {"internal"},
	"kubernetes.io/ingress.class":                                        {"gce-internal"},
}

// internal is the annotation that keeps an object inside, absent where none does.
func internal(o *manifest.Object) manifest.Node {
	for key, value := range o.Root.Get("metadata", "annotations").Fields() {
		values, known := internalNotes[key]
		if known && (values == nil && value.Text() != "" || slices.ContainsFunc(values, func(v string) bool { return strings.EqualFold(v, value.Text()) })) {
			return value
		}
	}
	return manifest.Node{}
}

// eachRange is an exposure for each range of addresses that may come; one for
// anybody where none is named.
func eachRange(e Exposure, ranges manifest.Node, listed string) []Exposure {
	var all []Exposure
	if ranges.IsList() {
		for item := range ranges.Items() {
			all = append(all, from(e, item.Text(), item))
		}
	}
	for _, one := range strings.FieldsFunc(listed, func(r rune) bool { return r == ',' || r == ' ' }) {
		all = append(all, from(e, one, ranges))
	}
	if len(all) == 0 {
		return []Exposure{from(e, Anybody, ranges)}
	}
	return all
}

func from(e Exposure, who string, at manifest.Node) Exposure {
	if who == "0.0.0.0/0" || who == "::/0" {
		who = Anybody
	}
	e.From, e.Range = who, at
	return e
}

func exposedService(o *manifest.Object) []Exposure {
	kind := o.Root.Get("spec", "type")
	e := Exposure{Via: ViaNodePort, At: kind, By: o}
	switch kind.Text() {
	case "LoadBalancer":
		e.Via = ViaLoadBalancer
	case "NodePort":
	default:
		return nil
	}
	var all []Exposure
	inside := internal(o)
	for port := range itemsOrItself(o.Root.Get("spec", "ports")) {
		e.To, e.ToAt = portOf(port)
		switch ranges := o.Root.Get("spec", "loadBalancerSourceRanges"); {
		case e.Via == ViaNodePort:
			all = append(all, from(e, Anybody, kind))
		case inside.Exists():
			all = append(all, from(e, Inside, inside))
		case ranges.Len() > 0:
			all = append(all, eachRange(e, ranges, "")...)
		default:
			at := o.Root.Get("metadata", "annotations", "service.beta.kubernetes.io/load-balancer-source-ranges")
			all = append(all, eachRange(e, at, at.Text())...)
		}
	}
	return all
}

// portOf is the port of a service, and its place.
func portOf(port manifest.Node) (to string, at manifest.Node) {
	number := port.Get("port")
	if port.Unknown() {
		return unknown, port
	}
	if number.Unknown() {
		return unknown, number
	}
	to = "port " + number.Text()
	if protocol := port.Get("protocol").Text(); protocol != "" && protocol != "TCP" {
		to += "/" + protocol
	}
	return to, number
}

// itemsOrItself are the items of a list, and a list that is not known itself.
func itemsOrItself(list manifest.Node) iter.Seq[manifest.Node] {
	if list.Unknown() {
		return func(yield func(manifest.Node) bool) { yield(list) }
	}
	return list.Items()
}

// ingressRanges are the annotations by which controllers let in some only.
var ingressRanges = []string{"nginx.ingress.kubernetes.io/whitelist-source-range", "nginx.ingress.kubernetes.io/allowlist-source-range", "alb.ingress.kubernetes.io/inbound-cidrs"}

func exposedIngress(o *manifest.Object) []Exposure {
	var all []Exposure
	add := func(to string, exact bool, at manifest.Node) {
		e := Exposure{Via: ViaHost, To: to, At: at, ToAt: at, Exact: exact}
		if inside := insideClass(o); inside.Exists() {
			all = append(all, from(e, Inside, inside))
			return
		}
		for _, key := range ingressRanges {
			if ranges := o.Root.Get("metadata", "annotations", key); ranges.Text() != "" {
				all = append(all, eachRange(e, ranges, ranges.Text())...)
				return
			}
		}
		all = append(all, from(e, Anybody, o.Root.Get("spec", "ingressClassName")))
	}
	for rule := range itemsOrItself(o.Root.Get("spec", "rules")) {
		host := rule.Get("host")
		for path := range itemsOrItself(rule.Get("http", "paths")) {
			at := host
			if !at.Exists() || path.Get("path").Text() != "/" && path.Get("path").Exists() {
				at = path.Get("path")
			}
			add(hostPath(host, path.Get("path")), path.Get("pathType").Text() == "Exact", at)
		}
		if rule.Unknown() {
			add(unknown, false, rule)
		}
	}
	for _, key := range []string{"defaultBackend", "backend"} {
		if backend := o.Root.Get("spec", key); backend.Set() {
			add("*/", false, backend)
		}
	}
	return all
}

// hostPath is what of a host is reached.
func hostPath(host, path manifest.Node) string {
	if host.Unknown() || path.Unknown() {
		return unknown
	}
	return orStar(host.Text()) + "/" + strings.TrimPrefix(path.Text(), "/")
}

// insideClass is what keeps an ingress inside: an annotation, the default of
// Amazon's controller, or a class whose name says so.
func insideClass(o *manifest.Object) manifest.Node {
	if at := internal(o); at.Exists() {
		return at
	}
	class := o.Root.Get("spec", "ingressClassName")
	if !class.Exists() {
		class = o.Root.Get("metadata", "annotations", "kubernetes.io/ingress.class")
	}
	name := strings.ToLower(class.Text())
	scheme := o.Root.Get("metadata", "annotations", "alb.ingress.kubernetes.io/scheme")
	if name == "alb" && !scheme.Exists() || strings.Contains(name, "internal") || strings.Contains(name, "private") {
		return class
	}
	return manifest.Node{}
}

func orStar(host string) string {
	if host == "" {
		return "*"
	}
	return host
}

func exposedListeners(o *manifest.Object) []Exposure {
	var all []Exposure
	for l := range o.Root.Get("spec", "listeners").Items() {
		all = append(all, from(Exposure{Via: ViaListener, To: "port " + l.Get("port").Text() + " for " + orStar(l.Get("hostname").Text()), At: l.Get("port"), ToAt: l.Get("port"), By: o}, Anybody, o.Root.Get("spec", "gatewayClassName")))
	}
	return all
}

// hostsOf are the hosts of a list; all where it names none.
func hostsOf(list, otherwise manifest.Node) func(yield func(string, manifest.Node) bool) {
	return func(yield func(string, manifest.Node) bool) {
		if list.Len() == 0 {
			yield("*", otherwise)
			return
		}
		for host := range list.Items() {
			name := host.Text()
			if _, after, spaced := strings.Cut(name, "/"); spaced {
				name = after // Istio puts a namespace before it
			}
			if !yield(orStar(name), host) {
				return
			}
		}
	}
}

func exposedOpenShiftRoute(o *manifest.Object) []Exposure {
	at := o.Root.Get("spec", "host")
	if !at.Exists() {
		at = o.Root.Get("spec", "to")
	}
	host := o.Root.Get("spec", "host").Text()
	if host == "" {
		host = o.Name // the router makes one of the name
	}
	return []Exposure{from(Exposure{Via: ViaHost, To: host + "/" + strings.TrimPrefix(o.Root.Get("spec", "path").Text(), "/"), At: at, ToAt: at}, Anybody, manifest.Node{})}
}

// exposedServers are the servers of an Istio gateway; one for what leaves the
// mesh lets nobody in.
func exposedServers(o *manifest.Object) []Exposure {
	for _, value := range o.Root.Get("spec", "selector").Fields() {
		if strings.Contains(value.Text(), "egress") {
			return nil
		}
	}
	var all []Exposure
	for server := range o.Root.Get("spec", "servers").Items() {
		for host, at := range hostsOf(server.Get("hosts"), server) {
			all = append(all, from(Exposure{Via: ViaListener, To: "port " + server.Get("port", "number").Text() + " for " + host, At: at, ToAt: at, By: o}, Anybody, manifest.Node{}))
		}
	}
	return all
}

func exposedVirtualService(o *manifest.Object) []Exposure {
	outside := false
	for gateway := range o.Root.Get("spec", "gateways").Items() {
		outside = outside || gateway.Text() != "mesh" && !strings.Contains(gateway.Text(), "egress")
	}
	if !outside {
		return nil
	}
	var all []Exposure
	for host, at := range hostsOf(o.Root.Get("spec", "hosts"), o.Root.Get("spec", "gateways")) {
		all = append(all, from(Exposure{Via: ViaHost, To: host + "/", At: at, ToAt: at}, Anybody, manifest.Node{}))
	}
	return all
}

func exposedProxy(o *manifest.Object) []Exposure {
	at := o.Root.Get("spec", "virtualhost", "fqdn")
	if at.Text() == "" {
		return nil // a part of another proxy
	}
	return []Exposure{from(Exposure{Via: ViaHost, To: at.Text() + "/", At: at, ToAt: at}, Anybody, manifest.Node{})}
}
