package fetch

import (
	"net/url"
	"testing"
)

func TestPrefix(t *testing.T) {
	for _, c := range []struct {
		prefix, at string
		want       bool
	}{
		{"https://charts.example.com/stable/", "https://charts.example.com/stable/index.yaml", true},
		{"https://charts.example.com/stable", "https://CHARTS.example.com/stable/a/b.tgz", true},
		{"https://charts.example.com/stable", "https://charts.example.com/stable2/index.yaml", false},
		{"https://charts.example.com/stable", "https://charts.example.com/index.yaml", false},
		{"https://charts.example.com/stable", "https://charts.example.com/stable/../index.yaml", false},
		{"https://charts.example.com/stable", "https://charts.example.com/stable/%2e%2e/index.yaml", false},
		{"https://charts.example.com/stable", "https://charts.example.com//stable/index.yaml", false},
		{"https://charts.example.com", "https://charts.example.com/any", true},
		{"https://charts.example.com", "http://charts.example.com/any", false},
		{"https://charts.example.com", "https://charts.example.com:8443/any", false},
		{"https://charts.example.com", "https://charts.example.com.evil.example/any", false},
		{"oci://ghcr.io/acme", "https://ghcr.io/v2/acme/charts/redis/manifests/1", true},
		{"oci://ghcr.io/acme", "https://ghcr.io/v2/", true},
		{"oci://ghcr.io/acme", "https://ghcr.io/token", true},
		{"oci://ghcr.io/acme", "https://ghcr.io/v2/evil/redis/manifests/1", false},
		{"oci://ghcr.io/acme", "https://pkg-containers.githubusercontent.com/ghcr1/blobs/sha256:1", true},
		{"oci://ghcr.io/acme", "https://169.254.169.254/latest/meta-data", false},
		{"oci://registry-1.docker.io/bitnamicharts", "https://auth.docker.io/token", true},
		{"oci://docker.io/bitnamicharts", "https://registry-1.docker.io/v2/bitnamicharts/redis/manifests/1", true},
		{"oci://docker.io/bitnamicharts", "https://index.docker.io/v2/", true},
		{"https://acme.github.io/charts", "https://github.com/acme/charts/releases/download/a-1/a-1.tgz", true},
		{"https://acme.github.io/charts", "https://github.com/evil/charts/releases/download/a-1/a-1.tgz", false},
		{"https://acme.github.io/charts", "https://release-assets.githubusercontent.com/x", true},
		{"https://raw.githubusercontent.com/acme/charts/main", "https://github.com/acme/charts/releases/a.tgz", true},
		{"https://github.io/charts", "https://github.com/acme/a.tgz", false},
		{"http://127.0.0.1:80/a", "http://127.0.0.1:80/a/b", true},
		{"http://localhost/a", "https://localhost/a", false},
	} {
		p, err := ParsePrefix(c.prefix)
		if err != nil {
			t.Fatal(err)
		}
		at, err := url.Parse(c.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.allows(at); got != c.want {
			t.Errorf("%s allows %s: %t", c.prefix, c.at, got)
		}
	}
	for _, text := range []string{"", "charts", "http://charts.example.com", "ftp://a/b", "https://me:pw@a.example.com", "file:///etc", "git@github.com:a/b", "https:opaque"} {
		if _, err := ParsePrefix(text); err == nil {
			t.Errorf("%q is a location", text)
		}
	}
}
