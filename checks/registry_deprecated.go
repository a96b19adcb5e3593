package checks

import (
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

var registryDeprecated = &Check{
	ID:       "registry-deprecated",
	Title:    "Image comes from a registry that is no longer kept",
	Severity: Medium,
	Topic:    RegistryAccess,
	Since:    "0.1.0",
	Why:      "Its images get no fixes any more, and the day it is switched off nothing starts.",
	Fix:      "Use the successor: registry.k8s.io for k8s.gcr.io, the maintained images for bitnamilegacy.",
	Source:   "Kubernetes blog, k8s.gcr.io Redirect to registry.k8s.io, 2023-03-10",
	Aliases:  []string{"C-0253"},
	Mend:     movedRegistry,
	Bad: podSpec(`containers:
  - name: a
    image: k8s.gcr.io/pause:3.9 # want
  - name: b
    image: bitnamilegacy/redis:7.2 # want
`),
	Good: podSpec(`containers:
  - name: a
    image: registry.k8s.io/pause:3.9
`),
	NearMiss: podSpec(`containers:
  - name: a
    image: registry.example.com/k8s.gcr.io/pause:3.9
`),
	Run: func(p *Pass) {
		for c := range p.Object.Containers() {
			at := c.Get("image")
			i, ok := parseImage(at.Text())
			if !ok {
				continue
			}
			for _, prefix := range deprecatedRegistries {
				if i.hasPrefix(prefix) {
					p.Report(at, c.Subject().Of(prefix), "image %q of container %q comes from %s, which is no longer kept", at.Text(), c.Name(), prefix)
				}
			}
		}
	},
}

var deprecatedRegistries = []string{"k8s.gcr.io", "gcr.io/google_containers", "gcr.io/google-containers", "docker.io/bitnamilegacy"}

// movedRegistry names the successor that serves the same images. The others
// have none that does.
func movedRegistry(f Finding, _ []*manifest.Object) []manifest.Edit {
	const old, now = "k8s.gcr.io", "registry.k8s.io"
	rest, found := strings.CutPrefix(f.Node.Text(), old+"/")
	if !found {
		return nil
	}
	edit := manifest.SetTo(f.Node, now+"/"+rest)
	edit.Old, edit.New = old, now
	return []manifest.Edit{edit}
}
