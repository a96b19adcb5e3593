package delta

import (
	"cmp"
	"slices"

	"github.com/rendergate/rendergate/checks"
	"github.com/rendergate/rendergate/render/manifest"
)

// Comparison is what two sets of findings over matched objects have to do with
// each other. Kept holds head's findings; KeptBase, at the same index, the
// finding of base that each goes back to, which may be a wider one.
type Comparison struct {
	New, Kept, Fixed []checks.Finding
	KeptBase         []checks.Finding

	exact bool // what base has of another class covers nothing
}

// Compare compares findings inside matched pairs, as multisets of (check,
// subject): a fix in one object or container never hides a new occurrence in
// another.
func Compare(pairs []Pair, base, head []checks.Finding) Comparison {
	return compare(pairs, base, head, Comparison{})
}

// Exactly compares as Compare does, except that a finding is only what base has
// of the very same class: whether it is gone, not whether it is any news.
func Exactly(pairs []Pair, base, head []checks.Finding) Comparison {
	return compare(pairs, base, head, Comparison{exact: true})
}

func compare(pairs []Pair, base, head []checks.Finding, c Comparison) Comparison {
	baseOf, headOf := byObject(base), byObject(head)
	for _, pair := range slices.Concat(pairs, strangers(pairs, base, head)) {
		c.comparePair(pair, baseOf[pair.Base], headOf[pair.Head])
	}
	// Findings without an object have no pair to be compared in.
	c.comparePair(Pair{}, baseOf[nil], headOf[nil])
	c.share(base, head)
	return c
}

// strangers are the objects in no pair that findings are about, matched: a check
// that asks what else is deployed may point at what another target has.
func strangers(pairs []Pair, base, head []checks.Finding) []Pair {
	known := map[*manifest.Object]bool{nil: true}
	for _, pair := range pairs {
		known[pair.Base], known[pair.Head] = true, true
	}
	others := func(findings []checks.Finding) (all []*manifest.Object) {
		for _, f := range findings {
			if o := f.Node.Object(); !known[o] && !slices.Contains(all, o) {
				all = append(all, o)
			}
		}
		return all
	}
	return Match(others(base), others(head), nil)
}

// shared names a finding by what several objects have in common; empty for what is
// its object's alone.
func shared(f checks.Finding) string {
	if f.Check.Shared == nil || f.Doubt != checks.Certain {
		return ""
	}
	name := f.Check.Shared(f)
	if name == "" {
		return ""
	}
	return f.Check.ID + "\x00" + name + "\x00" + f.Subject.Class
}

// share looks through the whole target for what several objects have in common: it
// is neither new where another object had it, nor fixed where another has it still.
func (c *Comparison) share(base, head []checks.Finding) {
	was, is := map[string]checks.Finding{}, map[string]bool{}
	for _, f := range base {
		was[shared(f)] = f
	}
	for _, f := range head {
		is[shared(f)] = true
	}
	all := c.New
	c.New = nil
	for _, f := range all {
		if before, had := was[shared(f)]; had && shared(f) != "" {
			c.keep(f, before)
			continue
		}
		c.New = append(c.New, f)
	}
	c.Fixed = slices.DeleteFunc(c.Fixed, func(f checks.Finding) bool { return shared(f) != "" && is[shared(f)] })
}

func byObject(findings []checks.Finding) map[*manifest.Object][]checks.Finding {
	grouped := map[*manifest.Object][]checks.Finding{}
	for _, f := range findings {
		o := f.Node.Object()
		grouped[o] = append(grouped[o], f)
	}
	return grouped
}

// weakness is what a finding is compared by inside a pair, in head's words.
type weakness struct {
	check, container, class string
}

func weaknessOf(f checks.Finding) weakness {
	return weakness{f.Check.ID, f.Subject.Container, f.Subject.Class}
}

// anyClass is the check and the container alone.
func (w weakness) anyClass() weakness { return weakness{check: w.check, container: w.container} }

// renamed are what head calls the pods and containers of base.
type renamed map[string]string

// weakness is that of a finding of base.
func (r renamed) weakness(f checks.Finding) weakness {
	w := weaknessOf(f)
	if to, known := r[w.container]; known {
		w.container = to
	}
	return w
}

func (c *Comparison) comparePair(pair Pair, base, head []checks.Finding) {
	if pair.Base == nil && pair.Head != nil {
		base = nil
	}
	if pair.Head == nil && pair.Base != nil {
		head = nil
	}
	names := containerNames(pair)
	base, head, doubted := c.compareDoubts(pair, names, base, head)
	waiting := map[weakness][]checks.Finding{}
	before := map[weakness][]checks.Finding{} // of any class
	for _, f := range base {
		w := names.weakness(f)
		waiting[w] = append(waiting[w], f)
		before[w.anyClass()] = append(before[w.anyClass()], f)
	}
	var open []checks.Finding
	for _, f := range head {
		w := weaknessOf(f)
		if found := waiting[w]; len(found) > 0 {
			c.keep(f, found[0])
			waiting[w] = found[1:]
			continue
		}
		open = append(open, f)
	}
	gone := map[weakness][]checks.Finding{}
	for _, f := range base {
		if w := names.weakness(f); len(waiting[w]) > 0 {
			gone[w.anyClass()] = append(gone[w.anyClass()], f)
		}
	}
	for _, f := range open {
		known := slices.Clone(before[weaknessOf(f).anyClass()])
		for _, worse := range f.Check.Within {
			known = append(known, gone[weakness{check: worse, container: f.Subject.Container}]...)
		}
		if wider, covered := covering(known, f); covered && !c.exact {
			c.keep(f, wider)
			continue
		}
		c.New = append(c.New, f)
	}
	for _, f := range base {
		w := names.weakness(f)
		if found := waiting[w]; len(found) > 0 && !doubted[w.anyClass()] {
			c.Fixed = append(c.Fixed, found[0])
			waiting[w] = found[1:]
		}
	}
}

// covering is the finding of base that a finding of head is a narrower form of: one
// that covers it alone, else the first of those that do together.
func covering(known []checks.Finding, f checks.Finding) (wider checks.Finding, covered bool) {
	if f.Check.Covers == nil || len(known) == 0 {
		return wider, false
	}
	var classes []string
	for _, b := range known {
		classes = append(classes, b.Subject.Class)
	}
	if !f.Check.Covers(classes, f.Subject.Class) {
		return wider, false
	}
	alone := slices.IndexFunc(classes, func(class string) bool { return f.Check.Covers([]string{class}, f.Subject.Class) })
	return known[max(0, alone)], true
}

func (c *Comparison) keep(head, base checks.Finding) {
	c.Kept = append(c.Kept, head)
	c.KeptBase = append(c.KeptBase, base)
}

// compareDoubts deals with what one side or both could not prove, and returns
// the findings that are certain. What base had proved safe and nobody knows at
// head is new, one step lower, once a check and container. What was weak and cannot be known any more is
// not fixed: doubted are the weaknesses, of any class, that head does not know.
func (c *Comparison) compareDoubts(pair Pair, names renamed, base, head []checks.Finding) (surelyBase, surelyHead []checks.Finding, doubted map[weakness]bool) {
	certain := func(f checks.Finding) bool { return f.Doubt == checks.Certain }
	surelyBase, surelyHead = filter(base, certain), filter(head, certain)
	asked := askedAt(base, surelyHead, names)
	doubted = map[weakness]bool{}
	var elsewhere []checks.Finding
	for _, f := range head {
		if certain(f) {
			continue
		}
		w := weaknessOf(f).anyClass()
		doubted[w] = true
		if i := slices.Index(asked[w], f.Field); i >= 0 {
			asked[w] = slices.Delete(asked[w], i, i+1)
			continue
		}
		elsewhere = append(elsewhere, f)
	}
	if pair.Base == nil {
		return surelyBase, surelyHead, doubted
	}
	// What may have moved is the mildest, so that what is told is the gravest.
	slices.SortStableFunc(elsewhere, func(a, b checks.Finding) int { return cmp.Compare(a.Severity, b.Severity) })
	left := slices.DeleteFunc(elsewhere, func(f checks.Finding) bool {
		w := weaknessOf(f).anyClass()
		moved := len(asked[w]) > 0
		asked[w] = asked[w][min(1, len(asked[w])):]
		return moved
	})
	slices.SortStableFunc(left, func(a, b checks.Finding) int { return cmp.Compare(b.Severity, a.Severity) })
	told := map[weakness]bool{}
	for _, f := range left {
		if w := weaknessOf(f).anyClass(); !told[w] {
			told[w] = true
			c.New = append(c.New, f.Unproved())
		}
	}
	return surelyBase, surelyHead, doubted
}

func filter(all []checks.Finding, keep func(checks.Finding) bool) (kept []checks.Finding) {
	for _, f := range all {
		if keep(f) {
			kept = append(kept, f)
		}
	}
	return kept
}

// askedAt are the fields that base could not prove safe either, without those
// of findings that head surely has as well: they say nothing of other fields.
func askedAt(base, surelyHead []checks.Finding, names renamed) map[weakness][]string {
	still := map[weakness]int{}
	for _, f := range surelyHead {
		still[weaknessOf(f)]++
	}
	asked := map[weakness][]string{}
	for _, f := range base {
		w := names.weakness(f)
		if f.Doubt == checks.Certain && still[w] > 0 {
			still[w]--
			continue
		}
		asked[w.anyClass()] = append(asked[w.anyClass()], f.Field)
	}
	return asked
}
