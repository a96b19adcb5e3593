package checks

import (
	"cmp"

	"github.com/rendergate/rendergate/render/manifest"
)

var imageDigestDropped = &Check{
	ID:       "image-digest-dropped",
	Title:    "Image loses the digest that it was pinned to",
	Severity: Medium,
	Topic:    LatestImages,
	Since:    "0.2.0",
	Why:      "Until now only what was tested could run; from now on whoever can push to the registry decides what does, without a pull request.",
	Fix:      "Write the digest of the new version behind its tag, `name:tag@sha256:…`; `crane digest name:tag` tells it.",
	Source:   "Kubernetes documentation, Images: Image names; NIST SP 800-190, 4.2.2; OpenSSF Scorecard, Pinned-Dependencies",
	Before:   podSpec("containers:\n  - name: a\n    image: nginx:1.29.1@" + exampleDigest + "\n  - name: b\n    image: ghcr.io/acme/b:1.0\n"),
	Bad:      podSpec("containers:\n  - name: a\n    image: nginx:1.29.2 # want\n  - name: b\n    image: ghcr.io/acme/b:1.0\n"),
	Good: podSpec("containers:\n  - name: a\n    image: nginx:1.29.2@sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\n" +
		"  - name: b\n    image: ghcr.io/acme/b:1.1\n"),
	NearMiss: podSpec("containers:\n  - name: a\n    image: nginx@${DIGEST}\n  - name: c\n    image: ghcr.io/acme/c:1.0\n"),
	Compare: func(p *Pass) {
		for _, pair := range p.Pairs {
			if pair.Base == nil || pair.Head == nil {
				continue
			}
			p.unpinned(pair)
		}
	},
}

const exampleDigest = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

// unpinned reports the images of one object that lose their digest. A container
// that is renamed is known by the name of its image.
func (p *Pass) unpinned(pair Pair) {
	pinned, renamed, still := map[manifest.Subject]string{}, map[string]string{}, map[manifest.Subject]bool{}
	eachImage(pair.Head, func(_ manifest.Node, subject manifest.Subject, _ string) { still[subject] = true })
	eachImage(pair.Base, func(at manifest.Node, subject manifest.Subject, _ string) {
		switch i, ok := parseImage(at.Text()); {
		case !ok || !i.digest:
		case still[subject]:
			pinned[subject] = at.Text()
		default:
			renamed[i.name] = at.Text()
		}
	})
	eachImage(pair.Head, func(at manifest.Node, subject manifest.Subject, user string) {
		i, ok := parseImage(at.Text())
		was := cmp.Or(pinned[subject], renamed[i.name])
		if was != "" && (at.Unknown() || ok && !i.digest) {
			p.Report(at, subject, "image %q of %s has no digest, and was pinned to one before: %s", at.Text(), user, was)
		}
	})
}
