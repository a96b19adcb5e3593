package checks

import (
	"net/url"
	"slices"
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

var chartRepoUntrusted = &Check{
	ID:       "chart-repo-untrusted",
	Title:    "Chart comes from a repository that nobody vouches for",
	Severity: Medium,
	Topic:    Components,
	Since:    "0.1.0",
	Why:      "Whoever stands on the way of an unencrypted download, or owns that repository, decides what is deployed.",
	Fix:      "Use an https:// or oci:// address, and name the repository in `registries.charts` where such a list is kept.",
	Source:   "MITRE ATT&CK T1195 Supply Chain Compromise; SLSA, Distributing provenance",
	Bad: `apiVersion: helm.sh/v2
kind: Chart
name: shop
dependencies:
  - name: redis
    repository: http://charts.example.com # want
    version: 19.0.1
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata: {name: example}
spec:
  url: http://charts.example.com # want
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata: {name: example}
spec:
  url: oci://registry.example.com/acme/redis
  insecure: true # want
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: redis}
spec:
  source:
    repoURL: https://elsewhere.example.org/charts # want
    chart: redis
    targetRevision: 19.0.1
---
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
metadata: {name: overlay}
helmCharts:
  - name: redis
    version: 19.0.1
    repo: http://charts.example.com # want
`,
	Good: `apiVersion: helm.sh/v2
kind: Chart
name: shop
dependencies:
  - name: redis
    repository: https://charts.example.com
    version: 19.0.1
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: redis}
spec:
  source:
    repoURL: registry.example.com/charts
    chart: redis
    targetRevision: 19.0.1
`,
	NearMiss: `apiVersion: helm.sh/v2
kind: Chart
name: shop
dependencies:
  - name: library
    repository: file://../library
    version: 0.1.0
  - name: redis
    repository: "@example"
    version: 19.0.1
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata: {name: inside}
spec:
  url: http://chartmuseum.charts.svc.cluster.local:8080
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: shop}
spec:
  source:
    repoURL: http://git.example.com/shop.git
    path: charts/shop
    targetRevision: v1.2.3
`,
	Run: func(p *Pass) {
		for chart, repository := range chartRepositories(p.Object) {
			address := repository.Text()
			switch where := host(address); {
			case repository.Unknown() && len(p.Settings.ChartSources) > 0:
				p.Report(repository, manifest.Subject{}, "chart %q is fetched from a repository that is not among those that are allowed", chart)
			case where == "" || strings.Contains(address, "{{"):
			case strings.HasPrefix(strings.ToLower(address), "http://") && !insideCluster(where):
				p.Report(repository, manifest.Subject{Class: "http " + where}, "chart %q is fetched from %s over http, which anybody on the way can answer; https is expected", chart, address)
			case len(p.Settings.ChartSources) > 0 && !slices.ContainsFunc(p.Settings.ChartSources, func(prefix string) bool { return servedBelow(address, prefix) }):
				p.Report(repository, manifest.Subject{Class: address}, "chart %q is fetched from %s, which is not among the repositories that are allowed", chart, address)
			}
		}
		if at := p.Object.Root.Get("spec", "insecure"); at.IsTrue() && (p.Object.GroupKind() == "source.toolkit.fluxcd.io/HelmRepository" || p.Object.GroupKind() == "source.toolkit.fluxcd.io/OCIRepository") {
			p.Report(at, manifest.Subject{Class: "insecure"}, "`insecure` lets the chart be fetched without TLS; https is expected")
		}
	},
	Mend: func(f Finding, _ []*manifest.Object) []manifest.Edit {
		if f.Subject.Class == "insecure" {
			return []manifest.Edit{manifest.Remove(f.Node)}
		}
		return nil
	},
}

// chartRepositories are the places where an object says which repository a
// chart comes from, with the chart's name.
func chartRepositories(o *manifest.Object) func(yield func(string, manifest.Node) bool) {
	return func(yield func(string, manifest.Node) bool) {
		switch o.GroupKind() {
		case "helm.sh/Chart":
			for d := range o.Root.Get("dependencies").Items() {
				if repository := d.Get("repository"); remoteRepository(repository.Text()) && !yield(nameOf(d, "name"), repository) {
					return
				}
			}
		case "source.toolkit.fluxcd.io/HelmRepository", "source.toolkit.fluxcd.io/OCIRepository":
			yield(o.Name, o.Root.Get("spec", "url"))
		case "argoproj.io/Application":
			argoRepositories(o.Root.Get("spec"), yield)
		case "argoproj.io/ApplicationSet":
			argoRepositories(o.Root.Get("spec", "template", "spec"), yield)
		case "kustomize.config.k8s.io/Kustomization":
			for c := range o.Root.Get("helmCharts").Items() {
				if !yield(nameOf(c, "name"), c.Get("repo")) {
					return
				}
			}
		case "helm_release": // of Terraform, whose chart may be an address itself
			at := o.Root.Get("repository")
			if chart := o.Root.Get("chart"); !at.Set() && strings.Contains(chart.Text(), "://") {
				at = chart
			}
			yield(nameOf(o.Root, "chart"), at)
		}
	}
}

func argoRepositories(spec manifest.Node, yield func(string, manifest.Node) bool) {
	for source := range argoSources(spec) {
		if chart := nameOf(source, "chart"); chart != "" && !yield(chart, source.Get("repoURL")) {
			return
		}
	}
}

// host is the host of a repository's address, whatever its form: a URL, or as
// Argo CD writes registries, host/path. A name of somebody's own helm
// configuration has none.
func host(address string) string {
	if strings.HasPrefix(address, "@") || strings.HasPrefix(address, "alias:") {
		return ""
	}
	if !strings.Contains(address, "://") {
		first, _, _ := strings.Cut(address, "/")
		if !strings.ContainsAny(first, ".:") {
			return ""
		}
		address = "oci://" + address
	}
	u, err := url.Parse(address)
	if err != nil {
		return address // which is nothing that anybody allowed
	}
	if u.Scheme == "file" {
		return ""
	}
	return strings.ToLower(u.Hostname())
}

// insideCluster says that a host is reached without leaving the cluster or the
// machine, where TLS is rare and nobody stands on the way.
func insideCluster(host string) bool {
	return host == "localhost" || host == "127.0.0.1" || host == "::1" || strings.HasSuffix(host, ".svc") || strings.HasSuffix(host, ".cluster.local")
}

// servedBelow says that an address is a prefix or lies under it. A registry counts
// with and without its scheme.
func servedBelow(address, prefix string) bool {
	trim := func(s string) string {
		return strings.TrimSuffix(strings.TrimPrefix(strings.ToLower(s), "oci://"), "/")
	}
	return trim(address) == trim(prefix) || strings.HasPrefix(trim(address), trim(prefix)+"/")
}
