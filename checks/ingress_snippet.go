package checks

import (
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

var ingressSnippet = &Check{
	ID:       "ingress-snippet",
	Title:    "Ingress writes the proxy's configuration",
	Severity: High,
	Topic:    Hygiene,
	Since:    "0.1.0",
	Why:      "A snippet becomes configuration of the shared proxy: it reads the proxy's token, and with it the secrets of every namespace.",
	Fix:      "Use the annotation or the field that does the same; keep `allow-snippet-annotations` false.",
	Source:   "CVE-2021-25742, CVE-2025-1097; ingress-nginx documentation, Annotations Risk",
	Aliases:  []string{"CKV_K8S_152", "CKV_K8S_153", "CKV_K8S_154", "KCV-0093", "C-0059"},
	Trial:    true,
	Mend: func(f Finding, _ []*manifest.Object) []manifest.Edit {
		if f.Object.Kind == "ConfigMap" {
			return []manifest.Edit{manifest.SetTo(f.Node, `"false"`)}
		}
		return []manifest.Edit{manifest.Remove(f.Node)}
	},
	Bad: `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  annotations:
    nginx.ingress.kubernetes.io/server-snippet: | # want
      location /x { return 200; }
spec:
  tls: [{secretName: web}]
  defaultBackend: {service: {name: web, port: {number: 80}}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: ingress-nginx-controller}
data:
  allow-snippet-annotations: "true" # want
`,
	Good: `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  annotations:
    nginx.ingress.kubernetes.io/ssl-redirect: "true"
spec:
  tls: [{secretName: web}]
  defaultBackend: {service: {name: web, port: {number: 80}}}
`,
	NearMiss: `apiVersion: v1
kind: ConfigMap
metadata: {name: ingress-nginx-controller}
data:
  allow-snippet-annotations: "false"
---
apiVersion: v1
kind: Service
metadata:
  name: web
  annotations: {nginx.ingress.kubernetes.io/server-snippet: ""}
`,
	Run: func(p *Pass) {
		o := p.Object
		switch o.GroupKind() {
		case "networking.k8s.io/Ingress", "extensions/Ingress":
			for name, at := range o.Root.Get("metadata", "annotations").Fields() {
				if isSnippet(name) && strings.TrimSpace(at.Text()) != "" {
					p.Report(at, manifest.Subject{Class: name}, "Ingress %q has %s; no snippet is expected", o.Name, name)
				}
				if breaksOut(name, at.Text()) {
					p.Report(at, manifest.Subject{Class: name}, "Ingress %q has characters in %s that begin configuration of their own; a plain value is expected", o.Name, name)
				}
			}
		case "ConfigMap":
			if at := o.Root.Get("data", "allow-snippet-annotations"); at.Text() == "true" {
				p.Report(at, manifest.Subject{Class: "allow"}, "ConfigMap %q has allow-snippet-annotations: true; \"false\" is expected", o.Name)
			}
		}
	},
}

// breaksOut says that an annotation which the controller copies into the
// proxy's configuration ends the value that it should be.
func breaksOut(name, value string) bool {
	switch strings.TrimPrefix(name, "nginx.ingress.kubernetes.io/") {
	case "auth-url", "mirror-target", "mirror-host":
		return strings.ContainsAny(strings.TrimSpace(value), "\r\n<>\"{}|^`\\;")
	case "auth-tls-match-cn":
		return strings.ContainsAny(strings.TrimSpace(value), "\r\n#{};")
	}
	return false
}

// isSnippet says that an annotation holds configuration of an nginx.
func isSnippet(name string) bool {
	prefix, own, _ := strings.Cut(name, "/")
	switch {
	case prefix == "nginx.org" || prefix == "nginx.com":
		return strings.HasSuffix(own, "-snippets")
	}
	return strings.HasSuffix(prefix, "ingress.kubernetes.io") && (strings.HasSuffix(own, "-snippet") || own == "snippet")
}
