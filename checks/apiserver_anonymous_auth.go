package checks

import (
	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

var apiserverAnonymousAuth = &Check{
	ID:       "apiserver-anonymous-auth",
	Title:    "API server answers anybody",
	Severity: High,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Whoever reaches the API server may ask it things without a login, and every mistake in a role for anonymous users is open to the world.",
	Fix:      "Set `anonymous-auth` to false, or allow it for the health paths alone in an AuthenticationConfiguration.",
	Source:   "CIS Kubernetes 1.2.1",
	Aliases:  []string{"CKV_K8S_68", "KCV-0001", "C-0113"},
	Mend:     refusesAnonymous,
	Bad: started("kube-apiserver", "--anonymous-auth=true # want") + `---
apiVersion: kubeadm.k8s.io/v1beta3
kind: ClusterConfiguration
apiServer:
  extraArgs:
    anonymous-auth: "true" # want
---
apiVersion: apiserver.config.k8s.io/v1
kind: AuthenticationConfiguration
anonymous:
  enabled: true # want
---
apiVersion: kops.k8s.io/v1alpha2
kind: Cluster
metadata: {name: main}
spec:
  kubeAPIServer:
    anonymousAuth: true # want
`,
	Good:     started("kube-apiserver", "--anonymous-auth=false"),
	NearMiss: configured("apiServer", `profiling: "false"`),
	Run: func(p *Pass) {
		judges(apiserverAnonymousAuthRules...)(p)
		anonymous := p.Object.Root.Get("anonymous")
		if p.Object.GroupKind() == "apiserver.config.k8s.io/AuthenticationConfiguration" && anonymous.Get("enabled").IsTrue() && anonymous.Get("conditions").Len() == 0 {
			p.Report(anonymous.Get("enabled"), manifest.Subject{}, "the API server answers anybody on every path: anonymous.enabled is true without conditions; false is expected")
		}
	},
}

var apiserverAnonymousAuthRules = []flagRule{
	{infra.APIServer, "anonymous-auth", holds("anonymous-auth", "true"), "false", "false"},
}

func refusesAnonymous(f Finding, all []*manifest.Object) []manifest.Edit {
	if o := f.Node.Object(); o != nil && o.Kind == "AuthenticationConfiguration" {
		return []manifest.Edit{manifest.SetTo(f.Node, "false")}
	}
	return mends(apiserverAnonymousAuthRules...)(f, all)
}
