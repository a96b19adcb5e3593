package blame

import (
	"cmp"
	"slices"
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// Source is the line that wrote what stands at a place of a traced object, with
// the way from there to the field. What is absent belongs to the text that
// should hold it, not to a value that happens to stand next to it. False where
// nobody can say.
func Source(at manifest.Node) (Location, bool) {
	sites := slices.DeleteFunc(slices.Clone(at.Sites()), func(s manifest.Site) bool {
		return s.Line == 0 || strings.HasPrefix(s.Path, "\x00") || s.Kind == manifest.SiteCondition || s.Kind == manifest.SiteValues && !at.Exists()
	})
	if len(sites) == 0 {
		return Location{}, false
	}
	best := slices.MinFunc(sites, func(a, b manifest.Site) int { return cmp.Compare(spot{site: a}.rank(), spot{site: b}.rank()) })
	found := Location{Path: best.Path, Side: sideHead, Line: best.Line, EndLine: best.Line, How: howTraced, Level: levelLine}
	found.Trail = stations(sites, sideHead, found)
	return found, true
}

// Begins is the line of a source where a traced object begins, as exactly as it
// is known.
func Begins(o *manifest.Object) (path string, line int) {
	for _, site := range o.Root.Get("kind").Sites() {
		if (site.Kind == manifest.SiteFile || site.Kind == manifest.SiteTemplate) && site.Line > 0 && !strings.HasPrefix(site.Path, "\x00") {
			return site.Path, site.Line
		}
	}
	return o.Origin.Path, 0
}
