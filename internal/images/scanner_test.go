package images

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// program puts a scanner on a PATH of its own; it writes down how it is called.
func program(t *testing.T, name, script string) (c Client, calls func() []string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the program is a shell script")
	}
	dir := t.TempDir()
	log := filepath.Join(dir, "calls")
	text := "#!/bin/sh\necho \"$*\" >>" + log + "\n[ \"$1\" = version ] && exec cat " + filepath.Join(dir, "version") + "\n" + script
	for file, content := range map[string]string{name: text, "version": `{"Version": "0.74.0"}`} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(content), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	c = Client{Path: dir + string(filepath.ListSeparator) + os.Getenv("PATH"), Environ: append(os.Environ(), "GITHUB_TOKEN=secret"), Cache: filepath.Join(dir, "cache"), Today: "2026-01-01"}
	return c, func() []string {
		data, err := os.ReadFile(log)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(log); err != nil {
			t.Fatal(err)
		}
		return strings.Split(strings.TrimSpace(string(data)), "\n")
	}
}

// TestKept holds what is asked again: another content, another day, another
// database, and whatever only a tag names.
func TestKept(t *testing.T) {
	report, err := filepath.Abs("testdata/trivy/shop-web-1.1.json")
	if err != nil {
		t.Fatal(err)
	}
	c, calls := program(t, Trivy, "exec cat "+report+"\n")
	pinned := "127.0.0.1:5055/shop/web@" + digestIn(t, report)
	scan := func(c Client, image string) int {
		t.Helper()
		at, err := ParseReference(image)
		if err != nil {
			t.Fatal(err)
		}
		s, err := c.Scanner(t.Context(), Trivy, time.Minute, nil)
		if err != nil {
			t.Fatal(err)
		}
		r, err := s.Scan(t.Context(), at)
		if err != nil || len(r.Found) != len(web11) {
			t.Fatalf("%v, %v", r, err)
		}
		return len(calls()) - 1 // asking for the version
	}
	for _, step := range []struct {
		what   string
		image  string
		change func(*Client)
		want   int
	}{
		{"first", pinned, nil, 1},
		{"again", pinned, nil, 0},
		{"of another platform", pinned, func(c *Client) { c.Environ = append(slices.Clone(c.Environ), "TRIVY_PLATFORM=linux/arm64") }, 1},
		{"by its tag", "127.0.0.1:5055/shop/web:1.1", nil, 1},
		{"by its tag, again", "127.0.0.1:5055/shop/web:1.1", nil, 1},
		{"another day", pinned, func(c *Client) { c.Today = "2026-01-02" }, 1},
		{"another database", pinned, func(c *Client) {
			if err := os.WriteFile(filepath.Join(filepath.SplitList(c.Path)[0], "version"), []byte(`{"Version": "0.74.0", "VulnerabilityDB": {"UpdatedAt": "later"}}`), 0o644); err != nil {
				t.Fatal(err)
			}
		}, 1},
		{"that again", pinned, nil, 0},
		{"without a cache", pinned, func(c *Client) { c.Cache = "" }, 1},
	} {
		one := c
		if step.change != nil {
			step.change(&one)
		}
		if got := scan(one, step.image); got != step.want {
			t.Errorf("%s: the scanner was asked %d times, want %d", step.what, got, step.want)
		}
	}
}

func digestIn(t *testing.T, file string) string {
	t.Helper()
	r, err := readFile(file)
	if err != nil || len(r.Digests) != 1 {
		t.Fatal(r, err)
	}
	return r.Digests[0]
}

// TestRefused holds that a scanner which ends otherwise than it should, or writes
// what it should not, has said nothing.
func TestRefused(t *testing.T) {
	clean, err := filepath.Abs("testdata/trivy/shop-web-1.2.json")
	if err != nil {
		t.Fatal(err)
	}
	for want, script := range map[string]string{
		"it failed (exit status 4): WARN a FATAL twice over": "cat " + clean + "; printf 'WARN a\\nFATAL twice\\r\\n  over\\n' >&2; exit 4\n",
		"the report is empty":                                "exit 0\n",
		"wrote more than 64 MiB":                             "exec head -c 70000000 /dev/zero\n",
		"what it wrote is a report of osv-scanner":           `echo '{"results": [], "image_metadata": {"os": ""}}'` + "\n",
		"its report is about 127.0.0.1:5055/shop/web":        "exec cat " + clean + "\n",
	} {
		c, _ := program(t, Trivy, script)
		s, err := c.Scanner(t.Context(), Trivy, time.Minute, nil)
		if err != nil {
			t.Fatal(err)
		}
		at, err := ParseReference("nginx:1.0")
		if err != nil {
			t.Fatal(err)
		}
		if r, err := s.Scan(t.Context(), at); err == nil || !strings.Contains(err.Error(), want) || !strings.HasSuffix(err.Error(), "-- docker.io/library/nginx:1.0") {
			t.Errorf("%v, %v; want %q and the command", r, err, want)
		}
	}
}

// TestTools holds how each scanner is asked, the image last and never an option.
func TestTools(t *testing.T) {
	osv, err := filepath.Abs("testdata/osv-scanner/web-1.1.json")
	if err != nil {
		t.Fatal(err)
	}
	grype, err := filepath.Abs("testdata/grype/web-1.1.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]struct{ script, call string }{
		OSV:   {"[ $1 = --version ] || { cat " + osv + "; exit 1; }\n", "scan image --format json -- registry.example.com/shop/web:1.1"},
		Grype: {"exec cat " + grype + "\n", "--quiet --output json -- registry:registry.example.com/shop/web:1.1"},
	} {
		c, calls := program(t, name, want.script)
		s, err := c.Scanner(t.Context(), name, time.Minute, nil)
		if err != nil {
			t.Fatal(name, err)
		}
		at, err := ParseReference("registry.example.com/shop/web:1.1")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Scan(t.Context(), at); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if all := calls(); all[len(all)-1] != want.call {
			t.Errorf("%s was called with %q, want %q", name, all[len(all)-1], want.call)
		}
	}
}

func TestPassed(t *testing.T) {
	environ := []string{"PATH=/bin", "HOME=/home/a", "GITHUB_TOKEN=t", "INPUT_TOKEN=t", "AWS_PROFILE=p", "AWS_SECRET_ACCESS_KEY=k", "TRIVY_USERNAME=u", "TRIVY_SEVERITY=CRITICAL", "https_proxy=x", "DOCKER_CONFIG=d"}
	for what, c := range map[string]struct{ got, want []string }{
		"usual":          {passed(environ, nil, tools[Trivy].unset), []string{"PATH=/bin", "HOME=/home/a", "TRIVY_USERNAME=u", "https_proxy=x", "DOCKER_CONFIG=d"}},
		"configured":     {passed(environ, []string{"AWS_PROFILE"}, tools[Trivy].unset), []string{"PATH=/bin", "HOME=/home/a", "AWS_PROFILE=p", "TRIVY_USERNAME=u", "https_proxy=x", "DOCKER_CONFIG=d"}},
		"without logins": {passed((&Client{Environ: environ}).WithoutLogins().Environ, []string{"AWS_*"}, nil), []string{"PATH=/bin", "https_proxy=x"}},
	} {
		if !slices.Equal(c.got, c.want) {
			t.Errorf("%s: %v, want %v", what, c.got, c.want)
		}
	}
}
