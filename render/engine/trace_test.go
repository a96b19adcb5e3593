package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/rendergate/rendergate/render/engine"
)

// traced renders a chart and traces it; files that have no trace are told.
func traced(t testing.TB, text string) (map[string]string, map[string][]engine.Line) {
	t.Helper()
	c, values := load(t, text)
	out, err := engine.Render(c, values, engine.Options{})
	if err != nil {
		return nil, nil
	}
	c, values = load(t, text)
	return out, engine.Trace(c, values, engine.Options{}, out)
}

// shown is a trace as text: each line of a file with who wrote it.
func shown(text string, lines []engine.Line) string {
	var b strings.Builder
	for i, line := range strings.Split(text, "\n") {
		var notes []string
		for _, p := range lines[i].Wrote {
			notes = append(notes, fmt.Sprintf("%s:%d", p.Template, p.Line))
		}
		for _, p := range lines[i].Calls {
			notes = append(notes, fmt.Sprintf("via %s:%d", p.Template, p.Line))
		}
		for _, r := range lines[i].Reads {
			notes = append(notes, r.Chart+"{"+strings.Join(r.Keys, ".")+"}")
		}
		for _, r := range lines[i].Conditions {
			notes = append(notes, "if {"+strings.Join(r.Keys, ".")+"}")
		}
		fmt.Fprintf(&b, "%-40s # %s\n", line, strings.Join(notes, ", "))
	}
	return b.String()
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
