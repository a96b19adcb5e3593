package checks

import (
	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

var apiserverEventRateLimit = &Check{
	ID:       "apiserver-event-rate-limit",
	Title:    "API server takes any number of events",
	Severity: Low,
	Topic:    NodeHardening,
	Since:    "0.3.0",
	Off:      true,
	Why:      "A broken or hostile workload floods the API server with events until it answers nobody else.",
	Fix:      "Add EventRateLimit to `enable-admission-plugins`, and configure it in an AdmissionConfiguration.",
	Source:   "CIS Kubernetes 1.2.9",
	Aliases:  []string{"CKV_K8S_78", "KCV-0010", "C-0121"},
	Bad: started("kube-apiserver", "--enable-admission-plugins=NodeRestriction # want") + `---
apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
metadata: {name: main}
plugins:
  - name: ImagePolicyWebhook # want
    path: image-policy.yaml
`,
	Good: started("kube-apiserver", "--enable-admission-plugins=NodeRestriction,EventRateLimit") + `---
apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
metadata: {name: main}
plugins:
  - name: EventRateLimit
    path: events.yaml
`,
	NearMiss: started("kube-scheduler", "--profiling=false"),
	Run: func(p *Pass) {
		judges(apiserverEventRateLimitRules...)(p)
		if p.Object.GroupKind() != "apiserver.config.k8s.io/AdmissionConfiguration" {
			return
		}
		plugins := p.Object.Root.Get("plugins")
		for plugin := range plugins.Items() {
			if plugin.Get("name").Text() == "EventRateLimit" || plugin.Get("name").Unknown() {
				return
			}
		}
		p.Report(plugins, manifest.Subject{}, "the admission plugins that are configured lack EventRateLimit")
	},
}

var apiserverEventRateLimitRules = []flagRule{
	{infra.APIServer, "enable-admission-plugins", lacksItem("enable-admission-plugins", "EventRateLimit"), "EventRateLimit among them", ""},
}
