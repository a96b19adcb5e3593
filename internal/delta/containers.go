package delta

import (
	"github.com/rendergate/rendergate/render/manifest"
)

// containerNames maps the containers of base to those of head inside a matched
// pair, as subjects name them: by name, in another list of the same pod too;
// then, for renamed ones, by the image they run.
func containerNames(p Pair) map[string]string {
	names := map[string]string{}
	if p.Base == nil || p.Head == nil {
		return names
	}
	base, head := containersOf(p.Base), containersOf(p.Head)
	taken := map[string]bool{}
	match := func(same func(b, h manifest.Container) bool) {
		for _, b := range base {
			if _, done := names[b.Subject().Container]; done {
				continue
			}
			for _, h := range head {
				if to := h.Subject().Container; !taken[to] && same(b, h) {
					names[b.Subject().Container] = to
					taken[to] = true
					break
				}
			}
		}
	}
	match(func(b, h manifest.Container) bool { return b.List == h.List && b.Name() == h.Name() })
	match(func(b, h manifest.Container) bool { return b.Name() == h.Name() })
	match(func(b, h manifest.Container) bool { return b.List == h.List && sameImage(b, h) })
	return names
}

func sameImage(b, h manifest.Container) bool {
	name := imageName(b.Get("image").Text())
	return name != "" && name == imageName(h.Get("image").Text())
}

func containersOf(o *manifest.Object) []manifest.Container {
	var all []manifest.Container
	for c := range o.Containers() {
		all = append(all, c)
	}
	return all
}
