package engine

import (
	"slices"
	"strings"
	"text/template"
	"text/template/parse"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chartutil"
)

// Place is a line of a template, by its name in the render.
type Place struct {
	Template string
	Line     int
}

// Read is a value that a template read: by its keys from the root of the
// values of the whole render, where an index stands for a list item. With Chart
// it is a field of that chart's description, as Chart.yaml has it.
type Read struct {
	Chart string // such as app/charts/sub; empty for values
	Keys  []string

	value any
}

// Line tells who wrote one line of a rendered file, each list nearest first.
type Line struct {
	Text       string
	Wrote      []Place // the text and the actions whose output stands in the line
	Calls      []Place // the includes that brought it here
	Reads      []Read  // what the actions read
	Conditions []Read  // what those read that stand around them
}

// Trace renders a chart once more and tells, by file, who wrote each line. The
// templates are executed with actions in between that tell where execution is
// and write nothing. A file whose text is not, byte for byte, what was rendered
// is left out: nothing is known of its lines. The values must be fresh ones.
func Trace(c *chart.Chart, values chartutil.Values, o Options, rendered map[string]string) (lines map[string][]Line) {
	defer func() {
		if recover() != nil {
			lines = nil // whatever it was, the render itself is not touched by it
		}
	}()
	sources, scope := collect(c, values)
	names := order(sources)
	r := newRun()
	r.trace = &tracer{run: r, known: map[identity]known{}, names: map[*parse.VariableNode]int{}}
	r.trace.noteChart(scope, c.ChartFullPath(), nil)
	root := r.set()
	for _, name := range names {
		if r.add(root, name, sources[name].text) != nil {
			return nil
		}
	}
	lines = map[string][]Line{}
	for _, name := range names {
		if strings.HasPrefix(baseName(name), "_") {
			continue
		}
		r.trace.reset()
		text, err := r.file(root, name, sources[name])
		if want, known := rendered[name]; err == nil && known && text == want {
			lines[name] = r.trace.lines(text)
		}
	}
	return lines
}

func baseName(name string) string { return name[strings.LastIndex(name, "/")+1:] }

// tracer follows one render. A scope is one execution of a template, a frame is
// the text that one execution writes; {{template}} makes a scope within the
// same frame.
type tracer struct {
	run   *run
	known map[identity]known // the maps and lists of the values, and what templates see
	marks []*mark
	sites []*callSite
	vars  int                         // variables declared so far, in all templates
	names map[*parse.VariableNode]int // which of them is meant
	texts map[string][]unit           // that tpl was given
	scope *scope
	frame *tracedFrame
	last  []span // of the file that was executed last
}

// scope is one execution of a template.
type scope struct {
	parent *scope
	site   *mark     // the action of the parent that called it
	around []*origin // what stands around that action
	tpl    bool      // the template is a text without a file
	data   *origin

	at      *mark // where execution is
	dot     any
	seen    []any             // the variables that it uses
	branch  map[*mark]*origin // what with, range and if were given
	turn    map[*mark]int     // of range
	over    map[*mark]*origin // what range goes over
	declare map[int]*origin   // variables
	results map[*callSite]*result
}

// result is the text of an include with who wrote it.
type result struct {
	text  string
	spans []span
}

// span is a piece of text: plus counts the lines from the start of the source.
type span struct {
	start, end, plus int
	from             *source
}

// source is an action, or a text, at one time.
type source struct {
	mark   *mark
	scope  *scope
	reads  []Read
	around []*origin
}

func (t *tracer) reset() { t.scope, t.frame, t.last = nil, nil, nil }

// caller is what executes a template: a call of include or tpl, or none.
type caller struct {
	site *callSite
	tpl  bool
}

// begin is called before a template is executed; what it returns ends that.
func (t *tracer) begin(data any, by caller) (*tracedFrame, func()) {
	outer, around := t.scope, t.frame
	f := &tracedFrame{frame: frame{run: t.run}, trace: t}
	t.enter(t.dataOf(by.site, data), by.tpl)
	t.frame = f
	return f, func() {
		t.scope, t.frame = outer, around
		text, spans := f.text.String(), f.spans
		if outer == nil || by.tpl {
			text, spans = without(text, noValue, spans)
		}
		if outer == nil {
			t.last = spans
		} else if by.site != nil {
			outer.results[by.site] = &result{text, spans}
		}
	}
}

func (t *tracer) enter(data *origin, tpl bool) {
	s := &scope{
		parent: t.scope, data: data, tpl: tpl,
		branch: map[*mark]*origin{}, turn: map[*mark]int{}, over: map[*mark]*origin{}, declare: map[int]*origin{}, results: map[*callSite]*result{},
	}
	if t.scope != nil {
		s.site, s.around = t.scope.at, t.scope.surroundings()
	}
	t.scope = s
}

// surroundings are what the branches around the current action were given,
// innermost first.
func (s *scope) surroundings() []*origin {
	if s.at == nil {
		return nil
	}
	var all []*origin
	for _, m := range s.at.within {
		if o := s.branch[m]; o != nil {
			all = append(all, o)
		}
	}
	return all
}

// The functions that instrumented templates call; nobody can name them, as the
// parser that reads charts does not know them.
const (
	atFunction     = "traceAt"
	itemFunction   = "traceItem"
	returnFunction = "traceReturn"
	includeTraced  = "traceInclude"
	tplTraced      = "traceTpl"
)

func (t *tracer) functions(set *template.Template) template.FuncMap {
	return template.FuncMap{
		atFunction: t.at, itemFunction: t.item, returnFunction: t.leave,
		includeTraced: func(id int, name string, data any) (string, error) {
			return t.run.include(set, name, data, caller{site: t.sites[id]})
		},
		tplTraced: func(id int, text string, data any) (string, error) {
			return t.run.tpl(set, text, data, caller{t.sites[id], true})
		},
	}
}

// at tells that a node is executed next.
func (t *tracer) at(id int, dot any, vars ...any) string {
	m, s := t.marks[id], t.scope
	s.at, s.dot, s.seen = m, dot, vars
	switch m.kind {
	case textMark:
		t.frame.from = &source{mark: m, scope: s, around: s.surroundings()}
	case actionMark:
		t.frame.from = &source{mark: m, scope: s, around: s.surroundings()}
		if len(m.declares) > 0 {
			t.declare(m, t.pipe(m.pipe))
		}
	case branchMark:
		o := t.pipe(m.pipe)
		s.branch[m], s.turn[m] = o, 0
		if !m.loop {
			t.declare(m, o)
		}
	case callMark:
		data := &origin{sure: true}
		if m.pipe != nil {
			data = t.pipe(m.pipe)
		}
		t.enter(data, false)
	}
	return ""
}

func (t *tracer) declare(m *mark, o *origin) {
	for _, id := range m.declares {
		t.scope.declare[id] = o
	}
}

// item tells that the body of a range is executed once more.
func (t *tracer) item(id int, dot any) string {
	m, s := t.marks[id], t.scope
	if s.turn[m] == 0 {
		s.over[m] = s.branch[m]
	}
	item := t.itemOf(s.over[m], s.turn[m], dot)
	s.turn[m]++
	s.branch[m] = item
	for i, id := range m.declares {
		if key := i == 0 && len(m.declares) == 2; key {
			s.declare[id] = &origin{reads: item.reads}
		} else {
			s.declare[id] = item
		}
	}
	return ""
}

// leave ends a {{template}}.
func (t *tracer) leave() string {
	t.scope = t.scope.parent
	return ""
}

// lines tells who wrote each line of the file that was executed last.
func (t *tracer) lines(text string) []Line {
	var all []Line
	spans, start := t.last, 0
	for line := range strings.SplitSeq(text, "\n") {
		end := start + len(line)
		for len(spans) > 0 && spans[0].end <= start {
			spans = spans[1:]
		}
		here := spans
		if i := slices.IndexFunc(spans, func(s span) bool { return s.start >= end }); i >= 0 {
			here = spans[:i]
		}
		all = append(all, lineOf(line, start, here))
		start = end + 1
	}
	return all
}
