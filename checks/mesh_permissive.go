package checks

import (
	"github.com/rendergate/rendergate/render/manifest"
)

var meshPermissive = &Check{
	ID:       "mesh-permissive",
	Title:    "Service mesh accepts what is not authenticated",
	Severity: Medium,
	Topic:    NetworkIsolation,
	Since:    "0.1.0",
	Why:      "Who is not in the mesh may connect in plain text, and rules about identities do not apply to them.",
	Fix:      "Set `mtls.mode: STRICT`; let an ALLOW rule say from whom.",
	Source:   "NSA Kubernetes Hardening Guidance, Encryption in transit; Istio documentation, Security Best Practices",
	Trial:    true,
	Mend: func(f Finding, _ []*manifest.Object) []manifest.Edit {
		if f.Object.Kind != "PeerAuthentication" {
			return nil // who may call is the author's to say
		}
		return []manifest.Edit{manifest.SetTo(f.Node, "STRICT")}
	},
	Bad: `apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default}
spec:
  mtls: {mode: PERMISSIVE} # want
  portLevelMtls:
    8080: {mode: DISABLE} # want
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: open}
spec:
  rules:
    - {} # want
`,
	Good: `apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default}
spec:
  mtls: {mode: STRICT}
`,
	NearMiss: `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: nobody}
spec: {}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: none}
spec:
  action: DENY
  rules: [{}]
`,
	Run: func(p *Pass) {
		o, spec := p.Object, p.Object.Root.Get("spec")
		switch o.GroupKind() {
		case "security.istio.io/PeerAuthentication":
			weak := func(at manifest.Node, where string) {
				if mode := at.Text(); mode == "PERMISSIVE" || mode == "DISABLE" {
					p.Report(at, manifest.Subject{Class: where + mode}, "PeerAuthentication %q has mode %s; STRICT is expected", o.Name, mode)
				}
			}
			weak(spec.Get("mtls", "mode"), "")
			for port, own := range spec.Get("portLevelMtls").Fields() {
				weak(own.Get("mode"), "port "+port+" ")
			}
		case "security.istio.io/AuthorizationPolicy":
			if action := spec.Get("action").Text(); action != "" && action != "ALLOW" {
				return
			}
			for rule := range spec.Get("rules").Items() {
				if rule.Get("from").Len()+rule.Get("to").Len()+rule.Get("when").Len() == 0 {
					p.Report(rule, manifest.Subject{Class: "allow-all"}, "AuthorizationPolicy %q allows everybody everything; a rule with `from`, `to` or `when` is expected", o.Name)
				}
			}
		}
	},
}
