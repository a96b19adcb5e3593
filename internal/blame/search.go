package blame

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/rendergate/rendergate/checks"
)

// causes searches with the same probes for all findings. First the lines that
// the render was traced to, and dependencies that changed; then from files to
// hunks to lines: where taking a part of the change back renders, then, for
// what is still unexplained, also inside parts that only render as a whole.
func (b *blamer) causes(open []int) map[int][]cause {
	found := map[int][]cause{}
	b.alongBumps(open, found)
	b.alongTraces(unsettled(open, found), found)
	for _, deeper := range []bool{false, true} {
		left := unsettled(open, found)
		if len(left) == 0 {
			break
		}
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

func unsettled(open []int, found map[int][]cause) []int {
	return slices.DeleteFunc(slices.Clone(open), func(i int) bool { return slices.ContainsFunc(found[i], cause.settles) })
}

// settles says that there is nothing better to find: the line that wrote the
// field, or one that nothing else hangs on.
func (c cause) settles() bool {
	return !c.set && !c.gate && (c.traced || c.edit.level() == 0 && c.collateral == 0)
}

func both(a, b []int) []int {
	return slices.DeleteFunc(slices.Clone(a), func(i int) bool { return !slices.Contains(b, i) })
}

// within narrows a file's blame for some findings down to hunks and lines.
// What does not render without the whole file may still render without a part
// of it.
func (b *blamer) within(name string, whole edit, suspects []int, deeper bool, found map[int][]cause) {
	s := b.files[name]
	_, renders := b.fixed(whole)
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
		found[i] = append(found[i], b.caused(i, whole))
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
		// The line beside which something is missing is not yet the one that took it away.
		if at, traced := b.pointed(i, e); traced && renders && !at.missing {
			found[i] = b.caused(i, e) // the line is known already
		} else if line, ok := b.narrow(i, s, index); ok {
			found[i] = line
		} else if renders {
			found[i] = b.caused(i, e)
		}
	}
	return found
}

// caused is an edit that takes a finding away, as a cause of it.
func (b *blamer) caused(i int, e edit) cause {
	_, traced := b.pointed(i, e)
	fixed, _ := b.fixed(e)
	return cause{edit: e, collateral: len(fixed) - 1, gate: b.opens(i, e), traced: traced}
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
		c := b.caused(i, e)
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
