package checks

var privilegedContainer = &Check{
	ID:       "privileged-container",
	Title:    "Container runs privileged",
	Severity: Critical,
	Topic:    PrivilegedContainers,
	Since:    "0.1.0",
	Why: "A privileged container has every capability and every device of the node: whoever breaks into it owns the node, " +
		"and with it every pod and secret there.",
	Fix:     "Remove `securityContext.privileged`, and add the single capability that the program needs.",
	Source:  "Pod Security Standards, baseline: Privileged Containers; CIS Kubernetes 5.2.2",
	Aliases: []string{"CKV_K8S_16", "KSV-0017", "C-0057"},
	Mend:    sets("false"),
	Trial:   true,
	Bad: `apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: app
      image: registry.example.com/app:1.0
      securityContext:
        privileged: true # want
`,
	Good: `apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: app
      image: registry.example.com/app:1.0
      securityContext:
        privileged: false
`,
	NearMiss: `apiVersion: v1
kind: ConfigMap
metadata: {name: web}
data:
  privileged: "true"
`,
	Run: func(p *Pass) {
		for c := range p.Object.Containers() {
			if at := c.Get("securityContext", "privileged"); at.IsTrue() || at.Unknown() {
				p.Report(at, c.Subject(), "container %q runs privileged: %s", c.Name(), stated(at, "false"))
			}
		}
	},
}
