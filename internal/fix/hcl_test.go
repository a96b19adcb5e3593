package fix

import (
	"testing"
)

// TestEditsOfBlocks holds what edits make of a block of a module, and that what
// stands beside them stays.
func TestEditsOfBlocks(t *testing.T) {
	for name, c := range map[string]struct {
		body   string
		change change
		want   string // empty: refused
	}{
		"behind a heredoc":     {"  policy = <<EOF\n{}\nEOF\n", set("name", "x"), "  policy = <<EOF\n{}\nEOF\n  name   = \"x\"\n"},
		"heredoc removed":      {"  policy = <<EOF\n{}\nEOF\n  name   = \"x\"\n", del("policy"), "  name = \"x\"\n"},
		"comment stays":        {"  # why\n  a = true # so\n", set("a", "false"), "  # why\n  a = false # so\n"},
		"item removed":         {"  a = [\"x\", \"y\"] # so\n", del("a[1]"), "  a = [\"x\"] # so\n"},
		"only item removed":    {"  a = [\n    \"x\",\n  ]\n", del("a[0]"), ""},
		"item appended":        {"  a = [\n    \"x\", # one\n  ]\n", app("a", "y"), "  a = [\n    \"x\", # one\n    \"y\",\n  ]\n"},
		"behind no comma":      {"  a = [\n    \"x\" # one\n  ]\n", app("a", "y"), "  a = [\n    \"x\", # one\n    \"y\"\n  ]\n"},
		"before the bracket":   {"  a = [\n  \"x\"]\n", app("a", "y"), "  a = [\n  \"x\", \"y\"]\n"},
		"nested block":         {"  b {\n    c = true\n  }\n", set("b[0].c", "false"), "  b {\n    c = false\n  }\n"},
		"nested block is new":  {"  name = \"x\"\n", set("b[0].c", "true"), "  name = \"x\"\n\n  b {\n    c = true\n  }\n"},
		"one of a dynamic":     {"  dynamic \"b\" {\n    for_each = []\n    content {}\n  }\n", set("b[0].c", "true"), ""},
		"several on a line":    {"  a = { x = 1, y = 2 }\n", del("a.x"), ""},
		"key of an object":     {"  a = {\n    x = 1\n    y = 2 # why\n  }\n", del("a.x"), "  a = {\n    y = 2 # why\n  }\n"},
		"a variable decides":   {"  a = var.a\n", set("a", "true"), ""},
		"text with a quote":    {"  a = \"x\"\n", set("a", "'y\"${z}'"), "  a = \"y\\\"$${z}\"\n"},
		"attribute on a line":  {"  b { c = true }\n", set("b[0].c", "false"), "  b { c = false }\n"},
		"attribute beside one": {"  b { c = true }\n", set("b[0].d", "1"), "  b {\n    c = true\n    d = 1\n  }\n"},
	} {
		head := "resource \"a_b\" \"c\" {\n"
		s := spotHCL{line: 1}
		got, err := s.edit("main.tf", head+c.body+"}\n", []change{c.change})
		switch want := head + c.want + "}\n"; {
		case c.want == "" && err == nil:
			t.Errorf("%s: made\n%s, want it refused", name, got)
		case c.want != "" && (err != nil || got != want):
			t.Errorf("%s: %v\n%s\nwant\n%s", name, err, got, want)
		}
	}
}
