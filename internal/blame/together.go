package blame

import "slices"

// maxTogether bounds the parts that are tried in combination.
const maxTogether = 256

// together finds a minimal set of parts that cause a finding only jointly:
// each of them must stay reverted for the finding to stay away. Sets that
// explained another finding are tried first, then the parts that the render was
// traced to.
func (b *blamer) together(i int, parts []edit) []cause {
	gone := func(parts []edit) bool {
		fixed, _ := b.fixed(parts...)
		return slices.Contains(fixed, i)
	}
	slices.SortStableFunc(parts, func(x, y edit) int {
		return b.trust(i, x) - b.trust(i, y)
	})
	traced := slices.DeleteFunc(slices.Clone(parts), func(e edit) bool { return b.trust(i, e) == 0 })
	for _, set := range append(slices.Clone(b.sets), traced, parts) {
		if len(set) < 2 || len(set) > maxTogether || !among(set, parts) || !gone(set) {
			continue
		}
		set = minimal(set, gone)
		b.sets = append(b.sets, set)
		var causes []cause
		for _, e := range set {
			_, traced := b.pointed(i, e)
			causes = append(causes, cause{edit: e, set: len(set) > 1, gate: b.opens(i, set...), traced: traced})
		}
		return causes
	}
	return nil
}

func (b *blamer) trust(i int, e edit) int {
	if _, traced := b.pointed(i, e); traced {
		return 1
	}
	return 0
}

func among(set, parts []edit) bool {
	return !slices.ContainsFunc(set, func(e edit) bool {
		return !slices.ContainsFunc(parts, func(p edit) bool {
			return p.path == e.path && p.start == e.start && p.end == e.end && p.whole == e.whole
		})
	})
}

// minimal takes parts out of a set for as long as the rest still does it:
// halves first, then ever smaller pieces. What comes first in the set goes
// first.
func minimal(set []edit, enough func([]edit) bool) []edit {
	for pieces := 2; len(set) > 1; {
		size := (len(set) + pieces - 1) / pieces
		shrunk := false
		for start := 0; start < len(set); start += size {
			rest := slices.Concat(set[:start], set[min(start+size, len(set)):])
			if len(rest) > 0 && enough(rest) {
				set, shrunk = rest, true
				break
			}
		}
		switch {
		case shrunk:
			pieces = max(2, pieces-1)
		case size == 1:
			return set
		default:
			pieces = min(2*pieces, len(set))
		}
	}
	return set
}
