package github

import (
	"strings"
	"testing"

	"github.com/rendergate/rendergate/internal/report"
)

// FuzzPatch holds that a line of whatever was compared only ever becomes a
// line of the diff with the same text.
func FuzzPatch(f *testing.F) {
	f.Add("@@ -1,3 +1,4 @@\n a\n-b\n+c\n+d\n e", "x\na\nc\nd\ne")
	f.Add("@@ -0,0 +1 @@\n+x\n\\ No newline at end of file", "x")
	f.Add("@@ -1 +1 @@\n a\n@@ -1 +1 @@\n+b\n+b", "a\nb\nb")
	f.Fuzz(func(t *testing.T, text, file string) {
		p := parsePatch(text)
		lines := strings.Split(file, "\n")
		for i := range lines {
			at, ok := changed{"f", p}.lines(report.Location{Path: "f", Side: "head", Line: i + 1}, lines)
			if ok && p.head[at.end].text != lines[i] {
				t.Errorf("line %d of the file %q became line %d of the diff %q", i+1, lines[i], at.end, p.head[at.end].text)
			}
		}
		if strings.TrimSpace(text) == "" && len(p.head)+len(p.base) > 0 {
			t.Error("lines out of nothing")
		}
	})
}
