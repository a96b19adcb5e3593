package delta

import (
	"maps"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/rendergate/rendergate/render/manifest"
)

// alike is the similarity from which two objects of different names are taken
// for the same one renamed.
const alike = 0.5

// bySimilarity pairs objects of one kind that are each other's best match. Of those
// that are equally good the first go together, so that none is left alone.
func (m *matcher) bySimilarity(may func(b, h *manifest.Object) bool) {
	base, head := left(m.base, m.baseLeft), left(m.head, m.headLeft)
	prints := map[*manifest.Object]fingerprint{}
	for _, o := range slices.Concat(base, head) {
		prints[o] = print(o)
	}
	type candidate struct {
		Pair
		score float64
	}
	var all []candidate
	best := map[*manifest.Object]float64{}
	for _, h := range head {
		for _, b := range base {
			if family(b) != family(h) || !may(b, h) {
				continue
			}
			if score := prints[b].like(prints[h]); score >= alike {
				all = append(all, candidate{Pair{Base: b, Head: h}, score})
				best[b], best[h] = max(best[b], score), max(best[h], score)
			}
		}
	}
	for _, c := range all {
		if m.baseLeft[c.Base] && m.headLeft[c.Head] && c.score == best[c.Base] && c.score == best[c.Head] {
			m.pair(c.Base, c.Head)
		}
	}
}

func left(all []*manifest.Object, still map[*manifest.Object]bool) []*manifest.Object {
	return slices.DeleteFunc(slices.Clone(all), func(o *manifest.Object) bool { return !still[o] })
}

// fingerprint is what an object looks like apart from its name.
type fingerprint struct {
	leaves map[string]int
	total  int
	words  map[string]bool // of the name
	images map[string]bool // the last part of each image's repository
}

// maxLeaves bounds the work on one huge object.
const maxLeaves = 5000

// Akin says that two objects may be one that went from one target to another: one's
// name is the other's with more words, as a prefix or a release adds them. To look
// alike is not enough there, because what another application had excuses nothing.
func Akin(base, head *manifest.Object) bool {
	b, h := wordsOf(withoutHash(base)), wordsOf(withoutHash(head))
	return contains(b, h) || contains(h, b)
}

func contains(all, some map[string]bool) bool {
	for word := range some {
		if !all[word] {
			return false
		}
	}
	return true
}

func wordsOf(name string) map[string]bool {
	words := map[string]bool{}
	for word := range strings.FieldsFuncSeq(name, func(r rune) bool { return r == '-' || r == '.' || r == ':' }) {
		words[word] = true
	}
	return words
}

func print(o *manifest.Object) fingerprint {
	f := fingerprint{leaves: map[string]int{}, words: wordsOf(o.Name), images: map[string]bool{}}
	for c := range o.Containers() {
		f.images[imageName(c.Get("image").Text())] = true
	}
	delete(f.images, "")
	var into func(at string, n *yaml.Node)
	into = func(at string, n *yaml.Node) {
		if f.total > maxLeaves {
			return
		}
		switch n.Kind {
		case yaml.AliasNode:
			into(at, n.Alias)
		case yaml.MappingNode:
			for i := 0; i+1 < len(n.Content); i += 2 {
				into(at+"."+n.Content[i].Value, n.Content[i+1])
			}
		case yaml.SequenceNode:
			for _, item := range n.Content {
				into(at+"[]", item)
			}
		default:
			f.leaves[at]++ // the shape counts as much as the value, since names are in many values
			f.leaves[at+"="+n.Value]++
			f.total += 2
		}
	}
	for key, value := range o.Root.Fields() {
		if key != "metadata" && key != "apiVersion" && key != "kind" && key != "status" {
			into(key, value.YAML())
		}
	}
	return f
}

// imageName is the last part of an image's repository: it survives a change of
// registry and of tag.
func imageName(image string) string {
	image, _, _ = strings.Cut(image, "@")
	name := path.Base(image)
	name, _, _ = strings.Cut(name, ":")
	if name == "." {
		return ""
	}
	return name
}

// like is the similarity, 0 to 1. Workloads that run no common image are
// never the same one: another program in its place is new.
func (f fingerprint) like(g fingerprint) float64 {
	if len(f.images) > 0 && len(g.images) > 0 && !overlap(f.images, g.images) {
		return 0
	}
	names := dice(f.words, g.words)
	if f.total == 0 && g.total == 0 {
		return names
	}
	common := 0
	for leaf, n := range f.leaves {
		common += min(n, g.leaves[leaf])
	}
	content := 2 * float64(common) / float64(f.total+g.total)
	return 0.8*content + 0.2*names
}

func overlap(a, b map[string]bool) bool {
	for name := range maps.Keys(a) {
		if b[name] {
			return true
		}
	}
	return false
}

func dice(a, b map[string]bool) float64 {
	if len(a)+len(b) == 0 {
		return 0
	}
	common := 0
	for word := range a {
		if b[word] {
			common++
		}
	}
	return 2 * float64(common) / float64(len(a)+len(b))
}
