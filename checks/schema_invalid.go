package checks

import "github.com/rendergate/rendergate/render/manifest"

var schemaInvalid = &Check{
	ID:       "schema-invalid",
	Title:    "Object does not fit its schema",
	Severity: Medium,
	Topic:    Hygiene,
	Since:    "0.1.0",
	Why:      "The API server refuses the object or drops the field: a securityContext that is misspelt protects nothing.",
	Fix:      "Write the field as the API has it, at the level where it belongs.",
	Source:   "Kubernetes API reference; kubectl --validate=strict",
	Aliases:  []string{"schema-validation"},
	Bad: `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: "2" # want
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: app
          image: registry.example.com/shop/app:1.0
          securtyContext:
            runAsNonRoot: true # want
          env:
            - name: PORT
              value: 8080 # want
`,
	Good: container("securityContext: {runAsNonRoot: true}\nenv: [{name: PORT, value: \"8080\"}]\n"),
	NearMiss: `apiVersion: example.com/v1
kind: Deployment
metadata: {name: web}
spec: {whatever: 1}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  ports:
    - port: 80
      targetPort: http
      nodePort: ${PORT}
status: {loadBalancer: {}}
`,
	RunTarget: func(p *Pass) {
		defined := definitions(p.Together())
		for _, o := range p.Objects {
			var f fitter
			switch t, custom := builtIn(o.Ref), defined[[2]string{o.APIVersion, o.Kind}]; {
			case t != nil:
				f.fit(o.Root, t)
			case custom.IsMap():
				f.custom(o, custom)
			case misspelt(o.Ref) && !gone(o.Ref):
				f.add(o.Root.Get("kind"), "%s has no kind %q; %s", o.APIVersion, o.Kind, meant(o.Kind, kindsOf(o.Ref)))
			}
			for _, m := range f.found {
				p.Report(m.at, manifest.Subject{Class: m.class()}, "%s %q: %s", o.Kind, o.Name, m.what)
			}
		}
	},
}
