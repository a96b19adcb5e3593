package gate

import (
	"maps"
	"slices"
	"strings"

	"github.com/rendergate/rendergate/checks"
	"github.com/rendergate/rendergate/internal/report"
	"github.com/rendergate/rendergate/render"
	"github.com/rendergate/rendergate/render/manifest"
)

// bumps are the dependencies that the change moves to another version, with what
// each brings: one entry for all targets that have it.
func (a assembly) bumps(targets []*target, findings []report.Finding) []report.Bump {
	all := []report.Bump{}
	index := map[string]int{}
	for _, t := range targets {
		for _, b := range t.bumps {
			key := string(b.now.Kind) + " " + b.label()
			at, known := index[key]
			if !known {
				at = len(all)
				index[key] = at
				all = append(all, report.Bump{
					Kind: kindOf(b.now.Kind), Name: a.redact.Text(b.name()), From: a.redact.Text(versionOf(b.was)), To: a.redact.Text(versionOf(b.now)),
					Label: a.redact.Text(b.label()), Places: []report.Location{}, Targets: []string{},
				})
			}
			a.addTo(&all[at], t, b)
		}
	}
	for i := range all {
		a.findingsOf(&all[i], findings)
	}
	return all
}

func kindOf(kind render.MissingKind) string {
	switch kind {
	case render.MissingBase:
		return "base"
	case render.MissingRelease:
		return "release"
	}
	return "chart"
}

// addTo adds what a bump does to one more target.
func (a assembly) addTo(d *report.Bump, t *target, b *bump) {
	d.Targets = append(d.Targets, t.id)
	for _, at := range b.places {
		if !slices.Contains(d.Places, at) {
			d.Places = append(d.Places, at)
		}
	}
	if b.unknown != "" && d.Unknown == "" {
		d.Unknown = a.redact.Text(b.unknown)
	}
	var before, now []*manifest.Object
	for _, pair := range b.objects {
		switch {
		case pair.Base == nil:
			d.Added = addObject(d.Added, objectOf(pair.Head))
		case pair.Head == nil:
			d.Removed = addObject(d.Removed, objectOf(pair.Base))
		}
		if pair.Base != nil {
			before = append(before, pair.Base)
		}
		if pair.Head != nil {
			now = append(now, pair.Head)
		}
	}
	d.Fixed = max(d.Fixed, b.fixed)
	d.Images = a.more(d.Images, imagesOf(now), imagesOf(before))
	d.Without = a.more(d.Without, imagesOf(before), imagesOf(now))
	d.Unserved = a.more(d.Unserved, servedBy(before), servedBy(now))
}

func addObject(all []report.Object, o report.Object) []report.Object {
	if o.APIVersion == "helm.sh/v2" || slices.Contains(all, o) {
		return all // what says where charts come from is deployed nowhere
	}
	return append(all, o)
}

// more adds to a list what one set has and another has not.
func (a assembly) more(list []string, these, others map[string]bool) []string {
	for _, name := range slices.Sorted(maps.Keys(these)) {
		if text := a.redact.Text(name); !others[name] && !slices.Contains(list, text) {
			list = append(list, text)
		}
	}
	return list
}

func imagesOf(objects []*manifest.Object) map[string]bool {
	images := map[string]bool{}
	for _, o := range objects {
		for c := range o.Containers() {
			if image := c.Get("image").Text(); image != "" {
				images[image] = true
			}
		}
	}
	return images
}

// findingsOf lists the findings that a bump brings, and what they are about.
func (a assembly) findingsOf(d *report.Bump, findings []report.Finding) {
	d.Findings, d.Rights, d.Exposure, d.APIs = []string{}, []string{}, []string{}, []string{}
	for _, f := range findings {
		if f.BroughtBy != d.Label || f.Suppressed != nil {
			continue
		}
		d.Findings = append(d.Findings, f.Key)
		if f.Blocks {
			d.Blocks++
		}
		switch {
		case isRight(f):
			d.Rights = append(d.Rights, f.Key)
		case slices.Contains(exposing, f.Check):
			d.Exposure = append(d.Exposure, f.Key)
		case f.Check == "removed-api" || f.Check == "deprecated-api":
			d.APIs = append(d.APIs, f.Key)
		}
	}
}

// isRight says that a finding is about what somebody may do.
func isRight(f report.Finding) bool {
	return strings.HasPrefix(f.Check, "rbac-") || f.Topic == string(checks.CloudIAM) || f.Check == "default-sa-bound"
}

// exposing are the checks of what can be reached, and from where.
var exposing = []string{
	"service-exposed", "reachability-widened", "isolation-lost", "service-external-ips", "host-port", "host-network", "ingress-no-tls", "ingress-snippet",
}
