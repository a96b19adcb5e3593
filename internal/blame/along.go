package blame

import (
	"slices"

	"github.com/rendergate/rendergate/render/manifest"
)

// maxAlong bounds the lines of one finding's trace that are tried.
const maxAlong = 6

// alongTraces tries what the render was traced to: where taking back the line
// that wrote a field takes the finding away, nothing is left to search for.
func (b *blamer) alongTraces(open []int, found map[int][]cause) {
	open = b.allAtOnce(open, found)
	for _, i := range open {
		tried := 0
		for _, s := range b.spots(i) {
			if s.site.Kind == manifest.SiteCondition || s.missing || !b.changed(s) {
				continue
			}
			if tried++; tried > maxAlong || b.along(i, s, found) {
				break
			}
		}
	}
}

// along tries the edits at one line.
func (b *blamer) along(i int, s spot, found map[int][]cause) bool {
	for _, e := range b.editsAt(s) {
		if fixed, _ := b.fixed(e); !slices.Contains(fixed, i) {
			continue
		}
		c := b.caused(i, e)
		found[i] = append(found[i], c)
		return c.settles()
	}
	return false
}

// allAtOnce takes back the lines of many findings in one render, each the line
// on which the finding's field stands. A finding that goes then went with its
// own line: the others are no part of it.
func (b *blamer) allAtOnce(open []int, found map[int][]cause) (left []int) {
	var lines []edit
	own := map[int]edit{}
	for _, i := range open {
		for _, s := range b.spots(i) {
			if !b.Findings[i].Node.Exists() || s.side != sideHead || s.site.Kind == manifest.SiteCondition || !b.changed(s) {
				continue
			}
			if edits := b.editsAt(s); len(edits) > 0 && edits[0].level() == 0 && !edits[0].block {
				own[i] = edits[0]
				if !slices.ContainsFunc(lines, func(e edit) bool { return identify([]edit{e}) == identify(edits[:1]) }) {
					lines = append(lines, edits[0])
				}
			}
			break
		}
	}
	if len(lines) < 3 {
		return open
	}
	a := b.probe(lines)
	for _, i := range open {
		line, has := own[i]
		if !has || !slices.Contains(a.gone, i) || slices.Contains(a.gate, i) {
			left = append(left, i)
			continue
		}
		found[i] = append(found[i], cause{edit: line, traced: true})
	}
	return left
}
