package checks

import "github.com/rendergate/rendergate/render/manifest"

var gitopsBroad = &Check{
	ID:       "gitops-broad",
	Title:    "Argo CD project allows everything",
	Severity: Medium,
	Topic:    Hygiene,
	Since:    "0.1.0",
	Why:      "Whoever may add an Application to the project deploys anything from anywhere into any namespace, with Argo CD's own rights.",
	Fix:      "List the repositories, the namespaces and the cluster-scoped kinds that the project needs.",
	Source:   "MITRE ATT&CK T1098; Argo CD documentation, Projects",
	Bad: `apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata: {name: shop}
spec:
  sourceRepos: ["*"] # want
  destinations:
    - server: "*"
      namespace: "*" # want
  clusterResourceWhitelist:
    - group: "*"
      kind: "*" # want
`,
	Good: `apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata: {name: shop}
spec:
  sourceRepos: ["https://github.com/acme/shop*"]
  destinations:
    - {server: "https://kubernetes.default.svc", namespace: "shop-*"}
  clusterResourceWhitelist:
    - {group: "", kind: Namespace}
`,
	NearMiss: `apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata: {name: shop}
spec:
  sourceRepos: ["https://github.com/acme/*", "!https://github.com/acme/lab"]
  destinations:
    - {server: "https://kubernetes.default.svc", namespace: "!kube-system"}
  namespaceResourceWhitelist:
    - {group: "*", kind: "*"}
`,
	Run: func(p *Pass) {
		if p.Object.GroupKind() != "argoproj.io/AppProject" {
			return
		}
		spec := p.Object.Root.Get("spec")
		report := func(at manifest.Node, class, accepted string) {
			p.Report(at, manifest.Subject{Class: class}, "AppProject %q has %s *; %s are expected", p.Object.Name, class, accepted)
		}
		for repo := range spec.Get("sourceRepos").Items() {
			if repo.Text() == "*" {
				report(repo, "sourceRepos", "named repositories")
			}
		}
		for d := range spec.Get("destinations").Items() {
			if at := d.Get("namespace"); at.Text() == "*" {
				report(at, "destinations.namespace", "named namespaces")
			}
		}
		for kind := range spec.Get("clusterResourceWhitelist").Items() {
			if at := kind.Get("kind"); at.Text() == "*" && kind.Get("group").Text() == "*" {
				report(at, "clusterResourceWhitelist", "named kinds")
			}
		}
	},
}
