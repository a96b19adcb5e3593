package reach

import (
	"cmp"
	"slices"
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// backend is a Service that an object passes traffic on to, and how surely.
type backend struct {
	namespace, service string
	port               manifest.Node
	match              Match
	at                 manifest.Node // what names it
}

// Lead is a Service that an object leads to from outside of the cluster.
type Lead struct {
	Service string // its namespace and name
	At      manifest.Node
}

// Leads are the Services that each of some objects, which are deployed together, leads
// to.
func Leads(objects []*manifest.Object) map[*manifest.Object][]Lead {
	g := gatewaysOf(objects, IsolationOf(objects).namespaces)
	all := map[*manifest.Object][]Lead{}
	for _, o := range objects {
		if o.GroupKind() == "Service" && outward(o) {
			all[o] = []Lead{{inFull(o.Namespace, o.Name), o.Root.Get("spec", "type")}}
		}
		for _, b := range g.backendsOf(o) {
			if b.service != "" {
				all[o] = append(all[o], Lead{inFull(b.namespace, b.service), b.at})
			}
		}
	}
	return all
}

// backendsOf are the Services that an object leads to from outside of the cluster.
func (g gateways) backendsOf(o *manifest.Object) []backend {
	spec := o.Root.Get("spec")
	switch o.GroupKind() {
	case "networking.k8s.io/Ingress", "extensions/Ingress":
		return ingressBackends(o.Namespace, spec)
	case "route.openshift.io/Route":
		all := []backend{{o.Namespace, spec.Get("to", "name").Text(), spec.Get("port", "targetPort"), Yes, spec.Get("to", "name")}}
		for other := range spec.Get("alternateBackends").Items() {
			all = append(all, backend{o.Namespace, other.Get("name").Text(), spec.Get("port", "targetPort"), Yes, other.Get("name")})
		}
		return all
	case "traefik.io/IngressRoute", "traefik.containo.us/IngressRoute", "traefik.io/IngressRouteTCP", "traefik.containo.us/IngressRouteTCP",
		"traefik.io/IngressRouteUDP", "traefik.containo.us/IngressRouteUDP":
		return listedBackends(o.Namespace, spec.Get("routes"), Yes)
	case "projectcontour.io/HTTPProxy":
		return proxyBackends(o.Namespace, spec)
	case "networking.istio.io/VirtualService":
		return meshBackends(o.Namespace, spec)
	}
	if o.Group() == "gateway.networking.k8s.io" && strings.HasSuffix(o.Kind, "Route") {
		return g.routeBackends(o)
	}
	return nil
}

func ingressBackends(namespace string, spec manifest.Node) []backend {
	var all []backend
	add := func(at manifest.Node) {
		b := backend{namespace, at.Get("service", "name").Text(), at.Get("service", "port", "number"), Yes, at.Get("service", "name")}
		if name := at.Get("service", "port", "name"); name.Set() {
			b.port = name
		}
		if old := at.Get("serviceName"); old.Set() {
			b.service, b.port, b.at = old.Text(), at.Get("servicePort"), old
		}
		if b.service != "" {
			all = append(all, b)
		}
	}
	add(spec.Get("defaultBackend"))
	add(spec.Get("backend"))
	for rule := range spec.Get("rules").Items() {
		for path := range rule.Get("http", "paths").Items() {
			add(path.Get("backend"))
		}
	}
	return all
}

// listedBackends are the services of a list of routes, as Traefik and Contour have
// them.
func listedBackends(namespace string, routes manifest.Node, match Match) []backend {
	var all []backend
	for route := range routes.Items() {
		for to := range route.Get("services").Items() {
			if kind := to.Get("kind").Text(); kind != "" && kind != "Service" {
				continue
			}
			all = append(all, backend{cmp.Or(to.Get("namespace").Text(), namespace), to.Get("name").Text(), to.Get("port"), match, to.Get("name")})
		}
	}
	return all
}

// proxyBackends are those of a proxy of Contour. One without a host of its own is
// reached as far as another includes it.
func proxyBackends(namespace string, spec manifest.Node) []backend {
	match := Yes
	if spec.Get("virtualhost", "fqdn").Text() == "" {
		match = Maybe
	}
	all := listedBackends(namespace, spec.Get("routes"), match)
	for to := range spec.Get("tcpproxy", "services").Items() {
		all = append(all, backend{namespace, to.Get("name").Text(), to.Get("port"), match, to.Get("name")})
	}
	return all
}

// meshBackends are those of a virtual service of Istio that hangs on a gateway for
// what comes in; that of the mesh alone leads nobody in.
func meshBackends(namespace string, spec manifest.Node) []backend {
	if !slices.ContainsFunc(slices.Collect(spec.Get("gateways").Items()), func(gateway manifest.Node) bool {
		return gateway.Text() != "mesh" && !strings.Contains(gateway.Text(), "egress")
	}) {
		return nil
	}
	var all []backend
	for _, kind := range []string{"http", "tls", "tcp"} {
		for rule := range spec.Get(kind).Items() {
			for route := range rule.Get("route").Items() {
				host := strings.TrimSuffix(route.Get("destination", "host").Text(), ".svc.cluster.local")
				name, of, full := strings.Cut(strings.TrimSuffix(host, ".svc"), ".")
				if !full {
					of = namespace
				}
				all = append(all, backend{of, name, route.Get("destination", "port", "number"), Yes, route.Get("destination", "host")})
			}
		}
	}
	return all
}
