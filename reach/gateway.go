package reach

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/rendergate/rendergate/render/manifest"
)

// gateways are what says which routes hang on a gateway, and which of them may lead
// into another namespace.
type gateways struct {
	known      map[string]*manifest.Object // by namespace and name
	grants     []*manifest.Object
	namespaces map[string]labels.Set
}

const gatewayGroup = "gateway.networking.k8s.io"

func gatewaysOf(objects []*manifest.Object, namespaces map[string]labels.Set) gateways {
	g := gateways{known: map[string]*manifest.Object{}, namespaces: namespaces}
	for _, o := range objects {
		switch o.GroupKind() {
		case gatewayGroup + "/Gateway":
			g.known[inFull(o.Namespace, o.Name)] = o
		case gatewayGroup + "/ReferenceGrant":
			g.grants = append(g.grants, o)
		}
	}
	return g
}

// routeBackends are those of a route that hangs on a gateway; one of a Service is
// the mesh's. Into another namespace it leads where that one grants it.
func (g gateways) routeBackends(route *manifest.Object) []backend {
	spec := route.Root.Get("spec")
	attached := No
	for ref := range spec.Get("parentRefs").Items() {
		attached = max(attached, g.attaches(route, ref))
	}
	var all []backend
	for rule := range spec.Get("rules").Items() {
		for ref := range rule.Get("backendRefs").Items() {
			if kind := ref.Get("kind").Text(); attached == No || kind != "" && kind != "Service" {
				continue
			}
			b := backend{route.Namespace, ref.Get("name").Text(), ref.Get("port"), attached, ref.Get("name")}
			if of := ref.Get("namespace"); of.Set() && !sameNamespace(of.Text(), route.Namespace) {
				b.namespace, b.match = of.Text(), min(attached, g.granted(route, of.Text(), b.service))
			}
			if b.match != No {
				all = append(all, b)
			}
		}
	}
	return all
}

// attaches says whether a route hangs on the parent that it names. What is not
// among the objects is believed to take it.
func (g gateways) attaches(route *manifest.Object, ref manifest.Node) Match {
	switch ref.Get("kind").Text() {
	case "Service":
		return No
	case "", "Gateway":
	default:
		return Yes
	}
	of := route.Namespace
	if named := ref.Get("namespace"); named.Set() {
		of = named.Text()
	}
	gateway := g.known[inFull(of, ref.Get("name").Text())]
	if gateway == nil || ref.HasUnknown() {
		return Yes
	}
	answer := No
	for l := range itemsOrSelf(gateway.Root.Get("spec", "listeners")) {
		section, port := ref.Get("sectionName"), ref.Get("port")
		if section.Set() && !l.Unknown() && section.Text() != l.Get("name").Text() || port.Set() && !l.Unknown() && port.Text() != l.Get("port").Text() ||
			!meets(l.Get("hostname").Text(), route.Root.Get("spec", "hostnames")) {
			continue
		}
		answer = max(answer, g.admits(gateway, l, route))
	}
	return answer
}

// itemsOrSelf are the items of a list, and a list itself of which nobody knows any.
func itemsOrSelf(list manifest.Node) func(yield func(manifest.Node) bool) {
	if list.Unknown() {
		return func(yield func(manifest.Node) bool) { yield(list) }
	}
	return list.Items()
}

// admits says whether a listener takes routes from the namespace of one: from its own
// unless it says otherwise.
func (g gateways) admits(gateway *manifest.Object, listener manifest.Node, route *manifest.Object) Match {
	allowed := listener.Get("allowedRoutes", "namespaces")
	if listener.Unknown() || allowed.HasUnknown() || unsaid(route) || unsaid(gateway) {
		return Maybe
	}
	switch allowed.Get("from").Text() {
	case "All":
		return Yes
	case "None":
		return No
	case "Selector":
		s, ok := Selector(allowed.Get("selector"))
		if !ok {
			return Maybe
		}
		return inNamespaces(s, &Pod{Namespace: route.Namespace, Of: g.namespaces[route.Namespace]})
	}
	return certain(sameNamespace(gateway.Namespace, route.Namespace))
}

// meets says that a listener's host and one of a route's have a name in common.
func meets(listener string, hosts manifest.Node) bool {
	if listener == "" || hosts.Len() == 0 || hosts.HasUnknown() {
		return true
	}
	return slices.ContainsFunc(slices.Collect(hosts.Items()), func(host manifest.Node) bool {
		return hostWithin(listener, host.Text()) || hostWithin(host.Text(), listener)
	})
}

// hostWithin says that a host is one of those that another, perhaps with a star,
// stands for.
func hostWithin(of, host string) bool {
	rest, star := strings.CutPrefix(of, "*")
	return of == host || star && strings.HasSuffix(host, rest)
}

// granted says whether a namespace lets routes of another lead to its Service. Grants
// stand in the namespace of the Service, so that what sees no grant sees no way.
func (g gateways) granted(route *manifest.Object, namespace, service string) Match {
	answer := No
	for _, grant := range g.grants {
		spec := grant.Root.Get("spec")
		if !sameNamespace(grant.Namespace, namespace) {
			continue
		}
		from, to := No, No
		for one := range itemsOrSelf(spec.Get("from")) {
			if one.HasUnknown() {
				from = max(from, Maybe)
				continue
			}
			from = max(from, certain(one.Get("group").Text() == gatewayGroup && one.Get("kind").Text() == route.Kind && sameNamespace(one.Get("namespace").Text(), route.Namespace)))
		}
		for one := range itemsOrSelf(spec.Get("to")) {
			if one.HasUnknown() {
				to = max(to, Maybe)
				continue
			}
			name := one.Get("name").Text()
			to = max(to, certain(one.Get("group").Text() == "" && one.Get("kind").Text() == "Service" && (name == "" || name == service)))
		}
		answer = max(answer, min(from, to))
	}
	return answer
}
