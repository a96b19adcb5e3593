package blame

import (
	"maps"
	"slices"
)

// causes searches from files to hunks to lines, with the same probes for all
// findings.
func (b *blamer) causes(open []int) map[int][]cause {
	found := map[int][]cause{}
	unsolved := map[int]bool{}
	for _, i := range open {
		unsolved[i] = true
	}
	for _, name := range slices.Sorted(maps.Keys(b.files)) {
		whole := wholeEdit(b.files[name].diff)
		solved := b.among(b.fixed(whole), unsolved)
		if len(solved) > 0 {
			b.within(name, whole, solved, found)
		}
	}
	for _, i := range open {
		if len(found[i]) == 0 {
			found[i] = b.together(i)
		}
	}
	return found
}

func (b *blamer) among(fixed []int, wanted map[int]bool) []int {
	return slices.DeleteFunc(slices.Clone(fixed), func(i int) bool { return !wanted[i] })
}

// within narrows a file's blame for some findings down to hunks and lines.
func (b *blamer) within(name string, whole edit, findings []int, found map[int][]cause) {
	s := b.files[name]
	narrowed := map[int]bool{}
	if s.diff.NewPath != "" && !s.diff.Binary {
		wanted := map[int]bool{}
		for _, i := range findings {
			wanted[i] = true
		}
		for index := range s.diff.Hunks {
			e := hunkEdit(s.diff, index, s.base)
			fixed := b.fixed(e)
			if len(s.diff.Hunks) == 1 && s.diff.OldPath == "" {
				fixed = b.fixed(whole) // the only hunk of a new file is the file
			}
			hit := b.among(fixed, wanted)
			for _, i := range hit {
				narrowed[i] = true
				found[i] = append(found[i], b.narrow(i, s, index, cause{edit: e, collateral: len(fixed) - 1}))
			}
		}
	}
	for _, i := range findings {
		if !narrowed[i] {
			found[i] = append(found[i], cause{edit: whole, collateral: len(b.fixed(whole)) - 1})
		}
	}
}

// narrow looks for the line of a hunk that is to blame: the one that takes the
// finding with it and the fewest others.
func (b *blamer) narrow(i int, s source, index int, best cause) cause {
	lines := 0
	for _, e := range lineEdits(s.diff, index, s.base, s.head) {
		fixed := b.fixed(e)
		if !slices.Contains(fixed, i) {
			continue
		}
		c := cause{edit: e, collateral: len(fixed) - 1}
		closer := c.collateral == best.collateral && c.edit.size() < best.edit.size()
		if lines == 0 || c.collateral < best.collateral || closer {
			best = c
		}
		lines++
		if c.collateral == 0 && !e.block {
			break
		}
	}
	return best
}

// maxTogether bounds the parts that are tried in combination.
const maxTogether = 40

// together finds a minimal set of hunks that cause a finding only jointly:
// each of them must stay reverted for the finding to stay away.
func (b *blamer) together(i int) []cause {
	var parts []edit
	for _, name := range slices.Sorted(maps.Keys(b.files)) {
		s := b.files[name]
		if s.diff.NewPath == "" || s.diff.OldPath == "" || s.diff.Binary {
			parts = append(parts, wholeEdit(s.diff))
			continue
		}
		for index := range s.diff.Hunks {
			parts = append(parts, hunkEdit(s.diff, index, s.base))
		}
	}
	if len(parts) < 2 || len(parts) > maxTogether || !slices.Contains(b.fixed(parts...), i) {
		return nil
	}
	for at := 0; at < len(parts) && len(parts) > 1; {
		without := slices.Delete(slices.Clone(parts), at, at+1)
		if slices.Contains(b.fixed(without...), i) {
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
