package worker_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/rendergate/rendergate/internal/worker"
	"github.com/rendergate/rendergate/render"
	"github.com/rendergate/rendergate/render/manifest"
)

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

func pool(t *testing.T) *worker.Pool {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := worker.New(func() *exec.Cmd { return &exec.Cmd{Path: self, Args: []string{self, "worker"}, Env: []string{"PATH="}} })
	t.Cleanup(p.Close)
	return p
}

// generous is what no honest render needs, even under the race detector.
var generous = worker.Budget{Time: time.Minute, Memory: 4 << 30}

func chart(template string, more ...string) fstest.MapFS {
	tree := fstest.MapFS{
		"c/Chart.yaml":       {Data: []byte("apiVersion: v2\nname: c\nversion: 1.0.0\n")},
		"c/values.yaml":      {Data: []byte("names: [a, b]\n")},
		"c/templates/x.yaml": {Data: []byte(template)},
	}
	for i := 0; i+1 < len(more); i += 2 {
		tree[more[i]] = &fstest.MapFile{Data: []byte(more[i+1])}
	}
	return tree
}

var target = render.Target{Kind: render.Helm, Dir: "c"}

const configMaps = `
{{- range .Values.names }}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: "{{ . }}"} # named
data: &data
  key: |
    text
more: *data
{{- end }}
`

func TestAWorkerRendersWhatThisProcessRenders(t *testing.T) {
	for name, c := range map[string]struct {
		tree   fs.FS
		target render.Target
	}{
		"chart":   {chart(configMaps), target},
		"nothing": {chart(""), target},
		"missing dependency": {chart(configMaps, "c/Chart.yaml",
			"apiVersion: v2\nname: c\nversion: 1.0.0\ndependencies: [{name: d, version: 1.0.0, repository: 'https://example.com'}]\n"), target},
		"overlay": {fstest.MapFS{
			"o/kustomization.yaml":   {Data: []byte("namePrefix: p-\nresources: [a.yaml, b]\n")},
			"o/a.yaml":               {Data: []byte("apiVersion: v1\nkind: Service\nmetadata: {name: a}\n")},
			"o/b/kustomization.yaml": {Data: []byte("configMapGenerator: [{name: g, literals: [a=b]}]\n")},
		}, render.Target{Kind: render.Kustomize, Dir: "o"}},
		"manifests": {fstest.MapFS{"m/a.yaml": {Data: []byte("apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: a}}\n")}},
			render.Target{Kind: render.Manifests, Dir: "m"}},
		"no chart": {fstest.MapFS{"c/values.yaml": {}}, target},
	} {
		t.Run(name, func(t *testing.T) {
			want, wantErr := render.Render(c.tree, c.target)
			got, err := pool(t).Render(t.Context(), c.tree, c.target, generous)
			if fmt.Sprint(err) != fmt.Sprint(wantErr) {
				t.Fatalf("got error %v, want %v", err, wantErr)
			}
			if err == nil && describe(got) != describe(want) {
				t.Errorf("got\n%s\nwant\n%s", describe(got), describe(want))
			}
		})
	}
}

// describe tells everything that later stages can see of a result.
func describe(r *render.Result) string {
	var text strings.Builder
	for _, o := range r.Judged() {
		fmt.Fprintf(&text, "%+v %q %+v\n", o.Ref, o.GenerateName, o.Origin)
		var into func(n manifest.Node)
		into = func(n manifest.Node) {
			y := n.YAML()
			fmt.Fprintf(&text, "%s %d:%d %v %q %q %q\n", n.Path(), n.Line(), y.Column, y.Style, y.Tag, y.Value, y.LineComment)
			for _, field := range n.Fields() {
				into(field)
			}
			for item := range n.Items() {
				into(item)
			}
		}
		into(o.Root)
	}
	fmt.Fprintf(&text, "%v %v %v", r.Missing, r.Skipped, r.Taints)
	return text.String()
}

func TestHostileCharts(t *testing.T) {
	for name, c := range map[string]struct {
		template, want string
		budget         worker.Budget
		over           bool
	}{
		"endless range": {
			`{{ define "x" }}{{ range until 1000 }}{{ range until 1000 }}{{ range until 1000 }}{{ end }}{{ end }}{{ end }}{{ end }}{{ range until 1000 }}{{ include "x" . }}{{ end }}`,
			"took longer than its budget of 1s", worker.Budget{Time: time.Second, Memory: 4 << 30}, true},
		"a value that holds itself": {
			`{{ $x := dict }}{{ $_ := set $x "x" $x }}{{ $x }}`,
			"the renderer crashed: runtime: goroutine stack exceeds", generous, false},
		"memory": {
			`{{ $d := dict }}{{ range $i := until 100000 }}{{ range $j := until 100 }}{{ $_ := set $d (printf "%d-%d" $i $j) (repeat 10000 "x") }}{{ end }}{{ end }}`,
			"needed more memory than its budget of 300MiB", worker.Budget{Time: time.Minute, Memory: 300 << 20}, true},
	} {
		t.Run(name, func(t *testing.T) {
			p := pool(t)
			_, err := p.Render(t.Context(), chart(c.template), target, c.budget)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, want %s", err, c.want)
			}
			var over *worker.OverBudget
			if errors.As(err, &over) != c.over {
				t.Errorf("got %T", err)
			}
			if _, err := p.Render(t.Context(), chart(configMaps), target, generous); err != nil {
				t.Errorf("the next chart does not render: %v", err)
			}
		})
	}
}

func TestACrashIsOneTargetsError(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := worker.New(func() *exec.Cmd { return exec.Command(self, "-test.run=^$") }) // ends without a word of the protocol
	defer p.Close()
	for range 3 {
		if _, err := p.Render(t.Context(), chart(configMaps), target, generous); err == nil || !strings.Contains(err.Error(), "the renderer crashed") {
			t.Errorf("got %v", err)
		}
	}
}

func TestAProcessThatCannotStart(t *testing.T) {
	p := worker.New(func() *exec.Cmd { return &exec.Cmd{Path: "/nonexistent/rendergate"} })
	defer p.Close()
	for range 3 {
		if _, err := p.Render(t.Context(), chart(configMaps), target, generous); err == nil || !strings.Contains(err.Error(), "cannot be started") {
			t.Errorf("got %v", err)
		}
	}
}

func TestACustomSchemaReachesNoOtherBuild(t *testing.T) {
	tree := fstest.MapFS{
		"custom/kustomization.yaml": {Data: []byte("openapi: {path: schema.json}\nresources: [a.yaml]\n")},
		"custom/schema.json":        {Data: []byte(`{"definitions":{"io.k8s.api.core.v1.PodSpec":{"type":"object","properties":{}}}}`)},
		"custom/a.yaml":             {Data: []byte("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")},
		"plain/kustomization.yaml":  {Data: []byte("resources: [d.yaml]\npatches: [{path: p.yaml}]\n")},
		"plain/d.yaml":              {Data: []byte("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {template: {spec: {containers: [{name: a, image: a}, {name: b, image: b}]}}}\n")},
		"plain/p.yaml":              {Data: []byte("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {template: {spec: {containers: [{name: a, image: c}]}}}\n")},
	}
	p := pool(t)
	for range 3 {
		custom, err := p.Render(t.Context(), tree, render.Target{Kind: render.Kustomize, Dir: "custom"}, generous)
		if err != nil {
			t.Fatal(err)
		}
		if !custom.Taints {
			t.Error("a custom schema does not taint its process")
		}
		plain, err := p.Render(t.Context(), tree, render.Target{Kind: render.Kustomize, Dir: "plain"}, generous)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for c := range plain.Objects[0].Containers() {
			names = append(names, c.Name()+"="+c.Get("image").Text())
		}
		if want := []string{"a=c", "b=b"}; !reflect.DeepEqual(names, want) {
			t.Errorf("got containers %v, want %v", names, want)
		}
	}
}

func TestManyAtOnce(t *testing.T) {
	p := pool(t)
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() {
			tree := chart(configMaps, "c/values.yaml", fmt.Sprintf("names: [n%d]\n", i))
			r, err := p.Render(t.Context(), tree, target, generous)
			if err != nil || len(r.Objects) != 1 || r.Objects[0].Name != fmt.Sprintf("n%d", i) {
				t.Errorf("got %v, %v", r, err)
			}
		})
	}
	group.Wait()
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	_, err := pool(t).Render(ctx, chart(`{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}`), target, generous)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}
