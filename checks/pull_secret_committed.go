package checks

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

var pullSecretCommitted = &Check{
	ID:       "pull-secret-committed",
	Title:    "Registry login is committed in readable form",
	Severity: Critical,
	Topic:    RegistryAccess,
	Since:    "0.1.0",
	Why:      "With a registry login one reads every private image, and mostly pushes in their place.",
	Fix:      "Encrypt it (SOPS, SealedSecret), refer to a vault (ExternalSecret), or let the node's identity pull; then replace the login.",
	Source:   "MITRE ATT&CK T1552; Amazon EKS Best Practices, Image Security",
	Aliases:  []string{"C-0012"},
	Bad: `apiVersion: v1
kind: Secret
metadata: {name: pull}
type: kubernetes.io/dockerconfigjson
stringData:
  .dockerconfigjson: '{"auths": {"ghcr.io": {"username": "ci", "password": "s3cr3t-for-real"}}}' # want
`,
	Good: `apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: pull}
spec:
  target:
    template: {type: kubernetes.io/dockerconfigjson}
`,
	NearMiss: `apiVersion: v1
kind: Secret
metadata: {name: pull}
type: kubernetes.io/dockerconfigjson
stringData:
  .dockerconfigjson: '{"auths": {"ghcr.io": {"username": "ci", "password": "<path:secret/ci#password>"}}}'
---
apiVersion: v1
kind: Secret
metadata: {name: empty}
type: kubernetes.io/dockerconfigjson
data:
  .dockerconfigjson: e30=
`,
	Run: func(p *Pass) {
		o := p.Object
		if o.GroupKind() != "Secret" || o.Encrypted() {
			return
		}
		for _, e := range o.SecretData() {
			if e.Key != ".dockerconfigjson" && e.Key != ".dockercfg" || p.drawn(e.Text) {
				continue
			}
			for _, registry := range logins(e.Text) {
				p.Report(e.At, manifest.Subject{Class: registry}, "Secret %q holds a login to %q that everybody can read; an encrypted or external one is expected", o.Name, registry)
			}
		}
	},
}

// login is an entry of a Docker configuration.
type login struct {
	Auth          string `json:"auth"`
	Password      string `json:"password"`
	IdentityToken string `json:"identitytoken"`
}

// logins are the registries of a Docker configuration that have a readable
// password, sorted. Text that is none has no logins.
func logins(text string) []string {
	var config struct {
		Auths map[string]login `json:"auths"`
	}
	all := map[string]login{}
	if err := json.Unmarshal([]byte(text), &config); err == nil && config.Auths != nil {
		all = config.Auths
	} else if err := json.Unmarshal([]byte(text), &all); err != nil {
		return nil
	}
	var found []string
	for _, registry := range slices.Sorted(maps.Keys(all)) {
		l := all[registry]
		_, password, _ := strings.Cut(decoded(l.Auth), ":")
		if slices.ContainsFunc([]string{l.Password, l.IdentityToken, password}, func(s string) bool { return !manifest.Placeholder(s) }) {
			found = append(found, registry)
		}
	}
	return found
}

func decoded(text string) string {
	if plain, err := base64.StdEncoding.DecodeString(text); err == nil {
		return string(plain)
	}
	return text
}
