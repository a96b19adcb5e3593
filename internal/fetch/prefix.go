package fetch

import (
	"fmt"
	"net"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/rendergate/rendergate/render"
)

// Prefix is a location that something may be fetched from, with all below it.
type Prefix struct {
	scheme, host string
	path         string // cleaned; "/" is the whole host
	registry     bool   // an OCI registry, whose API lives under /v2
}

// OfRemote are the locations that naming something allows: the repository at
// whatever version, in its git and in its files; of other files what stands
// before the version, or their folder.
func OfRemote(r render.Remote) Prefixes {
	var texts []string
	if r.Repository != "" {
		texts = append(texts, r.Repository)
	}
	if r.File != "" {
		texts = append(texts, r.File)
	}
	var all Prefixes
	for _, text := range texts {
		u, err := url.Parse(text)
		if err != nil || u.User != nil {
			continue
		}
		for _, at := range ownedBy(u, text == r.Repository) {
			if p, err := ParsePrefix(at); err == nil {
				all = append(all, p)
			}
		}
	}
	return all
}

// isVersion matches the part of a path that changes with each release.
var isVersion = regexp.MustCompile(`^v?[0-9]+(\.[0-9]+)+`)

// ownedBy are the locations that belong together with a URL, the narrowest
// that still holds other versions first.
func ownedBy(u *url.URL, repository bool) []string {
	parts := strings.Split(strings.TrimPrefix(path.Clean("/"+u.Path), "/"), "/")
	host := strings.ToLower(u.Host)
	owned := func(count int) string { return u.Scheme + "://" + host + "/" + strings.Join(parts[:count], "/") + "/" }
	switch {
	case host == "github.com" && len(parts) >= 2, host == "raw.githubusercontent.com" && len(parts) > 2:
		name := parts[0] + "/" + strings.TrimSuffix(parts[1], ".git") + "/"
		both := []string{"https://github.com/" + name, "https://raw.githubusercontent.com/" + name}
		if host != "github.com" {
			slices.Reverse(both)
		}
		return both
	case repository:
		return []string{owned(len(parts))}
	}
	if at := slices.Index(parts, "-"); at >= 2 { // GitLab's mark of the end of a project
		return []string{owned(at)}
	}
	if at := slices.IndexFunc(parts, isVersion.MatchString); at >= 1 && at < len(parts)-1 {
		return []string{owned(at)}
	}
	return []string{owned(len(parts) - 1)}
}

// ParsePrefix reads a URL: https or oci, and plain http to this very machine,
// for tests.
func ParsePrefix(text string) (Prefix, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || u.Opaque != "" {
		return Prefix{}, fmt.Errorf("%q is no URL such as https://charts.example.com/stable/ or oci://registry.example.com/charts/, without a login in it", text)
	}
	p := Prefix{scheme: strings.ToLower(u.Scheme), host: strings.ToLower(u.Host), path: path.Clean("/" + u.Path)}
	switch {
	case p.scheme == "oci":
		p.registry, p.scheme = true, "https"
		p.path = path.Join("/v2", p.path)
		if loopback(u) {
			p.scheme = "http"
		}
	case p.scheme == "http" && !loopback(u):
		return Prefix{}, fmt.Errorf("%q is plain http: what comes from there could be anybody's; use https", text)
	case p.scheme != "https" && p.scheme != "http":
		return Prefix{}, fmt.Errorf("%q is neither https nor oci", text)
	}
	return p, nil
}

// String is the prefix as configuration names it.
func (p Prefix) String() string {
	at := strings.TrimSuffix(p.path, "/") + "/"
	if p.registry {
		return "oci://" + p.host + strings.TrimPrefix(at, "/v2")
	}
	return p.scheme + "://" + p.host + at
}

// loopback says that a URL names this machine.
func loopback(u *url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

// allows says that a URL lies below the prefix, or is served by the same owner
// through another of its hosts.
func (p Prefix) allows(u *url.URL) bool {
	at := path.Clean("/" + u.Path)
	if strings.TrimSuffix(u.Path, "/") != strings.TrimSuffix(at, "/") && u.Path != "" {
		return false // dots and double slashes mean something else to whoever serves it
	}
	host := strings.ToLower(u.Host)
	if u.Scheme == p.scheme && host == p.host {
		// A registry's clients also ask for its version and for tokens, outside of the repository.
		return below(at, p.path) || p.registry && (at == "/v2" || !below(at, "/v2"))
	}
	for _, other := range p.alsoServedBy() {
		if u.Scheme == "https" && host == other.host && below(at, other.path) {
			return true
		}
	}
	return false
}

func below(at, prefix string) bool {
	return prefix == "/" || at == prefix || strings.HasPrefix(at, prefix+"/")
}

// location is a host and a path on it.
type location struct{ host, path string }

// downloads are the hosts that GitHub sends those to who ask for a release.
var downloads = []location{
	{"objects.githubusercontent.com", "/"}, {"release-assets.githubusercontent.com", "/"},
}

// operators lists, for widely used hosts, the other hosts of the same operator
// that serve what is asked for there: blobs and tokens. No login goes to them.
var operators = map[string][]location{
	"github.com": downloads,
	"ghcr.io":    {{"pkg-containers.githubusercontent.com", "/"}},
	"registry-1.docker.io": {
		{"auth.docker.io", "/"}, {"production.cloudflare.docker.com", "/"}, {"production.cloudfront.docker.com", "/"},
		{"docker-images-prod.6aa30f8b08e16409b46e0173d6de2f56.r2.cloudflarestorage.com", "/"},
	},
}

// alsoServedBy are the other hosts of whoever owns the prefix. A GitHub page is
// its owner's, and its charts are mostly releases of the same owner.
func (p Prefix) alsoServedBy() []location {
	owner, isPage := strings.CutSuffix(p.host, ".github.io")
	if p.host == "raw.githubusercontent.com" {
		owner, _, isPage = strings.Cut(strings.TrimPrefix(p.path, "/"), "/")
	}
	if isPage && owner != "" {
		return append([]location{{"github.com", "/" + owner}}, downloads...)
	}
	switch p.host {
	case "docker.io", "index.docker.io":
		return append([]location{{"registry-1.docker.io", p.path}, {"index.docker.io", p.path}, {"index.docker.io", "/v2"}}, operators["registry-1.docker.io"]...)
	}
	return operators[p.host]
}

// Prefixes are all locations that something may be fetched from.
type Prefixes []Prefix

func (all Prefixes) allow(u *url.URL) bool {
	return slices.ContainsFunc(all, func(p Prefix) bool { return p.allows(u) })
}

// Allows says that a repository is named or allowed: itself, or what it is a
// part of.
func (all Prefixes) Allows(repository string) bool {
	asked, err := ParsePrefix(repository)
	return err == nil && slices.ContainsFunc(all, func(p Prefix) bool {
		return p.scheme == asked.scheme && p.host == asked.host && below(asked.path, p.path)
	})
}

// AllowsGit says the same of a git repository, which may be named with or
// without the ending .git.
func (all Prefixes) AllowsGit(repository string) bool {
	return all.Allows(repository) || slices.ContainsFunc(all, func(p Prefix) bool {
		asked, err := ParsePrefix(repository)
		return err == nil && !p.registry && p.scheme == asked.scheme && p.host == asked.host &&
			strings.TrimSuffix(asked.path, ".git") == strings.TrimSuffix(p.path, ".git")
	})
}

// NotAllowed is a location that neither the base branch nor its configuration
// names.
type NotAllowed struct{ URL string }

func (e *NotAllowed) Error() string {
	if u, err := url.Parse(e.URL); err == nil && u.Scheme == "http" && !loopback(u) {
		return fmt.Sprintf("%s is plain http: what comes from there could be anybody's", e.URL)
	}
	return fmt.Sprintf("the base branch does not name %s, so nothing is fetched from there; to allow it, put this into .rendergate.yaml on the base branch: network: {allow: [%q]}", e.URL, e.URL)
}
