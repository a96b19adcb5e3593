package fix

import (
	"strings"
	"testing"

	"github.com/rendergate/rendergate/render/manifest"
)

// way reads a path such as a.b[1].c.
func way(text string) []manifest.Key {
	var keys []manifest.Key
	for part := range strings.SplitSeq(text, ".") {
		name, index, item := strings.Cut(strings.TrimSuffix(part, "]"), "[")
		if name != "" {
			keys = append(keys, manifest.Key{Name: name, Index: -1})
		}
		if item && index != "" {
			keys = append(keys, manifest.Key{Name: index, Index: int(index[0]+2) % 10})
		}
	}
	return keys
}

func set(at, value string) change { return change{keys: way(at), op: manifest.OpSet, value: value} }
func app(at, value string) change { return change{keys: way(at), op: manifest.OpAppend, value: value} }
func del(at string) change        { return change{keys: way(at), op: manifest.OpRemove} }

// edits are texts, changes and what must come of them; empty: refused.
var edits = map[string]struct {
	text    string
	changes []change
	want    string // empty: refused
}{
	"scalar":                   {"a: # c\n  b: true   # why\n", []change{set("a.b", "false")}, "a: # c\n  b: false   # why\n"},
	"quoted scalar":            {"a: \"true\" # x\n", []change{set("a", "\"false\"")}, "a: \"false\" # x\n"},
	"single quoted":            {"a: 'k8s.gcr.io/p:1'\n", []change{set("a", "registry.k8s.io/p:1")}, "a: 'registry.k8s.io/p:1'\n"},
	"line ends":                {"a:\r\n  b: true\r\n", []change{set("a.c", "x"), set("a.b", "false")}, "a:\r\n  b: false\r\n  c: x\r\n"},
	"no line end":              {"a: 1", []change{set("b", "2")}, "a: 1\nb: 2\n"},
	"flow scalar":              {"a: {b: true, c: 1} # x\n", []change{set("a.b", "false")}, "a: {b: false, c: 1} # x\n"},
	"nested":                   {"a:\n    b: 1\n", []change{set("c.d.e", "2")}, "a:\n    b: 1\nc:\n    d:\n        e: 2\n"},
	"empty map":                {"a: {} # x\n  # b: 1\nc: 1\n", []change{set("a.d", "2")}, "a: # x\n  d: 2\n  # b: 1\nc: 1\n"},
	"null":                     {"a:\nc: 1\n", []change{set("a.d", "2"), set("a.e", "3")}, "a:\n  d: 2\n  e: 3\nc: 1\n"},
	"null set":                 {"a:\n  b: # none\n", []change{set("a.b", "2")}, "a:\n  b: 2 # none\n"},
	"tilde":                    {"a: ~\n", []change{set("a.d", "2")}, "a:\n  d: 2\n"},
	"into flow":                {"a: {b: 1}\n", []change{set("a.c.d", "2")}, "a: {c: {d: 2}, b: 1}\n"},
	"list in flow":             {"a: {b: 1}\n", []change{app("a.c.d", "ALL")}, "a: {c: {d: [ALL]}, b: 1}\n"},
	"list at the key's column": {"x:\n- 1\na:\n  b: 1\n", []change{app("a.c", "ALL")}, "x:\n- 1\na:\n  b: 1\n  c:\n  - ALL\n"},
	"append":                   {"a:\n  - x # one\n  # after\nb: 1\n", []change{app("a", "y")}, "a:\n  - x # one\n  - y\n  # after\nb: 1\n"},
	"append in flow":           {"a: [x]\n", []change{app("a", "y")}, "a: [x, y]\n"},
	"append to none":           {"a: []\n", []change{app("a", "y")}, "a: [y]\n"},
	"append to null":           {"a:\n  b:\nc: 1\n", []change{app("a.b", "y")}, "a:\n  b:\n    - y\nc: 1\n"},
	"list item":                {"a:\n- name: x\n  v: 1\n- name: y\n", []change{set("a[0].w", "2")}, "a:\n- name: x\n  v: 1\n  w: 2\n- name: y\n"},
	"last list item":           {"a:\n  - name: x\n    list:\n      - 1\n\nb: 1\n", []change{set("a[0].w", "2")}, "a:\n  - name: x\n    list:\n      - 1\n    w: 2\n\nb: 1\n"},
	"after a block of text":    {"a:\n  b: |\n    x\n\n    y\nc: 1\n", []change{set("a.d", "2")}, "a:\n  b: |\n    x\n\n    y\n  d: 2\nc: 1\n"},
	"remove field":             {"a:\n  b: 1 # x\n  c: 2\n", []change{del("a.b")}, "a:\n  c: 2\n"},
	"remove block":             {"a:\n  b:\n  - 1\n  - 2\n  c: 2\n", []change{del("a.b")}, "a:\n  c: 2\n"},
	"remove first of an item":  {"a:\n  - b: 1\n    c: 2\n", []change{del("a[0].b")}, "a:\n  - c: 2\n"},
	"remove only field":        {"a:\n  b: 1\nc: 1\n", []change{del("a.b")}, "a: {}\nc: 1\n"},
	"comment of a list":        {"a:\n  b:\n    - 1\n    # - 2\n\nc: 1\n", []change{set("a.d", "2")}, "a:\n  b:\n    - 1\n    # - 2\n  d: 2\n\nc: 1\n"},
	"comment of an empty map":  {"a: 1\nb: {}\n  # c: 1\n  # d: 1\n", []change{set("e", "2")}, "a: 1\nb: {}\n  # c: 1\n  # d: 1\ne: 2\n"},
	"remove with its comments": {"a:\n  b:\n    c: 1\n    # d: 1\n  e: 1\n", []change{del("a.b")}, "a:\n  e: 1\n"},
	"remove text with hashes":  {"a:\n  b: |\n    x\n    # y\n\n    # z\n  e: 1\n", []change{del("a.b")}, "a:\n  e: 1\n"},
	"remove item":              {"a:\n  - x\n  - y # no\n  - z\n", []change{del("a[1]")}, "a:\n  - x\n  - z\n"},
	"remove items":             {"a:\n  - x\n  - y\n  - z\n", []change{del("a[0]"), del("a[2]")}, "a:\n  - y\n"},
	"remove only item":         {"a:\n  b:\n    - x\n", []change{del("a.b[0]")}, "a:\n  b: []\n"},
	"remove in flow":           {"a: [x, y, z]\n", []change{del("a[1]")}, "a: [x, z]\n"},
	"remove last in flow":      {"a: [x, y]\n", []change{del("a[1]")}, "a: [x]\n"},
	"remove field in flow":     {"a: {b: 1, c: 2}\n", []change{del("a.b")}, "a: {c: 2}\n"},
	"anchors stay":             {"a: &x {b: 1}\nc: *x\nd: true\n", []change{set("d", "false")}, "a: &x {b: 1}\nc: *x\nd: false\n"},
	"second document":          {"a: 1\n---\nb: 2\n", nil, "a: 1\n---\nb: 2\n"},
	"many lines":               {"a: x\n  y\n", []change{set("a", "z")}, ""},
	"multibyte":                {"\"ü\": {b: \"ä\", c: true}\n", []change{set("ü.c", "false")}, "\"ü\": {b: \"ä\", c: false}\n"},
	"part of a text":           {"a: k8s.gcr.io/x\n", []change{{keys: way("a"), op: manifest.OpSet, value: "registry.k8s.io/x/y:1", old: "k8s.gcr.io", new: "registry.k8s.io"}}, "a: registry.k8s.io/x\n"},

	"template": {"spec:\n  - name: app\n    image: {{ .Values.image | quote }}\n    {{- with .Values.r }}\n    resources:\n      {{- toYaml . | nindent 6 }}\n    {{- end }}\n",
		[]change{set("spec[0].securityContext.x", "true")},
		"spec:\n  - name: app\n    image: {{ .Values.image | quote }}\n    securityContext:\n      x: true\n    {{- with .Values.r }}\n    resources:\n      {{- toYaml . | nindent 6 }}\n    {{- end }}\n"},
	"template value":       {"a: {{ .Values.b }} # x\n", []change{set("a", "false")}, "a: false # x\n"},
	"template condition":   {"a:\n  {{- if .x }}\n  b: true\n  {{- end }}\n  c: 1\n", []change{set("a.b", "false")}, "a:\n  {{- if .x }}\n  b: false\n  {{- end }}\n  c: 1\n"},
	"template writes it":   {"a:\n  {{- toYaml .Values.a | nindent 2 }}\n", []change{set("a.b", "false")}, ""},
	"first in a condition": {"a:\n  {{- if .x }}\n  b: 1\n  {{- end }}\n  c: 1\n", []change{set("a.d", "2")}, "a:\n  {{- if .x }}\n  b: 1\n  {{- end }}\n  c: 1\n  d: 2\n"},
	"all in conditions":    {"a:\n  {{- if .x }}\n  b: 1\n  {{- end }}\n  {{- if .y }}\n  c: 1\n  {{- end }}\n", []change{set("a.d", "2")}, ""},
	"root in conditions":   {"{{- if .x }}\nb: 1\n{{- end }}\n{{- if .y }}\nc: 1\n{{- end }}\n", []change{set("d", "2")}, ""},
	"whole in a condition": {"{{- if .x }}\nb: 1\nc: 1\n{{- end }}\n", []change{set("d", "2")}, "{{- if .x }}\nb: 1\nc: 1\nd: 2\n{{- end }}\n"},
	"condition within":     {"a:\n  b:\n    {{- if .x }}\n    c: 1\n    {{- end }}\n", []change{del("a.b.c")}, ""},
}

func TestEdits(t *testing.T) {
	for name, tc := range edits {
		t.Run(name, func(t *testing.T) {
			d := document{file: "x.yaml", text: tc.text}
			got, err := d.edit(tc.changes)
			if err != nil {
				got = ""
			}
			if got != tc.want {
				t.Errorf("got (%v)\n%s\nwant\n%s", err, got, tc.want)
			}
		})
	}
}

func TestEditsInJSON(t *testing.T) {
	d := document{file: "x.json", text: "{\n  \"a\": {\n    \"b\": true\n  }\n}\n"}
	got, err := d.edit([]change{set("a.b", "false"), set("a.c.d", "x")})
	want := "{\n  \"a\": {\n    \"c\": {\"d\": \"x\"},\n    \"b\": false\n  }\n}\n"
	if err != nil || got != want {
		t.Errorf("got (%v)\n%s\nwant\n%s", err, got, want)
	}
}

func TestEditsInABlockOfText(t *testing.T) {
	text := "patches:\n  - patch: |-\n      kind: Pod\n      spec:\n        hostPID: true # why\n    target: {}\n"
	d := document{file: "kustomization.yaml", text: text}
	root, err := d.root(text)
	if err != nil {
		t.Fatal(err)
	}
	in, ok := d.inner(root.Follow(way("patches[0].patch")))
	if !ok {
		t.Fatal("there is no inner document")
	}
	got, err := in.edit([]change{set("spec.hostPID", "false"), set("spec.x.y", "1")})
	want := strings.Replace(text, "hostPID: true # why", "hostPID: false # why\n        x:\n          y: 1", 1)
	if err != nil || got != want {
		t.Errorf("got (%v)\n%s\nwant\n%s", err, got, want)
	}
}

// FuzzEdits holds what an edit makes of a text against what it should: check
// does, so what is left to fail is a panic, and a line that was not touched.
func FuzzEdits(f *testing.F) {
	f.Add("a:\n  b: {c: 1}\n", "a.b.c")
	f.Add("a:\n- {{ x }}: 1\n  {{- if y }}\n  b: 2\n  {{ end }}\n", "a[0].b")
	f.Add("a: |\n  x\nb: &b [1]\nc: *b\n", "c")
	f.Fuzz(func(t *testing.T, text, at string) {
		for _, c := range []change{set(at, "false"), app(at, "x"), del(at)} {
			for _, d := range documentsOf("x.yaml", text) {
				if next, err := d.edit([]change{c}); err == nil && next == text && c.op != manifest.OpSet {
					t.Errorf("%s of %q changed nothing", c.op, at)
				}
			}
		}
	})
}

func TestHeredocs(t *testing.T) {
	const head = "resource \"helm_release\" \"a\" {\n  values = [\n"
	for name, c := range map[string]struct {
		body string
		line int
		want string // empty: refused
	}{
		"indented":      {"    <<-EOT\n      a:\n        b: true # why\n      c: 1\n    EOT\n", 5, "    <<-EOT\n      a:\n        b: false # why\n      c: 1\n    EOT\n"},
		"at the margin": {"<<EOT\nb: true\nEOT\n", 4, "<<EOT\nb: false\nEOT\n"},
		"beside a hole": {"<<EOT\na: ${var.a}\n\nb: true\nEOT\n", 6, "<<EOT\na: ${var.a}\n\nb: false\nEOT\n"},
		"two on a line": {"<<EOT\n{a: true, b: true}\nEOT\n", 4, ""},
		"its end":       {"<<EOT\nb: true\nEOT\n", 5, ""},
		"no YAML":       {"<<EOT\n%{ if var.a }\nb: true\n%{ endif }\nEOT\n", 5, ""},
	} {
		spot := spotHCL{line: c.line, value: true, given: true}
		got, err := spot.edit("main.tf", head+c.body+"  ]\n}\n", []change{{op: manifest.OpSet, value: "false"}})
		switch want := head + c.want + "  ]\n}\n"; {
		case c.want == "" && err == nil:
			t.Errorf("%s: made %q, want it refused", name, got)
		case c.want != "" && (err != nil || got != want):
			t.Errorf("%s: %q, %v; want %q", name, got, err, want)
		}
	}
}

func TestFilled(t *testing.T) {
	for _, c := range []struct{ text, want, part, value string }{
		{"--anonymous=true", "--anonymous=false", "true", "false"},
		{"r.io/a:1", "r.io/a:2", "1", "2"},
		{"r.io/a:1", "q.io/a:2", "1", ""}, // more than the part differs
		{"--a=1,1", "--a=1,2", "1", ""},   // which one
		{"true", "false", "true", ""},     // all of it
		{"x=a", "x=", "a", ""},
		{"x=a", "x=b: c", "a", ""}, // no scalar
	} {
		if value, ok := filled(c.text, c.want, c.part); ok != (c.value != "") || ok && value != c.value {
			t.Errorf("%s to %s by %s: %q %v", c.text, c.want, c.part, value, ok)
		}
	}
}
