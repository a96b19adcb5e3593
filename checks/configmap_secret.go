package checks

import "github.com/rendergate/rendergate/render/manifest"

var configMapSecret = &Check{
	ID:       "configmap-secret",
	Title:    "ConfigMap holds a secret",
	Severity: High,
	Topic:    Hygiene,
	Since:    "0.1.0",
	Why:      "ConfigMaps are neither encrypted nor guarded: whoever may view the namespace, or the repository, reads them.",
	Fix:      "Move the value into a Secret that is encrypted or comes from a vault, and replace it, as it is known now.",
	Source:   "MITRE ATT&CK T1552; NSA Kubernetes Hardening Guidance, Secrets",
	Aliases:  []string{"KSV-0109", "KSV-01010", "C-0012"},
	Bad: `apiVersion: v1
kind: ConfigMap
metadata: {name: web}
data:
  DB_PASSWORD: s3cr3t-for-real # want
  app.properties: | # want
    level=info
    api.token=a8f5f167f44f4964e6c998dee827110c
`,
	Good: `apiVersion: v1
kind: ConfigMap
metadata: {name: web}
data:
  DB_HOST: db.example.com
  DB_PASSWORD_FILE: /run/secrets/password
`,
	NearMiss: `apiVersion: v1
kind: ConfigMap
metadata: {name: web}
data:
  DB_PASSWORD: ${DB_PASSWORD}
  AUTH_TOKEN: /run/secrets/token
  TOKEN_TTL: 3600s
  tls-secret: web-tls
`,
	Run: func(p *Pass) {
		if p.Object.GroupKind() != "ConfigMap" || p.Object.Encrypted() {
			return
		}
		for key, at := range p.Object.Root.Get("data").Fields() {
			for _, r := range manifest.SecretsIn(key, at.Text()) {
				if !p.drawn(r.Value) {
					p.Report(at, manifest.Subject{Class: r.Name}, "ConfigMap %q holds %s at %q; a reference to a Secret is expected", p.Object.Name, r.Kind, r.Name)
				}
			}
		}
	},
}
