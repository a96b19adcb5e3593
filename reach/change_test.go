package reach

import (
	"math/rand"
	"testing"
	"testing/quick"

	"github.com/rendergate/rendergate/render/manifest"
)

// paired are head's workloads with base's of the same place.
func paired(base, head *Cluster) map[*manifest.Object]*manifest.Object {
	before := map[*manifest.Object]*manifest.Object{}
	for i, p := range head.Pods {
		before[p.Object] = base.Pods[i].Object
	}
	return before
}

// claims says that one of the openings is about a connection.
func claims(all []Opening, from, to Peer, protocol string, port int) bool {
	about := func(p Path, other Peer) bool {
		switch {
		case !p.Ports.has(protocol, port):
			return false
		case p.like != nil:
			return other.Pod != nil && p.like.matches(other) == Yes
		case other.Pod != nil:
			return p.Pod == other.Pod
		case p.Other == "any address":
			return true
		}
		return p.block != nil && p.block.From.Compare(other.Range.From) <= 0 && p.block.To.Compare(other.Range.From) >= 0
	}
	for _, o := range all {
		for _, p := range o.Paths {
			if o.Direction == Ingress && o.Pod == to.Pod && about(p, from) || o.Direction == Egress && o.Pod == from.Pod && about(p, to) {
				return !o.Doubt
			}
		}
	}
	return false
}

// TestOpened holds the difference to the model: what head lets through and base
// did not is told, and nothing else is told of a workload or an address. The
// same in the other direction is then another change altogether.
func TestOpened(t *testing.T) {
	told := 0
	same := func(pods, otherPods, before, after int64) bool {
		if otherPods%2 == 0 {
			otherPods = pods
		}
		was, is := randomWorld(pods, before), randomWorld(otherPods, after)
		base, head := was.cluster(t), is.cluster(t)
		opened := Opened(base, head, paired(base, head))
		wasModel, _ := was.ends(base)
		isModel, ours := is.ends(head)
		for i := range isModel {
			for j := range isModel {
				if i == j || isModel[i].pod == nil && isModel[j].pod == nil {
					continue
				}
				for _, protocol := range protocols {
					for _, port := range somePorts {
						allowed, before := is.allows(isModel[i], isModel[j], protocol, port), was.allows(wasModel[i], wasModel[j], protocol, port)
						claimed := claims(opened, ours[i], ours[j], protocol, port)
						if allowed && !before && !claimed {
							t.Logf("%d to %d on %s %d is new and not told (%d openings)\n%s\n--- becomes\n%s", i, j, protocol, port, len(opened), was.text, is.text)
							return false
						}
						if allowed && !before {
							told++
						}
					}
				}
			}
		}
		for _, o := range opened {
			for _, p := range o.Paths {
				if p.Pod == nil {
					continue
				}
				from, to := Peer{Pod: p.Pod}, Peer{Pod: o.Pod}
				if o.Direction == Egress {
					from, to = to, from
				}
				if !head.Between(from, to).Sure.And(p.Ports).equal(p.Ports) {
					t.Logf("%s to %v is told and not so", p.Other, p.Ports)
					return false
				}
			}
		}
		return true
	}
	if err := quick.Check(same, &quick.Config{MaxCount: 250, Rand: rand.New(rand.NewSource(2))}); err != nil {
		t.Error(err)
	}
	if told < 500 {
		t.Errorf("only %d new connections were tried", told)
	}
}

// TestNothingOpens: no cluster opens anything against itself, and nothing that a
// change opens is opened by its reversal.
func TestNothingOpens(t *testing.T) {
	same := func(pods, before, after int64) bool {
		was, is := randomWorld(pods, before), randomWorld(pods, after)
		base, again, head := was.cluster(t), was.cluster(t), is.cluster(t)
		if all := Opened(base, again, paired(base, again)); len(all) > 0 {
			t.Logf("%+v of\n%s", all, was.text)
			return false
		}
		there, back := Opened(base, head, paired(base, head)), Opened(head, base, paired(head, base))
		for _, o := range there {
			for _, p := range o.Paths {
				for _, r := range back {
					for _, q := range r.Paths {
						if p.Pod != nil && q.Pod != nil && o.Direction == r.Direction && o.Pod.Object.Name == r.Pod.Object.Name && p.Pod.Object.Name == q.Pod.Object.Name && !p.Ports.And(q.Ports).Empty() {
							t.Logf("%s opens %v there and back", p.Other, p.Ports.And(q.Ports))
							return false
						}
					}
				}
			}
		}
		return true
	}
	if err := quick.Check(same, &quick.Config{MaxCount: 250, Rand: rand.New(rand.NewSource(3))}); err != nil {
		t.Error(err)
	}
}
