package checks

import (
	"iter"
	"strings"

	"github.com/Masterminds/semver/v3"

	"github.com/rendergate/rendergate/render/manifest"
)

var chartVersionFloating = &Check{
	ID:       "chart-version-floating",
	Title:    "Third-party chart is not pinned to a version",
	Severity: Medium,
	Topic:    Components,
	Since:    "0.1.0",
	Why:      "What is deployed changes when somebody else publishes, without a review and without a way back.",
	Fix:      "Name the exact version.",
	Source:   "Helm documentation, Charts: Dependencies; SLSA, pinned dependencies",
	Bad: `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: redis}
spec:
  source:
    repoURL: https://charts.example.com
    chart: redis
    targetRevision: 19.x # want
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: redis}
spec:
  chart:
    spec:
      chart: redis
      version: ">=19.0.0" # want
      sourceRef: {kind: HelmRepository, name: example}
---
apiVersion: helm.sh/v2
kind: Chart
name: shop
dependencies:
  - name: redis
    repository: https://charts.example.com
    version: ^19.0.0 # want
`,
	Good: `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: redis}
spec:
  source:
    repoURL: https://charts.example.com
    chart: redis
    targetRevision: 19.0.1
`,
	NearMiss: `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: shop}
spec:
  source:
    repoURL: https://git.example.com/shop.git
    path: charts/shop
    targetRevision: main
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: shop}
spec:
  chart:
    spec:
      chart: ./charts/shop
      sourceRef: {kind: GitRepository, name: shop}
---
apiVersion: helm.sh/v2
kind: Chart
name: shop
dependencies:
  - name: library
    repository: file://../library
    version: ">=0.1.0"
`,
	Terraform: Examples{
		Bad: `resource "helm_release" "redis" { # want
  name       = "redis"
  repository = "https://charts.example.com"
  chart      = "redis"
  namespace  = "shop"
}

resource "helm_release" "valkey" {
  name      = "valkey"
  chart     = "oci://registry.example.com/charts/valkey"
  version   = "~> 2.0" # want
  namespace = "shop"
}
`,
		Good: `resource "helm_release" "redis" {
  name       = "redis"
  repository = "https://charts.example.com"
  chart      = "redis"
  version    = "19.0.1"
  namespace  = "shop"
}
`,
		NearMiss: `resource "helm_release" "shop" {
  name      = "shop"
  chart     = "./charts/shop"
  namespace = "shop"
}
`,
	},
	Run: func(p *Pass) {
		for chart, version := range namedCharts(p.Object) {
			if !exactVersion(version.Text()) {
				p.Report(version, manifest.Subject{Class: chart}, "chart %q is not pinned to a version%s", chart, orNone(version.Text()))
			}
		}
	},
}

func orNone(version string) string {
	if version == "" {
		return ": there is none"
	}
	return ": " + version
}

// namedCharts are the charts from elsewhere that an object asks for, with the
// place of their version.
func namedCharts(o *manifest.Object) func(yield func(string, manifest.Node) bool) {
	return func(yield func(string, manifest.Node) bool) {
		switch o.GroupKind() {
		case "helm.sh/Chart":
			for d := range o.Root.Get("dependencies").Items() {
				if remoteRepository(d.Get("repository").Text()) && !yield(nameOf(d, "name"), d.Get("version")) {
					return
				}
			}
		case "helm.toolkit.fluxcd.io/HelmRelease":
			spec := o.Root.Get("spec", "chart", "spec")
			if kind := spec.Get("sourceRef", "kind").Text(); spec.IsMap() && kind != "GitRepository" && kind != "Bucket" {
				yield(nameOf(spec, "chart"), spec.Get("version"))
			}
		case "argoproj.io/Application":
			argoCharts(o.Root.Get("spec"), yield)
		case "argoproj.io/ApplicationSet":
			argoCharts(o.Root.Get("spec", "template", "spec"), yield)
		case "helm_release": // of Terraform
			chart, repository := o.Root.Get("chart"), o.Root.Get("repository")
			if version := o.Root.Get("version"); (repository.Set() || strings.Contains(chart.Text(), "://")) && !version.Unknown() {
				yield(chart.Text(), version)
			}
		case "kustomize.config.k8s.io/Kustomization":
			for c := range o.Root.Get("helmCharts").Items() {
				if c.Get("repo").Text() != "" && !yield(nameOf(c, "name"), c.Get("version")) {
					return
				}
			}
		}
	}
}

func nameOf(at manifest.Node, field string) string { return at.Get(field).Text() }

// argoCharts visits the Helm sources of an Application's spec. A templated
// revision is decided elsewhere.
func argoCharts(spec manifest.Node, yield func(string, manifest.Node) bool) {
	for source := range argoSources(spec) {
		if source.Get("chart").Text() == "" || strings.Contains(source.Get("targetRevision").Text(), "{{") {
			continue
		}
		if !yield(source.Get("chart").Text(), source.Get("targetRevision")) {
			return
		}
	}
}

// argoSources are the sources of an Application's spec, one or many.
func argoSources(spec manifest.Node) iter.Seq[manifest.Node] {
	return func(yield func(manifest.Node) bool) {
		if source := spec.Get("source"); source.IsMap() && !yield(source) {
			return
		}
		for source := range spec.Get("sources").Items() {
			if !yield(source) {
				return
			}
		}
	}
}

func remoteRepository(url string) bool { return url != "" && !strings.HasPrefix(url, "file://") }

// exactVersion says that a constraint names one version and not a range: Helm
// reads 1.2 as 1.2.x.
func exactVersion(constraint string) bool {
	constraint = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(constraint), "="))
	_, err := semver.StrictNewVersion(strings.TrimPrefix(constraint, "v"))
	return err == nil
}
