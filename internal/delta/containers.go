package delta

import (
	"cmp"
	"iter"
	"slices"

	"github.com/rendergate/rendergate/checks"
	"github.com/rendergate/rendergate/render/manifest"
)

// containerNames maps the pods and containers of base to those of head inside
// a matched pair, as subjects name them. Pods go by name; then, for renamed
// ones, by an image that they run. Containers go by name, in another list of
// the same pod too; then by the image they run.
func containerNames(p Pair) renamed {
	names := renamed{}
	if p.Base == nil || p.Head == nil {
		return names
	}
	base, head := slices.Collect(p.Base.Pods()), slices.Collect(p.Head.Pods())
	pairUp(base, head, samePod, shareImage)(func(b, h manifest.Pod) {
		if b.Name() != h.Name() {
			names[b.Name()] = h.Name()
		}
		pairUp(slices.Collect(b.Containers()), slices.Collect(h.Containers()), sameContainer, sameName, sameImage)(func(b, h manifest.Container) {
			names[b.Subject().Container] = h.Subject().Container
		})
	})
	return names
}

// Images visits the images of a pair of objects, by the container or volume that
// has them at both sides; of what only one side has the other is absent.
func Images(p Pair) iter.Seq2[manifest.Node, manifest.Node] {
	return func(yield func(base, head manifest.Node) bool) {
		names, was := containerNames(p), map[string]manifest.Node{}
		var order []string
		if p.Base != nil {
			for subject, at := range checks.Images(p.Base) {
				name := cmp.Or(names[subject.Container], subject.Container)
				order, was[name] = append(order, name), at
			}
		}
		if p.Head != nil {
			for subject, at := range checks.Images(p.Head) {
				before := was[subject.Container]
				delete(was, subject.Container)
				if !yield(before, at) {
					return
				}
			}
		}
		for _, name := range order {
			if at, gone := was[name]; gone && !yield(at, manifest.Node{}) {
				return
			}
		}
	}
}

// pairUp pairs what is the same, by each rule in turn for what is left.
func pairUp[T any](base, head []T, rules ...func(b, h T) bool) func(yield func(b, h T)) {
	return func(yield func(b, h T)) {
		done, taken := make([]bool, len(base)), make([]bool, len(head))
		for _, same := range rules {
			for i, b := range base {
				for j, h := range head {
					if !done[i] && !taken[j] && same(b, h) {
						done[i], taken[j] = true, true
						yield(b, h)
					}
				}
			}
		}
	}
}

func samePod(b, h manifest.Pod) bool { return b.Name() == h.Name() }

func shareImage(b, h manifest.Pod) bool {
	for own := range b.Containers() {
		for other := range h.Containers() {
			if sameImage(own, other) {
				return true
			}
		}
	}
	return false
}

func sameContainer(b, h manifest.Container) bool { return b.List == h.List && sameName(b, h) }

func sameName(b, h manifest.Container) bool { return b.Name() == h.Name() }

func sameImage(b, h manifest.Container) bool {
	name := imageName(b.Get("image").Text())
	return b.List == h.List && name != "" && name == imageName(h.Get("image").Text())
}
