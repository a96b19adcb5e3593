package reach

import (
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rendergate/rendergate/render/manifest"
)

var (
	diffFile = regexp.MustCompile(`^diff_between_(.+)_and_(.+)\.txt$`)
	diffLine = regexp.MustCompile(`^diff-type: (?:added|changed), source: (.+), destination: (.+), ref1: (.+), ref2: ([^:]+)$`)
)

// TestNPGuardDiff asks of each connection that np-guard expects two folders to
// differ by, and that the second newly allows between what both have, whether we
// tell it.
func TestNPGuardDiff(t *testing.T) {
	root := os.Getenv("RENDERGATE_NPGUARD")
	if root == "" {
		t.Skip("RENDERGATE_NPGUARD names no checkout of np-guard/netpol-analyzer")
	}
	files, err := filepath.Glob(filepath.Join(root, "test_outputs", "diff", "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no expected differences in %s: %v", root, err)
	}
	told, all := 0, 0
	for _, file := range files {
		m := diffFile.FindStringSubmatch(filepath.Base(file))
		if m == nil || otherNetworks.MatchString(m[1]) {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		head, base := New(objectsIn(t, filepath.Join(root, "tests", m[1]))), New(objectsIn(t, filepath.Join(root, "tests", m[2])))
		opened := Opened(base, head, sameNames(base, head))
		for line := range strings.Lines(string(text)) {
			d := diffLine.FindStringSubmatch(strings.TrimSpace(line))
			if d == nil || strings.Contains(line, "{ingress-controller}") {
				continue
			}
			fresh := readDiff(t, d[4]).Without(readDiff(t, d[3]))
			if fresh.Empty() {
				continue
			}
			all++
			if tells(opened, ends(t, head, d[1]), ends(t, head, d[2]), fresh) {
				told++
			} else {
				t.Errorf("%s: not told: %s", filepath.Base(file), line)
			}
		}
	}
	t.Logf("%d of %d newly allowed connections are told", told, all)
}

func readDiff(t *testing.T, text string) Ports {
	t.Helper()
	if text == "No Connections" {
		return Ports{}
	}
	return readPorts(t, text)
}

// sameNames pairs workloads by what np-guard calls them.
func sameNames(base, head *Cluster) map[*manifest.Object]*manifest.Object {
	of, before := map[string]*manifest.Object{}, map[*manifest.Object]*manifest.Object{}
	for _, p := range base.Pods {
		of[called(p)] = p.Object
	}
	for _, p := range head.Pods {
		if o := of[called(p)]; o != nil {
			before[p.Object] = o
		}
	}
	return before
}

// ends are the pods of a workload, or an address of a range.
func ends(t *testing.T, c *Cluster, name string) []Peer {
	t.Helper()
	if from, _, ok := strings.Cut(strings.TrimSuffix(name, "[External]"), "-"); ok && strings.HasSuffix(name, "[External]") {
		a := netip.MustParseAddr(from)
		return []Peer{{Range: Range{a, a}}}
	}
	var all []Peer
	for _, p := range c.Pods {
		if called(p) == name {
			all = append(all, Peer{Pod: p})
		}
	}
	return all
}

func tells(opened []Opening, from, to []Peer, ports Ports) bool {
	for i, spans := range ports {
		for _, s := range spans {
			for _, f := range from {
				for _, d := range to {
					if claims(opened, f, d, protocols[i], s.from) {
						return true
					}
				}
			}
		}
	}
	return false
}
