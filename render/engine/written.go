package engine

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// tracedFrame is a frame that remembers who wrote what.
type tracedFrame struct {
	frame
	trace *tracer
	from  *source
	spans []span
}

func (f *tracedFrame) Write(p []byte) (int, error) {
	start := f.text.Len()
	n, err := f.frame.Write(p)
	if err != nil || len(p) == 0 || f.from == nil {
		return n, err
	}
	if f.trace.spans > mostSpans {
		return 0, errTooMuch // to follow
	}
	if f.from.mark.kind == textMark {
		f.plain(start, string(p))
	} else {
		f.action(start, string(p))
	}
	return n, nil
}

// plain is text of a template: each line of it stands on a line of its own.
func (f *tracedFrame) plain(start int, text string) {
	plus := 0
	for line := range strings.SplitAfterSeq(text, "\n") {
		f.add(span{start, start + len(line), plus, f.from})
		start += len(line)
		plus++
	}
}

func (f *tracedFrame) add(s span) {
	if s.start < s.end {
		f.spans = append(f.spans, s)
		f.trace.spans++
	}
}

// action is the result of an action: its lines come from the includes that it
// made, and else from itself.
func (f *tracedFrame) action(start int, text string) {
	o := f.trace.pipe(f.from.mark.pipe)
	f.from.reads = o.reads
	a := alignment{frame: f, start: start, text: text, lines: linesIn(text), own: f.from, value: o}
	a.paths = pathsOf(text, o)
	a.from = make([]match, len(a.lines))
	var results []*result
	for _, ref := range o.calls {
		if r := ref.scope.results[ref.site]; r != nil {
			results = append(results, r)
		}
	}
	a.align(results)
	if unused := a.unused(results); len(unused) > 0 {
		f.from.reads = union(o, &origin{reads: unused}).reads
	}
	for i := range a.lines {
		a.emit(i)
	}
}

// textLine is a line of a text without the blanks around it.
type textLine struct {
	start, end int
	text       string
}

func linesIn(text string) []textLine {
	var all []textLine
	start := 0
	for line := range strings.SplitSeq(text, "\n") {
		trimmed := strings.TrimSpace(line)
		at := start + strings.Index(line, trimmed)
		all = append(all, textLine{at, at + len(trimmed), trimmed})
		start += len(line) + 1
	}
	return all
}

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

// ownOf is the action itself, with what it read for this line.
func (a *alignment) ownOf(i int) *source {
	if a.paths == nil {
		return a.own
	}
	own := *a.own
	own.reads = a.value.below(a.paths[i], a.lines[i].text)
	return &own
}

// pathsOf tells for each line of a text where in its YAML it stands. It is
// asked only where something that has parts was read.
func pathsOf(text string, o *origin) [][]string {
	if !strings.Contains(strings.TrimSpace(text), "\n") && !strings.Contains(text, ":") {
		return nil
	}
	if o.fields == nil && o.merged == nil && !slices.ContainsFunc(o.reads, Read.hasParts) {
		return nil
	}
	return yamlPaths(text)
}

func yamlPaths(text string) [][]string {
	var doc yaml.Node
	if yaml.Unmarshal([]byte(text), &doc) != nil || len(doc.Content) == 0 {
		doc = yaml.Node{}
		if yaml.Unmarshal([]byte(straightened(text)), &doc) != nil || len(doc.Content) == 0 {
			return nil
		}
	}
	paths := make([][]string, 1+strings.Count(text, "\n"))
	setPaths(doc.Content[0], nil, paths, 0)
	for i := 1; i < len(paths); i++ {
		if paths[i] == nil {
			paths[i] = paths[i-1] // further lines of a text
		}
	}
	return paths
}

// straightened indents the first line as the second, which `indent | trim` and
// its like leave as it was.
func straightened(text string) string {
	first, rest, _ := strings.Cut(text, "\n")
	blanks := len(rest) - len(strings.TrimLeft(rest, " "))
	deep := strings.HasSuffix(first, ":")
	if deep {
		blanks = max(0, blanks-2)
	}
	return strings.Repeat(" ", blanks) + strings.TrimLeft(first, " ") + "\n" + rest
}

func setPaths(n *yaml.Node, path []string, paths [][]string, depth int) {
	if n.Line > 0 && n.Line <= len(paths) && paths[n.Line-1] == nil {
		paths[n.Line-1] = path
	}
	if n.Style&yaml.FlowStyle != 0 || depth > 100 {
		return
	}
	for i, c := range n.Content {
		switch n.Kind {
		case yaml.SequenceNode:
			below := with(path, strconv.Itoa(i))
			setLine(c, below, paths)
			setPaths(c, below, paths, depth+1)
		case yaml.MappingNode:
			if i%2 == 1 {
				below := with(path, n.Content[i-1].Value)
				setLine(n.Content[i-1], below, paths)
				setPaths(c, below, paths, depth+1)
			}
		}
	}
}

func setLine(n *yaml.Node, path []string, paths [][]string) {
	if n.Line > 0 && n.Line <= len(paths) {
		paths[n.Line-1] = path
	}
}

func (r Read) hasParts() bool {
	v := reflect.ValueOf(r.value)
	return (v.Kind() == reflect.Map || v.Kind() == reflect.Slice) && v.Len() > 0
}

// below follows a path through what is known to have been put together, and is
// then the reads for the line.
func (o *origin) below(path []string, line string) []Read {
	for i, key := range path {
		if inner := o.fields[key]; inner != nil {
			o = inner
			continue
		}
		if m := o.winner(key); m != nil {
			return m.below(path[i:], line)
		}
		return below(o.reads, path[i:], line)
	}
	return o.reads
}

// below are the reads for one line of the YAML that an action wrote: of maps
// and lists, the part that stands at the end of the line's path.
func below(reads []Read, path []string, line string) []Read {
	var exact, parts, others []Read
	for _, r := range reads {
		if !r.hasParts() {
			others = append(others, r)
			continue
		}
		part, found := descended(r, path)
		switch {
		case !found:
			others = append(others, r)
		case !part.hasParts() && strings.Contains(line, plainText(part.value)):
			exact = append(exact, part)
		default:
			parts = append(parts, part)
		}
	}
	if len(exact)+len(parts) > 0 {
		return slices.Concat(exact, parts, slices.DeleteFunc(others, Read.hasParts))
	}
	return others
}

// descended follows the longest end of a path that the value has.
func descended(r Read, path []string) (Read, bool) {
	for from := range path {
		value, ok := r.value, true
		for _, key := range path[from:] {
			if value, ok = fieldOf(value, key); !ok {
				break
			}
		}
		if ok {
			return Read{r.Chart, append(slices.Clip(r.Keys), path[from:]...), value}, true
		}
	}
	return Read{}, false
}

// without takes a text out of another, and moves the spans along, which are in
// order.
func without(text, part string, spans []span) (string, []span) {
	var gone []int // where it stood
	for at := strings.Index(text, part); at >= 0; {
		gone = append(gone, at)
		next := strings.Index(text[at+len(part):], part)
		if next < 0 {
			break
		}
		at += len(part) + next
	}
	if len(gone) == 0 {
		return text, spans
	}
	before := 0 // how many stood before the span
	moved := func(offset int) int {
		n := before
		for n < len(gone) && gone[n]+len(part) <= offset {
			n++
		}
		if n < len(gone) && gone[n] < offset {
			offset = gone[n]
		}
		return offset - n*len(part)
	}
	for i, s := range spans {
		for before < len(gone) && gone[before]+len(part) <= s.start {
			before++
		}
		spans[i].start, spans[i].end = moved(s.start), moved(s.end)
	}
	return strings.ReplaceAll(text, part, ""), spans
}

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
