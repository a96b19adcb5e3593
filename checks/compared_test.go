package checks_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const comparedHead = `# Compared with other scanners

rendergate takes the ids of Checkov, KubeLinter, Trivy and Kubescape for its own where a check means the same; the page of each check
says which. These are the differences that are meant: what the other one does, and what rendergate does instead.

` + "`.ci/agreement DIR…` judges the fixtures of their own test suites and compares; what differs as this page says counts neither way.\n" + `
| | Rule | What it does | What rendergate does |
|-|-|-|-|
`

// TestCompared keeps docs/compared.md as testdata/compared.tsv says, which
// .ci/agreement reads too.
func TestCompared(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "compared.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
	if lines[0] != "peer\trule\tfixtures\ttheirs\tours" {
		t.Fatalf("the columns are %q", lines[0])
	}
	names := map[string]string{"checkov": "Checkov", "kube-linter": "KubeLinter", "kubescape": "Kubescape", "trivy": "Trivy"}
	var page strings.Builder
	page.WriteString(comparedHead)
	said := map[string]bool{}
	for i, line := range lines[1:] {
		fields := strings.Split(line, "\t")
		if len(fields) != 5 || names[fields[0]] == "" || strings.Contains(line, "|") {
			t.Errorf("line %d: %q", i+2, line)
			continue
		}
		for _, field := range fields {
			if field == "" || strings.TrimSpace(field) != field || strings.HasSuffix(field, ".") {
				t.Errorf("line %d: %q", i+2, field)
			}
		}
		row := "| " + names[fields[0]] + " | " + fields[1] + " | " + fields[3] + " | " + fields[4] + " |\n"
		if !said[row] { // one for several fixtures
			page.WriteString(row)
		}
		said[row] = true
	}
	golden(t, filepath.Join("..", "docs", "compared.md"), page.String())
}
