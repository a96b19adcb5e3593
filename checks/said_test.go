package checks_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rendergate/rendergate/checks"
	"github.com/rendergate/rendergate/internal/gate"
	"github.com/rendergate/rendergate/internal/git"
	"github.com/rendergate/rendergate/internal/report"
	"github.com/rendergate/rendergate/internal/worker"
)

// TestMain lets this program be the worker in which the gate renders.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "worker" {
		if err := worker.Serve(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// exampleSettings switch on what examples are about.
const exampleSettings = "version: 1\nchecks: {enable: all}\nregistries: {allowed: [\"ghcr.io/acme/\"], charts: [\"https://charts.example.com\", \"oci://registry.example.com/\"]}\n"

// toldOtherwise are the checks of one side whose examples a comparison tells of, graver:
// that what guarded a pod is gone. A pod that is new was never guarded.
var toldOtherwise = []string{"pod-ingress-open", "pod-outside-policies", "pod-egress-open"}

// saidOfExamples runs the whole gate on pull requests that make the passing
// examples of some checks, each in a folder of its own, the failing ones, and
// gives what it says of each. What a check
// compares is made the failing one of what was before. A few at a time, so that no budget of a run is
// spent, however slow the machine is.
func saidOfExamples(t *testing.T) map[string]string {
	t.Helper()
	said := map[string]string{}
	for some := range slices.Chunk(checks.All, 16) {
		good, bad := map[string]string{}, map[string]string{}
		for _, c := range some {
			name := c.ID + "/example.yaml"
			good[name], bad[name] = c.Good, strings.ReplaceAll(c.Bad, " # want\n", "\n")
			switch {
			case c.Compare != nil:
				good[name] = strings.ReplaceAll(c.Before, " # want\n", "\n")
			case slices.Contains(toldOtherwise, c.ID):
				good[name] = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other}\n"
			}
		}
		r := gated(t, good, bad)
		for _, c := range some {
			said[c.ID] = textOf(t, r, c)
		}
	}
	return said
}

// gated is the report of a change from some files to others.
func gated(t *testing.T, base, head map[string]string) *report.Report {
	t.Helper()
	dir := t.TempDir()
	run := func(args ...string) {
		cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=a", "-c", "user.email=a@example.com"}, args...)...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v: %s", args, err, out)
		}
	}
	run("init", "--quiet", "--initial-branch", "main")
	for _, side := range []map[string]string{base, head} {
		side[".rendergate.yaml"] = exampleSettings
		for name, text := range side {
			path := filepath.Join(dir, filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		run("add", "--all")
		run("commit", "--quiet", "-m", "side")
	}
	repo, err := git.Open(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	pool := worker.New(func() *exec.Cmd { return &exec.Cmd{Path: self, Args: []string{self, "worker"}, Env: []string{"PATH="}} })
	defer pool.Close()
	r, _, err := gate.Check(context.Background(), gate.Options{Repo: repo, Workers: pool, Base: "main~1", Head: "main", Log: io.Discard, ImageReports: reportsOfExamples(t)})
	if err != nil {
		t.Fatal(err)
	}
	if err := repo.Close(); err != nil {
		t.Error(err)
	}
	return r
}

// reportsOfExamples are a scanner's about the images of examples, as judgedBy has
// them.
func reportsOfExamples(t *testing.T) []string {
	t.Helper()
	var files []string
	for image, all := range judgedBy.Scanned {
		var found []map[string]string
		for _, v := range all {
			found = append(found, map[string]string{
				"VulnerabilityID": v.ID, "PkgName": v.Package, "InstalledVersion": v.Version, "FixedVersion": v.Fixed, "Severity": v.Severity.String(),
			})
		}
		data, err := json.Marshal(map[string]any{
			"SchemaVersion": 2, "ArtifactName": image, "ArtifactType": "container_image", "Results": []map[string]any{{"Vulnerabilities": found}},
		})
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "report.json")
		if err := os.WriteFile(file, data, 0o644); err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	return files
}

// textOf is a report as a terminal shows it, cut down to what one check finds
// new in the target of its name.
func textOf(t *testing.T, r *report.Report, c *checks.Check) string {
	t.Helper()
	one := *r
	one.Notes, one.Undecided, one.Summary, one.Verdict = nil, nil, report.Summary{}, report.Pass
	one.Targets = slices.DeleteFunc(slices.Clone(r.Targets), func(x report.Target) bool { return x.ID != c.ID })
	one.Bumps = slices.DeleteFunc(slices.Clone(r.Bumps), func(b report.Bump) bool { return !slices.Contains(b.Targets, c.ID) })
	one.Findings = slices.DeleteFunc(slices.Clone(r.Findings), func(f report.Finding) bool {
		return f.Check != c.ID || f.State != report.New || f.Target != c.ID
	})
	one.Bumps = slices.DeleteFunc(slices.Clone(r.Bumps), func(b report.Bump) bool { return !slices.Contains(b.Targets, c.ID) })
	if one.Summary.New = len(one.Findings); one.Summary.New == 0 {
		t.Errorf("%s: a change from its passing to its failing example brings nothing new", c.ID)
	}
	if slices.ContainsFunc(one.Findings, func(f report.Finding) bool { return f.Blocks }) {
		one.Verdict = report.Fail
	}
	sink, err := report.NewSink("text", report.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := sink.Write(&out, &one); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
