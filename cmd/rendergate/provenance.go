package main

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/rendergate/rendergate/render/manifest"
)

// widest is how far to the right the notes of provenance may be pushed by long
// lines, whose own notes come where they end.
const widest = 72

// writers are, for each line of an object's printed text, the sites of the line
// that it was parsed from.
func writers(o *manifest.Object, printed []byte) map[int][]manifest.Site {
	var doc yaml.Node
	if yaml.Unmarshal(printed, &doc) != nil || len(doc.Content) == 0 {
		return nil
	}
	sites := map[int][]manifest.Site{}
	pair(doc.Content[0], o.Root.YAML(), func(line, original int) {
		if found := o.SitesAt(original); len(found) > 0 && sites[line] == nil {
			sites[line] = found
		}
	})
	return sites
}

// pair visits the lines of two texts of one value, the deepest first: the line
// of a key that holds a list is that of the key.
func pair(printed, original *yaml.Node, visit func(line, original int)) {
	if printed.Kind != original.Kind || len(printed.Content) != len(original.Content) {
		return
	}
	for i, c := range printed.Content {
		if key := printed.Kind == yaml.MappingNode && i%2 == 0; key {
			if value := original.Content[i+1]; value.Kind == yaml.ScalarNode {
				visit(c.Line, value.Line)
			} else {
				visit(c.Line, original.Content[i].Line)
			}
		}
		pair(c, original.Content[i], visit)
	}
	const block = yaml.LiteralStyle | yaml.FoldedStyle
	if printed.Kind == yaml.ScalarNode && printed.Style&block != 0 && original.Style&block != 0 {
		for i := range strings.Count(printed.Value, "\n") + 1 {
			visit(printed.Line+i, original.Line+i)
		}
	}
	visit(printed.Line, original.Line)
}

// annotated ends each line with a note of where it came from.
func annotated(text string, sites map[int][]manifest.Site) string {
	lines := strings.SplitAfter(text, "\n")
	width := 0
	for _, line := range lines {
		if n := utf8.RuneCountInString(line); n <= widest {
			width = max(width, n)
		}
	}
	var out strings.Builder
	for i, line := range lines {
		if note := provenanceNote(sites[i+1]); note != "" {
			line = fmt.Sprintf("%-*s # %s\n", width, strings.TrimSuffix(line, "\n"), note)
		}
		out.WriteString(line)
	}
	return out.String()
}

// provenanceNote names the sites of a line, nearest first, and the condition
// next to it.
func provenanceNote(sites []manifest.Site) string {
	var from []string
	condition := ""
	for _, s := range sites {
		text := visible(s.Path)
		if s.Line > 0 {
			text += fmt.Sprintf(":%d", s.Line)
		}
		if s.Field != "" {
			text += " (" + visible(s.Field) + ")"
		}
		switch {
		case s.Kind != manifest.SiteCondition:
			from = append(from, text)
		case condition == "":
			condition = ", if " + text
		}
	}
	return strings.Join(from, " < ") + condition
}
