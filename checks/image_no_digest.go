package checks

var imageNoDigest = &Check{
	ID:       "image-no-digest",
	Title:    "Image is not pinned to a digest",
	Severity: Low,
	Topic:    LatestImages,
	Since:    "0.2.0",
	Off:      true,
	Why:      "Whoever can push to the registry moves the tag: what was tested and signed is then not what runs.",
	Fix:      "Add the digest, `name:tag@sha256:…`, and let a bot (Renovate, Dependabot) keep it up to date.",
	Source:   "Kubernetes documentation, Images: Image names; CIS Docker 4.7; NIST SP 800-190, 4.2.2",
	Aliases:  []string{"CKV_K8S_43", "C-0306"},
	Covers:   coversAny,
	Within:   []string{"image-latest"},
	Bad:      podSpec("containers:\n  - name: a\n    image: nginx:1.29.1 # want\n"),
	Good: podSpec(`containers:
  - name: a
    image: nginx:1.29.1@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
`),
	NearMiss: podSpec("containers:\n  - name: a\n    image: nginx@${DIGEST}\n"),
	Run:      reportImages("is not pinned to a digest", "name@sha256:…", func(i image) bool { return !i.digest }),
}
