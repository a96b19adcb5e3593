package reach

import (
	"bytes"
	"cmp"
	"fmt"
	"io/fs"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/rendergate/rendergate/render/manifest"
)

// TestNPGuard holds the evaluator to the connections that np-guard's analyzer
// expects of its own manifests. RENDERGATE_NPGUARD names a checkout of
// github.com/np-guard/netpol-analyzer; .ci/npguard runs it.
func TestNPGuard(t *testing.T) {
	root := os.Getenv("RENDERGATE_NPGUARD")
	if root == "" {
		t.Skip("RENDERGATE_NPGUARD names no checkout of np-guard/netpol-analyzer")
	}
	const suffix = "_connlist_output.txt"
	wanted, err := filepath.Glob(filepath.Join(root, "test_outputs", "connlist", "*"+suffix))
	if err != nil || len(wanted) == 0 {
		t.Fatalf("no expected connections in %s: %v", root, err)
	}
	agreed, all, cases := 0, 0, 0
	for _, file := range wanted {
		name := strings.TrimSuffix(filepath.Base(file), suffix)
		dir := filepath.Join(root, "tests", name)
		if _, err := os.Stat(dir); err != nil || otherNetworks.MatchString(name) {
			continue // one workload of another test, or another kind of network
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		want := expected(t, string(text))
		got := connections(New(objectsIn(t, dir)))
		want, got = cutAlike(t, want, got)
		cases++
		for _, key := range slices.Sorted(maps.Keys(union(want, got))) {
			all++
			if want[key].equal(got[key]) {
				agreed++
				continue
			}
			if why := meant[name]; why == "" {
				t.Errorf("%s: %s: %v, np-guard expects %v", name, key, got[key], want[key])
			} else {
				t.Logf("%s: %s: %v, np-guard expects %v (%s)", name, key, got[key], want[key], why)
			}
		}
	}
	share := float64(agreed) / float64(max(all, 1))
	t.Logf("%d of %d connections in %d cases are np-guard's: %.2f %%", agreed, all, cases, share*100)
	if share < 0.99 {
		t.Errorf("agreement is %.4f, want 0.99", share)
	}
}

// otherNetworks are the tests of what is no NetworkPolicy of the pods' own network.
var otherNetworks = regexp.MustCompile(`^(udn|cudn|nad|virtual_machines|multiple_topology_resources_[0-9]_nad)`)

// meant are the differences that are so on purpose.
var meant = map[string]string{}

func union(a, b map[string]Ports) map[string]Ports {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

// cutAlike parts the address ranges of both at each other's ends.
func cutAlike(t *testing.T, a, b map[string]Ports) (map[string]Ports, map[string]Ports) {
	t.Helper()
	starts := map[netip.Addr]bool{}
	for key := range union(a, b) {
		if r, _, ok := external(t, key); ok {
			starts[r.From], starts[r.To.Next()] = true, true
		}
	}
	delete(starts, netip.Addr{})
	points := slices.SortedFunc(maps.Keys(starts), netip.Addr.Compare)
	parted := func(all map[string]Ports) map[string]Ports {
		out := map[string]Ports{}
		for key, ports := range all {
			r, form, ok := external(t, key)
			if !ok {
				out[key] = ports
				continue
			}
			for _, p := range points {
				if p.Compare(r.From) >= 0 && p.Compare(r.To) <= 0 {
					out[fmt.Sprintf(form, p)] = ports
				}
			}
		}
		return out
	}
	return parted(a), parted(b)
}

var addresses = regexp.MustCompile(`([0-9.]+)-([0-9.]+)\[External\]`)

func external(t *testing.T, key string) (r Range, form string, ok bool) {
	t.Helper()
	m := addresses.FindStringSubmatch(key)
	if m == nil {
		return r, "", false
	}
	return Range{netip.MustParseAddr(m[1]), netip.MustParseAddr(m[2])}, strings.Replace(key, m[0], "from %s[External]", 1), true
}

// objectsIn reads the manifests of a folder as np-guard does: whatever is YAML.
func objectsIn(t *testing.T, dir string) []*manifest.Object {
	t.Helper()
	var all []*manifest.Object
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if ext := filepath.Ext(path); err != nil || entry.IsDir() || ext != ".yaml" && ext != ".yml" && ext != ".json" {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		objects, err := manifest.Parse(unlisted(t, data), manifest.Origin{Path: path})
		if err != nil {
			t.Logf("%s: %v", path, err)
		}
		all = append(all, objects...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// hostNetwork makes no difference to np-guard, whose policies also reach the
// node's network. Kubernetes leaves that open, and ours do not.
var hostNetwork = regexp.MustCompile(`hostNetwork"?: true`)

// unlisted makes plain lists of what kubectl get prints as lists of a kind.
func unlisted(t *testing.T, data []byte) []byte {
	t.Helper()
	data = hostNetwork.ReplaceAllFunc(data, func(found []byte) []byte { return bytes.ReplaceAll(found, []byte("true"), []byte("false")) })
	m := regexp.MustCompile(`(?m)^(?:kind:| +"kind":) "?(Pod|Namespace|NetworkPolicy)List"?,?\s*$`).FindSubmatch(data)
	if m == nil {
		return data
	}
	var list struct{ Items []map[string]any }
	if err := yaml.Unmarshal(data, &list); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	for _, item := range list.Items {
		item["kind"], item["apiVersion"] = string(m[1]), "v1"
		if string(m[1]) == "NetworkPolicy" {
			item["apiVersion"] = "networking.k8s.io/v1"
		}
		if err := encoder.Encode(item); err != nil {
			t.Fatal(err)
		}
	}
	return out.Bytes()
}

// connections are all that surely may pass, in np-guard's words.
func connections(c *Cluster) map[string]Ports {
	all := map[string]Ports{}
	add := func(from, to string, p Ports) {
		if key := from + " => " + to; from != to && !p.Empty() {
			all[key] = all[key].Or(p)
		}
	}
	for _, from := range c.Pods {
		for _, to := range c.Pods {
			add(called(from), called(to), c.Between(Peer{Pod: from}, Peer{Pod: to}).Sure)
		}
		for _, direction := range []Direction{Ingress, Egress} {
			at := ""
			var before Range
			var ports Ports
			end := func() {
				if direction == Ingress {
					add(at, called(from), ports)
				} else {
					add(called(from), at, ports)
				}
			}
			for _, r := range c.Ranges(from, direction) {
				if !r.From.Is4() {
					continue
				}
				lets := c.Between(Peer{Range: r}, Peer{Pod: from}).Sure
				if direction == Egress {
					lets = c.Between(Peer{Pod: from}, Peer{Range: r}).Sure
				}
				if !lets.equal(ports) || before == (Range{}) {
					end()
					before = r
				}
				ports, before.To = lets, r.To
				at = before.From.String() + "-" + before.To.String() + "[External]"
			}
			end()
		}
	}
	for _, e := range c.entrances {
		if e.through {
			add("{ingress-controller}", called(e.to), c.admits(e).Sure)
		}
	}
	return all
}

// called is a pod in np-guard's words: the workload that owns it.
func called(p *Pod) string {
	name, kind := p.Object.Name, p.Object.Kind
	for owner := range p.Object.Root.Get("metadata", "ownerReferences").Items() {
		if owner.Get("kind").Text() != "Node" { // a static pod
			name, kind = owner.Get("name").Text(), cmp.Or(owner.Get("kind").Text(), kind)
		}
	}
	return cmp.Or(p.Namespace, "default") + "/" + name + "[" + kind + "]"
}

var connection = regexp.MustCompile(`^(.+) => (.+) : (.+)$`)

func expected(t *testing.T, text string) map[string]Ports {
	t.Helper()
	all := map[string]Ports{}
	for line := range strings.Lines(text) {
		if m := connection.FindStringSubmatch(strings.TrimSpace(line)); m != nil {
			all[m[1]+" => "+m[2]] = readPorts(t, m[3])
		}
	}
	return all
}

func readPorts(t *testing.T, text string) Ports {
	t.Helper()
	if text == "All Connections" {
		return AnyPort()
	}
	var all Ports
	protocol := ""
	for part := range strings.SplitSeq(text, ",") {
		if name, ports, ok := strings.Cut(part, " "); ok {
			protocol, part = name, ports
		} else if slices.Contains(protocols[:], part) {
			protocol, part = part, "1-65535"
		}
		low, high, ok := strings.Cut(part, "-")
		if !ok {
			high = low
		}
		from, err := strconv.Atoi(low)
		to, err2 := strconv.Atoi(high)
		if err != nil || err2 != nil {
			t.Fatalf("%q is no list of ports", text)
		}
		all = all.Or(portsOf(protocol, from, to))
	}
	return all
}
