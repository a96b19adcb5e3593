package blame

import (
	"slices"
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// Step is one station of the way from the cause to the finding, or another
// part of the change that has to do with it.
type Step struct {
	Path, Side string
	Line       int
	Role       string
	What       string
}

// The roles of steps: first the way of the value, from the line that decides it
// to the one that writes it, then what else the change has to do with it.
const (
	roleValues, rolePatch, roleFile, roleTemplate, roleCall = "values", "patch", "file", "template", "call"

	roleSwitch = "switch" // it decides whether the object is there at all
	roleWith   = "with"   // the cause acts only together with it
	roleAlso   = "also"   // reverting it alone would do as well
)

// maxTrail bounds the steps of one trail.
const maxTrail = 8

// trail tells how the cause becomes the finding.
func (b *blamer) trail(i int, at Location, causes []cause) []Step {
	steps := b.way(i, at)
	for _, c := range causes {
		place := b.point(i, c)
		if place.Path == at.Path && place.Side == at.Side && place.Line == at.Line {
			continue
		}
		step := Step{Path: place.Path, Side: place.Side, Line: place.Line, Role: roleAlso, What: "reverting this alone also removes the finding"}
		switch {
		case c.set:
			step.Role, step.What = roleWith, "only together with this"
		case c.gate:
			step.Role, step.What = roleSwitch, "switches it on: without this, the object is not there"
		}
		steps = append(steps, step)
	}
	for _, s := range b.spots(i) {
		known := func(step Step) bool { return step.Path == s.path && step.Line == s.line }
		if s.site.Kind == manifest.SiteCondition && b.changed(s) && !slices.ContainsFunc(steps, known) && !known(Step{Path: at.Path, Line: at.Line}) {
			steps = append(steps, Step{Path: s.path, Side: s.side, Line: s.line, Role: roleSwitch, What: "decides whether it is there at all"})
		}
	}
	return steps[:min(len(steps), maxTrail)]
}

// way are the stations of the value, outermost first: of each kind the nearest,
// or that which is the cause.
func (b *blamer) way(i int, at Location) []Step {
	side := sideHead
	if b.taken(b.Findings[i]) {
		side = sideBase
	}
	return stations(b.own(i), side, at)
}

// stations are those of sites that were traced on one side.
func stations(sites []manifest.Site, side string, at Location) []Step {
	var way []Step
	chosen := map[manifest.SiteKind]int{}
	for _, site := range sites {
		step, known := stationOf(site)
		step.Side = side
		index, has := chosen[site.Kind]
		switch {
		case !known:
		case !has:
			chosen[site.Kind] = len(way)
			way = append(way, step)
		case site.Path == at.Path && site.Line == at.Line && at.Side == sideHead:
			way[index] = step
		}
	}
	slices.Reverse(way)
	return way
}

func stationOf(site manifest.Site) (Step, bool) {
	if strings.HasPrefix(site.Path, "\x00") {
		return Step{}, false // it was fetched, and is no file of the tree
	}
	step := Step{Path: site.Path, Side: sideHead, Line: site.Line}
	switch site.Kind {
	case manifest.SiteValues:
		step.Role, step.What = roleValues, "sets "+site.Field
	case manifest.SitePatch:
		step.Role, step.What = rolePatch, "patches it"
	case manifest.SiteFile:
		step.Role, step.What = roleFile, "has it"
	case manifest.SiteTemplate:
		step.Role, step.What = roleTemplate, "writes it"
	case manifest.SiteCall:
		step.Role, step.What = roleCall, "includes that"
	default:
		return Step{}, false
	}
	return step, true
}
