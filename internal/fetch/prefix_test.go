package fetch

import (
	"net/url"
	"testing"

	"github.com/rendergate/rendergate/render"
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

func TestOfRemote(t *testing.T) {
	for _, c := range []struct {
		remote render.Remote
		want   string // the first
	}{
		{render.Remote{Repository: "https://github.com/o/r.git"}, "https://github.com/o/r/"},
		{render.Remote{Repository: "https://gitlab.example.com/a/b/c.git"}, "https://gitlab.example.com/a/b/c.git/"},
		{render.Remote{File: "https://raw.githubusercontent.com/o/r/v1/x/y.yaml"}, "https://raw.githubusercontent.com/o/r/"},
		{render.Remote{File: "https://github.com/o/r/releases/download/v1/x.yaml"}, "https://github.com/o/r/"},
		{render.Remote{File: "https://gitlab.example.com/a/b/-/raw/v1/x.yaml"}, "https://gitlab.example.com/a/b/"},
		{render.Remote{File: "https://storage.example.com/bucket/app/v1.2.3/x.yaml?a=b"}, "https://storage.example.com/bucket/app/"},
		{render.Remote{File: "https://example.com/v1.2.3/x.yaml"}, "https://example.com/v1.2.3/"},
		{render.Remote{File: "https://example.com/a/app-v1.2.3.yaml"}, "https://example.com/a/"},
		{render.Remote{File: "https://example.com/1.2.yaml"}, "https://example.com/"},
	} {
		all := OfRemote(c.remote)
		if len(all) == 0 || all[0].String() != c.want {
			t.Errorf("%+v: %v, want %s", c.remote, all, c.want)
		}
	}
	for _, r := range []render.Remote{{File: "https://me:secret@example.com/a/x.yaml"}, {File: "http://example.com/a/x.yaml"}, {Never: "ssh"}} {
		if all := OfRemote(r); len(all) > 0 {
			t.Errorf("%+v allows %v", r, all)
		}
	}
}
