package checks

import "github.com/rendergate/rendergate/render/manifest"

var secretEnvRef = &Check{
	ID:       "secret-env-ref",
	Title:    "Container gets a secret through its environment",
	Severity: Low,
	Topic:    Hygiene,
	Since:    "0.2.0",
	Off:      true,
	Why:      "Programs print and pass on their environment, to crash reports and to children; a file is read only by who means to, and follows the Secret.",
	Fix:      "Mount the Secret as a file.",
	Source:   "CIS Kubernetes 5.4.1",
	Aliases:  []string{"CKV_K8S_35", "read-secret-from-env-var", "C-0207"},
	Bad: container(`env:
  - name: DB_PASSWORD
    valueFrom:
      secretKeyRef: {name: db, key: password} # want
envFrom:
  - secretRef: {name: api} # want
`),
	Good: container("env:\n  - name: DB_PASSWORD_FILE\n    value: /run/secrets/db/password\n"),
	NearMiss: container(`env:
  - name: LEVEL
    valueFrom: {configMapKeyRef: {name: db, key: level}}
envFrom:
  - configMapRef: {name: secret}
`),
	Run: func(p *Pass) {
		for c := range p.Object.Containers() {
			for env := range c.Get("env").Items() {
				p.secretRef(c, env.Get("valueFrom", "secretKeyRef"), env.Get("name").Text())
			}
			for all := range c.Get("envFrom").Items() {
				p.secretRef(c, all.Get("secretRef"), "envFrom")
			}
		}
	},
}

func (p *Pass) secretRef(c manifest.Container, at manifest.Node, variable string) {
	if at.Set() {
		p.Report(at, c.Subject().Of(variable+" "+at.Get("name").Text()), "container %q gets Secret %q through its environment, as %s; accepted is a mounted file",
			c.Name(), at.Get("name").Text(), variable)
	}
}
