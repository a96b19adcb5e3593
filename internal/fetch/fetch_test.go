package fetch_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rendergate/rendergate/internal/charttest"
	"github.com/rendergate/rendergate/internal/fetch"
)

func serve(t *testing.T, versions ...string) *charttest.Server {
	t.Helper()
	server := charttest.New()
	t.Cleanup(server.Close)
	for _, version := range versions {
		dir := filepath.Join(t.TempDir(), "redis")
		write(t, filepath.Join(dir, "Chart.yaml"), "apiVersion: v2\nname: redis\nversion: "+version+"\n")
		write(t, filepath.Join(dir, "templates", "a.yaml"), "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n")
		if err := server.Add(dir); err != nil {
			t.Fatal(err)
		}
	}
	server.Requests()
	return server
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// source fetches from the given locations, with a machine's files.
func source(t *testing.T, cache string, env map[string]string, allowed ...string) *fetch.Source {
	t.Helper()
	var prefixes fetch.Prefixes
	for _, text := range allowed {
		p, err := fetch.ParsePrefix(text)
		if err != nil {
			t.Fatal(err)
		}
		prefixes = append(prefixes, p)
	}
	getenv := func(name string) string { return env[name] }
	client := &fetch.Client{Network: fetch.Network(), Cache: cache, Logins: fetch.LoginsFrom(getenv)}
	return client.From(prefixes)
}

func get(t *testing.T, from *fetch.Source, repository, version string) (*fetch.Archive, error) {
	t.Helper()
	return from.Get(context.Background(), fetch.Chart{Repository: repository, Name: "redis", Version: version})
}

func TestVersions(t *testing.T) {
	server := serve(t, "1.0.0", "1.2.0", "1.10.0", "2.0.0-rc.1", "1.0.0+build")
	for _, repository := range []string{server.URL, server.URL + "/", server.Registry} {
		from := source(t, "", nil, repository)
		for wanted, want := range map[string]string{"1.0.0": "1.0.0", "1.x.x": "1.10.0", "~1.2": "1.2.0", "": "1.10.0", "2.0.0-rc.1": "2.0.0-rc.1", ">=2.0.0-0": "2.0.0-rc.1", "1.0.0+build": "1.0.0+build"} {
			if wanted == "" {
				wanted = "*"
			}
			archive, err := get(t, from, repository, wanted)
			if err != nil || archive.Version != want {
				t.Errorf("%s of %s: %+v, %v; want %s", wanted, repository, archive, err, want)
			}
		}
		if _, err := get(t, from, repository, "3.x.x"); err == nil || !strings.Contains(err.Error(), "could not be fetched from "+repository) {
			t.Errorf("3.x.x of %s: %v", repository, err)
		}
	}
}

// An OCIRepository names the chart's own repository, not the folder that it is in.
func TestAChartThatIsNamedItself(t *testing.T) {
	server := serve(t, "1.0.0")
	if archive, err := get(t, source(t, "", nil, server.Registry+"/redis"), server.Registry, "1.0.0"); err != nil || archive.Version != "1.0.0" {
		t.Errorf("got %+v, %v", archive, err)
	}
	if _, err := get(t, source(t, "", nil, server.Registry+"/other"), server.Registry, "1.0.0"); err == nil || !strings.Contains(err.Error(), "the base branch does not name "+server.Registry+"/") {
		t.Errorf("got %v", err)
	}
}

func TestOnceAndFromTheCache(t *testing.T) {
	server := serve(t, "1.0.0")
	cache := t.TempDir()
	for _, repository := range []string{server.URL, server.Registry} {
		from := source(t, cache, nil, repository)
		for range 3 {
			if _, err := get(t, from, repository, "1.0.0"); err != nil {
				t.Fatal(err)
			}
		}
	}
	requests := server.Requests()
	archives := func(r string) bool { return strings.HasSuffix(r, ".tgz") || strings.Contains(r, "/blobs/") }
	if n := len(slices.DeleteFunc(slices.Clone(requests), func(r string) bool { return !archives(r) })); n != 1 {
		t.Errorf("the archive was downloaded %d times for both ways to it: %q", n, requests)
	}
	kept, err := filepath.Glob(filepath.Join(cache, "charts", "*", "*"))
	if err != nil || len(kept) != 1 {
		t.Fatalf("kept %v, %v", kept, err)
	}
	write(t, kept[0], "not what it was")
	if _, err := get(t, source(t, cache, nil, server.URL), server.URL, "1.0.0"); err != nil {
		t.Error(err)
	}
	if !slices.ContainsFunc(server.Requests(), archives) {
		t.Error("a file of the cache was believed without proof")
	}
}

func TestFaults(t *testing.T) {
	server := serve(t, "1.0.0")
	elsewhere := strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
	for name, c := range map[string]struct {
		faults charttest.Faults
		want   string
	}{
		"tampered":       {charttest.Faults{Tampered: true}, "the index says"},
		"no digest":      {charttest.Faults{NoDigest: true}, ""},
		"redirect":       {charttest.Faults{Redirect: elsewhere}, `network: {allow: ["` + elsewhere + `/files/"]}`},
		"absolute":       {charttest.Faults{Absolute: elsewhere}, `network: {allow: ["` + elsewhere + `/files/"]}`},
		"absolute, here": {charttest.Faults{Absolute: server.URL}, ""},
		"up and out":     {charttest.Faults{Absolute: ".."}, "does not name " + strings.TrimSuffix(server.URL, "stable") + "files/"},
		"down":           {charttest.Faults{Down: true}, "answers 500"},
	} {
		t.Run(name, func(t *testing.T) {
			server.Change(c.faults)
			_, err := get(t, source(t, "", nil, server.URL), server.URL, "1.0.0")
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
	server.Change(charttest.Faults{Redirect: elsewhere})
	from := source(t, "", nil, server.URL, elsewhere)
	// The other name of the same server redirects to itself without an end.
	if _, err := get(t, from, server.URL, "1.0.0"); err == nil || !strings.Contains(err.Error(), "too many redirects") {
		t.Errorf("a redirect to an allowed place: %v", err)
	}
}

func TestNothingIsAskedOutside(t *testing.T) {
	server := serve(t, "1.0.0")
	for _, repository := range []string{server.URL, server.Registry} {
		from := source(t, "", nil, "https://charts.example.com/", server.URL+"/below", server.Registry+"/below")
		_, err := get(t, from, repository, "1.0.0")
		var refused *fetch.NotAllowed
		if !errors.As(err, &refused) || refused.URL != repository+"/" {
			t.Errorf("%s: %v", repository, err)
		}
	}
	if requests := server.Requests(); len(requests) > 0 {
		t.Errorf("asked %q", requests)
	}
	if _, err := source(t, "", nil).Get(context.Background(), fetch.Chart{Repository: server.URL, Name: "../x", Version: "1"}); err == nil || !strings.Contains(err.Error(), "no name of a chart") {
		t.Errorf("a name that leads elsewhere: %v", err)
	}
	if _, err := source(t, "", nil).Known(fetch.Chart{}); !errors.Is(err, fetch.ErrUnknown) {
		t.Errorf("known: %v", err)
	}
}

func TestLoginsGoToTheirHostOnly(t *testing.T) {
	server := serve(t, "1.0.0")
	server.Change(charttest.Faults{Password: "pw"})
	netrc := filepath.Join(t.TempDir(), "netrc")
	write(t, netrc, "machine 127.0.0.1 login me password pw\ndefault login all password none\n")
	if _, err := get(t, source(t, "", map[string]string{"NETRC": netrc}, server.URL), server.URL, "1.0.0"); err != nil {
		t.Error(err)
	}
	if _, err := get(t, source(t, "", nil, server.URL), server.URL, "1.0.0"); err == nil || !strings.Contains(err.Error(), "401") {
		t.Errorf("without a login: %v", err)
	}
	seen := make(chan string, 1)
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen <- r.Header.Get("Authorization")
		http.NotFound(w, r)
	}))
	defer other.Close()
	server.Change(charttest.Faults{Password: "pw", Redirect: other.URL})
	if _, err := get(t, source(t, "", map[string]string{"NETRC": netrc}, server.URL, other.URL), server.URL, "1.0.0"); err == nil {
		t.Error("found what is not there")
	}
	if got := <-seen; got != "" {
		t.Errorf("another host was told %q", got)
	}
}

// packed makes a chart archive of any entries.
func packed(t *testing.T, headers ...*tar.Header) []byte {
	t.Helper()
	var out bytes.Buffer
	zip, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	archive := tar.NewWriter(zip)
	chart := "apiVersion: v2\nname: redis\nversion: 1.0.0\n"
	entries := append([]*tar.Header{{Name: "redis/Chart.yaml", Size: int64(len(chart)), Mode: 0o644}}, headers...)
	for i, h := range entries {
		if err := archive.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		text := []byte(chart)
		if i > 0 {
			text = make([]byte, h.Size)
		}
		if _, err := archive.Write(text); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(archive.Close(), zip.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestHostileArchives(t *testing.T) {
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"slip":      {packed(t, &tar.Header{Name: "redis/../../etc/passwd", Size: 1}), "parent directory"},
		"absolute":  {packed(t, &tar.Header{Name: "redis//etc/passwd", Size: 1}), "absolute path"},
		"large":     {packed(t, &tar.Header{Name: "redis/a", Size: 130 << 20}), "unpacks to more than"},
		"not one":   {[]byte("<html>"), "is no chart archive"},
		"a symlink": {packed(t, &tar.Header{Name: "redis/values.yaml", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"}), ""},
	} {
		t.Run(name, func(t *testing.T) {
			server := charttest.New()
			defer server.Close()
			if err := server.AddArchive("redis", "1.0.0", c.data); err != nil && name != "not one" && name != "slip" && name != "absolute" && name != "large" {
				t.Fatal(err)
			}
			_, err := get(t, source(t, "", nil, server.URL), server.URL, "1.0.0")
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
	server := charttest.New()
	defer server.Close()
	if err := server.AddArchive("redis", "1.0.0", packed(t)); err != nil {
		t.Fatal(err)
	}
	if _, err := source(t, "", nil, server.URL).Get(context.Background(), fetch.Chart{Repository: server.URL, Name: "redis", Version: "1.0.1"}); err == nil {
		t.Error("found a version that is not there")
	}
}

func TestRegistryLogins(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "config.json"), `{"auths": {"ghcr.io": {"auth": "bWU6cHc="}, "https://index.docker.io/v1/": {"username": "you", "password": "pw"}, "kept.example.com": {}}, "credsStore": "desktop"}`)
	logins, err := fetch.LoginsFrom(func(name string) string { return map[string]string{"DOCKER_CONFIG": dir, "HOME": dir}[name] })()
	if err != nil {
		t.Fatal(err)
	}
	for host, want := range map[string]string{"ghcr.io": "me", "registry-1.docker.io": "you", "index.docker.io": "you", "kept.example.com": "", "quay.io": ""} {
		who, err := logins.Resolve(resource(host))
		if err != nil {
			t.Fatal(err)
		}
		auth, err := who.Authorization()
		if err != nil || auth.Username != want {
			t.Errorf("%s: %+v, %v; want %q", host, auth, err, want)
		}
	}
	write(t, filepath.Join(dir, "config.json"), "{")
	_, err = fetch.LoginsFrom(func(name string) string { return map[string]string{"DOCKER_CONFIG": dir}[name] })()
	if err == nil || !strings.Contains(err.Error(), "config.json") {
		t.Errorf("a broken file: %v", err)
	}
}

type resource string

func (r resource) String() string      { return string(r) }
func (r resource) RegistryStr() string { return string(r) }
