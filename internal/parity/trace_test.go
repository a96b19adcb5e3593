package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// TestTracesAreTrue is small what .ci/trace does with real repositories: the
// trees of the end-to-end tests render alike when they are traced, and changing
// the lines that fields are said to come from changes those fields.
func TestTracesAreTrue(t *testing.T) {
	scripts, err := filepath.Glob("../../testdata/script/render-provenance*.txtar")
	if err != nil || len(scripts) == 0 {
		t.Fatal("no trees", err)
	}
	dir := t.TempDir()
	for _, script := range scripts {
		archive, err := txtar.ParseFile(script)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range archive.Files {
			rest, ours := strings.CutPrefix(f.Name, "repo/")
			if !ours {
				continue
			}
			name := filepath.Join(dir, filepath.Base(script), filepath.FromSlash(rest))
			if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, f.Data, 0o644)); err != nil {
				t.Fatal(err)
			}
		}
	}
	var out strings.Builder
	p := parity{helm: "helm", kustomize: "kustomize", out: &out}
	var all traceCount
	q := newOracle(p, 100)
	for _, script := range scripts {
		tree, err := openTree(filepath.Join(dir, filepath.Base(script)))
		if err != nil {
			t.Fatal(err)
		}
		for _, target := range p.targets(tree) {
			all.add(p.traceTarget(tree, target))
			q.target(tree, target)
		}
	}
	if all.failed > 0 || all.differ > 0 || all.files == 0 || all.traced != all.files || all.written != all.fields {
		t.Errorf("%s\n%s", all, out.String())
	}
	for _, kind := range asked {
		if v := q.found[kind]; v.agree == 0 || v.disagree > 0 {
			t.Errorf("%s: %s\n%s", kind, v, out.String())
		}
	}
}

// TestOracleDisagrees: a trace that is wrong is found.
func TestOracleDisagrees(t *testing.T) {
	q := oracle{found: map[string]*verdicts{"template": {agree: 98, disagree: 2}, "values": {}, "patch": {}, "file": {}, "condition": {disagree: 5}, "control": {}}}
	if !q.wrong() {
		t.Error("two of a hundred are too many")
	}
	q.found["template"].disagree = 0
	if q.wrong() {
		t.Error("conditions are only told")
	}
}
