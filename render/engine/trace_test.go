package engine_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/rendergate/rendergate/render/engine"
)

var update = flag.Bool("update", false, "rewrite the traces")

// traced renders a chart and traces it.
func traced(t testing.TB, text string) (map[string]string, map[string][]engine.Line) {
	t.Helper()
	c, values := load(t, text)
	out, err := engine.Render(c, values, engine.Options{})
	if err != nil {
		return nil, nil
	}
	c, values = load(t, text)
	return out, engine.Trace(c, values, out)
}

// whole demands that each rendered file has a trace, and each line a writer.
func whole(t testing.TB, name, text string) {
	t.Helper()
	out, lines := traced(t, text)
	for file, rendered := range out {
		known, ok := lines[file]
		if !ok {
			t.Errorf("%s: %s is not the same when it is traced", name, file)
			continue
		}
		for i, line := range strings.Split(rendered, "\n") {
			if strings.TrimSpace(line) != "" && len(known[i].Wrote) == 0 {
				t.Errorf("%s: nobody wrote line %d of %s: %q", name, i+1, file, line)
			}
		}
	}
}

// TestTracedIsRendered: what is in between changes nothing of the text.
func TestTracedIsRendered(t *testing.T) {
	whole(t, "workload", workload())
	for name, text := range charts {
		whole(t, name, text)
	}
	for name, template := range templates {
		whole(t, name, values+"-- templates/x.yaml --\n"+template)
	}
	whole(t, "chances", values+"-- templates/x.yaml --\n"+chancy)
}

// TestTraceOfHostileCharts ends, whatever the values have become.
func TestTraceOfHostileCharts(t *testing.T) {
	for name, template := range map[string]string{
		"a value in itself": `{{ $_ := set .Values.map "self" .Values.map }}{{ with .Values.map.self.self }}{{ .m }}{{ if eq .m "x" }}y{{ end }}{{ end }}{{ range $k, $v := .Values.map }}{{ $k }}{{ end }}`,
		"deep recursion":    `{{ define "x" }}{{ if gt . 0 }}{{ . }} {{ include "x" (sub . 1 | int) }}{{ end }}{{ end }}{{ include "x" 900 }}`,
		"many removals":     `{{ range until 20000 }}{{ $.Values.none }}<no value>{{ end }}x`,
		"many lines":        "{{ define \"l\" }}{{ range until 20000 }}same\n{{ end }}{{ end }}{{ include \"l\" . | nindent 2 }}",
	} {
		start := time.Now()
		whole(t, name, values+"-- templates/x.yaml --\n"+template)
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("%s takes %s", name, took)
		}
	}
}

// shown is a trace as text: each line of a file with who wrote it.
func shown(lines []engine.Line) string {
	var b strings.Builder
	for _, l := range lines {
		var notes []string
		note := func(before string, places []engine.Place) {
			for _, p := range places {
				notes = append(notes, fmt.Sprintf("%s%s:%d", before, strings.TrimPrefix(p.Template, "app/templates/"), p.Line))
			}
		}
		note("", l.Wrote)
		note("< ", l.Calls)
		for _, r := range l.Reads {
			notes = append(notes, "["+named(r)+"]")
		}
		for _, r := range l.Conditions {
			notes = append(notes, "if ["+named(r)+"]")
		}
		if l.Text != "" {
			fmt.Fprintf(&b, "%-32s # %s\n", l.Text, strings.Join(notes, " "))
		}
	}
	return b.String()
}

func named(r engine.Read) string {
	if r.Chart != "" {
		return r.Chart + "!" + strings.Join(r.Keys, ".")
	}
	return strings.Join(r.Keys, ".")
}

// TestTrace holds the traces of small charts: each file of testdata/trace is a
// chart, with what is known of its lines under "want".
func TestTrace(t *testing.T) {
	files, err := filepath.Glob("testdata/trace/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no charts", err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		want := ""
		var chart txtar.Archive
		for _, f := range archive.Files {
			if f.Name == "want" {
				want = string(f.Data)
			} else {
				chart.Files = append(chart.Files, f)
			}
		}
		text := string(txtar.Format(&chart))
		whole(t, file, text)
		_, lines := traced(t, text)
		got := shown(lines["app/templates/x.yaml"])
		if got == "" {
			_, err := render(t, text)
			t.Errorf("%s: nothing is known of it: %v", file, err)
		}
		if got == want {
			continue
		}
		if *update {
			archive.Files = append(chart.Files, txtar.File{Name: "want", Data: []byte(got)})
			if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		t.Errorf("%s is\n%s\nwant\n%s", file, got, want)
	}
}
