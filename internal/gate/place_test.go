package gate

import (
	"testing"

	"github.com/rendergate/rendergate/checks"
	"github.com/rendergate/rendergate/internal/blame"
	"github.com/rendergate/rendergate/render/manifest"
)

// TestPanicOfTheSearch holds that a search that panics, with renders and without,
// costs the places only: each finding then stays where its object stands.
func TestPanicOfTheSearch(t *testing.T) {
	objects, err := manifest.Parse([]byte("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"), manifest.Origin{Path: "a.yaml"})
	if err != nil {
		t.Fatal(err)
	}
	c := blame.Case{Findings: []checks.Finding{{Check: checks.All[0], Node: objects[0].Root}}, Objects: objects, Probes: 1} // no change: nothing to search in
	if at, err := tried(c); err == nil {
		t.Fatalf("the search finds %v", at)
	}
	if at, gaveUp := blamed(c); len(at) > 0 || gaveUp == nil {
		t.Errorf("places %v, gave up: %v", at, gaveUp)
	}
}
