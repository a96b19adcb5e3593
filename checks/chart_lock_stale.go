package checks

import (
	"path"

	"github.com/Masterminds/semver/v3"
	"go.yaml.in/yaml/v3"
	sigsyaml "sigs.k8s.io/yaml"

	"github.com/rendergate/rendergate/render/lock"
	"github.com/rendergate/rendergate/render/manifest"
)

var chartLockStale = &Check{
	ID:       "chart-lock-stale",
	Title:    "Chart's lock file does not belong to its dependencies",
	Severity: Medium,
	Topic:    Components,
	Since:    "0.1.0",
	Why:      "What is deployed is then chosen by whoever builds the chart: `helm dependency build` refuses, and `update` takes what the repositories have that day.",
	Fix:      "Run `helm dependency update` and commit Chart.lock, with the archives in charts/ where they are kept.",
	Source:   "Helm documentation, helm dependency build; SLSA, pinned dependencies",
	Bad: `apiVersion: helm.sh/v2
kind: Chart
metadata: {name: shop}
dependencies:
  - name: redis
    version: 20.0.0
    repository: https://charts.example.com
---
apiVersion: helm.sh/v2
kind: Lock
metadata: {name: shop}
dependencies:
  - name: redis
    version: 19.0.1
    repository: https://charts.example.com
digest: sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa # want
---
apiVersion: helm.sh/v2
kind: VendoredChart
metadata: {name: redis}
chart: shop
name: redis
version: 20.0.0 # want
`,
	Good: `apiVersion: helm.sh/v2
kind: Chart
metadata: {name: shop}
dependencies:
  - name: redis
    version: ^19.0.0
    repository: file://../b
---
apiVersion: helm.sh/v2
kind: Lock
metadata: {name: shop}
dependencies:
  - name: redis
    version: 19.0.1
    repository: file://../b
digest: sha256:5dc5272fe1baa92095cada48c2cfb80cc83fde77acb73eae4f93d332b752cc5b
---
apiVersion: helm.sh/v2
kind: VendoredChart
metadata: {name: redis}
chart: shop
name: redis
version: 19.0.1
`,
	NearMiss: `apiVersion: helm.sh/v2
kind: Chart
metadata: {name: shop}
dependencies:
  - name: redis
    version: 20.0.0
    repository: https://charts.example.com
---
apiVersion: helm.sh/v2
kind: Lock
metadata: {name: other}
dependencies: []
digest: sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
---
apiVersion: helm.sh/v2
kind: VendoredChart
metadata: {name: redis}
chart: shop
name: redis
version: 20.0.0
`,
	RunTarget: func(p *Pass) {
		for _, o := range p.Objects {
			if o.GroupKind() != "helm.sh/Lock" {
				continue
			}
			of := path.Dir(o.Origin.Path)
			declared, locked := declaredIn(p.Objects, of, o.Name), lockOf(o)
			if at := o.Root.Get("digest"); len(declared) > 0 && !lock.Agrees(declared, locked) {
				p.Report(at, manifest.Subject{Class: "digest"}, "the lock file of chart %q was made for other dependencies than the chart declares now", o.Name)
			}
			p.outdatedArchives(o.Name, of, locked)
		}
	},
	Mend: func(f Finding, all []*manifest.Object) []manifest.Edit {
		if f.Subject.Class != "digest" {
			return nil
		}
		return relocked(f.Node.Object(), all)
	},
}

// outdatedArchives reports vendored charts that are of another version than the
// lock names.
func (p *Pass) outdatedArchives(chartName, dir string, locked lock.Lock) {
	for _, o := range p.Objects {
		if o.GroupKind() != "helm.sh/VendoredChart" || nameOf(o.Root, "chart") != chartName || o.Origin.Path != "" && path.Dir(path.Dir(o.Origin.Path)) != dir {
			continue
		}
		version, known := o.Root.Get("version"), false
		for _, d := range locked.Dependencies {
			known = known || d.Name == nameOf(o.Root, "name") && d.Version == version.Text()
		}
		if !known {
			p.Report(version, manifest.Subject{Class: "archive"}, "charts/ holds %s %s, which the lock file of chart %q does not name", nameOf(o.Root, "name"), version.Text(), chartName)
		}
	}
}

// declaredIn are the dependencies that the chart of a folder declares.
func declaredIn(all []*manifest.Object, dir, name string) []lock.Dependency {
	var declared []lock.Dependency
	for _, o := range all {
		if o.GroupKind() == "helm.sh/Chart" && path.Dir(o.Origin.Path) == dir && o.Name == name {
			declared = append(declared, dependenciesOf(o)...)
		}
	}
	return declared
}

func lockOf(o *manifest.Object) lock.Lock {
	return lock.Lock{Dependencies: dependenciesOf(o), Digest: nameOf(o.Root, "digest")}
}

// dependenciesOf reads dependencies as helm does, every field of them: they all
// go into the digest.
func dependenciesOf(o *manifest.Object) []lock.Dependency {
	var all []lock.Dependency
	for at := range o.Root.Get("dependencies").Items() {
		var d lock.Dependency
		text, err := yaml.Marshal(at.YAML())
		if err != nil || sigsyaml.Unmarshal(text, &d) != nil {
			continue // the render says what is wrong with it
		}
		all = append(all, d)
	}
	return all
}

// relocked is what makes a lock belong to its chart again, where that can be
// said without asking a repository: every dependency is named by one version, or
// the locked one still is within its range.
func relocked(o *manifest.Object, all []*manifest.Object) []manifest.Edit {
	declared, locked := declaredIn(all, path.Dir(o.Origin.Path), o.Name), lockOf(o)
	if len(declared) != len(locked.Dependencies) {
		return nil
	}
	var edits []manifest.Edit
	i := -1
	for at := range o.Root.Get("dependencies").Items() {
		i++
		want, have := declared[i], &locked.Dependencies[i]
		switch {
		case want.Name != have.Name || want.Repository != have.Repository:
			return nil
		case inRange(want.Version, have.Version):
		case exactVersion(want.Version):
			have.Version = want.Version
			edits = append(edits, manifest.SetTo(at.Get("version"), want.Version))
		default:
			return nil
		}
	}
	return append(edits, manifest.SetTo(o.Root.Get("digest"), lock.Digest(declared, locked)))
}

// inRange says that a version satisfies what a chart declares.
func inRange(declared, version string) bool {
	c, err := semver.NewConstraint(declared)
	if err != nil {
		return false
	}
	v, err := semver.NewVersion(version)
	return err == nil && c.Check(v)
}
