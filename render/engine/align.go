package engine

import (
	"slices"
	"strings"
)

// alignment finds the lines of includes in what an action wrote.
type alignment struct {
	frame *tracedFrame
	start int
	text  string
	lines []textLine
	paths [][]string // in the YAML that the text is; nil where it is none
	own   *source
	value *origin
	from  []match
}

// match is a line of an include that stands in a written line, from an offset.
type match struct {
	result *result
	line   textLine
	offset int
}

// align tries whole texts first, since short lines look alike.
func (a *alignment) align(results []*result) {
	lines := make([][]textLine, len(results))
	for i, r := range results {
		lines[i] = slices.DeleteFunc(linesIn(r.text), func(l textLine) bool { return l.text == "" })
		a.whole(r, lines[i])
	}
	for _, r := range results {
		a.byPath(r)
	}
	for i, r := range results {
		a.single(r, lines[i])
	}
	for i, r := range results {
		if len(lines[i]) > 0 {
			a.within(r, lines[i])
		}
	}
}

// unused are the reads of texts that cannot be found again in what was written:
// something was made of them, such as a hash.
func (a *alignment) unused(results []*result) []Read {
	o := &origin{}
	for _, r := range results {
		if !slices.ContainsFunc(a.from, func(m match) bool { return m.result == r }) {
			o.take(&origin{reads: r.reads()})
		}
	}
	return o.reads
}

// reads are those of all that wrote the text, and of what stood around it.
func (r *result) reads() []Read {
	if r.known != nil {
		return r.known
	}
	o := &origin{reads: []Read{}}
	for _, s := range r.spans {
		o.take(&origin{reads: s.from.reads})
		for _, around := range s.from.around {
			o.take(&origin{reads: around.reads})
		}
		if len(o.reads) >= mostReads {
			break
		}
	}
	r.known = o.reads
	return r.known
}

func (a *alignment) whole(r *result, lines []textLine) {
	if len(lines) == 0 || len(lines)*len(a.lines) > mostCompared {
		return
	}
	var there []int // the lines that are not blank
	for i, l := range a.lines {
		if l.text != "" {
			there = append(there, i)
		}
	}
	for from := 0; from+len(lines) <= len(there); from++ {
		fits := true
		for k, l := range lines {
			at := there[from+k]
			if a.from[at].result != nil || a.lines[at].text != l.text {
				fits = false
				break
			}
		}
		if !fits {
			continue
		}
		for k, l := range lines {
			a.from[there[from+k]] = match{r, l, 0}
		}
		return
	}
}

// byPath finds the lines of an include that was read as YAML and written anew:
// keys change their order then, and quotes go away.
func (a *alignment) byPath(r *result) {
	if !slices.ContainsFunc(a.from, func(m match) bool { return m.result == nil }) || !strings.Contains(r.text, "\n") {
		return
	}
	there := yamlPaths(r.text)
	paths := a.paths
	if paths == nil {
		paths = yamlPaths(a.text)
	}
	if there == nil || paths == nil {
		return
	}
	lines, index := linesIn(r.text), map[string]textLine{}
	for i, l := range lines {
		index[strings.Join(there[i], "\x00")+"\x00"+unquoted(l.text)] = l
	}
	for i, l := range a.lines {
		found, ok := index[strings.Join(paths[i], "\x00")+"\x00"+unquoted(l.text)]
		if ok && a.from[i].result == nil && l.text != "" {
			a.from[i] = match{r, found, 0}
		}
	}
}

func unquoted(line string) string {
	return strings.NewReplacer(`"`, "", "'", "").Replace(strings.TrimLeft(line, "- "))
}

func (a *alignment) single(r *result, lines []textLine) {
	index := map[string][]textLine{}
	for _, l := range lines {
		index[l.text] = append(index[l.text], l)
	}
	for i, l := range a.lines {
		found := index[l.text]
		if a.from[i].result != nil || len(found) == 0 {
			continue
		}
		a.from[i] = match{r, found[0], 0}
		if len(found) > 1 {
			index[l.text] = found[1:]
		}
	}
}

// within finds the first and the last line of an include in longer lines.
func (a *alignment) within(r *result, lines []textLine) {
	for _, l := range []textLine{lines[0], lines[len(lines)-1]} {
		for i, line := range a.lines {
			if a.from[i].result == nil && len(l.text) > 0 {
				if at := strings.Index(line.text, l.text); at >= 0 {
					a.from[i] = match{r, l, at}
					break
				}
			}
		}
	}
}

// emit adds the spans of one written line.
func (a *alignment) emit(i int) {
	l, m := a.lines[i], a.from[i]
	own := a.ownOf(i)
	if m.result == nil {
		a.frame.add(span{a.start + l.start, a.start + l.end, 0, own})
		return
	}
	if !strings.Contains(l.text, m.line.text) { // other quotes
		for _, s := range m.result.spans {
			if s.start < m.line.end && s.end > m.line.start {
				a.frame.add(span{a.start + l.start, a.start + l.end, s.plus, within(s.from, own)})
			}
		}
		return
	}
	from := a.start + l.start + m.offset
	if m.offset == 0 {
		from = a.start + l.start + strings.Index(l.text, m.line.text)
	}
	a.frame.add(span{a.start + l.start, from, 0, own})
	for _, s := range m.result.spans {
		start, end := max(s.start, m.line.start), min(s.end, m.line.end)
		if start < end {
			a.frame.add(span{from + start - m.line.start, from + end - m.line.start, s.plus, within(s.from, own)})
		}
	}
	a.frame.add(span{from + len(m.line.text), a.start + l.end, 0, own})
}

// within is a source of an include, or of a text that tpl was given, which is
// itself a value that the action read.
func within(inner, own *source) *source {
	if inner.mark.place.Template != "" {
		for sc := inner.scope; sc != nil; sc = sc.parent {
			if sc.site == own.mark {
				return inner
			}
		}
		elsewhere := *inner
		elsewhere.also = own.mark
		return &elsewhere
	}
	if inner.mark.kind == textMark {
		return own
	}
	both := *inner
	both.reads = union(&origin{reads: inner.reads}, &origin{reads: own.reads}).reads
	return &both
}
