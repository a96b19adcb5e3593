package images

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rendergate/rendergate/checks"
)

func read(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// said is what a report says, on a line each.
func said(r *Report) []string {
	var all []string
	for _, v := range r.Found {
		all = append(all, strings.TrimSpace(fmt.Sprintf("%s %s %s %s fixed %q %s", v.Severity, v.ID, v.Package, v.Version, v.Fixed, v.Rated)))
	}
	return all
}

var web11 = []string{
	`high CVE-2099-0002 openssl 3.1.4-r2 fixed "3.1.4-r5"`,
	`low CVE-2099-0004 musl 1.2.4-r2 fixed "1.2.4-r3"`,
	`critical CVE-2099-0005 curl 8.5.0-r0 fixed "8.6.0-r0"`,
	`high CVE-2099-0006 curl 8.5.0-r0 fixed "8.7.0-r0"`,
	`medium CVE-2099-0007 curl 8.5.0-r0 fixed "8.8.0-r0" severity unknown`,
}

func TestParse(t *testing.T) {
	for name, want := range map[string]struct {
		scanner string
		names   []string
		found   []string
		doubts  int
	}{
		"trivy/shop-web-1.1.json":  {Trivy, []string{"127.0.0.1:5055/shop/web:1.1"}, web11, 0},
		"trivy/shop-web-1.1.sarif": {Trivy, []string{"127.0.0.1:5055/shop/web:1.1"}, web11, 0},
		"trivy/shop-web-1.2.json":  {Trivy, []string{"127.0.0.1:5055/shop/web:1.2"}, nil, 0},
		"trivy/shop-web-1.2.sarif": {Trivy, []string{"127.0.0.1:5055/shop/web:1.2"}, nil, 0},
		"trivy/shop-db-1.0.json":   {Trivy, []string{"127.0.0.1:5055/shop/db:1.0"}, []string{`low CVE-2099-0004 musl 1.2.4-r2 fixed "1.2.4-r3"`}, 1},
		"grype/web-1.1.json": {Grype, []string{"registry.example.com/shop/web:1.1"}, []string{
			`low CVE-2099-0004 musl 1.2.4-r2 fixed "" negligible`,
			`critical CVE-2099-0005 curl 8.5.0-r0 fixed "8.6.0-r0"`,
			`medium CVE-2099-0007 curl 8.5.0-r0 fixed "8.8.0-r0" severity unknown`,
		}, 0},
		"grype/web-1.1.sarif": {Grype, []string{"registry.example.com/shop/web:1.1"}, []string{
			`low CVE-2099-0004 musl 1.2.4-r2 fixed ""`,
			`critical CVE-2099-0005 curl 8.5.0-r0 fixed "8.6.0-r0, 8.6.1-r0"`,
		}, 0},
		"osv-scanner/web-1.1.json": {OSV, nil, []string{
			`critical CVE-2099-0005 curl 8.5.0-r0 fixed "8.6.0-r0"`,
			`medium GHSA-aaaa-bbbb-cccc left 1.0.0 fixed "1.0.1" severity unknown`,
		}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := Parse(read(t, name))
			if err != nil {
				t.Fatal(err)
			}
			if r.Scanner != want.scanner || !slices.Equal(r.Names, want.names) || len(r.Doubts) != want.doubts {
				t.Errorf("%s names %v with doubts %v, want %s, %v and %d", r.Scanner, r.Names, r.Doubts, want.scanner, want.names, want.doubts)
			}
			if !slices.Equal(said(r), want.found) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(said(r), "\n"), strings.Join(want.found, "\n"))
			}
		})
	}
}

// TestWhatIsNoReport holds that what is not understood is an error, never an image
// without vulnerabilities.
func TestWhatIsNoReport(t *testing.T) {
	whole := string(read(t, "trivy/shop-web-1.1.json"))
	for text, want := range map[string]string{
		"":                     "empty",
		" \n":                  "empty",
		whole[:len(whole)/2]:   "not all of it",
		whole + "x":            "not all of it",
		"null":                 "neither",
		"[]":                   "no JSON",
		"{}":                   "neither",
		`{"SchemaVersion": 2}`: "not about an image",
		`{"SchemaVersion": 3, "ArtifactType": "container_image"}`:                                         "schema version 3",
		`{"SchemaVersion": 2, "ArtifactType": "filesystem", "ArtifactName": "."}`:                         `about "filesystem"`,
		`{"SchemaVersion": 2, "ArtifactType": "container_image", "Results": {}}`:                          "cannot be read",
		`{"SchemaVersion": 2, "ArtifactType": "container_image", "Results": [{"Vulnerabilities": [{}]}]}`: "without an id",
		`{"matches": []}`: `by "", not by grype`,
		`{"matches": [], "descriptor": {"name": "grype"}}`:                                                 "not about an image",
		`{"matches": [], "descriptor": {"name": "grype"}, "source": {"type": "directory", "target": "."}}`: "not about an image",
		`{"matches": [], "descriptor": {"name": "grype"}, "source": {"type": "image", "target": "x"}}`:     "cannot be read",
		`{"results": []}`: "not about an image",
		`{"results": [{"packages": [{"package": {"name": "a"}, "vulnerabilities": [{"id": "X"}]}]}], "image_metadata": {}}`: "in none of its groups",
		`{"runs": []}`: "0 runs",
		`{"runs": [{"tool": {"driver": {"name": "CodeQL"}}}]}`:                                    `by "CodeQL"`,
		`{"runs": [{"tool": {"driver": {"name": "Trivy"}}, "results": [{"ruleId": "CVE-1"}]}]}`:   "does not say which",
		`{"runs": [{"tool": {"driver": {"name": "grype"}}, "results": [{"ruleId": "CVE-1-a"}]}]}`: "does not say which",
	} {
		if r, err := Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.80q is read as %v, %v; want an error with %q", text, r, err, want)
		}
	}
}

// TestCopies holds that a vulnerability of several copies of a package is one.
func TestCopies(t *testing.T) {
	one := func(version, severity string) string {
		return fmt.Sprintf(`{"VulnerabilityID": "CVE-1", "PkgName": "log4j", "InstalledVersion": %q, "FixedVersion": "3", "Severity": %q}`, version, severity)
	}
	r, err := Parse([]byte(`{"SchemaVersion": 2, "ArtifactType": "container_image", "Results": [{"Vulnerabilities": [` + one("1", "LOW") + "," + one("2", "HIGH") + "," + one("1", "LOW") + `]}]}`))
	if err != nil || !slices.Equal(said(r), []string{`high CVE-1 log4j 1, 2 fixed "3"`}) {
		t.Errorf("%v, %v", r, err)
	}
}

func TestParseReference(t *testing.T) {
	digest := "sha256:" + strings.Repeat("a", 64)
	for text, want := range map[string]string{
		"nginx":                                "docker.io/library/nginx:latest",
		"acme/web:1.0":                         "docker.io/acme/web:1.0",
		"ghcr.io/acme/web:1.0@" + digest:       "ghcr.io/acme/web@" + digest,
		"registry.example.com:5000/web":        "registry.example.com:5000/web:latest",
		"[::1]:5000/web:1":                     "[::1]:5000/web:1",
		"-nginx":                               "",
		"--config=x":                           "",
		"":                                     "",
		"nginx:1.0 --config":                   "",
		"nginx\n":                              "",
		"${IMAGE}":                             "",
		"nginx@sha256:abc":                     "",
		"https://example.com/nginx":            "",
		"registry.example.com/../../etc/x:1.0": "",
	} {
		r, err := ParseReference(text)
		if got := r.String(); err == nil && got != want || err != nil && want != "" {
			t.Errorf("%q is %q, %v; want %q", text, got, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, name := range []string{"trivy/shop-web-1.1.json", "trivy/shop-web-1.1.sarif", "grype/web-1.1.json", "grype/web-1.1.sarif", "osv-scanner/web-1.1.json"} {
		f.Add(read(f, name))
	}
	f.Add([]byte(`{"matches": [], "descriptor": {"name": "grype"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := Parse(data)
		if err != nil {
			return
		}
		seen := map[string]bool{}
		for _, v := range r.Found {
			if !isID(v.ID) || v.Package == "" || v.Severity < checks.Low || v.Severity > checks.Critical || seen[v.ID+" "+v.Package+"\x00"+v.Package] {
				t.Fatalf("%+v", v)
			}
			seen[v.ID+" "+v.Package+"\x00"+v.Package] = true
		}
		for _, name := range r.Names {
			if _, err := ParseReference(name); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func FuzzParseReference(f *testing.F) {
	for _, text := range []string{"nginx", "ghcr.io/acme/web:1.0", "-x", "[::1]:5000/web:1", "a@sha256:" + strings.Repeat("a", 64)} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := ParseReference(text)
		if err != nil {
			return
		}
		if s := r.String(); s[0] == '-' || strings.ContainsAny(s, " \t\r\n\"'$`;&|") || strings.Contains(s, "..") && strings.Contains(s, "/../") {
			t.Fatalf("%q becomes %q", text, s)
		}
		again, err := ParseReference(r.String())
		if err != nil || again.String() != r.String() {
			t.Fatalf("%q becomes %q, and that %q, %v", text, r, again, err)
		}
	})
}
