package checks

import (
	"cmp"

	"github.com/rendergate/rendergate/render/manifest"
)

var imageNewVuln = &Check{
	ID:       "image-new-vuln",
	Title:    "Image has a known vulnerability",
	Severity: High,
	Topic:    Components,
	Since:    "0.2.0",
	Why:      "What a change deploys comes with weaknesses that others have published, often with the way to use them. Images are looked at once `images` of .rendergate.yaml names a scanner or its reports.",
	Fix:      "Take a version whose report has it no more, as the message names it, or rebuild the image on a newer base; what cannot be reached is waived by its id.",
	Source:   "NIST SP 800-190, 4.1.1; MITRE ATT&CK T1190; NSA/CISA Kubernetes Hardening Guide, Pod security",
	Aliases:  []string{"C-0083", "C-0084", "C-0085"},
	Bad:      podSpec("containers:\n  - name: a\n    image: registry.example.com/shop/vulnerable:1.1 # want\n"),
	Good:     podSpec("containers:\n  - name: a\n    image: registry.example.com/shop/clean:1.1\n"),
	NearMiss: podSpec("containers:\n  - name: a\n    image: registry.example.com/shop/vulnerable:1.2\n"),
	Run: func(p *Pass) {
		if len(p.Settings.Scanned) == 0 {
			return
		}
		eachImage(p.Object, func(at manifest.Node, subject manifest.Subject, user string) {
			for _, v := range p.Settings.Scanned[at.Text()] {
				mended := "; no version is known that mends it"
				if v.Fixed != "" {
					mended = "; mended in " + v.Fixed
				}
				p.ReportAs(v.Severity, at, subject.Of(v.class()), "image %q of %s has %s (%s) in %s %s%s", at.Text(), user, v.ID, cmp.Or(v.Rated, v.Severity.String()), v.Package, v.Version, mended)
			}
		})
	},
	Shared: func(f Finding) string { return Repository(f.Node.Text()) },
}

// Vulnerability is a known weakness of a package in an image, as a scanner tells
// of it.
type Vulnerability struct {
	ID       string // such as CVE-2024-1234
	Package  string
	Version  string
	Fixed    string // the versions that mend it; empty: none is known
	Severity Severity
	Rated    string // the scanner's own word for a severity that has none here
}

// class is what tells a vulnerability from the others of an image: the version of
// the package does not.
func (v Vulnerability) class() string { return v.ID + " " + v.Package }
