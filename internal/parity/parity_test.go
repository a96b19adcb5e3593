package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// TestMain lets this program stand in for both command lines: what they do with
// their libraries, without building them.
func TestMain(m *testing.M) {
	var err error
	switch {
	case len(os.Args) > 3 && os.Args[1] == "template":
		err = template(os.Args[2], os.Args[3])
	case len(os.Args) > 2 && os.Args[1] == "build":
		err = build(os.Args[2])
	default:
		os.Exit(m.Run())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func template(release, dir string) error {
	c, err := loader.LoadDir(dir)
	if err != nil {
		return err
	}
	if len(c.Dependencies()) < len(c.Metadata.Dependencies) {
		return errors.New("found in Chart.yaml, but missing in charts/ directory")
	}
	values, err := chartutil.ToRenderValues(c, nil, chartutil.ReleaseOptions{Name: release, Namespace: "parity"}, nil)
	if err != nil {
		return err
	}
	rendered, err := engine.Render(c, values)
	for name, text := range rendered {
		fmt.Printf("---\n# Source: %s\n%s\n", name, strings.TrimSpace(text))
	}
	return err
}

func build(dir string) error {
	resources, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), dir)
	if err != nil {
		return err
	}
	text, err := resources.AsYaml()
	if err != nil {
		return err
	}
	fmt.Printf("%s", text)
	return nil
}

const trees = `
-- app/Chart.yaml --
apiVersion: v2
name: app
version: 1.0.0
-- app/templates/all.yaml --
apiVersion: v1
kind: Secret
metadata: {name: "{{ .Release.Name }}"}
stringData:
  password: {{ randAlphaNum 20 }}
  id: {{ uuidv4 }}
---
apiVersion: v1
kind: List
items:
  - {apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {n: "{{ .Values.n }}"}}
  - {apiVersion: v1, kind: ConfigMap, metadata: {name: b}, data: {n: "{{ .Values.n }}"}}
-- app/values.yaml --
n: 1
-- parent/Chart.yaml --
apiVersion: v2
name: parent
version: 1.0.0
dependencies: [{name: app, version: 1.0.0, repository: https://charts.example.com}]
-- broken/Chart.yaml --
apiVersion: v2
name: broken
version: 1.0.0
-- broken/templates/a.yaml --
{{ fail "no" }}
-- overlay/kustomization.yaml --
resources: [cm.yaml]
namePrefix: x-
-- overlay/cm.yaml --
{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}
`

// TestParity compares with helm's and kustomize's own libraries; the command
// lines themselves are compared with on demand, see main.go.
func TestParity(t *testing.T) {
	dir := t.TempDir()
	for _, f := range txtar.Parse([]byte(trees)).Files {
		name := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, f.Data, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	var out strings.Builder
	p := parity{helm: os.Args[0], kustomize: os.Args[0], budget: 60e9, out: &out}
	counts, err := p.all(context.Background(), []string{dir})
	if err != nil {
		t.Fatal(err)
	}
	if counts[equal] != 2 || counts[onlyOurs] != 1 || counts[neither] != 1 || counts[differs] != 0 || counts[onlyTheirs] != 0 {
		t.Errorf("%v\n%s", counts, out.String())
	}
}

func TestDifferencesAreTold(t *testing.T) {
	object := func(text string) []any {
		all, err := parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	for name, tc := range map[string]struct{ theirs, again, ours, want string }{
		"order":        {"a: 1\n---\nb: 2", "", "b: 2\n---\na: 1", ""},
		"chance":       {"a: {b: 1, c: [1]}", "a: {b: 2, c: [1]}", "a: {b: 3, c: [1]}", ""},
		"beside it":    {"kind: X\nmetadata: {name: n}\na: {b: 1, c: [1]}", "kind: X\nmetadata: {name: n}\na: {b: 2, c: [1]}", "kind: X\nmetadata: {name: n}\na: {b: 3, c: [2]}", "X <nil>/n: .a.c[0] is …2, theirs …1"},
		"more":         {"a: 1", "", "a: 1\n---\na: 1", "1 objects are ours alone"},
		"fewer":        {"a: 1\n---\na: 1", "", "a: 1", "1 of their objects are not ours"},
		"key":          {"kind: X\nmetadata: {name: n}", "", "kind: X\nmetadata: {name: n, more: 1}", ".metadata.more is ours alone"},
		"missing key":  {"kind: X\nmetadata: {name: n, more: 1}", "", "kind: X\nmetadata: {name: n}", ".metadata.more is not ours"},
		"length":       {"kind: X\nmetadata: {name: n, l: [1]}", "", "kind: X\nmetadata: {name: n, l: []}", ".metadata.l is"},
		"type":         {"kind: X\nmetadata: {name: n, l: '1'}", "", "kind: X\nmetadata: {name: n, l: 1}", ".metadata.l is"},
		"dates":        {"a: '2020-01-02'", "", "a: 2020-01-02", ""},
		"equal keys":   {"a: 2\nb: 1", "", "a: 1\nb: 1\na: 2", ""},
		"list of them": {"kind: PodList\nitems: [{a: 1}, {a: 2}]", "", "a: 2\n---\na: 1", ""},
	} {
		again := tc.again
		if again == "" {
			again = tc.theirs
		}
		got := compare(mask(object(tc.theirs), object(again)).([]any), object(tc.ours))
		if tc.want == "" && got != "" || !strings.Contains(got, tc.want) {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}
