package fix

import "github.com/rendergate/rendergate/render/manifest"

// Proposal is a file's text with some edits made.
type Proposal struct {
	File, Text string
	Made       []bool // which groups of edits it makes
}

// Search tries ways in their order until all edits are made, else it takes the
// one that makes most of them. Try renders what the edits are about with a
// file's text replaced, and tells which groups of edits did what they should,
// and whether nothing else happened; sure asks whoever else reads the file.
type Search struct {
	Ways  []Way
	Edits [][]manifest.Edit
	Try   func(file, text string) (done []bool, clean bool)
	Sure  func(Proposal) bool
	Tries int         // how often Try may be asked
	Over  func() bool // the time for it is up
}

// Best is the proposal that does most of what is wanted and is sure; false
// when none is.
func (s *Search) Best() (Proposal, bool) {
	seen := map[string]bool{}
	var partial []Proposal
	for _, w := range s.Ways {
		if s.Tries <= 0 || s.Over() {
			break
		}
		text, made, err := w.Text(s.Edits)
		if err != nil && text == "" || none(made) || seen[w.File()+"\x00"+text] {
			continue
		}
		seen[w.File()+"\x00"+text] = true
		p, ok := s.narrowed(w, text, made)
		switch {
		case !ok:
		case all(p.Made):
			if s.Sure(p) {
				return p, true
			}
		default:
			partial = append(partial, p)
		}
	}
	for n := len(s.Edits) - 1; n > 0; n-- {
		for _, p := range partial {
			if count(p.Made) == n && s.Sure(p) {
				return p, true
			}
		}
	}
	return Proposal{}, false
}

// narrowed tries a text, and where it does not do all that it should, or more
// than that, the edits of it one after the other.
func (s *Search) narrowed(w Way, text string, made []bool) (Proposal, bool) {
	done, clean := s.ask(w.File(), text)
	good := both(made, done)
	if clean && count(good) == count(made) {
		return Proposal{w.File(), text, good}, true
	}
	if done == nil || none(good) || count(made) < 2 {
		return Proposal{}, false
	}
	if !clean {
		return s.oneByOne(w, good)
	}
	return s.only(w, good)
}

// only makes some of the edits.
func (s *Search) only(w Way, wanted []bool) (Proposal, bool) {
	edits := make([][]manifest.Edit, len(s.Edits))
	for i, take := range wanted {
		if take {
			edits[i] = s.Edits[i]
		}
	}
	text, made, err := w.Text(edits)
	if err != nil || text == "" || count(made) < count(wanted) {
		return Proposal{}, false
	}
	done, clean := s.ask(w.File(), text)
	if !clean || count(both(wanted, done)) < count(wanted) {
		return Proposal{}, false
	}
	return Proposal{w.File(), text, wanted}, true
}

// oneByOne adds edits as long as nothing else happens.
func (s *Search) oneByOne(w Way, candidates []bool) (best Proposal, ok bool) {
	taken := make([]bool, len(candidates))
	for i, candidate := range candidates {
		if !candidate {
			continue
		}
		taken[i] = true
		if p, good := s.only(w, append([]bool(nil), taken...)); good {
			best, ok = p, true
		} else {
			taken[i] = false
		}
	}
	return best, ok
}

func (s *Search) ask(file, text string) ([]bool, bool) {
	if s.Tries <= 0 {
		return nil, false
	}
	s.Tries--
	return s.Try(file, text)
}

func both(a, b []bool) []bool {
	out := make([]bool, len(a))
	for i := range a {
		out[i] = a[i] && i < len(b) && b[i]
	}
	return out
}

func count(set []bool) int {
	n := 0
	for _, s := range set {
		if s {
			n++
		}
	}
	return n
}

func none(set []bool) bool { return count(set) == 0 }
func all(set []bool) bool  { return count(set) == len(set) }
