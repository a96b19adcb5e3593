package github

import (
	"strings"
	"testing"

	"github.com/rendergate/rendergate/internal/report"
)

func FuzzPatch(f *testing.F) {
	f.Add("@@ -1,3 +1,4 @@\n a\n-b\n+c\n+d\n e")
	f.Add("@@ -0,0 +1 @@\n+x\n\\ No newline at end of file")
	f.Fuzz(func(t *testing.T, text string) {
		p := parsePatch(text)
		for line, have := range p.head {
			at, ok := changed{"f", p}.lines(report.Location{Path: "f", Side: "head", Line: line, EndLine: line}, func(int) string { return have.text })
			if !ok || at.side != "RIGHT" {
				t.Errorf("line %d of the diff takes no comment", line)
			}
		}
		if strings.TrimSpace(text) == "" && len(p.head)+len(p.base) > 0 {
			t.Error("lines out of nothing")
		}
	})
}
