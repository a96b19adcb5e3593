package git

import "testing"

// FuzzParseDiff reads what git prints of names and contents that anybody may
// have chosen.
func FuzzParseDiff(f *testing.F) {
	f.Add(":100644 100644 a b M\x00x\x00\x00diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1,2 @@\n-a\n+b\n+c\n")
	f.Add(":100644 100644 a b R100\x00x\x00y\x00\x00diff --git a/x b/y\n")
	f.Fuzz(func(t *testing.T, out string) {
		files, patch, err := parseRaw(out)
		if err != nil {
			return
		}
		if err := parsePatch(files, patch); err != nil {
			return
		}
		for _, file := range files {
			file.Added(1)
			file.Deleted(1)
		}
	})
}
