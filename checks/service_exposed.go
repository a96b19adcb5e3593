package checks

import (
	"cmp"
	"slices"
	"strings"

	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/reach"
	"github.com/rendergate/rendergate/render/manifest"
)

var serviceExposed = &Check{
	ID:       "service-exposed",
	Title:    "Something is newly reachable from outside the cluster",
	Severity: Medium,
	Topic:    NetworkIsolation,
	Since:    "0.2.0",
	Why:      "What only the cluster reached until now is open to whoever finds its address; scanners do within hours.",
	Fix:      "Keep it a ClusterIP, let it in through what already is public and authenticates, or limit the addresses (`loadBalancerSourceRanges`, an internal load balancer).",
	Source:   "MITRE ATT&CK T1133; Kubernetes documentation, Service, Ingress; NSA/CISA Kubernetes Hardening Guide, Network separation",
	Aliases:  []string{"exposed-services", "C-0256", "C-0266"},
	Before: serviceOfType(`type: ClusterIP
`) + `---
apiVersion: v1
kind: Service
metadata:
  name: admin
  annotations:
    service.beta.kubernetes.io/aws-load-balancer-internal: "true" # want
spec:
  type: LoadBalancer
  ports: [{port: 8443}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec:
  rules:
    - host: shop.example.com
      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}
`,
	Bad: serviceOfType(`type: LoadBalancer # want
`) + `---
apiVersion: v1
kind: Service
metadata: {name: admin}
spec:
  type: LoadBalancer
  ports: [{port: 8443}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec:
  rules:
    - host: shop.example.com
      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}
    - host: admin.example.com # want
      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: admin, port: {number: 80}}}}]}
`,
	Good: serviceOfType(`type: ClusterIP
`) + `---
apiVersion: v1
kind: Service
metadata:
  name: admin
  annotations:
    service.beta.kubernetes.io/aws-load-balancer-internal: "true"
spec:
  type: LoadBalancer
  externalTrafficPolicy: Local
  ports: [{port: 8443}]
`,
	NearMiss: `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: web}
spec:
  parentRefs: [{name: public}]
  hostnames: [shop.example.com]
  rules: [{matches: [{path: {type: PathPrefix, value: /cart}}], backendRefs: [{name: web, port: 80}]}]
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  type: ExternalName
  externalName: web.example.com
`,
	Compare: func(p *Pass) {
		var known []infra.Exposure
		for _, o := range slices.Concat(p.Base, p.WithBase) {
			known = append(known, infra.Exposures(o)...)
		}
		partners, leads := partnersOf(p.Pairs), p.newLeads()
		for _, o := range p.Objects {
			if kind := o.Root.Get("spec", "type"); o.GroupKind() == "Service" && kind.Unknown() && partners[o] != nil && len(infra.Exposures(partners[o])) == 0 && !partners[o].Root.Get("spec", "type").Unknown() {
				p.Report(kind, manifest.Subject{}, "Service %q may be reachable from outside", o.Name)
			}
			if !p.exposed(o, partners[o], known) {
				p.leads(o, leads[o])
			}
		}
	},
}

func serviceOfType(kind string) string {
	return "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n" + indented(2, kind) + "  ports: [{port: 80}]\n"
}

// exposed reports what of an object is newly reachable, as one finding, and says
// whether it did.
func (p *Pass) exposed(o, before *manifest.Object, known []infra.Exposure) bool {
	var fresh, old []infra.Exposure
	for _, e := range infra.Exposures(o) {
		if !slices.ContainsFunc(known, func(k infra.Exposure) bool { return (e.By == nil || k.By == before) && k.Includes(e) }) {
			fresh = append(fresh, e)
		}
	}
	if len(fresh) == 0 {
		return false
	}
	for _, k := range known {
		if k.By == before || k.By == nil {
			old = append(old, k)
		}
	}
	from, to := []string{}, []string{}
	for _, e := range fresh {
		from, to = append(from, e.From), append(to, strings.TrimSuffix(e.To, "/"))
	}
	from, to = slices.Compact(slices.Sorted(slices.Values(from))), slices.Compact(slices.Sorted(slices.Values(to)))
	at, why := opener(fresh[0], old)
	p.Report(at, manifest.Subject{Class: fresh[0].Via + " from " + inClass(from) + " to " + inClass(to)}, "%s %q is newly reachable through %s: %s from %s%s",
		o.Kind, o.Name, fresh[0].Via, few(to), few(from), why)
	return true
}

// newLeads are the Services that an object lets be reached from outside and that
// nothing did at base. A host or a path that is open already says nothing about what
// is behind it.
func (p *Pass) newLeads() map[*manifest.Object][]reach.Lead {
	before, now := slices.Concat(p.Base, p.WithBase), p.Together()
	at, partners := map[*manifest.Object]*manifest.Object{}, partnersOf(p.Pairs)
	renamed := map[string]string{}
	for h, b := range partners {
		at[b] = h
		if h.GroupKind() == "Service" {
			renamed[service(b.Namespace, b.Name)] = service(h.Namespace, h.Name)
		}
	}
	known := map[string]bool{} // true: to anybody
	for o, all := range reach.Leads(before) {
		for _, lead := range all {
			names := []string{lead.Service, renamed[lead.Service]}
			if h := at[o]; h != nil && h.Namespace != o.Namespace {
				if name, own := strings.CutPrefix(lead.Service, service(o.Namespace, "")); own {
					names = append(names, service(h.Namespace, name))
				}
			}
			for _, name := range names {
				known[name] = known[name] || anybody(o)
			}
		}
	}
	all := reach.Leads(now)
	for o, leads := range all {
		all[o] = slices.DeleteFunc(leads, func(lead reach.Lead) bool {
			wide, was := known[lead.Service]
			return was && (wide || !anybody(o))
		})
	}
	return all
}

func service(namespace, name string) string { return cmp.Or(namespace, "default") + "/" + name }

// anybody says that whoever finds its address reaches something of an object.
func anybody(o *manifest.Object) bool {
	return slices.ContainsFunc(infra.Exposures(o), func(e infra.Exposure) bool { return e.From == infra.Anybody })
}

// leads reports the Services that an object newly leads to, as one finding.
func (p *Pass) leads(o *manifest.Object, all []reach.Lead) {
	exposures := infra.Exposures(o)
	if len(all) == 0 || len(exposures) == 0 || o.GroupKind() == "Service" {
		return
	}
	var names, from []string
	for _, lead := range all {
		names = append(names, lead.Service)
	}
	for _, e := range exposures {
		from = append(from, e.From)
	}
	names, from = slices.Compact(slices.Sorted(slices.Values(names))), slices.Compact(slices.Sorted(slices.Values(from)))
	p.Report(all[0].At, manifest.Subject{Class: "leads " + inClass(from) + " to " + inClass(names)}, "%s %q newly leads %s to %s, which nothing let in from outside",
		o.Kind, o.Name, few(from), few(names))
}

// opener is the place that opens something: the kind of thing, who may come, or
// the port or host.
func opener(e infra.Exposure, old []infra.Exposure) (at manifest.Node, why string) {
	if e.ToAt.Unknown() {
		return e.ToAt, whoElse(e)
	}
	for _, k := range old {
		if k.Via != e.Via || k.To != e.To {
			continue
		}
		if e.Range.Exists() && e.From != infra.Anybody {
			return e.Range, ""
		}
		if now := k.Range.In(e.At.Object()); now.Exists() {
			return now, "; it was limited to " + k.From
		}
		return k.Range, "; it was limited to " + k.From
	}
	if slices.ContainsFunc(old, func(k infra.Exposure) bool { return k.Via == e.Via && k.By == e.By || e.Via == infra.ViaHost }) {
		return e.ToAt, whoElse(e)
	}
	return e.At, whoElse(e)
}

// whoElse says what is not known of an entrance.
func whoElse(e infra.Exposure) string {
	if e.Via == infra.ViaHost && e.From == infra.Anybody {
		if class := e.Range.Text(); class != "" {
			return " as far as its class " + class + " is public"
		}
		return " as far as its entrance is public"
	}
	return ""
}
