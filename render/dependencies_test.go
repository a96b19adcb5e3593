package render_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"go.yaml.in/yaml/v3"

	"github.com/rendergate/rendergate/render"
)

// parent declares its dependencies as REPOSITORY; the subcharts stand in
// folders SUB and CACHE.
const parent = `
-- file app/Chart.yaml
apiVersion: v1
name: app
version: 1.0.0
-- file app/requirements.yaml
dependencies:
  - {name: sub, version: ^1.0.0, repository: "REPOSITORY/sub", import-values: [data, {child: inner, parent: taken}]}
  - {name: cache, version: ~2.1, repository: "REPOSITORY/cache", alias: front, tags: [caches]}
  - {name: cache, version: ~2.1, repository: "REPOSITORY/cache", alias: back, tags: [caches], condition: back.enabled}
  - {name: cache, version: ~2.1, repository: "REPOSITORY/cache", alias: side, tags: [others]}
-- file app/values.yaml
global: {region: here}
tags: {caches: true, others: false}
back: {enabled: false, size: 7}
front: {size: 5}
-- file app/templates/all.yaml
apiVersion: v1
kind: ConfigMap
metadata: {name: app}
data: {imported: {{ .Values.shared }}, taken: {{ .Values.taken.deep }}, front: {{ .Values.front.size }}, kept: {{ .Values.front.color }}}
-- file SUB/Chart.yaml
apiVersion: v2
name: sub
version: 1.2.0
dependencies:
  - {name: cache, version: 2.x.x, repository: "REPOSITORY/cache", condition: cache.enabled}
-- file SUB/values.yaml
exports: {data: {shared: from-sub}}
inner: {deep: below}
cache: {enabled: true, size: 9}
-- file SUB/templates/all.yaml
apiVersion: v1
kind: ConfigMap
metadata: {name: sub}
data: {region: {{ .Values.global.region }}, file: {{ .Files.Get "note.txt" }}}
-- file SUB/note.txt
words
-- file CACHE/Chart.yaml
apiVersion: v2
name: cache
version: 2.1.9
-- file CACHE/values.yaml
size: 1
color: blue
-- file CACHE/templates/all.yaml
apiVersion: v1
kind: ConfigMap
metadata: {name: "{{ .Chart.Name }}-{{ .Values.size }}"}
data: {region: {{ .Values.global.region }}}
`

func laidOut(repository, sub, cache string) tree {
	return files(strings.NewReplacer("REPOSITORY", repository, "SUB/", sub+"/", "CACHE/", cache+"/").Replace(parent))
}

// text is all that a target renders to, with or without origins.
func text(t *testing.T, in tree, target render.Target, origins bool) string {
	t.Helper()
	result, err := render.Render(in, target)
	if err != nil {
		t.Fatal(err)
	}
	if len(result.Missing) > 0 {
		t.Errorf("missing %v", result.Missing)
	}
	var lines []string
	for _, o := range result.Objects {
		data, err := yaml.Marshal(o.Root.YAML())
		if err != nil {
			t.Fatal(err)
		}
		if origins {
			data = []byte(o.Name + " " + o.Origin.Path)
		}
		lines = append(lines, string(data))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// TestWhereverItIs renders the same charts vendored, packed, under file:// and
// as siblings: what is deployed is the same, and told by its own file.
func TestWhereverItIs(t *testing.T) {
	target := render.Target{Kind: render.Helm, Dir: "app"}
	vendored := laidOut("https://charts.example.com", "app/charts/sub", "app/charts/cache")
	for name, data := range laidOut("", "", "app/charts/sub/charts/cache").MapFS {
		if strings.HasPrefix(name, "app/charts/sub/charts/") {
			vendored.MapFS[name] = data
		}
	}
	want := text(t, vendored, target, false)
	for _, part := range []string{"name: app", "imported: from-sub", "taken: below", "front: 5", "kept: blue", "name: sub", "region: here", "file: words", "name: front-5", "name: cache-9"} {
		if !strings.Contains(strings.ReplaceAll(want, `"`, ""), part) {
			t.Errorf("%q is not in\n%s", part, want)
		}
	}
	if strings.Contains(want, "back-") || strings.Contains(want, "side-") {
		t.Errorf("what is off was rendered:\n%s", want)
	}
	siblings := laidOut("https://charts.example.com", "other/place", "deep/er/cache")
	for name, in := range map[string]tree{"file": laidOut("file://..", "sub", "cache"), "siblings": siblings, "packed": packParts(t, vendored, "app/charts/")} {
		if got := text(t, in, target, false); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, want)
		}
	}
	want = "app app/templates/all.yaml\ncache-9 deep/er/cache/templates/all.yaml\nfront-5 deep/er/cache/templates/all.yaml\nsub other/place/templates/all.yaml"
	if got := text(t, siblings, target, true); got != want {
		t.Errorf("origins\n%s", got)
	}
	inputs := render.Inputs(siblings, target)
	for _, name := range []string{"app/requirements.yaml", "other/place/note.txt", "deep/er/cache/values.yaml"} {
		if !slices.Contains(inputs, name) {
			t.Errorf("%s is no input: %v", name, inputs)
		}
	}
}

// packParts makes archives of the folders of a folder.
func packParts(t *testing.T, in tree, folder string) tree {
	t.Helper()
	out, parts := fstest.MapFS{}, map[string]map[string][]byte{}
	for name, file := range in.MapFS {
		rest, inside := strings.CutPrefix(name, folder)
		if !inside {
			out[name] = file
			continue
		}
		part, _, _ := strings.Cut(rest, "/")
		if parts[part] == nil {
			parts[part] = map[string][]byte{}
		}
		parts[part][rest] = file.Data
	}
	for part, entries := range parts {
		out[folder+part+"-1.tgz"] = &fstest.MapFile{Data: archive(t, entries)}
	}
	return tree{out}
}

func archive(t *testing.T, entries map[string][]byte) []byte {
	t.Helper()
	var buffer bytes.Buffer
	zip, err := gzip.NewWriterLevel(&buffer, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	writer := tar.NewWriter(zip)
	for name, data := range entries {
		if err := writer.WriteHeader(&tar.Header{Name: name, Size: int64(len(data)), Mode: 0o644}); err != nil {
			t.Fatal(err)
		}
		if _, err := writer.Write(data); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(writer.Close(), zip.Close()); err != nil {
		t.Fatal(err)
	}
	return buffer.Bytes()
}

const wants = `
-- file app/Chart.yaml
apiVersion: v2
name: app
version: 1.0.0
dependencies:
  - {name: redis, version: 1.x.x, repository: "https://charts.example.com", alias: one}
  - {name: redis, version: 2.x.x, repository: "https://charts.example.com", alias: two, condition: two.enabled}
-- file app/Chart.lock
dependencies:
  - {name: redis, version: 1.2.3, repository: "https://charts.example.com"}
  - {name: redis, version: 2.0.1, repository: "https://charts.example.com"}
digest: DIGEST
generated: "2026-01-01T00:00:00Z"
-- file app/templates/a.yaml
apiVersion: v1
kind: ConfigMap
metadata: {name: a}
data: {port: "{{ .Values.one.port }}"}
`

func TestMissing(t *testing.T) {
	declared := `{"name":"redis","version":"1.x.x","repository":"https://charts.example.com","alias":"one"},` +
		`{"name":"redis","version":"2.x.x","repository":"https://charts.example.com","condition":"two.enabled","alias":"two"}`
	locked := `{"name":"redis","version":"1.2.3","repository":"https://charts.example.com"},{"name":"redis","version":"2.0.1","repository":"https://charts.example.com"}`
	digest := fmt.Sprintf("sha256:%x", sha256.Sum256([]byte("[["+declared+"],["+locked+"]]")))
	for name, c := range map[string]struct {
		digest, extra string
		set           []string
		want, notes   string
	}{
		"locked":        {digest, "", nil, "[redis 1.2.3 redis 2.0.1]", "[]"},
		"stale":         {"sha256:0", "", nil, "[redis 1.x.x redis 2.x.x]", "[the lock file of chart app does not belong to its dependencies, so it decides nothing; renew it with: helm dependency update]"},
		"one off":       {digest, "", []string{"two.enabled=false"}, "[redis 1.2.3]", "[]"},
		"other version": {digest, "-- file redis/Chart.yaml\nname: redis\nversion: 9.0.0\n-- file redis/values.yaml\nport: 6379\n", []string{"two.enabled=false"}, "[redis 1.2.3]", "[the values of redis stand in for those of redis, which is missing]"},
	} {
		t.Run(name, func(t *testing.T) {
			in := files(strings.Replace(wants, "DIGEST", c.digest, 1) + c.extra)
			result, err := render.Render(in, render.Target{Kind: render.Helm, Dir: "app", Set: c.set})
			if err != nil {
				t.Fatal(err)
			}
			var missing []string
			for _, m := range result.Missing {
				missing = append(missing, m.Name+" "+m.Version)
				if m.Parent != "app" || m.At != "app" || m.Repository != "https://charts.example.com" {
					t.Errorf("missing %+v", m)
				}
			}
			if got := fmt.Sprint(missing); got != c.want {
				t.Errorf("missing %s, want %s", got, c.want)
			}
			if got := fmt.Sprint(result.Notes); got != c.notes {
				t.Errorf("notes %s, want %s", got, c.notes)
			}
			if port := result.Objects[0].Root.Get("data", "port").Text(); (port == "6379") != (c.extra != "") {
				t.Errorf("port %q", port)
			}
			if slices.Contains(render.Inputs(in, render.Target{Kind: render.Helm, Dir: "app"}), "redis/values.yaml") != (c.extra != "") {
				t.Error("the values that stand in are inputs, and only they")
			}
		})
	}
}

func TestMissingIsToldOfWhatFails(t *testing.T) {
	in := files(strings.Replace(wants, "{{ .Values.one.port }}", `{{ include "redis.name" . }}`, 1))
	result, err := render.Render(in, render.Target{Kind: render.Helm, Dir: "app", Set: []string{"two.enabled=false"}})
	if err == nil || !strings.Contains(err.Error(), "dependency redis 1.x.x of chart app is not in the tree") || result == nil || len(result.Missing) != 1 || len(result.Objects) != 0 {
		t.Errorf("got %+v, %v", result, err)
	}
}

func TestOutdatedPartGivesWay(t *testing.T) {
	in := files(`
-- file app/Chart.yaml
apiVersion: v2
name: app
version: 1.0.0
dependencies:
  - {name: sub, version: 2.0.0, repository: "file://../sub"}
-- file app/charts/sub/Chart.yaml
apiVersion: v2
name: sub
version: 1.0.0
-- file app/charts/sub/templates/a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: old}}
-- file sub/Chart.yaml
apiVersion: v2
name: sub
version: 2.0.0
-- file sub/templates/a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: new}}
`)
	target := render.Target{Kind: render.Helm, Dir: "app"}
	if objects := rendered(t, in, target); objects["ConfigMap/new"] == nil || len(objects) != 1 {
		t.Errorf("rendered %v", objects)
	}
	// Helm renders what is vendored, whatever is declared, until there is another.
	delete(in.MapFS, "sub/Chart.yaml")
	if objects := rendered(t, in, target); objects["ConfigMap/old"] == nil || len(objects) != 1 {
		t.Errorf("rendered %v", objects)
	}
}

func TestChartsInACircle(t *testing.T) {
	in := files(`
-- file a/Chart.yaml
apiVersion: v2
name: a
version: 1.0.0
dependencies: [{name: b, version: 1.0.0, repository: "file://../b"}]
-- file a/templates/a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
-- file b/Chart.yaml
apiVersion: v2
name: b
version: 1.0.0
dependencies: [{name: a, version: 1.0.0, repository: "file://../a"}, {name: c, version: 1.0.0, repository: "file://../../../c"}]
`)
	target := render.Target{Kind: render.Helm, Dir: "a"}
	result, err := render.Render(in, target)
	if err != nil || len(result.Missing) != 2 || result.Missing[0].Parent != "b" || result.Missing[0].At != "b" {
		t.Errorf("got %+v, %v", result, err)
	}
	if inputs := render.Inputs(in, target); !slices.Equal(inputs, []string{"a/Chart.yaml", "a/templates/a.yaml", "b/Chart.yaml"}) {
		t.Errorf("inputs %v", inputs)
	}
}

func TestHostileArchives(t *testing.T) {
	chart := func(name string) []byte { return []byte("apiVersion: v2\nname: " + name + "\nversion: 1.0.0\n") }
	nested := archive(t, map[string][]byte{"n/Chart.yaml": chart("n")})
	for range 20 {
		nested = archive(t, map[string][]byte{"n/Chart.yaml": chart("n"), "n/charts/n-1.tgz": nested})
	}
	half := make([]byte, 4<<20)
	many := map[string][]byte{"m/Chart.yaml": chart("m")}
	for i := range 20 {
		many[fmt.Sprintf("m/files/%d", i)] = half
	}
	large := archive(t, many)
	for name, c := range map[string]struct {
		archives map[string][]byte
		want     string
	}{
		"nests":    {map[string][]byte{"n-1.tgz": nested}, "nest too deeply"},
		"together": {map[string][]byte{"m-1.tgz": large, "m-2.tgz": large}, "unpacks to more than 128 MiB"},
		"slip":     {map[string][]byte{"s-1.tgz": archive(t, map[string][]byte{"s/Chart.yaml": chart("s"), "s/../../x": nil})}, "parent directory"},
		"no chart": {map[string][]byte{"x-1.tgz": []byte("no")}, "is no chart archive"},
	} {
		t.Run(name, func(t *testing.T) {
			in := fstest.MapFS{"Chart.yaml": {Data: chart("app")}}
			for file, data := range c.archives {
				in["charts/"+file] = &fstest.MapFile{Data: data}
			}
			_, err := render.Render(in, render.Target{Kind: render.Helm, Dir: "."})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}
