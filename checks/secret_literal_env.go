package checks

import "github.com/rendergate/rendergate/render/manifest"

var secretLiteralEnv = &Check{
	ID:       "secret-literal-env",
	Title:    "Environment variable holds a secret in readable form",
	Severity: High,
	Topic:    Hygiene,
	Since:    "0.2.0",
	Why:      "Whoever may read the repository, or the workload in the cluster, has the secret; workloads are shown to many who may not read Secrets.",
	Fix:      "Put it into a Secret that is not committed (SOPS, ExternalSecret) and refer to that; then replace the secret, which is known now.",
	Source:   "NSA Kubernetes Hardening Guidance, Secrets; MITRE ATT&CK T1552",
	Aliases:  []string{"env-var-secret", "C-0012"},
	Bad: container(`env:
  - name: DB_PASSWORD
    value: s3cr3t-for-real # want
  - name: UPSTREAM
    value: https://shop:tr0ub4dor@api.example.com/ # want
`),
	Good: container(`env:
  - name: DB_PASSWORD
    valueFrom: {secretKeyRef: {name: db, key: password}}
`),
	NearMiss: container(`env:
  - name: DB_PASSWORD
    value: ${DB_PASSWORD}
  - name: DB_PASSWORD_FILE
    value: /run/secrets/db
  - name: API_TOKEN
    value: changeme
  - name: SECRET_NAME
    value: db-4f2a9c
  - name: TOKEN_TTL
    value: 24h
  - name: AUTH_TOKEN_URL
    value: https://login.example.com/token
  - name: CLUSTER_TOKEN
    value: etcd-cluster-k8s
  - name: AUTH_TOKEN
    value: jwt,priv-key=/opt/token.pem,ttl=10m
  - name: TRACE_ID
    value: a8f5f167f44f4964e6c998dee827110c
  - name: PASSWORD
    value: ""
`),
	Run: func(p *Pass) {
		for c := range p.Object.Containers() {
			for env := range c.Get("env").Items() {
				at, name := env.Get("value"), env.Get("name").Text()
				for _, secret := range manifest.SecretsIn(name, at.Text()) {
					if p.drawn(secret.Value) {
						continue
					}
					p.Report(at, c.Subject().Of(secret.Name), "the variable %s of container %q holds %s that everybody can read; accepted is a reference to a Secret", secret.Name, c.Name(), secret.Kind)
				}
			}
		}
	},
}
