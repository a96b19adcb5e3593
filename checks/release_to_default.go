package checks

import "github.com/rendergate/rendergate/render/manifest"

var releaseToDefault = &Check{
	ID:       "release-to-default",
	Title:    "Release goes to the default namespace",
	Severity: Medium,
	Topic:    DefaultNamespace,
	Since:    "0.1.0",
	Why:      "Everything of the release that names no namespace lands in default, beside everybody else's.",
	Fix:      "Name a namespace of its own: `targetNamespace`, the Application's `destination.namespace`, or the `namespace` of a `helm_release`.",
	Source:   "CIS Kubernetes 5.7.4",
	Aliases:  []string{"C-0212"},
	Bad: `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web, namespace: flux-system}
spec:
  targetNamespace: default # want
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web, namespace: argocd}
spec:
  destination:
    server: https://kubernetes.default.svc
    namespace: default # want
---
apiVersion: helm.cattle.io/v1
kind: HelmChart
metadata: {name: web, namespace: kube-system}
spec:
  chart: web # want
`,
	Good: `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web, namespace: default}
spec:
  targetNamespace: shop
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web, namespace: argocd}
spec:
  destination: {server: https://kubernetes.default.svc, namespace: shop}
`,
	NearMiss: `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web}
spec: {interval: 5m}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: web, namespace: default}
spec: {path: ./web}
`,
	Terraform: Examples{
		Bad: `resource "helm_release" "web" { # want
  name  = "web"
  chart = "./charts/web"
}

resource "helm_release" "shop" {
  name      = "shop"
  chart     = "./charts/web"
  namespace = "default" # want
}
`,
		Good: `resource "helm_release" "web" {
  name      = "web"
  chart     = "./charts/web"
  namespace = "shop"
}
`,
		NearMiss: `variable "namespace" {}

resource "helm_release" "web" {
  name      = "web"
  chart     = "./charts/web"
  namespace = var.namespace
}
`,
	},
	Run: func(p *Pass) {
		o, spec := p.Object, p.Object.Root.Get("spec")
		if at, found := releaseNamespace(o, spec); found {
			p.Report(at, manifest.Subject{}, "%s %q deploys to the default namespace; one of its own is expected", o.Kind, o.Name)
			return
		}
		if o.GroupKind() != "argoproj.io/ApplicationSet" {
			return
		}
		if at := spec.Get("template", "spec", "destination", "namespace"); at.Text() == "default" {
			p.Report(at, manifest.Subject{}, "the Applications of ApplicationSet %q deploy to the default namespace; one of their own is expected", o.Name)
		}
	},
}

// releaseNamespace is the place that sends a release to default, or leaves it
// there. What names no namespace and gets one from its context is not known.
func releaseNamespace(o *manifest.Object, spec manifest.Node) (at manifest.Node, found bool) {
	switch o.GroupKind() {
	case "helm.toolkit.fluxcd.io/HelmRelease":
		at = spec.Get("targetNamespace")
		if !at.Set() {
			at = o.Root.Get("metadata", "namespace")
		}
	case "kustomize.toolkit.fluxcd.io/Kustomization":
		at = spec.Get("targetNamespace")
	case "argoproj.io/Application":
		at = spec.Get("destination", "namespace")
	case "helm.cattle.io/HelmChart":
		at = spec.Get("targetNamespace")
		return at, at.Text() == "" || at.Text() == "default"
	case "helm_release": // of Terraform, which sends there what names no namespace
		at = o.Root.Get("namespace")
		return at, !at.Set() || at.Text() == "default"
	case "helm.crossplane.io/Release":
		at = spec.Get("forProvider", "namespace")
	}
	return at, at.Text() == "default"
}
