package checks

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/rendergate/rendergate/reach"
	"github.com/rendergate/rendergate/render/manifest"
)

// openings are what the change lets through at the target's own pods, judged
// with all that is deployed together at either side.
func (p *Pass) openings() []reach.Opening {
	if p.known.compared {
		return p.known.openings
	}
	p.known.compared = true
	before := map[*manifest.Object]*manifest.Object{}
	for _, pair := range p.Pairs {
		if pair.Base != nil && pair.Head != nil {
			before[pair.Head] = pair.Base
		}
	}
	alike := map[manifest.Ref]*manifest.Object{}
	for _, o := range p.WithBase {
		alike[o.Identity()] = o
	}
	for _, o := range p.With {
		if b := alike[o.Identity()]; b != nil {
			before[o] = b
		}
	}
	own := map[*manifest.Object]bool{}
	for _, o := range p.Objects {
		own[o] = true
	}
	base, head := reach.New(slices.Concat(p.Base, p.WithBase)), reach.New(p.Together())
	for _, o := range p.Base {
		own[o] = true // of what is gone, as policies are
	}
	for _, o := range slices.Concat(reach.Opened(base, head, before), reach.Unseen(base, head, before)) {
		if own[o.Pod.Object] {
			p.known.openings = append(p.known.openings, o)
		}
	}
	return p.known.openings
}

// opened reports an opening at the labels of its pod.
func (p *Pass) opened(o reach.Opening, class, format string, args ...any) {
	subject := manifest.Subject{Container: o.Pod.Name, Class: class}
	p.Report(o.Pod.At, subject, format, args...)
	f := &p.findings[len(p.findings)-1]
	if o.Doubt {
		f.Doubt = Unprovable
	}
	if o.Unseen && f.Check.Severity > Low {
		f.Graded = f.Check.Severity - 1
		f.Severity = f.Of(f.Severity)
	}
	if len(o.Lost) == 0 && !slices.ContainsFunc(o.Paths, func(path reach.Path) bool { return len(path.By) == 0 }) {
		for _, path := range o.Paths {
			f.through = append(f.through, path.By...)
		}
	}
	for _, path := range o.Paths {
		e := Edge{From: path.Other, To: reach.Called(o.Pod), Ports: path.Ports.String(), Outside: path.Outside}
		if o.Direction == reach.Egress {
			e.From, e.To = e.To, e.From
		}
		f.Edges = append(f.Edges, e)
	}
}

// podsOf are the pods of an opening for people.
func podsOf(o reach.Opening) string {
	if o.Unseen {
		return reach.Called(o.Pod) + ", which stand in no file here,"
	}
	return fmt.Sprintf("the pods of %s %q", o.Pod.Object.Kind, o.Pod.Object.Name)
}

// mostPaths bounds what a message lists, or a class.
const mostPaths = 5

// otherEnds are the other ends of an opening, for people.
func otherEnds(o reach.Opening) string {
	all := everyEnd(o)
	if more := len(all) - mostPaths; more > 0 {
		all = append(all[:mostPaths], fmt.Sprintf("%d more", more))
	}
	return strings.Join(all, "; ")
}

func everyEnd(o reach.Opening) []string {
	var all []string
	for _, path := range o.Paths {
		all = append(all, path.Other+" on "+path.Ports.String())
	}
	return all
}

// pathClass tells the openings of a pod apart: the direction, the other ends and
// the ports, those that no message lists as well.
func pathClass(o reach.Opening) string { return directionName(o) + " " + inClass(everyEnd(o)) }

// inClass are some texts as a part of a class: beyond a number of them, what only
// tells them apart.
func inClass(all []string) string {
	class := strings.Join(all, "; ")
	if len(all) <= mostPaths {
		return class
	}
	sum := sha256.Sum256([]byte(class))
	return strings.Join(all[:mostPaths], "; ") + "; " + hex.EncodeToString(sum[:4])
}

func directionName(o reach.Opening) string {
	if o.Direction == reach.Egress {
		return "egress"
	}
	return "ingress"
}
