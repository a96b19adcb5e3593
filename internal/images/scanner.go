package images

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// The scanners that are known.
const (
	Trivy = "trivy"
	Grype = "grype"
	OSV   = "osv-scanner"
)

// tool is how a scanner is asked. What an image is called is always the last
// argument and stands behind --, so that it is never an option.
type tool struct {
	scan    []string
	prefix  string // of the image's reference
	version []string
	// found are exit codes besides 0 that come with a whole report.
	found []int
	// unset are variables that would change what is reported or how the program ends.
	unset []string
}

var tools = map[string]tool{
	Trivy: {
		scan:    []string{"image", "--quiet", "--format", "json", "--scanners", "vuln", "--severity", "UNKNOWN,LOW,MEDIUM,HIGH,CRITICAL", "--exit-code", "0", "--image-src", "remote", "--"},
		version: []string{"version", "--format", "json"},
		unset:   []string{"TRIVY_FORMAT", "TRIVY_OUTPUT", "TRIVY_TEMPLATE", "TRIVY_SEVERITY", "TRIVY_EXIT_CODE", "TRIVY_EXIT_ON_EOL", "TRIVY_INPUT", "TRIVY_DEBUG"},
	},
	Grype: {
		scan: []string{"--quiet", "--output", "json", "--"}, prefix: "registry:",
		version: []string{"version", "--output", "json"},
		unset:   []string{"GRYPE_FAIL_ON_SEVERITY", "GRYPE_OUTPUT", "GRYPE_FILE", "GRYPE_OUTPUT_TEMPLATE_FILE", "GRYPE_SEARCH_SCOPE"},
	},
	OSV: {
		scan: []string{"scan", "image", "--format", "json", "--"}, found: []int{1},
		version: []string{"--version"},
	},
}

// Client is what this machine scans with. It must be made before the environment is
// taken away from the process.
type Client struct {
	Path    string   // where programs are looked for, as in PATH
	Environ []string // of which a scanner gets what it needs
	Cache   string   // a folder for what was scanned, by digest; empty: nothing is kept
	Today   string   // a day; what was scanned on another is not believed
}

// logins are the variables by which a scanner finds logins, and those that are one.
var logins = []string{"HOME", "USERPROFILE", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", "DOCKER_CONFIG", "DOCKER_HOST", "DOCKER_CERT_PATH", "REGISTRY_AUTH_FILE"}

// WithoutLogins is a client whose scanners pull what everybody may.
func (c *Client) WithoutLogins() *Client {
	other := *c
	other.Environ = slices.DeleteFunc(slices.Clone(c.Environ), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return slices.Contains(logins, name) || !slices.Contains(usual, name)
	})
	return &other
}

// Scanner is one program, found and asked for its version.
type Scanner struct {
	client   Client
	name     string
	tool     tool
	program  string
	environ  []string
	patience time.Duration
	version  string
}

// Scanner finds a program. It is not looked for in the given folders, which a pull
// request fills. variables are what it gets of the environment beyond the usual.
func (c Client) Scanner(ctx context.Context, name string, patience time.Duration, variables []string, untrusted ...string) (*Scanner, error) {
	tool, known := tools[name]
	if !known {
		return nil, fmt.Errorf("%q is no scanner that is known: use %s, %s or %s", name, Trivy, Grype, OSV)
	}
	program, err := c.find(name, untrusted)
	if err != nil {
		return nil, err
	}
	s := &Scanner{client: c, name: name, tool: tool, program: program, patience: patience, environ: passed(c.Environ, variables, tool.unset)}
	version, err := s.run(ctx, tool.version, nil)
	if err != nil {
		return nil, fmt.Errorf("%s does not tell its version: %w; look with: %s %s", name, err, name, strings.Join(tool.version, " "))
	}
	s.version = string(version)
	return s, nil
}

// find looks a program up in absolute folders only, and takes none that lies where
// a pull request could have put it.
func (c Client) find(name string, untrusted []string) (string, error) {
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	for _, dir := range filepath.SplitList(c.Path) {
		if !filepath.IsAbs(dir) {
			continue
		}
		file, err := filepath.EvalSymlinks(filepath.Join(dir, name))
		if err != nil {
			continue
		}
		info, err := os.Stat(file)
		if err != nil || !info.Mode().IsRegular() || runtime.GOOS != "windows" && info.Mode()&0o111 == 0 {
			continue
		}
		if slices.ContainsFunc(untrusted, func(tree string) bool { return within(tree, file) || within(tree, dir) }) {
			continue
		}
		return file, nil
	}
	return "", fmt.Errorf("%s is not on the PATH: install it before rendergate runs, or give finished reports with --image-report", name)
}

// within says that a file lies below a folder.
func within(folder, file string) bool {
	if real, err := filepath.EvalSymlinks(folder); err == nil {
		folder = real
	}
	way, err := filepath.Rel(folder, file)
	return err == nil && filepath.IsLocal(way)
}

// usual are the variables that scanners need: their own, where caches and logins of
// registries are, and the way to the network. None is a token of the workflow.
var usual = []string{
	"PATH", "HOME", "USERPROFILE", "LOCALAPPDATA", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP", "LANG", "LC_ALL", "TZ",
	"XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR",
	"DOCKER_CONFIG", "DOCKER_HOST", "DOCKER_CERT_PATH", "DOCKER_TLS_VERIFY", "REGISTRY_AUTH_FILE",
	"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "no_proxy", "all_proxy",
	"SSL_CERT_FILE", "SSL_CERT_DIR", "TRIVY_*", "GRYPE_*", "SYFT_*", "OSV_SCANNER_*",
}

// passed is the part of an environment that a scanner gets.
func passed(environ, variables, unset []string) []string {
	all := []string{}
	for _, entry := range environ {
		name, _, _ := strings.Cut(entry, "=")
		named := func(pattern string) bool {
			start, many := strings.CutSuffix(pattern, "*")
			return name == pattern || many && strings.HasPrefix(name, start)
		}
		if (slices.ContainsFunc(usual, named) || slices.ContainsFunc(variables, named)) && !slices.Contains(unset, name) {
			all = append(all, entry)
		}
	}
	return all
}

// maxSaid bounds what of a program's complaints is told.
const maxSaid = 600

// run starts the program in a folder of its own, which holds no configuration that
// it might take from there, and gives what it wrote.
func (s *Scanner) run(ctx context.Context, args []string, found []int) (data []byte, err error) {
	dir, err := os.MkdirTemp("", "rendergate-scan-*")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	limited, cancel := context.WithTimeout(ctx, s.patience)
	defer cancel()
	out, said := &bounded{most: maxReport, stop: cancel}, &tail{most: 64 << 10}
	cmd := exec.CommandContext(limited, s.program, args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr, cmd.WaitDelay = dir, s.environ, out, said, 5*time.Second
	err = cmd.Run()
	var ended *exec.ExitError
	switch {
	case out.over:
		return nil, fmt.Errorf("it wrote more than %d MiB", maxReport>>20)
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case limited.Err() != nil:
		return nil, fmt.Errorf("it took longer than %s (images.time of the base branch's .rendergate.yaml gives it more)", s.patience)
	case errors.As(err, &ended) && slices.Contains(found, ended.ExitCode()):
	case err != nil:
		return nil, fmt.Errorf("it failed (%w)%s", err, said.String())
	}
	return out.data.Bytes(), nil
}

// Scan asks about an image. What was asked today about the same content is not
// asked again.
func (s *Scanner) Scan(ctx context.Context, r Reference) (*Report, error) {
	kept := s.kept(r)
	if report := kept.get(); report != nil {
		return report, nil
	}
	data, err := s.run(ctx, append(slices.Clone(s.tool.scan), s.tool.prefix+r.String()), s.tool.found)
	if err != nil {
		return nil, s.explained(r, err)
	}
	report, err := Parse(data)
	switch {
	case err != nil:
		return nil, s.explained(r, err)
	case report.Scanner != s.name:
		return nil, s.explained(r, fmt.Errorf("what it wrote is a report of %s", report.Scanner))
	case !report.mayBeOf(r):
		return nil, s.explained(r, fmt.Errorf("its report is about %s", strings.Join(append(report.Names, report.Digests...), ", ")))
	}
	if err := kept.put(data); err != nil {
		return nil, fmt.Errorf("what %s said cannot be kept: %w; RENDERGATE_CACHE names another folder", s.name, err)
	}
	return report, nil
}

// explained tells how to see for oneself.
func (s *Scanner) explained(r Reference, err error) error {
	args := slices.DeleteFunc(slices.Clone(s.tool.scan), func(arg string) bool { return arg == "--quiet" })
	return fmt.Errorf("%s cannot tell: %w; look with: %s %s %s", s.name, err, s.name, strings.Join(args, " "), s.tool.prefix+r.String())
}

// bounded keeps what is written to it up to a limit, and stops who writes more. The
// buffer is no part of its methods, so that nothing is read into it unbounded.
type bounded struct {
	data bytes.Buffer
	most int
	over bool
	stop func()
}

// Write implements io.Writer.
func (b *bounded) Write(p []byte) (int, error) {
	if b.data.Len()+len(p) > b.most {
		b.over = true
		b.stop()
		return 0, errors.New("too much")
	}
	return b.data.Write(p)
}

// tail keeps the last of what is written to it.
type tail struct {
	data []byte
	most int
}

// Write implements io.Writer.
func (t *tail) Write(p []byte) (int, error) {
	t.data = append(t.data, p...)
	if over := len(t.data) - t.most; over > 0 {
		t.data = t.data[over:]
	}
	return len(p), nil
}

// String are the last complaints, on one line.
func (t *tail) String() string {
	lines := strings.FieldsFunc(string(t.data), func(r rune) bool { return r == '\n' || r == '\r' })
	text := strings.Join(strings.Fields(strings.ToValidUTF8(strings.Join(lines[max(0, len(lines)-3):], " "), "?")), " ")
	if len(text) > maxSaid {
		text = "…" + strings.ToValidUTF8(text[len(text)-maxSaid:], "")
	}
	return cmp.Or(strings.TrimSuffix(": "+text, ": "), "")
}
