package reach

import (
	"strings"
	"testing"
)

const (
	webBehind = `apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: c}]}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
---
apiVersion: v1
kind: Namespace
metadata: {name: edge, labels: {tier: edge}}
`
	edgeGateway = `---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: public, namespace: edge}
spec:
  gatewayClassName: acme
  listeners: [{name: http, port: 80, protocol: HTTP, hostname: "*.example.com", allowedRoutes: {namespaces: {from: Same}}}]
`
	grantWeb = `---
apiVersion: gateway.networking.k8s.io/v1beta1
kind: ReferenceGrant
metadata: {name: edge, namespace: shop}
spec:
  from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: edge}]
  to: [{group: "", kind: Service, name: web}]
`
)

// routeIn is a route of a namespace to the Service web of shop.
func routeIn(kind, namespace, more string) string {
	return "---\napiVersion: gateway.networking.k8s.io/v1\nkind: " + kind + "\nmetadata: {name: web, namespace: " + namespace + "}\nspec:\n" +
		"  parentRefs: [{name: public, namespace: edge" + more + "}]\n  hostnames: [shop.example.com]\n" +
		"  rules: [{backendRefs: [{name: web, namespace: shop, port: 80}]}]\n"
}

// TestGateways: a route leads in where a gateway takes it and, into another namespace,
// where that one grants it.
func TestGateways(t *testing.T) {
	selected := func(label string) string {
		return strings.Replace(edgeGateway, "{from: Same}", "{from: Selector, selector: {matchLabels: {tier: "+label+"}}}", 1)
	}
	shopNamespace := "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {tier: shop}}\n"
	for name, test := range map[string]struct {
		text string
		sure bool
		may  bool
	}{
		"a gateway that nobody sees":        {routeIn("HTTPRoute", "shop", ""), true, true},
		"of a gateway for its namespace":    {edgeGateway + routeIn("HTTPRoute", "shop", ""), false, false},
		"of a gateway for all":              {strings.Replace(edgeGateway, "Same", "All", 1) + routeIn("HTTPRoute", "shop", ""), true, true},
		"of a gateway for none":             {strings.Replace(edgeGateway, "Same", "None", 1) + routeIn("HTTPRoute", "shop", ""), false, false},
		"of a gateway for labels unseen":    {selected("shop") + routeIn("HTTPRoute", "shop", ""), false, true},
		"of a gateway for labels seen":      {selected("shop") + shopNamespace + routeIn("HTTPRoute", "shop", ""), true, true},
		"of a gateway for other labels":     {selected("edge") + shopNamespace + routeIn("HTTPRoute", "shop", ""), false, false},
		"another section of it":             {strings.Replace(edgeGateway, "Same", "All", 1) + routeIn("HTTPRoute", "shop", ", sectionName: https"), false, false},
		"that section of it":                {strings.Replace(edgeGateway, "Same", "All", 1) + routeIn("TLSRoute", "shop", ", sectionName: http"), true, true},
		"another host":                      {strings.Replace(strings.Replace(edgeGateway, "Same", "All", 1), "*.example.com", "*.example.org", 1) + routeIn("HTTPRoute", "shop", ""), false, false},
		"the mesh's":                        {routeIn("HTTPRoute", "shop", ", kind: Service"), false, false},
		"a set of listeners":                {routeIn("GRPCRoute", "shop", ", kind: ListenerSet"), true, true},
		"from elsewhere without a grant":    {edgeGateway + routeIn("HTTPRoute", "edge", ""), false, false},
		"from elsewhere with a grant":       {edgeGateway + grantWeb + routeIn("HTTPRoute", "edge", ""), true, true},
		"a grant for another kind of route": {edgeGateway + grantWeb + routeIn("GRPCRoute", "edge", ""), false, false},
		"a grant for another service":       {edgeGateway + strings.Replace(grantWeb, "name: web}]", "name: db}]", 1) + routeIn("HTTPRoute", "edge", ""), false, false},
		"a grant for every service":         {edgeGateway + strings.Replace(grantWeb, ", name: web}]", "}]", 1) + routeIn("HTTPRoute", "edge", ""), true, true},
	} {
		c := clusterOf(t, webBehind+test.text)
		got, _ := c.Outside(c.Pods[0])
		if !got.Sure.Empty() != test.sure || !got.May.Empty() != test.may {
			t.Errorf("%s: surely %s, maybe %s; want %v and %v", name, got.Sure, got.May, test.sure, test.may)
		}
	}
}

// TestEntrances: what leads from outside of the cluster to a Service, by kind.
func TestEntrances(t *testing.T) {
	meta := "metadata: {name: web, namespace: shop}\nspec: "
	for name, test := range map[string]struct {
		text string
		want string
	}{
		"external addresses": {"apiVersion: v1\nkind: Service\n" + meta + "{externalIPs: [192.0.2.1], selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}\n", "TCP 8080"},
		"a port of nodes":    {"apiVersion: v1\nkind: Service\n" + meta + "{type: NodePort, selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}\n", "TCP 8080"},
		"nothing":            {"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n", "no port"},
		"Traefik":            {"apiVersion: traefik.io/v1alpha1\nkind: IngressRoute\n" + meta + "{routes: [{match: \"Host(`a`)\", services: [{name: web, port: 80}]}]}\n", "TCP 8080"},
		"Traefik's TCP":      {"apiVersion: traefik.io/v1alpha1\nkind: IngressRouteTCP\n" + meta + "{routes: [{match: \"HostSNI(`a`)\", services: [{name: web, port: 80}]}]}\n", "TCP 8080"},
		"Traefik's own":      {"apiVersion: traefik.io/v1alpha1\nkind: IngressRoute\n" + meta + "{routes: [{match: \"Host(`a`)\", services: [{name: web, kind: TraefikService}]}]}\n", "no port"},
		"Contour":            {"apiVersion: projectcontour.io/v1\nkind: HTTPProxy\n" + meta + "{virtualhost: {fqdn: a.example.com}, routes: [{services: [{name: web, port: 80}]}]}\n", "TCP 8080"},
		"Istio":              {"apiVersion: networking.istio.io/v1\nkind: VirtualService\n" + meta + "{gateways: [edge/public], hosts: [a.example.com], http: [{route: [{destination: {host: web.shop.svc.cluster.local, port: {number: 80}}}]}]}\n", "TCP 8080"},
		"Istio's mesh":       {"apiVersion: networking.istio.io/v1\nkind: VirtualService\n" + meta + "{hosts: [web], http: [{route: [{destination: {host: web}}]}]}\n", "no port"},
		"an old Ingress":     {"apiVersion: networking.k8s.io/v1beta1\nkind: Ingress\n" + meta + "{backend: {serviceName: web, servicePort: 80}}\n", "TCP 8080"},
		"OpenShift":          {"apiVersion: route.openshift.io/v1\nkind: Route\n" + meta + "{to: {kind: Service, name: web}, port: {targetPort: 8080}}\n", "TCP 8080"},
		"another port":       {"apiVersion: networking.k8s.io/v1\nkind: Ingress\n" + meta + "{defaultBackend: {service: {name: web, port: {number: 81}}}}\n", "no port"},
	} {
		text := webBehind
		if strings.Contains(test.text, "kind: Service\n") {
			text = strings.Replace(webBehind, "kind: Service\n", "kind: Endpoints\n", 1) // it takes the place of the other
		}
		c := clusterOf(t, text+"---\n"+test.text)
		if got, _ := c.Outside(c.Pods[0]); got.Sure.String() != test.want {
			t.Errorf("%s: surely %s, want %s", name, got.Sure, test.want)
		}
	}
}
