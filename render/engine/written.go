package engine

import (
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
