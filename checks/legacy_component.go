package checks

import (
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

var legacyComponent = &Check{
	ID:       "legacy-component",
	Title:    "Component is no longer maintained",
	Severity: High,
	Topic:    Components,
	Since:    "0.1.0",
	Why:      "Nobody mends its next hole, and each of these holds wide rights or stands at the edge of the cluster.",
	Fix:      "Replace it: helm 3 needs no Tiller; Headlamp follows the dashboard; a Gateway or another ingress controller follows ingress-nginx.",
	Source:   "MITRE ATT&CK T1133; Kubernetes blog, Ingress NGINX Retirement",
	Aliases:  []string{"CKV_K8S_33", "CKV_K8S_34", "CKV_K8S_44", "CKV_K8S_45", "KSV-0102", "C-0292"},
	Bad: container("") + `---
apiVersion: apps/v1
kind: Deployment
metadata: {name: tiller-deploy, namespace: kube-system}
spec:
  selector: {matchLabels: {app: helm}}
  template:
    metadata: {labels: {app: helm}}
    spec:
      containers:
        - name: tiller
          image: ghcr.io/helm/tiller:v2.17.0 # want
        - name: copy
          image: registry.example.com/mirror/tiller:v2.17.0 # want
---
apiVersion: v1
kind: Service
metadata: {name: tiller-deploy, namespace: kube-system}
spec:
  selector:
    app: helm
    name: tiller # want
  ports: [{name: tiller, port: 44134}]
`,
	Good: container(""),
	NearMiss: `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: dashboard
          image: registry.example.com/shop/dashboard:1.0
        - name: nginx
          image: docker.io/nginx/nginx-ingress:5.0.0
`,
	Run: func(p *Pass) {
		for c := range p.Object.Containers() {
			at := c.Get("image")
			i, ok := parseImage(at.Text())
			if !ok {
				continue
			}
			_, name, _ := strings.Cut(i.name, "/") // in whatever registry
			if copied := i.name[strings.LastIndexByte(i.name, '/')+1:]; copied == "tiller" {
				name = "helm/tiller" // nothing else is called that
			}
			if since := retired[name]; since != "" {
				p.Report(at, c.Subject().Of(name), "container %q runs %s, which %s; a maintained component is expected", c.Name(), i.name, since)
			}
		}
		if selector := p.Object.Root.Get("spec", "selector"); p.Object.GroupKind() == "Service" && selector.Get("name").Text() == "tiller" {
			p.Report(selector.Get("name"), manifest.Subject{Class: "helm/tiller"}, "the Service opens Tiller, which %s; a maintained component is expected", retired["helm/tiller"])
		}
	},
}

// retired are the components that ended, by their image without its registry.
var retired = map[string]string{
	"helm/tiller":                                            "ended with Helm 2 in November 2020",
	"kubernetes-helm/tiller":                                 "ended with Helm 2 in November 2020",
	"kubernetesui/dashboard":                                 "is archived",
	"kubernetesui/dashboard-api":                             "is archived",
	"kubernetes-dashboard-amd64":                             "is archived",
	"google_containers/kubernetes-dashboard-amd64":           "is archived",
	"ingress-nginx/controller":                               "was retired in March 2026",
	"ingress-nginx/nginx-ingress-controller":                 "was retired in March 2026",
	"kubernetes-ingress-controller/nginx-ingress-controller": "was retired in March 2026",
}
