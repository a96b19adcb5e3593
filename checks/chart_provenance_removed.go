package checks

import (
	"path"
	"slices"
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

var chartProvenanceRemoved = &Check{
	ID:       "chart-provenance-removed",
	Title:    "Chart archive lost its provenance file",
	Severity: Medium,
	Topic:    Components,
	Since:    "0.2.0",
	Why:      "Until now a signed file vouched for what the archive holds. Without it a replaced archive looks like any other.",
	Fix:      "Keep the .prov file of the version that is vendored, beside the archive: `helm pull --prov` fetches both.",
	Source:   "Helm documentation, Helm Provenance and Integrity; SLSA, verifying artifacts",
	Before:   vendoredExample + "---\n" + strings.Replace(provenanceExample("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), "archive: redis-20.0.0.tgz", "archive: redis-20.0.0.tgz # want", 1),
	Bad:      vendoredExample,
	Good: strings.Replace(vendoredExample, "20.0.0", "20.0.1", 1) + "---\n" +
		strings.ReplaceAll(provenanceExample("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), "20.0.0.tgz", "20.0.1.tgz"),
	NearMiss: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: redis}\n",
	Compare: func(p *Pass) {
		for _, was := range p.Base {
			if was.GroupKind() != "helm.sh/Provenance" || slices.ContainsFunc(p.Objects, func(o *manifest.Object) bool { return sameChart(o, was, "helm.sh/Provenance") }) {
				continue
			}
			i := slices.IndexFunc(p.Objects, func(o *manifest.Object) bool { return sameChart(o, was, "helm.sh/VendoredChart") })
			if i >= 0 {
				p.Report(was.Root.Get("archive"), manifest.Subject{}, "%s was vouched for by a signed provenance file, and chart %s %s is without one", nameOf(was.Root, "archive"), was.Name, p.Objects[i].Root.Get("version").Text())
			}
		}
	},
}

const vendoredExample = "apiVersion: helm.sh/v2\nkind: VendoredChart\nmetadata: {name: redis}\nchart: shop\nname: redis\nversion: 20.0.0\n"

// sameChart says that an object is of a kind, about the chart of another one,
// and vendored in the same folder.
func sameChart(o, other *manifest.Object, kind string) bool {
	return o.GroupKind() == kind && o.Name == other.Name && path.Dir(o.Origin.Path) == path.Dir(other.Origin.Path)
}
