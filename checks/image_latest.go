package checks

var imageLatest = &Check{
	ID:       "image-latest",
	Title:    "Image is not pinned to a version",
	Severity: High,
	Topic:    LatestImages,
	Since:    "0.1.0",
	Why:      "What runs changes without a review, differs between nodes, and cannot be rolled back to.",
	Fix:      "Name a version as the tag, or better a digest.",
	Source:   "Kubernetes documentation, Images: Image names; CIS Docker 4.7",
	Aliases:  []string{"CKV_K8S_14", "KSV-0013", "latest-tag"},
	Bad: podSpec(`containers:
  - name: a
    image: nginx # want
  - name: b
    image: registry.example.com:5000/shop/b:latest # want
`),
	Good: podSpec(`containers:
  - name: a
    image: nginx:1.29.1
  - name: b
    image: nginx@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
`),
	NearMiss: podSpec(`containers:
  - name: a
    image: registry.example.com:5000/latest:1.0
  - name: b
    image: ${IMAGE}
  - name: c
    image: nginx:${TAG}
  - name: d
    image: nginx:$TAG
`),
	Run: reportImages("is not pinned to a version", "a version's tag or a digest", func(i image) bool {
		return !i.digest && (i.tag == "" || i.tag == "latest")
	}),
}
