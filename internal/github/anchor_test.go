package github

import (
	"strings"
	"testing"

	"github.com/rendergate/rendergate/internal/report"
)

func TestParsePatch(t *testing.T) {
	p := parsePatch("@@ -3,4 +5,4 @@ func x\n same\n-old\n+new\n-gone\n+@@ -1 +1 @@\n\\ No newline at end of file\n@@ -20 +22 @@\n-a\r\n+b")
	for line, want := range map[int]patchLine{5: {"same", 1, false}, 6: {"new", 1, true}, 7: {"@@ -1 +1 @@", 1, true}, 22: {"b", 2, true}} {
		if p.head[line] != want {
			t.Errorf("head %d: %+v, want %+v", line, p.head[line], want)
		}
	}
	for line, want := range map[int]patchLine{3: {"same", 1, false}, 4: {"old", 1, true}, 5: {"gone", 1, true}, 20: {"a", 2, true}} {
		if p.base[line] != want {
			t.Errorf("base %d: %+v, want %+v", line, p.base[line], want)
		}
	}
	if len(p.head) != 4 || len(p.base) != 4 {
		t.Errorf("%d lines of head and %d of base", len(p.head), len(p.base))
	}
}

// TestLinesOfAMergeCommit finds the lines of what was rendered in what the pull
// request shows, where base has other lines around them.
func TestLinesOfAMergeCommit(t *testing.T) {
	c := changed{"a.yaml", parsePatch("@@ -1,4 +1,4 @@\n one:\n-  on: false\n+  on: true\n   x: 1\n two:\n@@ -10,4 +10,5 @@\n six:\n   y: 1\n+  on: true\n   z: 1\n end:")}
	merged := strings.Split("# licence\n# more\none:\n  on: true\n  x: 1\ntwo:\n  a: 1\n  b: 1\n  new: 1\n  c: 1\n  d: 1\n  e: 1\nsix:\n  y: 1\n  on: true\n  z: 1\nend:", "\n")
	base := strings.Split("# licence\n# more\none:\n  on: false\n  x: 1\ntwo:", "\n")
	for line, want := range map[int]int{4: 3 - 1, 15: 12, 5: 3, 9: 0, 1: 0} {
		got, ok := c.lines(report.Location{Side: report.Head, Line: line}, merged)
		if ok != (want > 0) || got.end != want {
			t.Errorf("line %d is %+v, want %d", line, got, want)
		}
	}
	if got, ok := c.lines(report.Location{Side: report.Head, Line: 4, EndLine: 5}, merged); !ok || got.start != 2 || got.end != 3 {
		t.Errorf("two lines are %+v", got)
	}
	if got, ok := c.lines(report.Location{Side: report.Base, Line: 4}, base); !ok || got.end != 2 || got.side != "LEFT" {
		t.Errorf("the deleted line is %+v", got)
	}
	if got, ok := c.lines(report.Location{Side: report.Base, Line: 5}, base); ok {
		t.Errorf("a line of base that stays takes no comment, but got %+v", got)
	}
	// Base changed the lines around the second hunk: its line is one of two alike.
	merged[12] = "seven:"
	if got, ok := c.lines(report.Location{Side: report.Head, Line: 15}, merged); ok {
		t.Errorf("a line that may be another's is %+v", got)
	}
}

// FuzzAnchor holds that any patch is read without harm, and that an anchor
// found in it is one that GitHub takes.
func FuzzAnchor(f *testing.F) {
	f.Add("@@ -1,3 +1,4 @@\n a\n-b\n+c\n+d\n e\n@@ -20 +21 @@\n-x\n+y", 1, 2, true)
	f.Add("", 0, 0, false)
	f.Add("@@ -999999999,1 +999999999,1 @@\n+x\n+y\n \\ ", 999999999, 1000000000, true)
	f.Add("@@ -0,0 +1 @@\n+\n+\n\n+", 1, 3, false)
	f.Fuzz(func(t *testing.T, text string, line, end int, head bool) {
		c := changed{"a.yaml", parsePatch(text)}
		at, shown, side := report.Location{Side: report.Base, Line: line, EndLine: end}, c.base, "LEFT"
		if head {
			at.Side, shown, side = report.Head, c.head, "RIGHT"
		}
		got, ok := c.lines(at, nil)
		if !ok {
			return
		}
		if _, there := shown[got.end]; !there || got.side != side || got.path != "a.yaml" {
			t.Fatalf("no such line: %+v", got)
		}
		if got.start != 0 && (got.start >= got.end || shown[got.start].hunk != shown[got.end].hunk) {
			t.Fatalf("a start that GitHub refuses: %+v", got)
		}
	})
}

func TestKeysOf(t *testing.T) {
	one, two := "<!-- rendergate:v1 fp=0000000000000001 at=00000000 host-pid -->", "<!-- rendergate:v1 fp=0000000000000002 at=00000000 policy:no.latest:change -->"
	for body, want := range map[string]string{
		"text\n\n" + one + "\n" + two + "\n":                "0000000000000001 0000000000000002",
		"text\r\n\r\n" + one + "\r\n":                       "0000000000000001",
		one + "\ntext\n":                                    "",
		"`" + one + "`":                                     "",
		one + "\n```\n\n" + two:                             "0000000000000002",
		strings.Replace(one, "fp=", "was=", 1) + "\n" + two: "0000000000000002",
		"<!-- rendergate:v1 fp=00000000000001 -->":          "",
	} {
		if got := strings.Join(keysOf(body), " "); got != want {
			t.Errorf("%q has %q, want %q", body, got, want)
		}
	}
}
