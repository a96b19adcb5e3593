package checks

import (
	"slices"

	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

// weakenedGuards reports what a change takes from guards: those of images, or all
// others. What only recorded guarded nothing, and what goes with its policy is
// told of the policy.
func weakenedGuards(images bool) func(*Pass) {
	return func(p *Pass) {
		for _, pair := range p.Pairs {
			if pair.Head != nil && !images {
				p.excepted(pair)
			}
			if pair.Base == nil {
				continue
			}
			var now []infra.Guard
			if pair.Head != nil {
				now = infra.Guards(pair.Head)
			}
			was := slices.DeleteFunc(infra.Guards(pair.Base), func(g infra.Guard) bool { return g.Images != images })
			now = slices.DeleteFunc(now, func(g infra.Guard) bool { return g.Images != images })
			for _, g := range was {
				if g.Force < infra.Warns {
					continue
				}
				if i := sameGuard(g, was, now); i >= 0 {
					p.weakened(g, now[i])
				} else if !p.goesWithPolicy(pair.Base) {
					p.Report(g.At, manifest.Subject{Class: "removed " + g.Key}, "%s is removed, which %s what breaks it; a guard is expected to stay", g.Of, verb(g.Force))
				}
			}
		}
	}
}

func verb(f infra.Force) string {
	if f == infra.Refuses {
		return "refused"
	}
	return "warned of"
}

// sameGuard is what a guard of base is at head: of the same name, else one that
// came in its place.
func sameGuard(g infra.Guard, was, now []infra.Guard) int {
	if i := slices.IndexFunc(now, func(n infra.Guard) bool { return n.Key == g.Key }); i >= 0 {
		return i
	}
	place := slices.IndexFunc(was, func(w infra.Guard) bool { return w.Key == g.Key })
	fresh := func(n infra.Guard) bool {
		return !slices.ContainsFunc(was, func(w infra.Guard) bool { return w.Key == n.Key })
	}
	if len(was) == len(now) && place < len(now) && fresh(now[place]) {
		return place
	}
	return -1
}

// goesWithPolicy says that an object is a binding of a policy that goes too.
func (p *Pass) goesWithPolicy(o *manifest.Object) bool {
	if o.Kind != "ValidatingAdmissionPolicyBinding" {
		return false
	}
	return slices.ContainsFunc(p.Pairs, func(other Pair) bool {
		return other.Head == nil && other.Base.Kind == "ValidatingAdmissionPolicy" && other.Base.Name == o.Root.Get("spec", "policyName").Text()
	})
}

// excepted reports what is newly freed from guards.
func (p *Pass) excepted(pair Pair) {
	now := infra.Exceptions(pair.Head)
	if len(now) == 0 {
		return
	}
	if pair.Base == nil || len(infra.Exceptions(pair.Base)) == 0 {
		p.Report(now[0], manifest.Subject{Class: "exception"}, "%s %q frees from policies what they refuse", pair.Head.Kind, pair.Head.Name)
		return
	}
	was, is := pair.Base.Root.Get("spec"), pair.Head.Root.Get("spec")
	widened := func(at manifest.Node) {
		p.Report(at, manifest.Subject{Class: "exception " + at.Path()}, "%s %q frees more from policies than before: %s", pair.Head.Kind, pair.Head.Name, what(at))
	}
	for _, list := range []string{"exceptions", "policyRefs"} { // what is not enforced
		if at, more := infra.Freed(was.Get(list), is.Get(list)); more {
			widened(at)
		}
	}
	for _, filter := range []string{"match", "conditions", "matchConditions", "podSecurity"} { // on what
		before, at := was.Get(filter), is.Get(filter)
		if _, more := infra.Narrower(at, before); more || at.Unknown() && !before.Unknown() {
			if !at.Exists() {
				at = is
			}
			widened(at)
		}
	}
}

// weakened reports each way in which a guard does less than it did.
func (p *Pass) weakened(was, is infra.Guard) {
	if is.Force < was.Force || is.ForceAt.Unknown() && !was.ForceAt.Unknown() {
		at := is.ForceAt
		if !at.Exists() && was.ForceAt.Exists() {
			at = was.ForceAt
		}
		p.Report(at, manifest.Subject{Class: was.Key + " " + is.Force.String()}, "%s now %s what it %s; a guard is expected to stay as it is", is.Of, is.Force, verb(was.Force))
	}
	if !was.Open && (is.Open || is.OpenAt.Unknown() && !was.OpenAt.Unknown()) {
		p.Report(is.OpenAt, manifest.Subject{Class: was.Key + " open"}, "%s lets in now what it cannot judge (%s); refusing is expected", is.Of, is.OpenAt.Path())
	}
	for i := range was.Filters {
		if at, less := infra.Narrower(was.Filters[i], is.Filters[i]); less {
			p.narrowed(was, is, at)
		}
	}
	for i := range was.Lists {
		if at, less := infra.Narrower(was.Lists[i], is.Lists[i]); less || was.Lists[i].Len() > 0 && is.Lists[i].Len() == 0 && !is.Lists[i].Unknown() {
			if !less {
				at = was.Lists[i]
			}
			p.narrowed(was, is, at)
		}
	}
	for i := range was.Exempt {
		if at, freed := infra.Freed(was.Exempt[i], is.Exempt[i]); freed {
			p.Report(at, manifest.Subject{Class: was.Key + " exempt " + at.Path()}, "%s lets more pass than before: %s", is.Of, what(at))
		}
	}
	for i := range was.Demands {
		if at, gone := infra.Dropped(was.Demands[i], is.Demands[i]); gone {
			p.Report(at, manifest.Subject{Class: was.Key + " demand " + at.Path()}, "%s demands less than before: %s", is.Of, what(at))
		}
	}
}

func (p *Pass) narrowed(was, is infra.Guard, at manifest.Node) {
	p.Report(at, manifest.Subject{Class: was.Key + " scope " + at.Path()}, "%s is about less than before: %s", is.Of, what(at))
}

// what is a place for people: its value where that is short.
func what(at manifest.Node) string {
	if text := at.Text(); text != "" && len(text) < 60 {
		return at.Path() + " is " + text
	}
	return at.Path()
}
