package checks

import (
	"cmp"
	"net/url"
	"regexp"
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

var remoteBaseUnpinned = &Check{
	ID:       "remote-base-unpinned",
	Title:    "Manifests of another repository are not pinned to a version",
	Severity: Medium,
	Topic:    Components,
	Since:    "0.1.0",
	Why:      "What is deployed changes when somebody else pushes to that repository, without a review and without a way back.",
	Fix:      "Name a commit by its full SHA, or at least a tag. Of Flux and Argo CD sources only those of other repositories are meant: that one's own branch is followed is what GitOps is.",
	Source:   "kustomize documentation, remoteBuild; Flux documentation, GitRepository reference; SLSA, pinned dependencies",
	Bad: `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
metadata: {name: overlay}
resources:
  - github.com/argoproj/argo-workflows/manifests/base?ref=main # want
  - https://github.com/cert-manager/cert-manager/releases/latest/download/cert-manager.yaml # want
  - https://raw.githubusercontent.com/example/thing/master/deploy.yaml # want
components:
  - https://git.example.org/parts.git//tls # want
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: elsewhere}
spec:
  url: https://git.example.org/elsewhere.git
  ref:
    branch: main # want
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata: {name: manifests}
spec:
  url: oci://registry.example.org/manifests
  ref:
    tag: latest # want
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: elsewhere}
spec:
  source:
    repoURL: https://git.example.org/elsewhere.git
    path: deploy
    targetRevision: HEAD # want
`,
	Good: `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
metadata: {name: overlay}
resources:
  - github.com/argoproj/argo-workflows/manifests/base?ref=v3.7.3
  - https://github.com/cert-manager/cert-manager/releases/download/v1.18.2/cert-manager.yaml
  - https://raw.githubusercontent.com/example/thing/0123456789abcdef0123456789abcdef01234567/deploy.yaml
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: elsewhere}
spec:
  url: https://git.example.org/elsewhere.git
  ref: {branch: main, commit: 0123456789abcdef0123456789abcdef01234567}
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata: {name: manifests}
spec:
  url: oci://registry.example.org/manifests
  ref: {digest: "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}
`,
	NearMiss: `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
metadata: {name: overlay}
resources:
  - ../base
  - main
  - https.yaml
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: flux-system}
spec:
  url: ssh://git@git.example.com/own/fleet
  ref: {branch: main}
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: shop}
spec:
  source:
    repoURL: https://git.example.com/own/fleet.git
    path: charts/shop
    targetRevision: main
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: redis}
spec:
  source:
    repoURL: https://charts.example.com
    chart: redis
    targetRevision: 19.x
`,
	Run: func(p *Pass) {
		switch p.Object.GroupKind() {
		case "kustomize.config.k8s.io/Kustomization", "kustomize.config.k8s.io/Component":
			p.remoteBases()
		case "source.toolkit.fluxcd.io/GitRepository":
			p.gitSource(p.Object.Root.Get("spec"))
		case "source.toolkit.fluxcd.io/OCIRepository":
			p.ociSource(p.Object.Root.Get("spec"))
		case "argoproj.io/Application":
			p.argoRevisions(p.Object.Root.Get("spec"))
		case "argoproj.io/ApplicationSet":
			p.argoRevisions(p.Object.Root.Get("spec", "template", "spec"))
		}
	},
}

// remoteBases looks at what a kustomization names of other repositories.
func (p *Pass) remoteBases() {
	for _, field := range []string{"resources", "bases", "components", "crds"} {
		for entry := range p.Object.Root.Get(field).Items() {
			repository, ref, remote := remoteEntry(entry.Text())
			if remote && !pinned(ref) {
				p.Report(entry, manifest.Subject{Class: repository}, "%q follows %s; a commit or a tag is expected", entry.Text(), orDefaultBranch(ref))
			}
		}
	}
}

// gitSource looks at a Flux GitRepository: of its references the strongest
// counts, as Flux reads them.
func (p *Pass) gitSource(spec manifest.Node) {
	address := spec.Get("url").Text()
	if !p.foreign(address) {
		return
	}
	ref := spec.Get("ref")
	at := ref
	for _, strongest := range []string{"commit", "name", "semver", "tag", "branch"} {
		if n := ref.Get(strongest); n.Text() != "" {
			at = n
			break
		}
	}
	if text := at.Text(); !pinned(text) || at.Path() == ref.Get("branch").Path() {
		p.Report(at, manifest.Subject{Class: address}, "%s follows %s; a commit or a tag is expected", address, orDefaultBranch(text))
	}
}

func (p *Pass) ociSource(spec manifest.Node) {
	ref := spec.Get("ref")
	if ref.Get("digest").Text() != "" {
		return
	}
	at := ref.Get("semver")
	if at.Text() == "" {
		at = ref.Get("tag")
	}
	if !pinned(at.Text()) {
		p.Report(at, manifest.Subject{Class: spec.Get("url").Text()}, "%s follows %s; a digest or a version is expected", spec.Get("url").Text(), cmp.Or(at.Text(), "latest"))
	}
}

func (p *Pass) argoRevisions(spec manifest.Node) {
	for source := range argoSources(spec) {
		address, at := source.Get("repoURL").Text(), source.Get("targetRevision")
		if source.Get("chart").Text() != "" || strings.Contains(address+at.Text(), "{{") || !p.foreign(address) || pinned(at.Text()) {
			continue
		}
		p.Report(at, manifest.Subject{Class: address}, "%s follows %s; a commit or a tag is expected", address, orDefaultBranch(strings.TrimSuffix(at.Text(), "HEAD")))
	}
}

// foreign says that an address is known to be another repository's than the one
// that is judged.
func (p *Pass) foreign(address string) bool {
	if p.Settings.Own == nil || address == "" {
		return false
	}
	own, known := p.Settings.Own(address)
	return known && !own
}

func orDefaultBranch(ref string) string {
	if ref == "" {
		return "the default branch"
	}
	return ref
}

// remoteEntry takes an entry of a kustomization apart that names another
// repository or a file there: which, and at which ref.
func remoteEntry(entry string) (repository, ref string, remote bool) {
	text := strings.TrimPrefix(entry, "git::")
	scheme, rest, isURL := strings.Cut(text, "://")
	switch {
	case isURL:
	case strings.HasPrefix(text, "git@"):
		scheme, rest = "ssh", text
	case strings.HasPrefix(text, "github.com/"), strings.HasPrefix(text, "gitlab.com/"), strings.HasPrefix(text, "bitbucket.org/"):
		scheme, rest = "https", text
	default:
		return "", "", false
	}
	if scheme == "file" {
		return "", "", false
	}
	address, query, _ := strings.Cut(rest, "?")
	if values, err := url.ParseQuery(query); err == nil {
		ref = cmp.Or(values.Get("ref"), values.Get("version"))
	}
	if ref == "" {
		if of, found := fileRef(address); found {
			return address, of, true
		}
	}
	isFile := strings.HasSuffix(address, ".yaml") || strings.HasSuffix(address, ".yml") || strings.HasSuffix(address, ".json")
	if isFile && scheme != "ssh" && !strings.HasPrefix(entry, "git::") {
		return "", "", false // whether what stands behind an address of some host changes nobody can tell
	}
	return address, ref, true
}

// fileRef is the ref within the address of a single file that a host of
// repositories serves.
func fileRef(address string) (ref string, found bool) {
	parts := strings.Split(address, "/")
	at := func(i int) string {
		if i < len(parts) {
			return parts[i]
		}
		return ""
	}
	switch {
	case at(0) == "raw.githubusercontent.com" && at(3) == "refs":
		return at(5), true
	case at(0) == "raw.githubusercontent.com":
		return at(3), true
	case at(0) == "github.com" && (at(3) == "raw" || at(3) == "blob"):
		return at(4), true
	case at(0) == "github.com" && at(3) == "releases" && at(4) == "download":
		return at(5), true
	case at(0) == "github.com" && at(3) == "releases" && at(4) == "latest":
		return "latest", true
	case at(0) == "gitlab.com" && strings.Contains(address, "/-/raw/"):
		_, after, _ := strings.Cut(address, "/-/raw/")
		ref, _, _ = strings.Cut(after, "/")
		return ref, true
	}
	return "", false
}

var (
	commitSHA = regexp.MustCompile(`^[0-9a-f]{7,64}$`)
	rangeOf   = regexp.MustCompile(`[*^~<>|,\s]|\.x(\.|$)`)
	// A name with a number of two parts is a tag by all custom; release-1.30 and
	// v1 are branches or tags that move.
	tagName = regexp.MustCompile(`^(?:refs/tags/.+|v?\d+\.\d+[\w.+-]*|(?:.*[/_-])?v?\d+\.\d+\.\d+[\w.+-]*)$`)
)

// pinned says that a ref names one state of a repository: a commit, or what looks
// like a tag. A branch may look like one; nobody can tell without asking.
func pinned(ref string) bool {
	return !rangeOf.MatchString(ref) && (commitSHA.MatchString(ref) || tagName.MatchString(ref))
}
