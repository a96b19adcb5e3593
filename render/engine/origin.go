package engine

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"text/template/parse"

	"helm.sh/helm/v3/pkg/chartutil"
)

// origin is what is known of a value that a pipeline makes: itself, where it
// is handed on from somewhere, and the values that it was made of.
type origin struct {
	value  any
	sure   bool     // value is what the template sees
	placed bool     // it stands in the values, at keys, or in a description
	chart  string   // of the description
	keys   []string // the place
	reads  []Read   // what took part, the most telling first
	fields map[string]*origin
	merged []*origin // maps laid over each other, the one that wins first
	calls  []callRef // includes whose text took part
}

// callRef finds the text of an include once it was executed.
type callRef struct {
	scope *scope
	site  *callSite
}

// mostReads bounds what is remembered of one value.
const mostReads = 24

// identity is where a map or a list lies in memory.
type identity struct {
	at     uintptr
	length int // of a list, as its first item may start another
}

// known is what a map or list is: a place in the values, or, with a chart, what
// all templates of that chart see.
type known struct {
	keys  []string
	chart string
}

func identityOf(value any) (identity, bool) {
	v := reflect.ValueOf(value)
	switch v.Kind() {
	case reflect.Map:
		return identity{v.Pointer(), -1}, !v.IsNil()
	case reflect.Slice:
		return identity{v.Pointer(), v.Len()}, v.Len() > 0
	}
	return identity{}, false
}

// noteChart notes what the templates of a chart see, and of its subcharts.
func (t *tracer) noteChart(scope map[string]any, name string, keys []string) {
	id, _ := identityOf(scope)
	t.known[id] = known{keys, name}
	t.note(scope["Values"], keys, 0)
	subcharts, _ := scope["Subcharts"].(map[string]any)
	for sub, below := range subcharts {
		if inner, ok := below.(map[string]any); ok {
			t.noteChart(inner, name+"/charts/"+sub, with(keys, sub))
		}
	}
}

// note remembers where maps and lists stand in the values. What stands in two
// places is known by the first; those of all charts come before each one's.
func (t *tracer) note(value any, keys []string, depth int) {
	id, ok := identityOf(value)
	if _, seen := t.known[id]; !ok || seen || depth > 100 {
		return
	}
	t.known[id] = known{keys: keys}
	switch v := value.(type) {
	case chartutil.Values:
		t.noteMap(v, keys, depth)
	case map[string]any:
		t.noteMap(v, keys, depth)
	case []any:
		for i, item := range v {
			t.note(item, with(keys, strconv.Itoa(i)), depth+1)
		}
	}
}

func (t *tracer) noteMap(m map[string]any, keys []string, depth int) {
	if global, ok := m[chartutil.GlobalKey]; ok {
		t.note(global, with(keys, chartutil.GlobalKey), depth+1)
	}
	for key, v := range m {
		t.note(v, with(keys, key), depth+1)
	}
}

func with(keys []string, key string) []string { return append(slices.Clip(keys), key) }

// of is what a value tells by itself.
func (t *tracer) of(value any) *origin { return t.placed(&origin{value: value, sure: true}) }

// placed completes an origin by where its value stands. What else took part in
// choosing it stays.
func (t *tracer) placed(o *origin) *origin {
	t.place(o)
	if o.placed && len(o.keys) > 0 {
		own := &origin{reads: []Read{{Chart: o.chart, Keys: o.keys, value: o.value}}}
		o.reads = union(own, o).reads
	}
	return o
}

func (t *tracer) place(o *origin) {
	if id, ok := identityOf(o.value); ok && o.sure {
		if k, found := t.known[id]; found && k.chart == "" {
			o.placed, o.chart, o.keys = true, "", k.keys
		}
	}
}

// step is a field of a value.
func (t *tracer) step(o *origin, name string) *origin {
	next := &origin{reads: o.reads, calls: o.calls}
	inner := o.field(t, name)
	if inner != nil {
		*next = *inner
	}
	if !o.sure {
		return next
	}
	value, found := fieldOf(o.value, name)
	if found || next.value == nil {
		next.value, next.sure = value, found || isMap(o.value)
	}
	id, _ := identityOf(o.value)
	seen := t.known[id]
	switch {
	case seen.chart != "" && name == "Values":
		next.placed, next.keys, next.reads = true, seen.keys, nil
	case seen.chart != "" && name == "Chart":
		next.placed, next.chart, next.keys, next.reads = true, seen.chart, nil, nil
	case seen.chart != "":
		next.reads = nil
	case o.chart != "":
		next.placed, next.chart, next.keys = true, o.chart, with(o.keys, described(name, len(o.keys) == 0))
	case o.placed && !next.placed:
		next.placed, next.keys = true, with(o.keys, name)
	}
	if t.place(next); next.placed && inner == nil {
		next.reads = nil // not all of what it stands in
	}
	return t.placed(next)
}

// field is what was put there on the way, where that is known.
func (o *origin) field(t *tracer, name string) *origin {
	if inner := o.fields[name]; inner != nil {
		return inner
	}
	if m := o.winner(name); m != nil {
		return t.step(m, name)
	}
	return nil
}

// winner is the one of merged maps that a field is from: the first that has it,
// where what is empty does not count as long as there is more.
func (o *origin) winner(name string) *origin {
	var first *origin
	for _, m := range o.merged {
		value, found := fieldOf(m.value, name)
		if m.sure && found && !empty(value) {
			return m
		}
		if (m.sure && found || m.fields[name] != nil || m.winner(name) != nil) && first == nil {
			if first = m; !m.sure {
				return m
			}
		}
	}
	return first
}

// described is the key of a description's field.
func described(name string, top bool) string {
	switch {
	case !top:
		return name
	case name == "APIVersion":
		return "apiVersion"
	case name == "":
		return ""
	}
	return strings.ToLower(name[:1]) + name[1:]
}

func isMap(value any) bool { return reflect.ValueOf(value).Kind() == reflect.Map }

// fieldOf is a key of a map, an item of a list or a field of a structure.
func fieldOf(value any, name string) (any, bool) {
	switch v := value.(type) {
	case map[string]any:
		found, ok := v[name]
		return found, ok
	case chartutil.Values:
		found, ok := v[name]
		return found, ok
	case []any:
		i, err := strconv.Atoi(name)
		if err != nil || i < 0 || i >= len(v) {
			return nil, false
		}
		return v[i], true
	}
	v := reflect.ValueOf(value)
	if v.Kind() == reflect.Struct {
		if f := v.FieldByName(name); f.IsValid() && f.CanInterface() {
			return f.Interface(), true
		}
	}
	return nil, false
}

// itemOf is what the body of a range sees on one turn.
func (t *tracer) itemOf(over *origin, turn int, dot any) *origin {
	name := strconv.Itoa(turn)
	switch v := over.value.(type) {
	case map[string]any:
		name = keyAt(v, turn)
	case chartutil.Values:
		name = keyAt(v, turn)
	}
	item := *t.step(over, name)
	item.value, item.sure = dot, true
	return t.placed(&item)
}

// keyAt is the key that range comes to on one turn.
func keyAt(m map[string]any, turn int) string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	if turn >= len(names) {
		return ""
	}
	return names[turn]
}

// pipe is what a pipeline makes, told before or after it is executed.
func (t *tracer) pipe(p *parse.PipeNode) *origin { return t.pipeUntil(p, len(p.Cmds)) }

func (t *tracer) pipeUntil(p *parse.PipeNode, end int) *origin {
	var last *origin
	for i := range p.Cmds[:end] {
		last = t.command(p, i, last)
	}
	if last == nil {
		return &origin{}
	}
	return last
}

func (t *tracer) command(p *parse.PipeNode, i int, last *origin) *origin {
	command := p.Cmds[i]
	arguments := func(from int) []*origin {
		var all []*origin
		for _, arg := range command.Args[min(from, len(command.Args)):] {
			all = append(all, t.argument(arg))
		}
		if last != nil {
			all = append(all, last)
		}
		return all
	}
	function, ok := command.Args[0].(*parse.IdentifierNode)
	switch {
	case !ok && len(command.Args) == 1:
		return t.argument(command.Args[0])
	case !ok:
		return &origin{} // a method: what .Files and .Capabilities hold is no value
	case function.Ident == includeTraced:
		return &origin{calls: []callRef{{t.scope, t.siteOf(command)}}}
	case function.Ident == tplTraced:
		text := &origin{}
		if all := arguments(2); len(all) > 0 {
			*text = *all[0]
		}
		text.calls = append(slices.Clip(text.calls), callRef{t.scope, t.siteOf(command)})
		return text
	}
	return t.function(function.Ident, arguments(1))
}

func (t *tracer) siteOf(command *parse.CommandNode) *callSite {
	return t.sites[command.Args[1].(*parse.NumberNode).Int64]
}

// dataOf is what an include or a tpl is given.
func (t *tracer) dataOf(site *callSite, data any) *origin {
	if site == nil || t.scope == nil {
		return t.of(data)
	}
	command := site.pipe.Cmds[site.index]
	var o origin
	if len(command.Args) > tracedData {
		o = *t.argument(command.Args[tracedData])
	} else {
		o = *t.pipeUntil(site.pipe, site.index)
	}
	o.value, o.sure = data, true
	return t.placed(&o)
}

func (t *tracer) argument(arg parse.Node) *origin {
	switch n := arg.(type) {
	case *parse.PipeNode:
		return t.pipe(n)
	case *parse.DotNode:
		return t.dot()
	case *parse.FieldNode:
		return t.chain(t.dot(), n.Ident)
	case *parse.VariableNode:
		return t.chain(t.variable(n), n.Ident[1:])
	case *parse.ChainNode:
		return t.chain(t.argument(n.Node), n.Field)
	case *parse.IdentifierNode:
		return t.function(n.Ident, nil)
	case *parse.StringNode:
		return &origin{value: n.Text, sure: true}
	case *parse.BoolNode:
		return &origin{value: n.True, sure: true}
	case *parse.NumberNode:
		return &origin{value: n.Text, sure: true}
	}
	return &origin{}
}

func (t *tracer) chain(o *origin, names []string) *origin {
	for _, name := range names {
		o = t.step(o, name)
	}
	return o
}

func (t *tracer) dot() *origin {
	s := t.scope
	if s.at == nil || s.at.dot == nil || s.branch[s.at.dot] == nil {
		return s.data
	}
	o := *s.branch[s.at.dot]
	o.value, o.sure = s.dot, true
	return t.placed(&o)
}

func (t *tracer) variable(n *parse.VariableNode) *origin {
	s := t.scope
	id, named := t.names[n]
	if !named {
		return s.data
	}
	o := origin{}
	if known := s.declare[id]; known != nil {
		o = *known
	}
	if s.at != nil {
		if i := slices.Index(s.at.uses, id); i >= 0 && i < len(s.seen) {
			o.value, o.sure = s.seen[i], true
		}
	}
	return t.placed(&o)
}
