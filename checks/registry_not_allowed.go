package checks

import (
	"slices"

	"github.com/rendergate/rendergate/render/manifest"
)

var registryNotAllowed = &Check{
	ID:       "registry-not-allowed",
	Title:    "Image comes from a registry that is not allowed",
	Severity: High,
	Topic:    RegistryAccess,
	Since:    "0.1.0",
	Why:      "Images from elsewhere were not scanned, signed or kept: whoever controls that registry runs code in the cluster.",
	Fix:      "Copy the image to an allowed registry, or add the registry to `registries.allowed`.",
	Source:   "CIS Amazon EKS 5.1.4",
	Aliases:  []string{"KSV-0125", "KSV-0034", "C-0078"},
	Bad: podSpec(`containers:
  - name: a
    image: nginx:1.29.1 # want
  - name: b
    image: ghcr.io/acme-evil/b:1.0 # want
`),
	Good: podSpec(`containers:
  - name: a
    image: ghcr.io/acme/a:1.0
`),
	NearMiss: podSpec(`containers:
  - name: a
    image: ghcr.io/acme/deeper/a@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
`),
	Run: func(p *Pass) {
		if len(p.Settings.Registries) == 0 {
			return
		}
		for c := range p.Object.Containers() {
			p.notAllowed(c.Get("image"), c.Subject(), "container "+c.Name())
		}
		for pod := range p.Object.Pods() {
			for volume := range pod.Spec().Items("volumes") {
				p.notAllowed(volume.Get("image", "reference"), pod.Subject(), "volume "+volume.Get("name").Text())
			}
		}
	},
}

func (p *Pass) notAllowed(at manifest.Node, subject manifest.Subject, user string) {
	i, ok := parseImage(at.Text())
	if !ok || slices.ContainsFunc(p.Settings.Registries, i.hasPrefix) {
		return
	}
	p.Report(at, subject.Of(i.host()), "image %q of %s comes from %s, which is not allowed", at.Text(), user, i.host())
}
