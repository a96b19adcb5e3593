package starter

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

const configFile = ".rendergate.yaml"

// config describes the charts that have values files: what is deployed is known
// to their owner only, and was guessed so far.
func (r Repository) config() (*Proposal, string, error) {
	data, err := r.read(configFile)
	if err != nil || data != nil {
		return nil, configFile + " is there", err
	}
	var b strings.Builder
	b.WriteString("# Everything here is optional: docs/configuration.md of rendergate tells all keys.\n")
	b.WriteString("# yaml-language-server: $schema=https://raw.githubusercontent.com/rendergate/rendergate/main/docs/rendergate.schema.json\n")
	b.WriteString("version: 1\nfail-on: high   # critical | high | medium | low | none\n")
	entries, kept, err := r.charts()
	if err != nil {
		return nil, "", err
	}
	if len(entries) > 0 {
		b.WriteString("\n# What is deployed, as file names suggest it. Take out what is not, and add layers that belong together.\ntargets:\n")
		for _, entry := range entries {
			b.WriteString(entry)
		}
	}
	if globs := r.fixtures(); len(globs) > 0 {
		b.WriteString("\n# Inputs of tests; they count as deployed unless they are left out.\nexclude:\n")
		for _, glob := range globs {
			fmt.Fprintf(&b, "  - %q\n", glob)
		}
	}
	r.others(&b, kept)
	return &Proposal{Path: configFile, Text: b.String()}, "", nil
}

// charts are the entries of those with variants, and the folders they are about.
func (r Repository) charts() (entries []string, dirs map[string]bool, err error) {
	dirs = map[string]bool{}
	for _, t := range r.Targets {
		if t.Kind != "helm" || !t.Guessed || dirs[t.Dir] || r.isFixture(t.Dir) {
			continue
		}
		dirs[t.Dir] = true
		text, err := r.chart(t.Dir)
		if err != nil {
			return nil, nil, err
		}
		entries = append(entries, text)
	}
	return entries, dirs, nil
}

// chart is one entry. A variant that does not render would block as soon as it
// is configured, so it stands in a comment.
func (r Repository) chart(dir string) (string, error) {
	name, err := yaml.Marshal(dir) // quoted where it must be
	if err != nil {
		return "", err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "  - path: %s    values:\n", name)
	some := false
	var broken []string
	for _, t := range r.Targets {
		if t.Dir != dir || t.Kind != "helm" {
			continue
		}
		layers := []string{}
		for _, layer := range t.Values {
			layers = append(layers, fmt.Sprintf("%q", layer))
		}
		line := "[" + strings.Join(layers, ", ") + "]"
		if len(layers) == 0 {
			line += "   # the chart's own values alone"
		}
		if t.Err != nil {
			broken = append(broken, fmt.Sprintf("      # - %s does not render: %s\n", line, firstLine(t.Err)))
			continue
		}
		some = true
		fmt.Fprintf(&b, "      - %s\n", line)
	}
	text := b.String() + strings.Join(broken, "")
	if !some { // an entry without variants would mean something else
		return "  # " + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n  # ") + "\n", nil
	}
	return text, nil
}

func firstLine(err error) string {
	text, _, _ := strings.Cut(err.Error(), "\n")
	return oneLine(text)
}

// oneLine keeps a text within the comment that it stands in.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == 0x85 || r == 0x2028 || r == 0x2029 {
			return ' '
		}
		return r
	}, text)
}

// testFolders are names that are nobody's deployment.
var testFolders = []string{"testdata", "fixtures", "test-fixtures", "__fixtures__"}

func (r Repository) isFixture(dir string) bool {
	return slices.ContainsFunc(strings.Split(dir, "/"), func(part string) bool { return slices.Contains(testFolders, part) })
}

// fixtures are globs over folders of tests that hold targets.
func (r Repository) fixtures() (globs []string) {
	for _, name := range testFolders {
		if slices.ContainsFunc(r.Targets, func(t Target) bool { return slices.Contains(strings.Split(t.Dir, "/"), name) }) {
			globs = append(globs, "**/"+name+"/**")
		}
	}
	return globs
}

// mostOthers bounds the list of what needs no entry.
const mostOthers = 40

// others lists, in comments, what is found without a word.
func (r Repository) others(b *strings.Builder, kept map[string]bool) {
	var lines []string
	for _, t := range r.Targets {
		if kept[t.Dir] && t.Kind == "helm" || r.isFixture(t.Dir) {
			continue
		}
		line := fmt.Sprintf("#   %s (%s)", oneLine(path.Join(t.Dir, strings.Join(t.Values, "+"))), t.Kind)
		if t.Err != nil {
			line += ", which does not render: " + firstLine(t.Err)
		}
		lines = append(lines, line)
	}
	if len(lines) == 0 {
		return
	}
	b.WriteString("\n# Found too, and needs no entry:\n")
	for _, line := range lines[:min(len(lines), mostOthers)] {
		b.WriteString(line + "\n")
	}
	if rest := len(lines) - mostOthers; rest > 0 {
		fmt.Fprintf(b, "#   and %d more; rendergate scan lists them\n", rest)
	}
}
