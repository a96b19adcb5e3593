package blame

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/rendergate/rendergate/checks"
)

// causes searches from files to hunks to lines, with the same probes for all
// findings: first where taking a part of the change back renders, then, for
// what is still unexplained, also inside parts that only render as a whole.
func (b *blamer) causes(open []int) map[int][]cause {
	found := map[int][]cause{}
	for _, deeper := range []bool{false, true} {
		left := slices.DeleteFunc(slices.Clone(open), func(i int) bool { return slices.ContainsFunc(found[i], cause.sharp) })
		for _, name := range slices.Sorted(maps.Keys(b.files)) {
			whole := wholeEdit(b.files[name].diff)
			fixed, renders := b.fixed(whole)
			switch suspects := both(left, fixed); {
			case !deeper && len(suspects) > 0:
				b.within(name, whole, suspects, deeper, found)
			case deeper && !renders:
				b.within(name, whole, left, deeper, found)
			}
		}
		for _, i := range left {
			if len(found[i]) == 0 {
				found[i] = b.together(i, b.parts())
			}
		}
	}
	return found
}

// sharp says that there is nothing better to find.
func (c cause) sharp() bool { return c.edit.level() == 0 && c.collateral == 0 && !c.set }

func both(a, b []int) []int {
	return slices.DeleteFunc(slices.Clone(a), func(i int) bool { return !slices.Contains(b, i) })
}

// within narrows a file's blame for some findings down to hunks and lines.
// What does not render without the whole file may still render without a part
// of it.
func (b *blamer) within(name string, whole edit, suspects []int, deeper bool, found map[int][]cause) {
	s := b.files[name]
	fixed, renders := b.fixed(whole)
	narrowed := map[int]bool{}
	if s.diff.NewPath != "" && !s.diff.Binary {
		for index := range s.diff.Hunks {
			for i, c := range b.hunk(s, index, suspects, deeper) {
				narrowed[i] = true
				found[i] = append(found[i], c)
			}
		}
	}
	for _, i := range suspects {
		if narrowed[i] || !renders {
			continue
		}
		if set := b.together(i, hunks(s)); len(set) > 0 {
			found[i] = append(found[i], set...)
			continue
		}
		found[i] = append(found[i], cause{edit: whole, collateral: len(fixed) - 1})
	}
}

// hunk finds the findings that a hunk is to blame for, and the line of it.
func (b *blamer) hunk(s source, index int, suspects []int, deeper bool) map[int]cause {
	e := hunkEdit(s.diff, index, s.base)
	fixed, renders := b.fixed(e)
	if len(s.diff.Hunks) == 1 && s.diff.OldPath == "" {
		e = wholeEdit(s.diff) // the only hunk of a new file is the file
		fixed, renders = b.fixed(e)
	}
	found := map[int]cause{}
	for _, i := range suspects {
		if renders && !slices.Contains(fixed, i) || !renders && !deeper {
			continue
		}
		if line, ok := b.narrow(i, s, index); ok {
			found[i] = line
		} else if renders {
			found[i] = cause{edit: e, collateral: len(fixed) - 1}
		}
	}
	return found
}

// narrow looks for the line of a hunk that is to blame: the one that takes the
// finding with it and the fewest others, and among equals the one that speaks
// of the same thing, then the one that takes the least text along.
func (b *blamer) narrow(i int, s source, index int) (best cause, ok bool) {
	rank := func(c cause) (int, int, int) {
		silent := 1
		if c.edit.mentions(b.Findings[i], s) {
			silent = 0
		}
		return c.collateral, silent, c.edit.size()
	}
	for _, e := range lineEdits(s.diff, index, s.base, s.head) {
		fixed, _ := b.fixed(e)
		if !slices.Contains(fixed, i) {
			continue
		}
		c := cause{edit: e, collateral: len(fixed) - 1}
		if ok {
			c1, s1, n1 := rank(c)
			c2, s2, n2 := rank(best)
			if cmp.Or(cmp.Compare(c1, c2), cmp.Compare(s1, s2), cmp.Compare(n1, n2)) >= 0 {
				continue
			}
		}
		best, ok = c, true
		if c.collateral == 0 && !e.block && e.mentions(b.Findings[i], s) {
			break
		}
	}
	return best, ok
}

// mentions says that the edit's first line names the field or the value that
// the finding is about.
func (e edit) mentions(f checks.Finding, s source) bool {
	line := ""
	switch {
	case e.added[0] > 0:
		line = s.head[e.added[0]-1]
	case len(e.lines) > 0:
		line = e.lines[0]
	}
	field := f.Field[strings.LastIndex(f.Field, ".")+1:]
	for _, word := range []string{field, f.Subject.Class, f.Node.Text()} {
		if len(word) > 2 && strings.Contains(line, word) {
			return true
		}
	}
	return false
}

// maxTogether bounds the parts that are tried in combination.
const maxTogether = 64

// parts are the hunks of all files.
func (b *blamer) parts() []edit {
	var all []edit
	for _, name := range slices.Sorted(maps.Keys(b.files)) {
		all = append(all, hunks(b.files[name])...)
	}
	return all
}

// hunks are a file's hunks, or the file where it has none to revert.
func hunks(s source) []edit {
	if s.diff.NewPath == "" || s.diff.OldPath == "" || s.diff.Binary || len(s.diff.Hunks) == 0 {
		return []edit{wholeEdit(s.diff)}
	}
	var all []edit
	for index := range s.diff.Hunks {
		all = append(all, hunkEdit(s.diff, index, s.base))
	}
	return all
}

// together finds a minimal set of parts that cause a finding only jointly:
// each of them must stay reverted for the finding to stay away.
func (b *blamer) together(i int, parts []edit) []cause {
	gone := func(parts []edit) bool {
		fixed, _ := b.fixed(parts...)
		return slices.Contains(fixed, i)
	}
	if len(parts) < 2 || len(parts) > maxTogether || !gone(parts) {
		return nil
	}
	for at := 0; at < len(parts) && len(parts) > 1; {
		if without := slices.Delete(slices.Clone(parts), at, at+1); gone(without) {
			parts = without
		} else {
			at++
		}
	}
	var set []cause
	for _, e := range parts {
		set = append(set, cause{edit: e, set: true})
	}
	return set
}
