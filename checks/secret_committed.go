package checks

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

var secretCommitted = &Check{
	ID:       "secret-committed",
	Title:    "Secret is committed in readable form",
	Severity: High,
	Topic:    Hygiene,
	Since:    "0.1.0",
	Why:      "Base64 hides nothing: whoever may read the repository, or any copy of it, has the secret, for ever.",
	Fix:      "Encrypt it (SOPS, SealedSecret), refer to a vault (ExternalSecret), or have the chart generate it; then replace the secret, which is known now.",
	Source:   "MITRE ATT&CK T1552; OWASP Kubernetes Top Ten K08",
	Bad: `apiVersion: v1
kind: Secret
metadata: {name: db}
data:
  username: c2hvcA==
  password: czNjcjN0LWZvci1yZWFs # want
stringData:
  api-token: a8f5f167f44f4964e6c998dee827110c # want
`,
	Good: `apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata: {name: db}
spec:
  encryptedData:
    password: AgBy3i4OJSWK+PiTySYZZA9rO43cGDEq
---
apiVersion: v1
kind: Secret
metadata: {name: db}
data:
  password: ENC[AES256_GCM,data:9d8Fha,iv:a,tag:b,type:str]
sops: {version: 3.9.0}
`,
	NearMiss: `apiVersion: v1
kind: Secret
metadata: {name: db}
stringData:
  username: shop
  host: db.example.com
  password: ""
  token: <path:secret/data/shop#token>
  ca.crt: |
    -----BEGIN CERTIFICATE-----
    MIIBhTCCASugAwIBAgIQIRi6zePL6mKjOipn+dNuaTAKBggqhkjOPQQDAjASMRAw
    -----END CERTIFICATE-----
  config.yaml: |
    level: info
    tokens: 3
`,
	Run: func(p *Pass) {
		o := p.Object
		if o.GroupKind() != "Secret" || o.Encrypted() || slices.Contains(otherSecrets, o.Root.Get("type").Text()) {
			return
		}
		for _, e := range o.SecretData() {
			if what := committed(e); what != "" && !p.drawn(e.Text) {
				p.Report(e.At, manifest.Subject{Class: e.Key}, "Secret %q holds %s under %q that everybody can read; an encrypted or external one is expected", o.Name, what, e.Key)
			}
		}
	},
}

// otherSecrets are the types that other checks judge, or that programs write.
var otherSecrets = []string{"kubernetes.io/dockerconfigjson", "kubernetes.io/dockercfg", "helm.sh/release.v1"}

// harmless are the keys of what stands beside a secret and is none.
var harmless = regexp.MustCompile(`(?i)(?:^|[^a-z]|[a-z](?-i:[A-Z])?)(?:user|username|login|email|host|hostname|address|port|database|db|dbname|name|namespace|region|zone|bucket|` +
	`url|uri|endpoint|server|issuer|type|project|method|provider|mode|version|enabled|insecure|scheme|driver|path|dir|file|level|format|timeout|ttl|size|count|client[-_]?id|tenant[-_]?id|subscription[-_]?id|account|org|role|group)s?$`)

// committed tells what readable secret an entry of a Secret is; empty for a
// placeholder, and for what only stands beside one.
func committed(e manifest.Entry) string {
	switch {
	case manifest.Placeholder(e.Text):
		return ""
	case manifest.SecretShape(e.Text) != "":
		return manifest.SecretShape(e.Text)
	case hashed.MatchString(e.Text):
		return ""
	case e.Binary():
		return "binary data"
	case publicPEM(e.Text):
		return ""
	case strings.Contains(strings.TrimSpace(e.Text), "\n") || slices.Contains(configFiles, path.Ext(e.Key)):
		for _, r := range manifest.SecretsIn(e.Key, e.Text) {
			return r.Kind
		}
		return ""
	case harmless.MatchString(e.Key), plain.MatchString(strings.TrimSpace(e.Text)):
		return ""
	}
	return "a value"
}

var configFiles = []string{".yaml", ".yml", ".json", ".conf", ".cfg", ".ini", ".toml", ".properties", ".xml", ".hcl", ".sql", ".sh", ".py", ".tpl", ".tmpl", ".lua", ".crt", ".pub"}

// plain are values that say something, and hide nothing.
var plain = regexp.MustCompile(`^(?i:true|false|yes|no|on|off|info|debug|warn|error|\d{1,5}|\d+[smhd]|/[\w./-]*|[a-z]+://[^@\s]*|\d{4}-\d\d-\d\d[T ].*)$`)

// publicPEM says that a text holds certificates or public keys, and no private
// key beside them.
func publicPEM(text string) bool {
	return strings.Contains(text, "-----BEGIN ") && !strings.Contains(text, "PRIVATE KEY")
}

// drawn says that the render made a text of what it drew by chance, which
// templates like to encode once more.
func (p *Pass) drawn(text string) bool {
	return slices.ContainsFunc(p.Settings.Drawn, func(d string) bool {
		return strings.Contains(text, d) || strings.Contains(decoded(text), d)
	})
}

// hashed says that a text holds what passwords are checked against, not one.
var hashed = regexp.MustCompile(`\$(?:2[abxy]|5|6|argon2id?|apr1)\$`)
