package gate

import (
	"context"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/rendergate/rendergate/internal/delta"
	"github.com/rendergate/rendergate/internal/report"
	"github.com/rendergate/rendergate/render"
	"github.com/rendergate/rendergate/render/manifest"
)

// bump is a dependency of a target that the change moves to another version. What
// it brings is what base finds with the bump alone: neither where an object comes
// from nor where blame points decides that, so that nobody's own change passes
// for somebody else's.
type bump struct {
	was, now render.Part
	places   []report.Location // where the change names the new version
	unknown  string            // why nobody can say what it brings
	objects  []delta.Pair      // of base, and of base with the bump alone
	fixed    int

	unvouched bool // it is a copy of the repository's own that nobody compared
}

// mostAlone bounds the bumps of one target that are looked at one by one.
const mostAlone = 8

// bumps finds out which findings the bumps of each target bring.
func (r *run) bumps(ctx context.Context, targets []*target, out *outcome) {
	if r.options.Scan {
		return
	}
	of := map[*target][]*stated{}
	for i := range out.findings {
		s := &out.findings[i]
		of[s.target] = append(of[s.target], s)
	}
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for _, t := range targets {
		if !t.affected || t.base == nil || t.head == nil {
			continue
		}
		if t.bumps = bumpsOf(t.baseSide.result, t.headSide.result); len(t.bumps) == 0 {
			continue
		}
		group.Go(func() error {
			r.attribute(ctx, t, of[t])
			return nil
		})
	}
	// What cannot be looked at is said by the bump itself, so the group has no error.
	if err := group.Wait(); err != nil {
		panic(err)
	}
}

// attribute tells each finding of a target which bump alone brings it.
func (r *run) attribute(ctx context.Context, t *target, findings []*stated) {
	inputs := map[string]bool{}
	for name := range revertible(r.change.Head, t.head) {
		inputs[name] = true
	}
	for name := range revertible(r.change.Base, t.base) {
		inputs[name] = true
	}
	whole := len(t.bumps) == 1 && len(r.judge.with[t.id].touched) == 0 && sameDescription(*t.base, *t.head)
	for i, b := range t.bumps {
		files, rest := b.alone(r.change, inputs)
		switch {
		case b.unknown != "":
		case !t.baseSide.rendered() || !t.headSide.rendered():
			b.unknown = "a side of the target does not render"
		case i >= mostAlone:
			b.unknown = "too many dependencies change at once to tell what each brings"
		case whole && !rest:
			b.objects = delta.Match(t.baseSide.result.Judged(), t.headSide.result.Judged(), r.renames())
			for _, s := range findings {
				b.takes(s)
			}
		default:
			b.unknown = r.judge.apart(ctx, r, t, b, files, findings)
		}
	}
}

// takes makes a finding one of the bump's.
func (b *bump) takes(s *stated) {
	switch {
	case s.state == report.New && s.bump == nil:
		s.bump = b
	case s.state == report.Fixed:
		b.fixed++
	}
}

func (r *run) renames() delta.Renames { return delta.Renames(r.change.Renames()) }

// apart judges base with a bump alone. It returns why it cannot, where it
// cannot; then no finding is the bump's, and each is held against what the
// repository's own are.
func (j judge) apart(ctx context.Context, r *run, t *target, b *bump, files map[string][]byte, findings []*stated) string {
	if len(files) == 0 {
		return "what names the new version cannot be told from the rest of the change"
	}
	j.supply = j.supply.known()
	j.with = map[string]company{t.id: {base: j.with[t.id].base, head: j.with[t.id].base}}
	alone := j.look(ctx, held(r.change, []*target{t}).With(files), t.id, t.base)
	switch {
	case !alone.rendered():
		return "without the rest of the change the target does not render"
	case !slices.ContainsFunc(outsideParts(alone.result), b.is):
		return "what names the new version cannot be told from the rest of the change"
	}
	before, now := t.baseSide.result.Judged(), alone.result.Judged()
	b.objects = delta.Match(before, now, r.renames())
	compared := delta.Compare(b.objects, t.baseSide.findings, alone.findings)
	brought, err := j.brought(t, t.before, now, r.renames())
	if err != nil {
		return err.Error()
	}
	is := map[string]bool{}
	for _, f := range slices.Concat(compared.New, brought, compared.Fixed) {
		is[weaknessIn(t, f)] = true
	}
	for _, s := range findings {
		if is[weaknessIn(t, s.Finding)] {
			b.takes(s)
		}
	}
	return ""
}

// sameDescription says that two sides of a target are described alike, but for
// where a release was declared.
func sameDescription(a, b render.Target) bool {
	if (a.Declared == nil) != (b.Declared == nil) {
		return false
	}
	if a.Declared != nil && !sameDescription(a.Declared.In, b.Declared.In) {
		return false
	}
	a.Declared, b.Declared, a.Repository, b.Repository = nil, nil, nil, nil
	return reflect.DeepEqual(a, b)
}

// is says that a part is the bump's, in its new version.
func (b *bump) is(p render.Part) bool {
	return partKey(p) == partKey(b.now) && p.Version == b.now.Version
}

// bumpsOf are the dependencies that both sides have in different versions. What
// a bumped dependency brings along of its own is part of it.
func bumpsOf(base, head *render.Result) []*bump {
	before, all := outsideParts(base), []*bump{}
	for _, now := range outsideParts(head) {
		i := slices.IndexFunc(before, func(p render.Part) bool { return partKey(p) == partKey(now) })
		if i < 0 || versionOf(before[i]) == versionOf(now) || slices.ContainsFunc(all, func(b *bump) bool { return partKey(b.now) == partKey(now) }) {
			continue
		}
		b := &bump{was: before[i], now: now}
		switch {
		case lacking(head, now):
			b.unknown = "the new version could not be had"
		case lacking(base, before[i]):
			b.unknown = "the old version could not be had"
		}
		all = append(all, b)
	}
	return slices.DeleteFunc(all, func(b *bump) bool {
		return slices.ContainsFunc(all, func(outer *bump) bool { return outer != b && outer.now.Name == b.now.Parent })
	})
}

// outsideParts are the parts of a target that are made elsewhere, rendered or
// missing.
func outsideParts(r *render.Result) []render.Part {
	if r == nil {
		return nil
	}
	var all []render.Part
	for _, p := range r.Parts {
		if p.Outside() {
			all = append(all, p)
		}
	}
	for _, m := range r.Missing {
		all = append(all, render.Part{Kind: m.Kind, Parent: m.Parent, Name: m.Name, Version: m.Version, Wanted: m.Version, Repository: m.Repository})
	}
	return all
}

func lacking(r *render.Result, p render.Part) bool {
	return slices.ContainsFunc(r.Missing, func(m render.Missing) bool {
		return m.Kind == p.Kind && m.Parent == p.Parent && m.Name == p.Name && m.Version == p.Version
	})
}

// versionPart is where the address of a single file names its version.
var versionPart = regexp.MustCompile(`/v?\d+\.\d+[^/]*/`)

// partKey tells the parts of a target apart, whatever their version.
func partKey(p render.Part) string {
	return strings.Join([]string{string(p.Kind), p.Parent, versionPart.ReplaceAllString(p.Name, "/…/")}, "\x00")
}

// versionOf is a part's version; that of a file may stand in its address.
func versionOf(p render.Part) string {
	if p.Version == "" && p.Kind == render.MissingBase {
		return strings.Trim(versionPart.FindString(p.Name), "/")
	}
	return p.Version
}

// label is a bump as people know it.
func (b *bump) label() string {
	return b.name() + " " + orNothing(versionOf(b.was)) + " → " + orNothing(versionOf(b.now))
}

func (b *bump) name() string { return versionPart.ReplaceAllString(b.now.Name, "/…/") }

func orNothing(version string) string {
	if version == "" {
		return "(none)"
	}
	return version
}

// servedBy are the versions of their own kinds that objects have the API server
// serve.
func servedBy(objects []*manifest.Object) map[string]bool {
	served := map[string]bool{}
	for _, o := range objects {
		if o.GroupKind() != "apiextensions.k8s.io/CustomResourceDefinition" {
			continue
		}
		spec := o.Root.Get("spec")
		for v := range spec.Get("versions").Items() {
			if !v.Get("served").IsFalse() {
				served[spec.Get("group").Text()+"/"+v.Get("name").Text()+" "+spec.Get("names", "kind").Text()] = true
			}
		}
	}
	return served
}
