package engine

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// lineOf says who wrote a line. What stands in its value comes first.
func lineOf(text string, start int, spans []span) Line {
	value := start + valueAt(text)
	l := Line{Text: text}
	cut := func(from, to int) string {
		return strings.Trim(text[min(len(text), max(0, from-start)):max(0, min(len(text), to-start))], " \t\"'{}[],:-#|>")
	}
	rank := func(s span) int {
		switch {
		case s.end > value && cut(max(s.start, value), s.end) != "":
			return 0
		case cut(s.start, s.end) != "":
			return 1
		}
		return 2
	}
	spans = slices.SortedStableFunc(slices.Values(spans), func(a, b span) int { return cmp.Compare(rank(a), rank(b)) })
	for _, s := range spans {
		if s.start < s.end && strings.TrimSpace(text[max(0, s.start-start):min(len(text), s.end-start)]) != "" {
			l.add(s)
		}
	}
	l.Reads = slices.DeleteFunc(l.Reads, func(r Read) bool {
		if !r.switches(text) {
			return false
		}
		l.Conditions = union(&origin{reads: []Read{r}}, &origin{reads: l.Conditions}).reads
		return true
	})
	slices.SortStableFunc(l.Reads, func(a, b Read) int { return cmp.Compare(a.telling(text), b.telling(text)) })
	l.Conditions = slices.DeleteFunc(l.Conditions, func(c Read) bool { return slices.ContainsFunc(l.Reads, c.same) })
	return l
}

// switches says that the value only decided over what was written: it is true
// or false, and does not stand in the line.
func (r Read) switches(text string) bool {
	_, truth := r.value.(bool)
	return truth && !strings.Contains(text, plainText(r.value))
}

// telling ranks a read: the value stands in the line, it may have been made
// into it, or it is only a part of what was read.
func (r Read) telling(text string) int {
	if r.hasParts() {
		return 2
	}
	if shown := plainText(r.value); shown != "" && strings.Contains(text, shown) {
		return 0
	}
	return 1
}

// plainText is a value as templates print it; nothing of what has parts, which
// may contain itself.
func plainText(value any) string {
	switch reflect.ValueOf(value).Kind() {
	case reflect.String, reflect.Bool, reflect.Int, reflect.Int64, reflect.Float64:
		return fmt.Sprint(value)
	}
	return ""
}

// valueAt is where the value of a line begins.
func valueAt(text string) int {
	at := len(text) - len(strings.TrimLeft(text, " -"))
	if colon := strings.Index(text[at:], ": "); colon >= 0 {
		return at + colon + 2
	}
	return at
}

const (
	mostSites    = 16        // of one kind, in one line
	mostSpans    = 4_000_000 // in one render
	mostCompared = 4_000_000 // lines with lines, in one action
)

func (l *Line) add(s span) {
	place, sc := s.from.mark.place, s.from.scope
	for ; place.Template == "" && sc.parent != nil; sc = sc.parent {
		place = sc.site.place
	}
	if s.from.mark.kind == textMark && s.from.mark.place.Template != "" {
		place.Line += s.plus
	}
	l.Wrote = added(l.Wrote, place)
	if s.from.also != nil {
		l.Wrote = added(l.Wrote, s.from.also.place)
	}
	for ; sc.parent != nil && len(l.Calls) < mostSites; sc = sc.parent {
		l.Calls = added(l.Calls, sc.site.place)
	}
	l.Reads = union(&origin{reads: l.Reads}, &origin{reads: s.from.reads}).reads
	conditions := slices.Clone(s.from.around)
	for sc := s.from.scope; sc != nil && len(conditions) < mostReads; sc = sc.parent {
		conditions = append(conditions, sc.around...)
	}
	around := &origin{reads: l.Conditions}
	for _, o := range conditions {
		around.take(o)
		around.take(&origin{reads: o.inside()})
	}
	l.Conditions = around.reads
}

func added(places []Place, p Place) []Place {
	if p.Template == "" || slices.Contains(places, p) || len(places) >= mostSites {
		return places
	}
	return append(places, p)
}

// inside are the reads of the includes that took part.
func (o *origin) inside() []Read {
	all := &origin{}
	for _, ref := range o.calls {
		if r := ref.scope.results[ref.site]; r != nil {
			all.take(&origin{reads: r.reads()})
		}
	}
	return all.reads
}
