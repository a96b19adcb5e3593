package report

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Edge is a connection that a finding opens; its ends are named for people.
type Edge struct {
	From    string `json:"from"`
	To      string `json:"to"`
	Ports   string `json:"ports"`   // such as "TCP 80,443", or "any port"
	Outside bool   `json:"outside"` // one end is outside of the cluster
	// Possible says that nobody can tell: base surely denied it, and head may not.
	Possible bool `json:"possible"`
}

// What a summary draws and lists at most: more is no picture.
const (
	mostDrawn = 30
	mostRows  = 60
	mostLabel = 90
)

// Edges are the connections that the new findings open, each once.
func (r *Report) Edges() []Edge {
	var all []Edge
	for _, f := range shown(r, New) {
		for _, e := range f.Edges {
			if !slices.Contains(all, e) {
				all = append(all, e)
			}
		}
	}
	return all
}

// graph draws what the change opens, with a table below it.
func (d *document) graph() {
	all := d.report.Edges()
	if len(all) == 0 {
		return
	}
	drawn := all[:min(len(all), mostDrawn)]
	text := fmt.Sprintf("**Connections that this change opens (%d)**\n\n```mermaid\n%s```\n\n", len(all), Mermaid(drawn))
	if more := len(all) - len(drawn); more > 0 {
		text += fmt.Sprintf("%d more are not drawn.\n\n", more)
	}
	if !d.add(text) {
		d.left += len(all)
		return
	}
	if !d.add("<details><summary>The same as a table</summary>\n\n| from | to | on | |\n|-|-|-|-|\n") {
		return
	}
	for i, e := range all {
		sure := ""
		if e.Possible {
			sure = "possible"
		}
		row := fmt.Sprintf("| %s | %s | %s | %s |\n", Escaped(clip(e.From, mostLabel)), Escaped(clip(e.To, mostLabel)), Escaped(clip(e.Ports, mostLabel)), sure)
		if i == mostRows || !d.add(row) {
			d.left += len(all) - i
			break
		}
	}
	d.text.WriteString("\n</details>\n\n")
}

// Mermaid is a flow chart of some edges; what is only possible is dotted.
func Mermaid(edges []Edge) string {
	var b strings.Builder
	b.WriteString("flowchart LR\n")
	ids := map[string]string{}
	node := func(name string, outside bool) string {
		id, known := ids[name]
		if !known {
			id = fmt.Sprintf("n%d", len(ids))
			ids[name] = id
			form := "[\"%s\"]"
			if outside {
				form = "([\"%s\"])"
			}
			fmt.Fprintf(&b, "  %s"+form+"\n", id, label(name))
		}
		return id
	}
	for _, e := range edges {
		from := node(e.From, e.Outside && !workload(e.From))
		to := node(e.To, e.Outside && !workload(e.To))
		arrow := "-->"
		if e.Possible {
			arrow = "-.->"
		}
		fmt.Fprintf(&b, "  %s %s|\"%s\"| %s\n", from, arrow, label(e.Ports), to)
	}
	return b.String()
}

// workload tells a workload's name, which has its namespace, from addresses.
func workload(name string) bool {
	kind, rest, ok := strings.Cut(name, " ")
	return ok && strings.Contains(rest, "/") && kind != "" && unicode.IsUpper(rune(kind[0]))
}

// label is a text that ends no label, no line and no fence: whatever is more than
// letters, digits and a few marks goes by its number.
func label(text string) string {
	var b strings.Builder
	for _, r := range clip(text, mostLabel) {
		switch {
		case r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) || strings.ContainsRune(" ./-,:_", r):
			b.WriteRune(r)
		case unicode.IsGraphic(r):
			fmt.Fprintf(&b, "#%d;", r)
		default:
			b.WriteByte('?')
		}
	}
	return b.String()
}
