// Package delta says what is new: it matches the objects of both sides one to
// one, then compares findings inside the matched pairs.
package delta

import (
	"regexp"

	"github.com/rendergate/rendergate/checks"
	"github.com/rendergate/rendergate/render/manifest"
)

// Pair is one object at both sides; either may be nil, not both.
type Pair = checks.Pair

// SidesOf are the two sides of a target with their objects matched.
func SidesOf(base, head []*manifest.Object, renames Renames) checks.Sides {
	return checks.Sides{Base: base, Head: head, Pairs: Match(base, head, renames)}
}

// Renames maps the paths of base to those of head for renamed files.
type Renames map[string]string

// head is the path that a file of base has at head.
func (r Renames) head(name string) string {
	if to, ok := r[name]; ok {
		return to
	}
	return name
}

// Match pairs the objects of two renders of one target. In this order: the
// same reference (API version and generator hash aside, files first where a
// reference occurs more than once), the same name in another namespace, the
// same kind from the same file, and the most similar of the same kind. What is
// left has no partner.
func Match(base, head []*manifest.Object, renames Renames) []Pair {
	m := &matcher{renames: renames, baseLeft: map[*manifest.Object]bool{}, headLeft: map[*manifest.Object]bool{}, base: base, head: head}
	for _, o := range base {
		m.baseLeft[o] = true
	}
	for _, o := range head {
		m.headLeft[o] = true
	}
	m.byKey(func(o *manifest.Object, path string) string { return identity(o, o.Name) + "\x00" + path })
	m.byKey(func(o *manifest.Object, _ string) string { return identity(o, o.Name) })
	m.byKey(func(o *manifest.Object, _ string) string { return identity(o, withoutHash(o)) })
	m.byKey(func(o *manifest.Object, path string) string {
		return family(o) + "\x00" + withoutHash(o) + "\x00" + path
	})
	m.byKey(func(o *manifest.Object, _ string) string { return family(o) + "\x00" + withoutHash(o) })
	m.bySimilarity(func(b, h *manifest.Object) bool {
		return b.Origin.Path != "" && renames.head(b.Origin.Path) == h.Origin.Path
	})
	m.bySimilarity(func(*manifest.Object, *manifest.Object) bool { return true })
	return m.all()
}

type matcher struct {
	base, head         []*manifest.Object
	baseLeft, headLeft map[*manifest.Object]bool
	renames            Renames
	pairs              []Pair
}

func (m *matcher) pair(b, h *manifest.Object) {
	delete(m.baseLeft, b)
	delete(m.headLeft, h)
	m.pairs = append(m.pairs, Pair{Base: b, Head: h})
}

// byKey pairs what has the same key, in order of appearance.
func (m *matcher) byKey(key func(o *manifest.Object, path string) string) {
	waiting := map[string][]*manifest.Object{}
	for _, b := range m.base {
		if m.baseLeft[b] && named(b) {
			k := key(b, m.renames.head(b.Origin.Path))
			waiting[k] = append(waiting[k], b)
		}
	}
	for _, h := range m.head {
		if !m.headLeft[h] || !named(h) {
			continue
		}
		k := key(h, h.Origin.Path)
		if found := waiting[k]; len(found) > 0 {
			m.pair(found[0], h)
			waiting[k] = found[1:]
		}
	}
}

// named says that an object has an identity of its own: not one that the
// server will name.
func named(o *manifest.Object) bool { return o.Name != "" || o.GenerateName == "" }

// all are the pairs, and alone what found no partner.
func (m *matcher) all() []Pair {
	for _, b := range m.base {
		if m.baseLeft[b] {
			m.pairs = append(m.pairs, Pair{Base: b})
		}
	}
	for _, h := range m.head {
		if m.headLeft[h] {
			m.pairs = append(m.pairs, Pair{Head: h})
		}
	}
	return m.pairs
}

// formerGroups are kinds that left the extensions group for another.
// Source: Kubernetes deprecated API migration guide, v1.16 and v1.22.
var formerGroups = map[string]string{
	"extensions/Deployment": "apps/Deployment", "extensions/DaemonSet": "apps/DaemonSet", "extensions/ReplicaSet": "apps/ReplicaSet",
	"extensions/Ingress": "networking.k8s.io/Ingress", "extensions/NetworkPolicy": "networking.k8s.io/NetworkPolicy",
	"extensions/PodSecurityPolicy": "policy/PodSecurityPolicy",
}

// family is the group and kind, whatever group the kind was once in.
func family(o *manifest.Object) string {
	if now, moved := formerGroups[o.GroupKind()]; moved {
		return now
	}
	return o.GroupKind()
}

func identity(o *manifest.Object, name string) string {
	if at := o.Address; at.Name != "" {
		return at.APIVersion + "\x00" + at.Kind + "\x00" + at.Name
	}
	return family(o) + "\x00" + o.Namespace + "\x00" + name
}

// generatorHash is what kustomize appends to the names of generated objects;
// its alphabet is that of kustomize's hasher.
var generatorHash = regexp.MustCompile(`-[2456789bcdfghkmt]{10}$`)

func withoutHash(o *manifest.Object) string {
	if kind := o.GroupKind(); kind != "ConfigMap" && kind != "Secret" {
		return o.Name
	}
	return generatorHash.ReplaceAllString(o.Name, "")
}
