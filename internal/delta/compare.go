package delta

import (
	"slices"

	"github.com/rendergate/rendergate/checks"
	"github.com/rendergate/rendergate/render/manifest"
)

// Comparison is what two sets of findings over matched objects have to do with
// each other. Kept holds head's findings; KeptBase, at the same index, the
// finding of base that each goes back to.
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
	for _, pair := range pairs {
		c.comparePair(pair, baseOf[pair.Base], headOf[pair.Head])
	}
	// Findings without an object have no pair to be compared in.
	c.comparePair(Pair{}, baseOf[nil], headOf[nil])
	c.share(base, head)
	return c
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
	classes := map[weakness][]string{}
	for _, f := range base {
		w := weakness{f.Check.ID, f.Subject.Container, f.Subject.Class}
		if to, known := names[w.container]; known {
			w.container = to
		}
		waiting[w] = append(waiting[w], f)
		place := weakness{check: w.check, container: w.container}
		classes[place] = append(classes[place], w.class)
	}
	var open []checks.Finding
	for _, f := range head {
		w := weakness{f.Check.ID, f.Subject.Container, f.Subject.Class}
		if found := waiting[w]; len(found) > 0 {
			c.keep(f, found[0])
			waiting[w] = found[1:]
			continue
		}
		open = append(open, f)
	}
	gone := map[weakness][]string{}
	for w, left := range waiting {
		if len(left) > 0 {
			place := weakness{check: w.check, container: w.container}
			gone[place] = append(gone[place], w.class)
		}
	}
	for _, f := range open {
		known := slices.Clone(classes[weakness{check: f.Check.ID, container: f.Subject.Container}])
		for _, worse := range f.Check.Within {
			known = append(known, gone[weakness{check: worse, container: f.Subject.Container}]...)
		}
		if !c.exact && f.Check.Covers != nil && len(known) > 0 && f.Check.Covers(known, f.Subject.Class) {
			c.keep(f, f)
			continue
		}
		c.New = append(c.New, f)
	}
	for _, f := range base {
		w := weakness{f.Check.ID, f.Subject.Container, f.Subject.Class}
		if to, known := names[w.container]; known {
			w.container = to
		}
		if found := waiting[w]; len(found) > 0 && !doubted[weakness{check: w.check, container: w.container}] {
			c.Fixed = append(c.Fixed, found[0])
			waiting[w] = found[1:]
		}
	}
}

func (c *Comparison) keep(head, base checks.Finding) {
	c.Kept = append(c.Kept, head)
	c.KeptBase = append(c.KeptBase, base)
}

// compareDoubts deals with what one side or both could not prove, and returns
// the findings that are certain. What base had proved safe and nobody knows at
// head is new, one step lower, once a check and container. What was weak and cannot be known any more is
// not fixed: doubted are the weaknesses, of any class, that head does not know.
func (c *Comparison) compareDoubts(pair Pair, names map[string]string, base, head []checks.Finding) (surelyBase, surelyHead []checks.Finding, doubted map[weakness]bool) {
	for _, f := range head {
		if f.Doubt == checks.Certain {
			surelyHead = append(surelyHead, f)
		}
	}
	asked := askedAt(base, surelyHead, names)
	doubted = map[weakness]bool{}
	var elsewhere []checks.Finding
	for _, f := range head {
		if f.Doubt == checks.Certain {
			continue
		}
		w := weakness{check: f.Check.ID, container: f.Subject.Container}
		doubted[w] = true
		if i := slices.Index(asked[w], f.Field); i >= 0 {
			asked[w] = slices.Delete(asked[w], i, i+1)
			continue
		}
		elsewhere = append(elsewhere, f)
	}
	told := map[weakness]bool{}
	for _, f := range elsewhere {
		w := weakness{check: f.Check.ID, container: f.Subject.Container}
		switch {
		case len(asked[w]) > 0: // it may have moved there
			asked[w] = asked[w][1:]
		case !told[w] && pair.Base != nil:
			told[w] = true
			c.New = append(c.New, f.Unproved())
		}
	}
	for _, f := range base {
		if f.Doubt == checks.Certain {
			surelyBase = append(surelyBase, f)
		}
	}
	return surelyBase, surelyHead, doubted
}

// askedAt are the fields that base could not prove safe either, without those
// of findings that head surely has as well: they say nothing of other fields.
func askedAt(base, surelyHead []checks.Finding, names map[string]string) map[weakness][]string {
	still := map[weakness]int{}
	for _, f := range surelyHead {
		still[weakness{f.Check.ID, f.Subject.Container, f.Subject.Class}]++
	}
	asked := map[weakness][]string{}
	for _, f := range base {
		w := weakness{f.Check.ID, f.Subject.Container, f.Subject.Class}
		if to, known := names[w.container]; known {
			w.container = to
		}
		if f.Doubt == checks.Certain && still[w] > 0 {
			still[w]--
			continue
		}
		w.class = ""
		asked[w] = append(asked[w], f.Field)
	}
	return asked
}
