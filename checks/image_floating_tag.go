package checks

import "regexp"

var imageFloatingTag = &Check{
	ID:       "image-floating-tag",
	Title:    "Image's tag moves with each release",
	Severity: Low,
	Topic:    LatestImages,
	Since:    "0.2.0",
	Why:      "A branch, a channel or a major version names another image next week: nodes differ, and what broke cannot be rolled back to.",
	Fix:      "Name the full version, or add a digest.",
	Source:   "Kubernetes documentation, Images: Image names; NIST SP 800-190, 4.2.2",
	Covers:   coversAny,
	Within:   []string{"image-latest"},
	Bad: podSpec(`containers:
  - name: a
    image: registry.example.com/shop/a:main # want
  - name: b
    image: postgres:16-alpine # want
`),
	Good: podSpec(`containers:
  - name: a
    image: registry.example.com/shop/a:1.4.2
  - name: b
    image: postgres:16.9-alpine
`),
	NearMiss: podSpec(`containers:
  - name: a
    image: registry.example.com/shop/a:main-3f2a9bc
  - name: b
    image: registry.example.com/shop/b:20260105
  - name: c
    image: postgres:16@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
`),
	Run: reportImages("has a tag that moves with each release", "a full version or a digest", func(i image) bool {
		return !i.digest && floating.MatchString(i.tag)
	}),
}

// floating are the names of branches and channels, and majors, each also of an
// operating system. Longer numbers are dates or builds.
var floating = regexp.MustCompile(`^(?i)(?:main|master|trunk|head|stable|mainline|edge|nightly|daily|weekly|unstable|testing|dev|devel|develop|development|rolling|next|canary|snapshot|lts|current|beta|alpha|` +
	`latest-[a-z0-9.-]+|v?\d{1,2})(?:-(?:alpine|slim|debian|ubuntu|bookworm|bullseye|trixie|buster|jammy|noble|focal|ubi\d*|distroless|fpm|apache|perl|lts|jdk|jre|nonroot|scratch|windows\w*)[\d.]*)*$`)
