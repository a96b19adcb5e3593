package checks

import "github.com/rendergate/rendergate/render/manifest"

var serviceExternalIPs = &Check{
	ID:       "service-external-ips",
	Title:    "Service takes over addresses",
	Severity: High,
	Topic:    Hygiene,
	Since:    "0.1.0",
	Why:      "A Service with externalIPs catches the traffic that other pods send to those addresses, whomever they belong to.",
	Fix:      "Use a LoadBalancer, an Ingress or a Gateway, which are given addresses of their own.",
	Source:   "CVE-2020-8554",
	Aliases:  []string{"KSV-0108"},
	Mend: func(f Finding, _ []*manifest.Object) []manifest.Edit {
		list := f.Node.Object().Root.Get("spec", "externalIPs")
		if list.Len() == 1 {
			return []manifest.Edit{manifest.Remove(list)}
		}
		return []manifest.Edit{manifest.Remove(f.Node)}
	},
	Trial: true,
	Bad: `apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  ports: [{port: 80}]
  externalIPs:
    - 203.0.113.7 # want
`,
	Good: `apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  type: LoadBalancer
  ports: [{port: 80}]
`,
	NearMiss: `apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  type: ExternalName
  externalName: db.example.com
  externalIPs: []
`,
	Run: func(p *Pass) {
		if p.Object.GroupKind() != "Service" {
			return
		}
		for ip := range p.Object.Root.Get("spec", "externalIPs").Items() {
			p.Report(ip, manifest.Subject{Class: ip.Text()}, "Service %q takes over the address %s; no externalIPs are expected", p.Object.Name, ip.Text())
		}
	},
}
