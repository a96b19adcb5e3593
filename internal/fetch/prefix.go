package fetch

import (
	"fmt"
	"net"
	"net/url"
	"path"
	"slices"
	"strings"
)

// Prefix is a location that something may be fetched from, with all below it.
type Prefix struct {
	scheme, host string
	path         string // cleaned; "/" is the whole host
	registry     bool   // an OCI registry, whose API lives under /v2
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

// NotAllowed is a location that neither the base branch nor its configuration
// names.
type NotAllowed struct{ URL string }

func (e *NotAllowed) Error() string {
	if u, err := url.Parse(e.URL); err == nil && u.Scheme == "http" && !loopback(u) {
		return fmt.Sprintf("%s is plain http: what comes from there could be anybody's", e.URL)
	}
	return fmt.Sprintf("the base branch does not name %s, so nothing is fetched from there; to allow it, put this into .rendergate.yaml on the base branch: network: {allow: [%q]}", e.URL, e.URL)
}
