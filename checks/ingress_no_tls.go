package checks

import (
	"slices"
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

var ingressNoTLS = &Check{
	ID:       "ingress-no-tls",
	Title:    "Entry takes plain HTTP",
	Severity: Medium,
	Topic:    Hygiene,
	Since:    "0.1.0",
	Why:      "Logins and data pass the network readable, and whoever is on the way may change them.",
	Fix:      "Give the Ingress, the Gateway or the Route a certificate: `tls` with the host.",
	Source:   "CIS Amazon EKS 5.4.5",
	Aliases:  []string{"C-0263"},
	Bad: `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec:
  tls: [{hosts: [other.example.com], secretName: other}]
  rules:
    - host: web.example.com # want
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: web}
spec:
  gatewayClassName: envoy
  listeners:
    - name: http
      port: 80
      protocol: HTTP # want
---
apiVersion: route.openshift.io/v1
kind: Route
metadata: {name: web}
spec:
  host: web.example.com # want
`,
	Good: `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec:
  tls: [{hosts: ["*.example.com"], secretName: web}]
  rules:
    - host: web.example.com
---
apiVersion: route.openshift.io/v1
kind: Route
metadata: {name: web}
spec:
  host: web.example.com
  tls: {termination: edge}
`,
	NearMiss: `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  annotations: {alb.ingress.kubernetes.io/certificate-arn: "arn:aws:acm:eu-west-1:111122223333:certificate/1"}
spec:
  rules:
    - host: web.example.com
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: web}
spec:
  gatewayClassName: envoy
  listeners:
    - {name: http, port: 80, protocol: HTTP}
    - {name: https, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: web}]}}
`,
	Run: func(p *Pass) {
		o, spec := p.Object, p.Object.Root.Get("spec")
		report := func(at manifest.Node, class, what string) {
			p.Report(at, manifest.Subject{Class: class}, "%s %q takes plain HTTP for %s; a certificate in `tls` is expected", o.Kind, o.Name, what)
		}
		switch o.GroupKind() {
		case "networking.k8s.io/Ingress", "extensions/Ingress":
			ingressHosts(o, spec, report)
		case "gateway.networking.k8s.io/Gateway":
			plainListeners(spec.Get("listeners"), func(l manifest.Node) manifest.Node { return l.Get("protocol") }, report)
		case "networking.istio.io/Gateway":
			plainListeners(spec.Get("servers"), func(l manifest.Node) manifest.Node {
				if l.Get("tls", "httpsRedirect").IsTrue() {
					return manifest.Node{}
				}
				return l.Get("port", "protocol")
			}, report)
		case "route.openshift.io/Route":
			switch insecure := spec.Get("tls", "insecureEdgeTerminationPolicy"); {
			case !spec.Get("tls").Set():
				report(spec.Get("tls"), "", "its host")
			case insecure.Text() == "Allow":
				report(insecure, "Allow", "its host beside HTTPS")
			}
		}
	},
}

// elsewhere are annotations by which a controller is given a certificate.
var elsewhere = []string{
	"alb.ingress.kubernetes.io/certificate-arn", "alb.ingress.kubernetes.io/ssl-redirect", "networking.gke.io/managed-certificates",
	"ingress.gcp.kubernetes.io/pre-shared-cert", "networking.gke.io/pre-shared-cert", "appgw.ingress.kubernetes.io/appgw-ssl-certificate",
	"traefik.ingress.kubernetes.io/router.tls", "traefik.ingress.kubernetes.io/router.tls.certresolver", "nginx.ingress.kubernetes.io/ssl-passthrough",
	"haproxy.org/ssl-certificate", "cert-manager.io/tls-acme", "route.openshift.io/termination",
}

// ingressHosts reports the hosts that no entry of tls names.
func ingressHosts(o *manifest.Object, spec manifest.Node, report func(manifest.Node, string, string)) {
	annotations := o.Root.Get("metadata", "annotations")
	if slices.ContainsFunc(elsewhere, func(name string) bool { return annotations.Get(name).Text() != "" && !annotations.Get(name).IsFalse() }) ||
		strings.Contains(annotations.Get("alb.ingress.kubernetes.io/listen-ports").Text(), "HTTPS") {
		return
	}
	var covered []string
	for entry := range spec.Get("tls").Items() {
		if entry.Get("hosts").Len() == 0 {
			return // the certificate is for whatever host it names itself
		}
		for host := range entry.Get("hosts").Items() {
			covered = append(covered, host.Text())
		}
	}
	hosts := 0
	for rule := range spec.Get("rules").Items() {
		at := rule.Get("host")
		if at.Text() == "" {
			continue
		}
		hosts++
		if !slices.ContainsFunc(covered, func(c string) bool { return coversHost(c, at.Text()) }) {
			report(at, at.Text(), "host "+at.Text())
		}
	}
	if hosts == 0 && len(covered) == 0 {
		report(spec.Get("tls"), "", "every host")
	}
}

// coversHost says that a certificate's name, which may have one wildcard as its
// first part, is good for a host.
func coversHost(name, host string) bool {
	rest, wildcard := strings.CutPrefix(name, "*")
	_, own, _ := strings.Cut(host, ".")
	return strings.EqualFold(name, host) || wildcard && strings.EqualFold(rest, "."+own)
}

// plainListeners reports those of a Gateway that take HTTP where none beside
// them takes HTTPS, to which they redirect.
func plainListeners(list manifest.Node, protocol func(manifest.Node) manifest.Node, report func(manifest.Node, string, string)) {
	for l := range list.Items() {
		if slices.Contains([]string{"HTTPS", "TLS"}, strings.ToUpper(protocol(l).Text())) {
			return
		}
	}
	for l := range list.Items() {
		at := protocol(l)
		if strings.EqualFold(at.Text(), "HTTP") {
			name := l.Get("name").Text()
			if name == "" {
				name = l.Get("port", "name").Text()
			}
			report(at, name, "listener "+name)
		}
	}
}
