package reach

import (
	"net/netip"
	"slices"
	"strings"
)

// cut parts both address spaces into ranges that none of the blocks tells apart.
func cut(blocks []block) []Range {
	var prefixes []netip.Prefix
	for _, b := range blocks {
		prefixes = append(append(prefixes, b.whole), b.except...)
	}
	return append(cutSpace(netip.MustParsePrefix("0.0.0.0/0"), prefixes), cutSpace(netip.MustParsePrefix("::/0"), prefixes)...)
}

func cutSpace(space netip.Prefix, prefixes []netip.Prefix) []Range {
	starts := []netip.Addr{space.Addr()}
	for _, p := range prefixes {
		if !p.IsValid() || p.Addr().Is4() != space.Addr().Is4() {
			continue
		}
		starts = append(starts, p.Addr())
		if next := last(p).Next(); next.IsValid() {
			starts = append(starts, next)
		}
	}
	slices.SortFunc(starts, netip.Addr.Compare)
	starts = slices.Compact(starts)
	var all []Range
	for i, from := range starts {
		to := last(space)
		if i+1 < len(starts) {
			to = starts[i+1].Prev()
		}
		all = append(all, Range{from, to})
	}
	return all
}

// last is the last address of a prefix.
func last(p netip.Prefix) netip.Addr {
	bytes := p.Addr().AsSlice()
	for bit := p.Bits(); bit < len(bytes)*8; bit++ {
		bytes[bit/8] |= 1 << (7 - bit%8)
	}
	a, _ := netip.AddrFromSlice(bytes)
	return a
}

// String is the range as CIDRs where few say it, else as from-to.
func (r Range) String() string {
	if all := r.prefixes(); len(all) <= 2 {
		var texts []string
		for _, p := range all {
			texts = append(texts, p.String())
		}
		return strings.Join(texts, ", ")
	}
	return r.From.String() + "-" + r.To.String()
}

// prefixes are the fewest CIDRs that make up the range; at most three of them.
func (r Range) prefixes() []netip.Prefix {
	var all []netip.Prefix
	for from := r.From; len(all) < 3; {
		bits := from.BitLen()
		for bits > 0 {
			wider := netip.PrefixFrom(from, bits-1)
			if wider.Masked().Addr() != from || last(wider).Compare(r.To) > 0 {
				break
			}
			bits--
		}
		p := netip.PrefixFrom(from, bits)
		all = append(all, p)
		if last(p).Compare(r.To) >= 0 {
			break
		}
		from = last(p).Next()
	}
	return all
}
