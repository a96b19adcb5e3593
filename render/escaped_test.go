package render

import (
	"testing"
	"testing/fstest"
)

// TestEscapesHideNoObject holds that keys which YAML spells with escapes make a
// manifest as plain ones do.
func TestEscapesHideNoObject(t *testing.T) {
	for text, want := range map[string]bool{
		"apiVersion: v1\nkind: Pod\n":                                  true,
		`{"\u0061piVersion": "v1", "kind": "Pod"}`:                     true,
		"a: 1\n---\n\"\\x61piVersion\": v1\n? \"k\\\n  ind\"\n: Pod\n": true,
		"path: \"C:\\\\temp\"\n":                                       false,
		"a: \"\\q\"\n":                                                 false,
		"# \\\n":                                                       false,
	} {
		if got := looksLikeObject([]byte(text)); got != want {
			t.Errorf("%q looks like an object: %v", text, got)
		}
	}
	tree := fstest.MapFS{"deploy/pod.yaml": {Data: []byte("\"\\x61piVersion\": v1\nkind: Pod\nmetadata: {name: web}\n")}}
	result, err := plain(tree, Target{Kind: Manifests, Dir: "deploy"})
	if err != nil || len(result.Objects) != 1 {
		t.Errorf("the folder deploys %+v, %v", result, err)
	}
}
